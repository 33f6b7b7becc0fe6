"""The leaky recurrence of a constrained network, as one `Cell`."""

from functools import cache, partial

import jax
import jax.numpy as jnp

from cogrnn_lab.models.activation import activation_function
from cogrnn_lab.models.recurrence import Cell


@cache
def leaky_cell(activation: str) -> Cell:
    """s ← kept · s + weights [f(s), x, 1], for weights ((unit, unit and input and 1), kept (unit, 1))."""
    function = activation_function(activation)
    return Cell(partial(_step, function), partial(_pullback, function))


def _step(function, weights, state, seen):
    matrix, kept = weights
    return kept * state + matrix @ jnp.concatenate([function(state), seen]), ()


def _pullback(function, weights, transposed, state, seen, saved, d_state):
    _, kept = weights
    n_units = state.shape[0]
    rates, slope = jax.jvp(function, (state,), (jnp.ones_like(state),))
    d_matrix = d_state @ jnp.concatenate([rates, seen]).T
    # Two products: nobody asks for the second where the inputs are data, and it is then left out.
    d_rates, d_seen = transposed[0][:n_units] @ d_state, transposed[0][n_units:] @ d_state
    return (d_matrix, jnp.zeros_like(kept)), kept * d_state + slope * d_rates, d_seen
