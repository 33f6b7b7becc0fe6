"""Base class of agents: models that have preferences, choose, and learn from outcomes."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
from jaxtyping import Array, Float, Int, PyTree

from cogrnn_lab.tasks.parameters import check_parameters

# What an agent takes as the reward; see `Agent.reward_units`.
PAID, SCALED, WON = "paid", "scaled", "won"
REWARD_ALONE = ("reward",)


class Agent(eqx.Module):
    """Base class of agents that choose among a few alternatives ("arms").

    An agent is an Equinox module whose fields are its parameters. It defines the state at the start of a
    session, the preference for each arm, and the update after an outcome; `simulate` does the rest. The state
    is any pytree of arrays whose shapes stay the same. Functions are written for one session and must be
    traceable by JAX. Changing a parameter does not recompile anything.

    Example:
        A win-stay agent:

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
        """Whether the log-likelihood is concave in the parameters: one search then finds its optimum."""
        return False

    @property
    def reward_units(self) -> str:
        """How `fit_agent` gives it rewards, of which the data set's `outcomes` is the scale.

        "paid": as they are, as every agent of your own that says nothing else; "scaled": 0 for nothing and 1
        for a full reward; "won": 1 for a win and 0 for any other outcome.
        """
        return PAID

    @property
    def learns_from(self) -> tuple[str, ...]:
        """Names of the columns that `update` learns from: ("reward",), which it is given as a number.

        An agent that names further ones, of an `Outcome`, is given one of these in place of the number.
        """
        return REWARD_ALONE

    @property
    def stimuli(self) -> int:
        """How many stimuli it tells apart, which `see` is shown; 1: it is shown none."""
        return 1

    def initial_state(self, n_arms: int) -> PyTree[Any]:
        """Make the state before the first trial of a session.

        Arguments:
            n_arms: Number of alternatives.

        Returns:
            A pytree of arrays.
        """
        raise NotImplementedError(f"{type(self).__name__} needs initial_state(n_arms).")

    def see(self, state: PyTree[Any], stimulus: Int[Array, ""]) -> PyTree[Any]:
        """Compute the state when the stimulus of the coming trial is shown, before the choice.

        Arguments:
            state: The agent's state after the trial before.
            stimulus: Index of the stimulus, 0, 1, ...; only given to an agent that tells `stimuli` apart.

        Returns:
            The state, of the same shapes.
        """
        return state

    def logits(self, state: PyTree[Any]) -> Float[Array, " arm"]:
        """Compute the log odds of choosing each arm; their softmax are the choice probabilities.

        Arguments:
            state: The agent's state before the choice.

        Returns:
            Logits, (arm,).
        """
        raise NotImplementedError(f"{type(self).__name__} needs logits(state).")

    def update(self, state: PyTree[Any], choice: Int[Array, ""], reward: Any) -> PyTree[Any]:
        """Compute the state after an outcome.

        Arguments:
            state: The agent's state before the choice.
            choice: Index of the chosen arm, 0, 1, ...
            reward: Reward of the trial, a number; an `Outcome` where `learns_from` names more.

        Returns:
            The next state, of the same shapes.
        """
        raise NotImplementedError(f"{type(self).__name__} needs update(state, choice, reward).")

    def second_values(self, state: PyTree[Any], second_state: Int[Array, ""]) -> Float[Array, " arm"]:
        """Compute the values of the second choices of a two-step trial; only needed by `simulate_two_step`.

        Arguments:
            state: The agent's state before the trial.
            second_state: Index of the state that the first choice led to.

        Returns:
            A value for each second choice.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no values of second choices, which simulate_two_step needs; "
            "TwoStepLearner has."
        )

    def expected_reward(self, state: PyTree[Any], choice: Int[Array, ""]) -> Float[Array, ""]:
        """Compute the reward that the agent expects of a choice; only needed by signals.

        Arguments:
            state: The agent's state before the choice.
            choice: Index of the chosen arm.

        Returns:
            The expected reward, a scalar.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no expectation of reward; a signal that follows it needs "
            "expected_reward(state, choice)."
        )


class Outcome(NamedTuple):
    """What followed a choice, for agents that learn from more than the reward; None: not recorded.

    Fields:
        reward: What was paid.
        foregone: What the alternative that was not chosen would have paid.
        second_state: Index of the state that a first choice led to.
        second_choice: Index of the second choice, made in that state; -1: none.
    """

    reward: Any
    foregone: Any = None
    second_state: Any = None
    second_choice: Any = None


AMOUNTS = ("reward", "foregone")  # of an outcome, in units of reward


def one_hot(choice: Int[Array, ""], n_arms: int) -> Float[Array, " arm"]:
    """1 at the chosen arm and 0 elsewhere."""
    return jax.nn.one_hot(choice, n_arms)
