"""Perseveration: a tendency to repeat, or to avoid, recent choices, added to an agent."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from cogrnn_lab.tasks.agents.agent import one_hot
from cogrnn_lab.tasks.agents.around import AroundAgent
from cogrnn_lab.tasks.parameters import Parameter, fraction, weight


class PerseverationState(NamedTuple):
    """The state of the agent inside, and how much each arm was chosen lately (0 to 1)."""

    inner: PyTree[Any]
    trace: Float[Array, " arm"]


class Perseveration(AroundAgent):
    """Agent with a trace of past choices (choice kernel).

    The trace of each arm moves towards 1 where it was chosen and towards 0 elsewhere, by the fraction
    `choice_rate`; `choice_weight` × trace is added to the logits of `agent`. Traces start at 0.

    Arguments:
        agent: The agent to whose logits the trace is added.
        choice_rate: Fraction by which traces move, 0 to 1; None: the trace is the last choice alone (Lau and
            Glimcher 2005).
        choice_weight: Log odds for a trace of 1; negative for alternation.

    Source:
        Wilson and Collins, eLife 2019.

    Example:
        >>> import cogrnn_lab as cl
        >>> agent = cl.Perseveration(cl.QLearning(), choice_rate=None, choice_weight=1.0)
        >>> [parameter.name for parameter in cl.agent_parameters(agent)]
        ['learning_rate', 'inverse_temperature', 'choice_weight']
    """

    choice_rate: Parameter | None = fraction(0.3, "It is a fraction of the way to the latest choice")
    choice_weight: Parameter = weight(0.5)

    def initial_state(self, n_arms: int) -> PerseverationState:
        """The start of the agent inside, and no choices."""
        return PerseverationState(self.agent.initial_state(n_arms), jnp.zeros(n_arms))

    def logits(self, state: PerseverationState) -> Float[Array, " arm"]:
        """Logits of the agent inside plus the weighted trace."""
        return self.agent.logits(state.inner) + self.choice_weight * state.trace

    def see(self, state: PerseverationState, stimulus: Int[Array, ""]) -> PerseverationState:
        """The agent inside sees the stimulus; the trace is of all trials."""
        return PerseverationState(self.agent.see(state.inner, stimulus), state.trace)

    def update(self, state: PerseverationState, choice: Int[Array, ""], reward: Any) -> PerseverationState:
        """The agent inside learns, the trace follows the choice."""
        inner = self.agent.update(state.inner, choice, reward)
        chosen = one_hot(choice, state.trace.size)
        if self.choice_rate is None:
            return PerseverationState(inner, chosen)
        return PerseverationState(inner, state.trace + self.choice_rate * (chosen - state.trace))

    def second_values(self, state: PerseverationState, second_state: Int[Array, ""]) -> Float[Array, " arm"]:
        """Values of the agent inside."""
        return self.agent.second_values(state.inner, second_state)

    def expected_reward(self, state: PerseverationState, choice: Int[Array, ""]) -> Float[Array, ""]:
        """Expectation of the agent inside."""
        return self.agent.expected_reward(state.inner, choice)
