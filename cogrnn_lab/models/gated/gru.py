"""The gated recurrent unit.

Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP 2014; the update gate as in
Chung, Gulcehre, Cho & Bengio, "Empirical evaluation of gated recurrent neural networks", 2014.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from cogrnn_lab.models.disentangled.latent_core import check_sizes
from cogrnn_lab.models.gated.hidden_network import HiddenNetwork
from cogrnn_lab.models.gated.recurrent_core import RecurrentCore
from cogrnn_lab.models.recurrence import Cell


class GRU(HiddenNetwork):
    """A layer of gated recurrent units, read out linearly.

    r = sigmoid(W_r [h, x] + b_r), z = sigmoid(W_z [h, x] + b_z), n = tanh(W_n [r h, x] + b_n) and
    h ← h + z (n - h): the update gate z is the fraction by which a unit moves towards its candidate n, like a
    learning rate. The reset gate acts before the product with the recurrent weights, as in Cho et al. and in
    Haiku (PyTorch's comes after it).

    Arguments: `n_inputs`; `n_outputs`; `n_hidden` units; `key`. Gates of `core`, in order: reset, update,
    candidate. Input and output weights start Glorot uniform, recurrent weights orthogonal, biases and the
    (learned) start state at 0.
    """

    core: RecurrentCore
    n_inputs: int = eqx.field(static=True)
    n_outputs: int = eqx.field(static=True)
    n_hidden: int = eqx.field(static=True)

    def __init__(self, n_inputs: int, n_outputs: int, n_hidden: int, *, key: PRNGKeyArray):
        check_sizes(n_inputs=n_inputs, n_outputs=n_outputs, n_hidden=n_hidden)
        self.core = RecurrentCore.make(3, n_inputs, n_outputs, n_hidden, n_hidden, key=key)
        self.n_inputs, self.n_outputs, self.n_hidden = n_inputs, n_outputs, n_hidden

    def next_state(
        self,
        state: Float[Array, " unit"],
        inputs: Float[Array, " input"],
        *,
        subject: Any = None,
        key: PRNGKeyArray | None = None,
        noise: float | Array = 1.0,
    ) -> Float[Array, " unit"]:
        """Activity after one trial."""
        (w_r, w_z, w_n), (u_r, u_z, u_n) = self.core.input_weight, self.core.recurrent_weight
        b_r, b_z, b_n = self.core.bias
        reset = jax.nn.sigmoid(w_r @ inputs + u_r @ state + b_r)
        update = jax.nn.sigmoid(w_z @ inputs + u_z @ state + b_z)
        candidate = jnp.tanh(w_n @ inputs + u_n @ (reset * state) + b_n)
        return state + update * (candidate - state)

    @property
    def cell(self) -> Cell:
        """The fast form of `next_state`."""
        return CELL

    def cell_weights(self) -> tuple[Float[Array, "gates source"], Float[Array, "unit source"]]:
        """Reset and update gate one below the other, and the candidate."""
        reset, update, candidate = self.core.gates
        return jnp.concatenate([reset, update]), candidate


def _step(weights, state, seen):
    gates, candidate = weights
    (h,) = state
    reset, update = map(jax.nn.sigmoid, jnp.split(gates @ jnp.concatenate([h, seen]), 2))
    new = jnp.tanh(candidate @ jnp.concatenate([reset * h, seen]))
    return (h + update * (new - h),), (reset, update, new)


def _pullback(weights, transposed, state, seen, saved, d_state):
    (h,), (reset, update, new), (d,) = state, saved, d_state
    n_units = h.shape[0]
    d_new = d * update * (1.0 - new * new)
    d_read = transposed[1] @ d_new
    d_kept = d_read[:n_units]
    d_reset = d_kept * h * reset * (1.0 - reset)
    d_gates = jnp.concatenate([d_reset, d * (new - h) * update * (1.0 - update)])
    d_seen = transposed[0] @ d_gates
    d_weights = (
        d_gates @ jnp.concatenate([h, seen]).T,
        d_new @ jnp.concatenate([reset * h, seen]).T,
    )
    d_h = d * (1.0 - update) + d_kept * reset + d_seen[:n_units]
    return d_weights, (d_h,), d_seen[n_units:] + d_read[n_units:]


CELL = Cell(_step, _pullback)
