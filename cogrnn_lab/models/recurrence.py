"""A recurrence over many sessions at once, fast on the CPU, with a backward pass written by hand.

Inside, trials come first and the sessions LAST, so that every step is a small matrix times a wide one; a step
reads the inputs of its trial and a constant 1 together with the state, so nothing but the state is carried.
The backward pass keeps what each cell says it needs (`saved`), takes the weight gradients of a trial as small
products on the way, and never holds more than one trial of them. `tests/models` holds every cell to the plain
definition in its network's `next_state`, in values and gradients.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PyTree

State = PyTree[Float[Array, "unit session"]]
States = PyTree[Float[Array, "time unit session"]]


class Cell(NamedTuple):
    """One trial of a recurrent network and its derivative, for states (unit, session).

    `step(weights, state, seen)` gives the new state and what `pullback` needs to be kept of the trial.
    `pullback(weights, transposed, state, seen, saved, d_new)` gives the gradients of the weights, of the
    state before the trial and of what was seen, from that of the new state; `transposed` are the weights
    transposed. Each gate of a cell is an array of its own: XLA does not vectorize a loop that reads several
    slices of one array (measured: five times slower).
    """

    step: Callable[[Any, Any, Array], tuple[Any, Any]]
    pullback: Callable[[Any, Any, Any, Array, Any, Any], tuple[Any, Any, Array]]


def recurrence(
    cell: Cell,
    weights: PyTree[Float[Array, "..."]],
    inputs: Float[Array, "time input session"],
    start: State,
    begins: Bool[Array, "time session"] | None = None,
    jitter: States | None = None,
) -> States:
    """Compute the states after every trial.

    Arguments:
        cell: Cell, hashable.
        weights: Weights as its functions take them.
        inputs: Inputs (time, input, session) as the cell sees them.
        start: State before the first trial, arrays (unit, session).
        begins: True (time, session) where another session begins, from `start`; None for nowhere.
        jitter: Noise that is added to every new state; None for none.

    Returns:
        States, arrays (time, unit, session).
    """
    return _recurrence(cell, weights, inputs, start, begins, jitter)  # pyright: ignore


def with_ones(inputs: Float[Array, "session time input"]) -> Float[Array, "time input_1 session"]:
    """Arrange inputs as cells see them: times first, sessions last, and ones as the last input."""
    n_rows, n_trials, _ = inputs.shape
    columns = jnp.transpose(inputs, (1, 2, 0))
    return jnp.concatenate([columns, jnp.ones((n_trials, 1, n_rows), columns.dtype)], axis=1)


def _scan(cell: Cell, weights, inputs, start, begins, jitter, *, keep: bool):
    def trial(state, xs):
        seen, trial_begins, trial_jitter = xs
        state = state if trial_begins is None else _where(trial_begins, start, state)
        new, saved = cell.step(weights, state, seen)
        new = new if trial_jitter is None else jax.tree.map(jnp.add, new, trial_jitter)
        return new, (new, saved) if keep else new

    return jax.lax.scan(trial, start, (inputs, begins, jitter))[1]


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _recurrence(cell, weights, inputs, start, begins, jitter):
    return _scan(cell, weights, inputs, start, begins, jitter, keep=False)


def _forward(cell, weights, inputs, start, begins, jitter):
    states, saved = _scan(cell, weights, inputs, start, begins, jitter, keep=True)
    return states, (weights, inputs, start, begins, jitter is not None, states, saved)


# The adjoint of the whole recurrence sₜ = step(weights, sₜ₋₁, xₜ) + jitterₜ, where sₜ₋₁ is the start state s₀
# at the first trial and wherever a session begins. Backward in time, with v̄ = ∂loss/∂v and ē the gradient
# (`d_states`) that the loss sends to each state directly:
#
#     s̄ₜ = ēₜ + (what the pullback of trial t + 1 gives for its sₜ, unless a session begins there)
#     w̄ₜ, s̄ₜ₋₁, x̄ₜ = pullback of trial t at s̄ₜ;   the gradient of jitterₜ is s̄ₜ
#     w̄ = Σₜ w̄ₜ,   s̄₀ = Σ of s̄ₜ₋₁ over the first trial and all at which a session begins
def _backward(cell, residuals, d_states):
    weights, inputs, start, begins, has_jitter, states, saved = residuals
    # Contracting over the first axis of a matrix inside the scan is slow: transposed once, here.
    transposed = jax.tree.map(jnp.transpose, weights)
    before = jax.tree.map(lambda first, along: jnp.concatenate([first[None], along[:-1]]), start, states)
    if begins is not None:
        before = jax.tree.map(lambda first, along: jnp.where(begins[:, None], first, along), start, before)

    def trial(carry, xs):
        d_next, d_weights, d_start = carry
        seen, state, trial_saved, d_state, trial_begins = xs
        d_new = jax.tree.map(jnp.add, d_next, d_state)
        d_trial, d_before, d_seen = cell.pullback(weights, transposed, state, seen, trial_saved, d_new)
        if trial_begins is not None:
            zeros = jax.tree.map(jnp.zeros_like, d_before)
            d_start = jax.tree.map(jnp.add, d_start, _where(trial_begins, d_before, zeros))
            d_before = _where(trial_begins, zeros, d_before)
        carry = d_before, jax.tree.map(jnp.add, d_weights, d_trial), d_start
        return carry, (d_seen, d_new if has_jitter else None)

    zeros = jax.tree.map(jnp.zeros_like, (start, weights, start))
    (d_first, d_weights, d_start), (d_inputs, d_jitter) = jax.lax.scan(
        trial, zeros, (inputs, before, saved, d_states, begins), reverse=True
    )
    return d_weights, d_inputs, jax.tree.map(jnp.add, d_first, d_start), None, d_jitter


_recurrence.defvjp(_forward, _backward)


def _where(condition: Bool[Array, " session"], one: State, other: State) -> State:
    return jax.tree.map(lambda a, b: jnp.where(condition[None], a, b), one, other)
