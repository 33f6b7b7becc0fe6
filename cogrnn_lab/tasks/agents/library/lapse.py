"""Lapses: trials on which an agent chooses blindly."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.parameters import Parameter, parameter


class Lapse(Agent):
    """An agent that chooses among all arms with equal chances on a fraction `lapse_rate` of the trials."""

    agent: Agent
    lapse_rate: Parameter = parameter(
        0.05, allowed=(0.0, 1.0), typical=(0.01, 0.3), slip="It is the fraction of trials without attention"
    )

    def initial_state(self, n_arms: int) -> PyTree[Any]:
        """The start of the agent inside."""
        return self.agent.initial_state(n_arms)

    def logits(self, state: PyTree[Any]) -> Float[Array, " arm"]:
        """Log of the agent's probabilities mixed with those of a guess."""
        logits = self.agent.logits(state)
        return mixed_with_guesses(jax.nn.softmax(logits), self.lapse_rate)

    def update(self, state: PyTree[Any], choice: Int[Array, ""], reward: Float[Array, ""]) -> PyTree[Any]:
        """The agent inside learns."""
        return self.agent.update(state, choice, reward)

    def expected_reward(self, state: PyTree[Any], choice: Int[Array, ""]) -> Float[Array, ""]:
        """That of the agent inside."""
        return self.agent.expected_reward(state, choice)


def mixed_with_guesses(probabilities: Float[Array, " arm"], lapse_rate: Parameter) -> Float[Array, " arm"]:
    """Log probabilities of choices of which a fraction `lapse_rate` is made blindly."""
    mixed = (1 - lapse_rate) * probabilities + lapse_rate / probabilities.size
    # the log of 0 would make every gradient NaN, also of the choices that were made
    return jnp.log(jnp.maximum(mixed, jnp.finfo(mixed.dtype).tiny))
