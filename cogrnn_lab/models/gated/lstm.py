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
from jaxtyping import Array, Float

from cogrnn_lab.counts import checked_counts
from cogrnn_lab.models.gated.hidden_network import HiddenNetwork
from cogrnn_lab.models.gated.recurrent_core import RecurrentCore
from cogrnn_lab.models.gated.recurrent_layer import RecurrentLayer
from cogrnn_lab.models.recurrence import Cell
from cogrnn_lab.models.trial_shapes import check_one_trial
from cogrnn_lab.random_numbers import KeyOrSeed, as_key


class LSTM(HiddenNetwork):
    """Long short-term memory units: read out linearly; the state vector is [hidden, cell] of each layer.

    i, f, o = sigmoid(W [h, x] + b), g = tanh(W_g [h, x] + b_g), c ← f c + i g and h ← o · squash(c).

    Gates of `core`, in order: input, forget, output, candidate. Input and output weights start Glorot
    uniform, recurrent weights orthogonal, the forget gate's bias at 1, the other biases and the (learned)
    start state at 0.

    Arguments:
        n_inputs: Number of inputs.
        n_outputs: Number of outputs.
        n_hidden: Number of hidden units of a layer.
        squash: "tanh", the usual one, or "sigmoid", that of PsychRNN's LSTM.
        n_layers: Number of layers, each of which reads the hidden units of the one below; the last is read
            out, and the state vector has all of them.
        key: Random key of the start values, or a seed.

    Raises:
        ValueError: A size is no whole number of at least 1, or `squash` is not known.

    Source:
        Hochreiter & Schmidhuber, Neural Computation 1997; forget gate: Gers, Schmidhuber & Cummins, 2000; its
        bias: Jozefowicz, Zaremba & Sutskever, ICML 2015; sigmoid: Ehrlich et al., eNeuro 2021.

    Example:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> model = cl.LSTM(2, 2, n_hidden=3, key=jax.random.key(0))
        >>> cl.rollout(model, jnp.zeros((4, 5, 2))).states.shape
        (4, 5, 6)
    """

    core: RecurrentCore
    deeper: tuple[RecurrentLayer, ...]
    n_inputs: int = eqx.field(static=True)
    n_outputs: int = eqx.field(static=True)
    n_hidden: int = eqx.field(static=True)
    n_layers: int = eqx.field(static=True)
    squash: str = eqx.field(static=True)

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        n_hidden: int,
        *,
        squash: str = "tanh",
        n_layers: int = 1,
        key: KeyOrSeed | None = None,
    ):
        n_inputs, n_outputs, n_hidden, n_layers = checked_counts(
            n_inputs=n_inputs, n_outputs=n_outputs, n_hidden=n_hidden, n_layers=n_layers
        )
        if squash not in CELLS:
            raise ValueError(f"squash is {squash!r}, expected 'tanh' or 'sigmoid' (PsychRNN's)")
        key = as_key(key, "an LSTM")
        core = RecurrentCore.make(4, n_inputs, n_outputs, n_hidden, 2 * n_hidden, key=key)
        self.core = _remembering(core)
        deeper = RecurrentLayer.several(n_layers - 1, 4, n_hidden, 2 * n_hidden, key=key)
        self.deeper = tuple(_remembering(layer) for layer in deeper)
        self.n_inputs, self.n_outputs, self.n_hidden = n_inputs, n_outputs, n_hidden
        self.n_layers = n_layers
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
        key: KeyOrSeed | None = None,
        noise: float | Array = 1.0,
    ) -> Float[Array, " state"]:
        """Compute the state [hidden, cell] after one trial.

        Arguments:
            state: State (2 unit,) before it.
            inputs: Inputs (input,) of the trial.
            subject: Not used.
            key: Not used.
            noise: Not used.

        Returns:
            State (2 unit,) after the trial.
        """
        check_one_trial(self, state, inputs)
        return self.along_layers(partial(_next, self.squash), state, inputs)

    @property
    def cell(self) -> Cell:
        """Fast form of `next_state`."""
        return CELLS[self.squash]

    def cell_weights(self, layer: Any = None) -> Float[Array, "gates source"]:
        """Stack the weights of all gates of a layer.

        Arguments:
            layer: One of `layers`; None for the first.
        """
        return jnp.concatenate(list((self.core if layer is None else layer).gates))


SQUASHES: dict[str, Callable[[Array], Array]] = {"tanh": jnp.tanh, "sigmoid": jax.nn.sigmoid}


def _remembering(layer: Any) -> Any:
    """A layer whose forget gates start at a bias of 1."""
    bias = np.zeros(layer.bias.shape, np.float32)
    bias[1] = 1.0
    return eqx.tree_at(lambda part: part.bias, layer, jnp.asarray(bias))


def _next(squash: str, layer: Any, state: Array, inputs: Array) -> Array:
    """The definition of one layer."""
    hidden, cell = jnp.split(state, 2)
    before = layer.input_weight @ inputs + layer.recurrent_weight @ hidden + layer.bias
    into, forget, out = jax.nn.sigmoid(before[:3])
    cell = forget * cell + into * jnp.tanh(before[3])
    return jnp.concatenate([out * SQUASHES[squash](cell), cell])


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


# The adjoint of a step. Forward, with [h, x] what is read, q the squashing function and ⊙ elementwise:
#
#     i, f, o = σ(W [h, x]),   g = tanh(W_g [h, x]),   c' = f ⊙ c + i ⊙ g,   h' = o ⊙ q(c')
#
# With v̄ = ∂loss/∂v and a_v what is inside of v's nonlinearity, c̄' grows by what h' sends to it:
#
#     c̄' ← c̄' + h̄' ⊙ o ⊙ q'(c')                   (`slope` = o ⊙ q')
#     ā_i = c̄' ⊙ g ⊙ i (1 - i)                     ā_f = c̄' ⊙ c ⊙ f (1 - f)
#     ā_o = h̄' ⊙ q(c') ⊙ o (1 - o)                 ā_g = c̄' ⊙ i ⊙ (1 - g²)
#     W̄ = ā [h, x]ᵀ,   [h̄, x̄] = Wᵀ ā,   c̄ = c̄' ⊙ f
#
# with ā, W all four below one another. `_step` keeps the factors behind c̄' and h̄' as `slopes`.
def _pullback(weights, transposed, state, seen, saved, d_state):
    (h, _), (slope, f, (i, forget, o, g)), (d_h, d_c) = state, saved, d_state
    d_c = d_c + d_h * slope
    d_gates = jnp.concatenate([d_c * i, d_c * forget, d_h * o, d_c * g])
    n_units = h.shape[0]
    d_weights = d_gates @ jnp.concatenate([h, seen]).T
    d_read = transposed @ d_gates
    return d_weights, (d_read[:n_units], d_c * f), d_read[n_units:]


CELLS = {name: Cell(partial(_step, name), _pullback) for name in SQUASHES}
