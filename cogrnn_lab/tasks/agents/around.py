"""Base class of agents that hold another agent and leave to it what they do not change."""

from typing import Any

from jaxtyping import Array, Float, Int, PyTree

from cogrnn_lab.tasks.agents.agent import Agent


class AroundAgent(Agent):
    """Agent around another one, whose state, logits, learning and expectations are its own.

    Arguments:
        agent: The agent inside.
    """

    agent: Agent

    @property
    def reward_units(self) -> str:
        """Those of the agent inside."""
        return self.agent.reward_units

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """Names of the alternatives that the agent inside knows, as a network that plays does."""
        return getattr(self.agent, "class_names", None)

    @property
    def learns_from(self) -> tuple[str, ...]:
        """What the agent inside learns from."""
        return self.agent.learns_from

    @property
    def stimuli(self) -> int:
        """How many stimuli the agent inside tells apart."""
        return self.agent.stimuli

    def initial_state(self, n_arms: int) -> PyTree[Any]:
        """The start of the agent inside."""
        return self.agent.initial_state(n_arms)

    def see(self, state: PyTree[Any], stimulus: Int[Array, ""]) -> PyTree[Any]:
        """The agent inside sees the stimulus."""
        return self.agent.see(state, stimulus)

    def logits(self, state: PyTree[Any]) -> Float[Array, " arm"]:
        """Logits of the agent inside."""
        return self.agent.logits(state)

    def update(self, state: PyTree[Any], choice: Int[Array, ""], reward: Any) -> PyTree[Any]:
        """The agent inside learns."""
        return self.agent.update(state, choice, reward)

    def second_values(self, state: PyTree[Any], second_state: Int[Array, ""]) -> Float[Array, " arm"]:
        """Values of the agent inside."""
        return self.agent.second_values(state, second_state)

    def expected_reward(self, state: PyTree[Any], choice: Int[Array, ""]) -> Float[Array, ""]:
        """Expectation of the agent inside."""
        return self.agent.expected_reward(state, choice)
