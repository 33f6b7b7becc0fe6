"""Win-stay, lose-shift: the simplest strategy that learns from outcomes."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from cogrnn_lab.tasks.agents.agent import WON, Agent, one_hot
from cogrnn_lab.tasks.agents.library.lapse import mixed_with_guesses
from cogrnn_lab.tasks.parameters import Parameter, parameter


class LastOutcome(NamedTuple):
    """The last choice, one-hot and zeros where there is none, and whether it was rewarded."""

    chosen: Float[Array, " arm"]
    won: Bool[Array, ""]


class WinStayLoseShift(Agent):
    """Agent that repeats a rewarded choice and leaves an unrewarded one, except on lapses.

    A reward above 0 is a win. After a loss the other arms are equally likely; on the first trial of a session
    all arms are.

    Arguments:
        lapse_rate: Fraction of trials on which all arms are equally likely, 0 to 1.

    Source:
        "Noisy win-stay, lose-shift" of Wilson and Collins, eLife 2019.

    Example:
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> agent = cl.WinStayLoseShift(lapse_rate=0.0)
        >>> state = agent.update(agent.initial_state(2), jnp.asarray(1), jnp.asarray(0.0))
        >>> int(agent.logits(state).argmax())
        0
    """

    lapse_rate: Parameter = parameter(
        0.2, allowed=(0.0, 1.0), typical=(0.05, 0.9), slip="It is the fraction of trials without attention"
    )

    @property
    def reward_units(self) -> str:
        """Wins and other outcomes are all that matters."""
        return WON

    def initial_state(self, n_arms: int) -> LastOutcome:
        """No choice yet."""
        return LastOutcome(jnp.zeros(n_arms), jnp.asarray(False))

    def logits(self, state: LastOutcome) -> Float[Array, " arm"]:
        """Log of the probabilities."""
        n_arms = state.chosen.size
        shift = (1 - state.chosen) / (n_arms - 1)
        rule = jnp.where(state.won, state.chosen, shift)
        return mixed_with_guesses(jnp.where(state.chosen.sum() > 0, rule, 1 / n_arms), self.lapse_rate)

    def update(self, state: LastOutcome, choice: Int[Array, ""], reward: Float[Array, ""]) -> LastOutcome:
        """Remembers this outcome alone."""
        return LastOutcome(one_hot(choice, state.chosen.size), reward > 0)
