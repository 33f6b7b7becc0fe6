"""Side bias: a constant preference for some arms, added to an agent."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from cogrnn_lab.tasks.agents.around import AroundAgent
from cogrnn_lab.tasks.parameters import Parameters, weight


class SideBias(AroundAgent):
    """Agent with a bias, in log odds of each arm against the first.

    Arguments:
        agent: The agent to whose logits the bias is added.
        bias: One number for two arms; for more, (n_arms - 1,), one for each arm after the first.

    Example:
        >>> import cogrnn_lab as cl
        >>> agent = cl.SideBias(cl.QLearning(), bias=0.5)
        >>> [round(float(logit), 2) for logit in agent.logits(agent.initial_state(2))]
        [1.5, 2.0]
    """

    bias: Parameters = weight(0.0)

    @property
    def unimodal(self) -> bool:
        """Whether the likelihood of the agent inside is concave: a bias keeps it so."""
        return self.agent.unimodal

    def initial_state(self, n_arms: int) -> PyTree[Any]:
        """Make the state of the agent inside.

        Arguments:
            n_arms: Number of alternatives.

        Raises:
            ValueError: Where the biases are not those of `n_arms`.
        """
        if jnp.size(self.bias) != n_arms - 1:
            raise ValueError(
                f"SideBias has {jnp.size(self.bias)} bias{'' if jnp.size(self.bias) == 1 else 'es'}; a task "
                f"with {n_arms} arms needs {n_arms - 1}, one for each arm after the first, such as "
                f"SideBias(agent, bias=[{', '.join(['0.0'] * (n_arms - 1))}])."
            )
        return self.agent.initial_state(n_arms)

    def logits(self, state: PyTree[Any]) -> Float[Array, " arm"]:
        """Logits of the agent inside plus the biases."""
        return self.agent.logits(state) + jnp.append(0.0, self.bias)


def for_arms(agent: Any, n_arms: int) -> Any:
    """The agent for `n_arms` alternatives: a side bias of one number is towards each after the first."""
    if isinstance(agent, SideBias) and jnp.size(agent.bias) == 1 and n_arms != 2:
        even = jnp.full(n_arms - 1, jnp.reshape(jnp.asarray(agent.bias, jnp.float32), ()))
        agent = eqx.tree_at(lambda one: one.bias, agent, even)
    inside = getattr(agent, "agent", None)
    return agent if inside is None else eqx.tree_at(lambda one: one.agent, agent, for_arms(inside, n_arms))
