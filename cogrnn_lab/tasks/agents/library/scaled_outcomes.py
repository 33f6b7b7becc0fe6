"""Rewards on another scale: an agent made for rewards of 0 and 1 learns from any amounts."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from cogrnn_lab.data.outcome_scale import OutcomeScale
from cogrnn_lab.tasks.agents.agent import AMOUNTS, PAID, WON, Agent, Outcome
from cogrnn_lab.tasks.agents.around import AroundAgent


class ScaledOutcomes(AroundAgent):
    """Agent that takes rewards on the scale that the agent inside is made for.

    An agent that learns from amounts is given `scale.low` as 0 and `scale.high` as 1; one that knows wins
    only is given 1 for rewards above `scale.win_above` and 0 for others. `fit_agent` makes it of the agents
    of this package where rewards are not 0 and 1.

    Arguments:
        agent: The agent inside.
        scale: The amounts that are nothing and a full reward, and above which one has won.

    Example:
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> agent = cl.ScaledOutcomes(cl.QLearning(learning_rate=0.5), cl.OutcomeScale(-1, 1))
        >>> state = agent.update(agent.initial_state(2), jnp.asarray(0), jnp.asarray(-1.0))
        >>> [float(value) for value in state]
        [0.25, 0.5]
    """

    scale: OutcomeScale = eqx.field(static=True)

    @property
    def unimodal(self) -> bool:
        """Whether the likelihood of the agent inside is concave."""
        return self.agent.unimodal

    @property
    def reward_units(self) -> str:
        """As they are paid."""
        return PAID

    def update(self, state: PyTree[Any], choice: Int[Array, ""], reward: Any) -> PyTree[Any]:
        """The agent inside learns from the reward on its scale."""
        return self.agent.update(state, choice, self._taken(reward))

    def expected_reward(self, state: PyTree[Any], choice: Int[Array, ""]) -> Float[Array, ""]:
        """Expectation of the agent inside, as an amount that is paid."""
        return self.scale.unscaled(self.agent.expected_reward(state, choice))

    def _taken(self, reward: Any) -> Any:
        if isinstance(reward, Outcome):
            taken = {
                name: self._taken(getattr(reward, name))
                for name in AMOUNTS
                if getattr(reward, name) is not None
            }
            return reward._replace(**taken)
        if self.agent.reward_units == WON:
            return (reward > self.scale.win_above).astype(jnp.float32)
        return self.scale.scaled(reward)


def on_scale(agent: Agent, scale: OutcomeScale) -> Agent:
    """The agent as it takes rewards of this scale: as it is where they are 0 and 1 or it says that it may."""
    if scale.is_plain or agent.reward_units == PAID:
        return agent
    return ScaledOutcomes(agent, scale)


def scale_within(agent: Agent) -> ScaledOutcomes | None:
    """The agent, or the one within it, that takes rewards on another scale; None where there is none."""
    inside = getattr(agent, "agent", None)
    if isinstance(agent, ScaledOutcomes) or not isinstance(inside, Agent):
        return agent if isinstance(agent, ScaledOutcomes) else None
    return scale_within(inside)


def rewards_in_words(agent: Agent) -> str:
    """A sentence about how an agent takes rewards."""
    scaling = scale_within(agent)
    if scaling is not None:
        scale = scaling.scale
        if scaling.agent.reward_units == WON:
            return f"a reward above {scale.win_above:g} is a win"
        return (
            f"rewards are scaled for the agent: {scale.low:g} is its 0 (nothing) and {scale.high:g} its 1 (a "
            "full reward); parameters are in these units"
        )
    if agent.reward_units == WON:
        return "a reward above 0 is a win"
    return "rewards are given to the agent as they were paid"


def name_in_words(agent: Agent) -> str:
    """What an agent is made of, such as SideBias(QLearning); a scale of rewards is told on its own."""
    inside = getattr(agent, "agent", None)
    if isinstance(agent, ScaledOutcomes):
        return name_in_words(agent.agent)
    name = type(agent).__name__
    return name if not isinstance(inside, Agent) else f"{name}({name_in_words(inside)})"
