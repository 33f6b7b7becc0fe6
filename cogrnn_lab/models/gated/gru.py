"""The gated recurrent unit.

Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP 2014; the update gate as in
Chung, Gulcehre, Cho & Bengio, "Empirical evaluation of gated recurrent neural networks", 2014.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from cogrnn_lab.counts import checked_counts
from cogrnn_lab.models.gated.hidden_network import HiddenNetwork
from cogrnn_lab.models.gated.recurrent_core import RecurrentCore
from cogrnn_lab.models.gated.recurrent_layer import RecurrentLayer
from cogrnn_lab.models.recurrence import Cell
from cogrnn_lab.models.trial_shapes import check_one_trial
from cogrnn_lab.random_numbers import KeyOrSeed, as_key


class GRU(HiddenNetwork):
    """Gated recurrent units: read out linearly.

    r = sigmoid(W_r [h, x] + b_r), z = sigmoid(W_z [h, x] + b_z), n = tanh(W_n [r h, x] + b_n) and h ← h + z
    (n - h): the update gate z is the fraction by which a unit moves towards its candidate n, like a learning
    rate. The reset gate acts before the product with the recurrent weights, as in Cho et al. and in Haiku
    (PyTorch's acts after it).

    Gates of `core`, in order: reset, update, candidate. Input and output weights start Glorot uniform,
    recurrent weights orthogonal, biases and the (learned) start state at 0.

    Arguments:
        n_inputs: Number of inputs.
        n_outputs: Number of outputs.
        n_hidden: Number of hidden units of a layer.
        n_layers: Number of layers, each of which reads the hidden units of the one below; the last is read
            out, and the state vector has all of them.
        key: Random key of the start values, or a seed.

    Raises:
        ValueError: A size is no whole number of at least 1.

    Source:
        Cho et al., EMNLP 2014; the update gate as in Chung, Gulcehre, Cho & Bengio, 2014.

    Example:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> model = cl.GRU(2, 2, n_hidden=3, key=jax.random.key(0))
        >>> cl.rollout(model, jnp.zeros((4, 5, 2))).outputs.shape
        (4, 5, 2)
    """

    core: RecurrentCore
    deeper: tuple[RecurrentLayer, ...]
    n_inputs: int = eqx.field(static=True)
    n_outputs: int = eqx.field(static=True)
    n_hidden: int = eqx.field(static=True)
    n_layers: int = eqx.field(static=True)

    def __init__(
        self, n_inputs: int, n_outputs: int, n_hidden: int, *, n_layers: int = 1, key: KeyOrSeed | None = None
    ):
        n_inputs, n_outputs, n_hidden, n_layers = checked_counts(
            n_inputs=n_inputs, n_outputs=n_outputs, n_hidden=n_hidden, n_layers=n_layers
        )
        key = as_key(key, "a GRU")
        self.core = RecurrentCore.make(3, n_inputs, n_outputs, n_hidden, n_hidden, key=key)
        self.deeper = RecurrentLayer.several(n_layers - 1, 3, n_hidden, n_hidden, key=key)
        self.n_inputs, self.n_outputs, self.n_hidden = n_inputs, n_outputs, n_hidden
        self.n_layers = n_layers

    def next_state(
        self,
        state: Float[Array, " unit"],
        inputs: Float[Array, " input"],
        *,
        subject: Any = None,
        key: KeyOrSeed | None = None,
        noise: float | Array = 1.0,
    ) -> Float[Array, " unit"]:
        """Compute the activity of the hidden units after one trial.

        Arguments:
            state: Activity (unit,) before it.
            inputs: Inputs (input,) of the trial.
            subject: Not used.
            key: Not used.
            noise: Not used.

        Returns:
            Activity (unit,) after the trial.
        """
        check_one_trial(self, state, inputs)
        return self.along_layers(_next, state, inputs)

    @property
    def cell(self) -> Cell:
        """Fast form of `next_state`."""
        return CELL

    def cell_weights(
        self, layer: Any = None
    ) -> tuple[Float[Array, "gates source"], Float[Array, "unit source"]]:
        """Stack the weights of reset and update gate of a layer, and give those of the candidate.

        Arguments:
            layer: One of `layers`; None for the first.
        """
        reset, update, candidate = (self.core if layer is None else layer).gates
        return jnp.concatenate([reset, update]), candidate


def _next(layer: Any, state: Array, inputs: Array) -> Array:
    """The definition of one layer."""
    (w_r, w_z, w_n), (u_r, u_z, u_n) = layer.input_weight, layer.recurrent_weight
    b_r, b_z, b_n = layer.bias
    reset = jax.nn.sigmoid(w_r @ inputs + u_r @ state + b_r)
    update = jax.nn.sigmoid(w_z @ inputs + u_z @ state + b_z)
    candidate = jnp.tanh(w_n @ inputs + u_n @ (reset * state) + b_n)
    return state + update * (candidate - state)


def _step(weights, state, seen):
    gates, candidate = weights
    (h,) = state
    reset, update = map(jax.nn.sigmoid, jnp.split(gates @ jnp.concatenate([h, seen]), 2))
    new = jnp.tanh(candidate @ jnp.concatenate([reset * h, seen]))
    return (h + update * (new - h),), (reset, update, new)


# The adjoint of a step. Forward, with [h, x] what is read and ⊙ elementwise:
#
#     r = σ(W_r [h, x]),   z = σ(W_z [h, x]),   n = tanh(W_n [r ⊙ h, x]),   h' = h + z ⊙ (n - h)
#
# With v̄ = ∂loss/∂v, a_v what is inside of v's nonlinearity, σ' = σ (1 - σ) and tanh' = 1 - tanh²:
#
#     ā_n = h̄' ⊙ z ⊙ (1 - n²)                     W̄_n = ā_n [r ⊙ h, x]ᵀ,   [k̄, x̄_n] = W_nᵀ ā_n,  k = r ⊙ h
#     ā_r = k̄ ⊙ h ⊙ r (1 - r)
#     ā_z = h̄' ⊙ (n - h) ⊙ z (1 - z)              [W̄_r; W̄_z] = [ā_r; ā_z] [h, x]ᵀ
#                                                 [h̄_g, x̄_g] = [W_r; W_z]ᵀ [ā_r; ā_z]
#     h̄ = h̄' ⊙ (1 - z) + k̄ ⊙ r + h̄_g,   x̄ = x̄_g + x̄_n
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
