"""The plain recurrent network (Elman, "Finding structure in time", Cognitive Science 1990)."""

from functools import cache, partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from cogrnn_lab.counts import checked_counts
from cogrnn_lab.models.activation import Activation, activation_function, activation_name
from cogrnn_lab.models.gated.hidden_network import HiddenNetwork
from cogrnn_lab.models.gated.recurrent_core import RecurrentCore
from cogrnn_lab.models.gated.recurrent_layer import RecurrentLayer
from cogrnn_lab.models.recurrence import Cell
from cogrnn_lab.models.trial_shapes import check_one_trial
from cogrnn_lab.random_numbers import KeyOrSeed, as_key


class VanillaRNN(HiddenNetwork):
    """Plain recurrent units: one layer, h ← activation(W [h, x] + b), read out linearly.

    Input and output weights start Glorot uniform, recurrent weights orthogonal, biases and the (learned)
    start state at 0.

    Arguments:
        n_inputs: Number of inputs.
        n_outputs: Number of outputs.
        n_hidden: Number of hidden units of a layer.
        activation: Nonlinearity by name, such as "tanh", or a function, such as `jax.nn.elu`.
        n_layers: Number of layers, each of which reads the hidden units of the one below; the last is read
            out, and the state vector has all of them.
        key: Random key of the start values, or a seed.

    Raises:
        ValueError: A size is no whole number of at least 1, or the activation is not known.

    Source:
        Elman, "Finding structure in time", Cognitive Science 1990.

    Example:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> model = cl.VanillaRNN(2, 2, n_hidden=3, key=jax.random.key(0))
        >>> cl.rollout(model, jnp.zeros((4, 5, 2))).outputs.shape
        (4, 5, 2)
    """

    core: RecurrentCore
    deeper: tuple[RecurrentLayer, ...]
    n_inputs: int = eqx.field(static=True)
    n_outputs: int = eqx.field(static=True)
    n_hidden: int = eqx.field(static=True)
    n_layers: int = eqx.field(static=True)
    activation: str = eqx.field(static=True)

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        n_hidden: int,
        *,
        activation: str | Activation = "tanh",
        n_layers: int = 1,
        key: KeyOrSeed | None = None,
    ):
        n_inputs, n_outputs, n_hidden, n_layers = checked_counts(
            n_inputs=n_inputs, n_outputs=n_outputs, n_hidden=n_hidden, n_layers=n_layers
        )
        activation = activation_name(activation)
        key = as_key(key, "a VanillaRNN")
        self.core = RecurrentCore.make(1, n_inputs, n_outputs, n_hidden, n_hidden, key=key)
        self.deeper = RecurrentLayer.several(n_layers - 1, 1, n_hidden, n_hidden, key=key)
        self.n_inputs, self.n_outputs, self.n_hidden = n_inputs, n_outputs, n_hidden
        self.n_layers = n_layers
        self.activation = activation

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
        return self.along_layers(partial(_next, self.activation), state, inputs)

    @property
    def cell(self) -> Cell:
        """Fast form of `next_state`."""
        return _cell(self.activation)

    def cell_weights(self, layer: Any = None) -> Float[Array, "unit source"]:
        """Give the weights of a layer on hidden units, inputs, and 1.

        Arguments:
            layer: One of `layers`; None for the first.
        """
        return (self.core if layer is None else layer).gates[0]


def _next(activation: str, layer: Any, state: Array, inputs: Array) -> Array:
    """The definition of one layer."""
    before = layer.input_weight[0] @ inputs + layer.recurrent_weight[0] @ state + layer.bias[0]
    return activation_function(activation)(before)


def _step(activation, weights, state, seen):
    before = weights @ jnp.concatenate([state[0], seen])
    after, slope = jax.jvp(activation, (before,), (jnp.ones_like(before),))
    return (after,), slope


# The adjoint of a step. Forward: a = W [h, x], h' = f(a). With v̄ = ∂loss/∂v and ⊙ elementwise:
#
#     ā = h̄' ⊙ f'(a),   W̄ = ā [h, x]ᵀ,   [h̄, x̄] = Wᵀ ā
def _pullback(weights, transposed, state, seen, slope, d_state):
    d_before = d_state[0] * slope
    d_read = transposed @ d_before
    n_units = slope.shape[0]
    d_weights = d_before @ jnp.concatenate([state[0], seen]).T
    return d_weights, (d_read[:n_units],), d_read[n_units:]


@cache
def _cell(activation: str) -> Cell:
    return Cell(partial(_step, activation_function(activation)), _pullback)
