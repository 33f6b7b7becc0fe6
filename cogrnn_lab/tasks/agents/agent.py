"""What an agent is: something that has preferences, chooses, and learns from what happened."""

from typing import Any

import equinox as eqx
import jax
from jaxtyping import Array, Float, Int, PyTree

from cogrnn_lab.tasks.parameters import check_parameters


class Agent(eqx.Module):
    """Base class of agents that play a task with a few alternatives ("arms").

    An agent is an Equinox module whose fields are its parameters. It says how a session starts, how much it
    prefers each arm, and what it makes of an outcome; `simulate` does the rest. The state is any pytree of
    arrays whose shapes stay the same; functions are written for one session and have to be traceable by JAX.
    Parameters can be changed without anything being compiled again.

    A win-stay agent that shows how little it takes:

    >>> import jax.numpy as jnp
    >>> import cogrnn_lab as cl
    >>> class WinStay(cl.Agent):
    ...     strength: float = 2.0
    ...
    ...     def initial_state(self, n_arms):
    ...         return jnp.zeros(n_arms)
    ...
    ...     def logits(self, state):
    ...         return self.strength * state
    ...
    ...     def update(self, state, choice, reward):
    ...         return jnp.zeros_like(state).at[choice].set(reward)
    >>> data = cl.simulate(WinStay(), cl.DriftingBandit(), n_sessions=2, n_trials=50)
    >>> data.inputs.shape, data.input_names
    ((2, 50, 2), ('previous choice', 'previous reward'))
    """

    def __check_init__(self):
        check_parameters(self)

    @property
    def unimodal(self) -> bool:
        """Whether the log-likelihood is concave in the parameters, so that one search finds its optimum."""
        return False

    def initial_state(self, n_arms: int) -> PyTree[Any]:
        """State before the first trial of a session with `n_arms` alternatives."""
        raise NotImplementedError(f"{type(self).__name__} needs initial_state(n_arms).")

    def logits(self, state: PyTree[Any]) -> Float[Array, " arm"]:
        """Log odds of choosing each arm; their softmax are the choice probabilities."""
        raise NotImplementedError(f"{type(self).__name__} needs logits(state).")

    def update(self, state: PyTree[Any], choice: Int[Array, ""], reward: Float[Array, ""]) -> PyTree[Any]:
        """State after `choice` (0, 1, ...) gave `reward`."""
        raise NotImplementedError(f"{type(self).__name__} needs update(state, choice, reward).")

    def expected_reward(self, state: PyTree[Any], choice: Int[Array, ""]) -> Float[Array, ""]:
        """Reward that is expected of `choice` before its outcome; only asked for by signals."""
        raise NotImplementedError(
            f"{type(self).__name__} has no expectation of reward; a signal that follows it needs "
            "expected_reward(state, choice)."
        )


def one_hot(choice: Int[Array, ""], n_arms: int) -> Float[Array, " arm"]:
    """1 at the chosen arm and 0 elsewhere."""
    return jax.nn.one_hot(choice, n_arms)
