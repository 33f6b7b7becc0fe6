"""Perseveration: an agent that also tends to choose, or to avoid, what it chose lately."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from cogrnn_lab.tasks.agents.agent import Agent, one_hot
from cogrnn_lab.tasks.parameters import Parameter, fraction, weight


class PerseverationState(NamedTuple):
    """The state of the agent inside, and how much each arm was chosen lately (0 to 1)."""

    inner: PyTree[Any]
    trace: Float[Array, " arm"]


class Perseveration(Agent):
    """Adds a trace of past choices to an agent: the choice kernel of Wilson and Collins (eLife 2019).

    The trace of each arm moves towards 1 where it was chosen and towards 0 elsewhere, by the fraction
    `choice_rate`; `choice_weight` × trace is added to the logits of `agent`. A negative weight is
    alternation. With `choice_rate=None` the trace is the last choice alone (Lau and Glimcher 2005). Traces
    start at 0.
    """

    agent: Agent
    choice_rate: Parameter | None = fraction(0.3, "It is a fraction of the way to the latest choice")
    choice_weight: Parameter = weight(0.5)

    def initial_state(self, n_arms: int) -> PerseverationState:
        """The start of the agent inside, and no choices."""
        return PerseverationState(self.agent.initial_state(n_arms), jnp.zeros(n_arms))

    def logits(self, state: PerseverationState) -> Float[Array, " arm"]:
        """Those of the agent inside and the weighted trace."""
        return self.agent.logits(state.inner) + self.choice_weight * state.trace

    def update(
        self, state: PerseverationState, choice: Int[Array, ""], reward: Float[Array, ""]
    ) -> PerseverationState:
        """The agent inside learns, the trace follows the choice."""
        inner = self.agent.update(state.inner, choice, reward)
        chosen = one_hot(choice, state.trace.size)
        if self.choice_rate is None:
            return PerseverationState(inner, chosen)
        return PerseverationState(inner, state.trace + self.choice_rate * (chosen - state.trace))

    def expected_reward(self, state: PerseverationState, choice: Int[Array, ""]) -> Float[Array, ""]:
        """That of the agent inside."""
        return self.agent.expected_reward(state.inner, choice)
