"""Lapses: trials on which an agent guesses."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from cogrnn_lab.tasks.agents.around import AroundAgent
from cogrnn_lab.tasks.parameters import Parameter, parameter


class Lapse(AroundAgent):
    """Agent that guesses, all arms equally likely, on a fraction of the trials.

    Arguments:
        agent: The agent that chooses on the other trials.
        lapse_rate: Fraction of trials that are guesses, 0 to 1.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(
        ...     cl.Lapse(cl.QLearning(), 0.1), cl.DriftingBandit(), n_sessions=2, n_trials=30
        ... )
        >>> bool(data.columns["p_choice"].min() >= 0.05)
        True
    """

    lapse_rate: Parameter = parameter(
        0.05, allowed=(0.0, 1.0), typical=(0.01, 0.3), slip="It is the fraction of trials without attention"
    )

    def logits(self, state: PyTree[Any]) -> Float[Array, " arm"]:
        """Log of the agent's probabilities mixed with those of a guess."""
        logits = self.agent.logits(state)
        return mixed_with_guesses(jax.nn.softmax(logits), self.lapse_rate)


def mixed_with_guesses(probabilities: Float[Array, " arm"], lapse_rate: Parameter) -> Float[Array, " arm"]:
    """Log probabilities of choices of which a fraction `lapse_rate` is made blindly."""
    mixed = (1 - lapse_rate) * probabilities + lapse_rate / probabilities.size
    # the log of 0 would make every gradient NaN, also of the choices that were made
    return jnp.log(jnp.maximum(mixed, jnp.finfo(mixed.dtype).tiny))
