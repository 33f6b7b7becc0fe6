"""Win-stay, lose-shift: the simplest strategy that learns from outcomes."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from cogrnn_lab.tasks.agents.agent import Agent, one_hot
from cogrnn_lab.tasks.agents.library.lapse import mixed_with_guesses
from cogrnn_lab.tasks.parameters import Parameter, parameter


class LastOutcome(NamedTuple):
    """The last choice, one-hot and zeros where there is none, and whether it was rewarded."""

    chosen: Float[Array, " arm"]
    won: Bool[Array, ""]


class WinStayLoseShift(Agent):
    """Repeats a rewarded choice and leaves an unrewarded one, but for lapses.

    "Noisy win-stay, lose-shift" of Wilson and Collins (eLife 2019): on a fraction `lapse_rate` of the trials
    every arm has the same chance. Other arms share a shift evenly; a reward above 0 is a win; on the first
    trial of a session every arm has the same chance.
    """

    lapse_rate: Parameter = parameter(
        0.2, allowed=(0.0, 1.0), typical=(0.05, 0.9), slip="It is the fraction of trials without attention"
    )

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
