"""Side bias: an agent that prefers some arms whatever they give."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.parameters import Parameters, weight


class SideBias(Agent):
    """Adds a bias to an agent, in log odds of each arm against the first.

    `bias` is one number for two arms; for more it is an array with one number for each arm after the first.
    """

    agent: Agent
    bias: Parameters = weight(0.0)

    @property
    def unimodal(self) -> bool:
        """As the agent inside, whose logits the bias is added to."""
        return self.agent.unimodal

    def initial_state(self, n_arms: int) -> PyTree[Any]:
        """The start of the agent inside.

        Raises `ValueError` where the biases are not those of `n_arms`.
        """
        if jnp.size(self.bias) != n_arms - 1:
            raise ValueError(
                f"SideBias has {jnp.size(self.bias)} bias{'' if jnp.size(self.bias) == 1 else 'es'}; a task "
                f"with {n_arms} arms needs {n_arms - 1}, one for each arm after the first, such as "
                f"SideBias(agent, bias=[{', '.join(['0.0'] * (n_arms - 1))}])."
            )
        return self.agent.initial_state(n_arms)

    def logits(self, state: PyTree[Any]) -> Float[Array, " arm"]:
        """Those of the agent inside and the biases."""
        return self.agent.logits(state) + jnp.append(0.0, self.bias)

    def update(self, state: PyTree[Any], choice: Int[Array, ""], reward: Float[Array, ""]) -> PyTree[Any]:
        """The agent inside learns."""
        return self.agent.update(state, choice, reward)

    def expected_reward(self, state: PyTree[Any], choice: Int[Array, ""]) -> Float[Array, ""]:
        """That of the agent inside."""
        return self.agent.expected_reward(state, choice)
