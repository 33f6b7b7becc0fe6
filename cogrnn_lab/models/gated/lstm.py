"""The long short-term memory, as the field has it and as PsychRNN has it.

Hochreiter & Schmidhuber, Neural Computation 1997, with the forget gate of Gers, Schmidhuber & Cummins, 2000.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from cogrnn_lab.models.disentangled.latent_core import check_sizes
from cogrnn_lab.models.gated.hidden_network import HiddenNetwork
from cogrnn_lab.models.gated.recurrent_core import RecurrentCore
from cogrnn_lab.models.recurrence import Cell


class LSTM(HiddenNetwork):
    """A layer of long short-term memory units, read out linearly; the state vector is [hidden, cell].

    i, f, o = sigmoid(W [h, x] + b), g = tanh(W_g [h, x] + b_g), c ← f c + i g and h ← o · squash(c).

    Arguments: `n_inputs`; `n_outputs`; `n_hidden` units; `squash` "tanh", the usual one, or "sigmoid", which
    PsychRNN's LSTM has (Ehrlich et al., eNeuro 2021); `key`. Gates of `core`, in order: input, forget,
    output, candidate. Input and output weights start Glorot uniform, recurrent weights orthogonal, the
    forget gate's bias at 1 (Jozefowicz, Zaremba & Sutskever, ICML 2015), the other biases and the (learned)
    start state at 0.
    """

    core: RecurrentCore
    n_inputs: int = eqx.field(static=True)
    n_outputs: int = eqx.field(static=True)
    n_hidden: int = eqx.field(static=True)
    squash: str = eqx.field(static=True)

    def __init__(
        self, n_inputs: int, n_outputs: int, n_hidden: int, *, squash: str = "tanh", key: PRNGKeyArray
    ):
        check_sizes(n_inputs=n_inputs, n_outputs=n_outputs, n_hidden=n_hidden)
        if squash not in CELLS:
            raise ValueError(f"squash is {squash!r}, expected 'tanh' or 'sigmoid' (PsychRNN's)")
        core = RecurrentCore.make(4, n_inputs, n_outputs, n_hidden, 2 * n_hidden, key=key)
        bias = np.zeros(core.bias.shape, np.float32)
        bias[1] = 1.0
        self.core = eqx.tree_at(lambda core: core.bias, core, jnp.asarray(bias))
        self.n_inputs, self.n_outputs, self.n_hidden = n_inputs, n_outputs, n_hidden
        self.squash = squash

    @property
    def n_parts(self) -> int:
        """Hidden units and cells."""
        return 2

    def next_state(
        self,
        state: Float[Array, " state"],
        inputs: Float[Array, " input"],
        *,
        subject: Any = None,
        key: PRNGKeyArray | None = None,
        noise: float | Array = 1.0,
    ) -> Float[Array, " state"]:
        """[hidden, cell] after one trial."""
        hidden, cell = jnp.split(state, 2)
        core = self.core
        before = core.input_weight @ inputs + core.recurrent_weight @ hidden + core.bias
        into, forget, out = jax.nn.sigmoid(before[:3])
        cell = forget * cell + into * jnp.tanh(before[3])
        return jnp.concatenate([out * SQUASHES[self.squash](cell), cell])

    @property
    def cell(self) -> Cell:
        """The fast form of `next_state`."""
        return CELLS[self.squash]

    def cell_weights(self) -> Float[Array, "gates source"]:
        """All gates one below the other."""
        return jnp.concatenate(list(self.core.gates))


SQUASHES: dict[str, Callable[[Array], Array]] = {"tanh": jnp.tanh, "sigmoid": jax.nn.sigmoid}


def _step(squash, weights, state, seen):
    h, c = state
    i, f, o, g = jnp.split(weights @ jnp.concatenate([h, seen]), 4)
    i, f, o, g = jax.nn.sigmoid(i), jax.nn.sigmoid(f), jax.nn.sigmoid(o), jnp.tanh(g)
    new = f * c + i * g
    q = SQUASHES[squash](new)
    # Slopes and not gates are kept: the backward loop then reads few enough arrays that XLA vectorizes it.
    slope = o * (1.0 - q * q if squash == "tanh" else q * (1.0 - q))
    slopes = g * i * (1.0 - i), c * f * (1.0 - f), q * o * (1.0 - o), i * (1.0 - g * g)
    return (o * q, new), (slope, f, slopes)


def _pullback(weights, transposed, state, seen, saved, d_state):
    (h, _), (slope, f, (i, forget, o, g)), (d_h, d_c) = state, saved, d_state
    d_c = d_c + d_h * slope
    d_gates = jnp.concatenate([d_c * i, d_c * forget, d_h * o, d_c * g])
    n_units = h.shape[0]
    d_weights = d_gates @ jnp.concatenate([h, seen]).T
    d_read = transposed @ d_gates
    return d_weights, (d_read[:n_units], d_c * f), d_read[n_units:]


CELLS = {name: Cell(partial(_step, name), _pullback) for name in SQUASHES}
