"""Learning rates that follow surprise: Pearce-Hall associability."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from cogrnn_lab.tasks.agents.agent import Agent, one_hot
from cogrnn_lab.tasks.parameters import Parameter, fraction, steepness


class Associability(NamedTuple):
    """Value of each arm, and how surprising its outcomes were lately."""

    values: Float[Array, " arm"]
    surprise: Float[Array, " arm"]


class PearceHall(Agent):
    """The hybrid of Rescorla-Wagner and Pearce-Hall (Li, Schiller, Schoenbaum, Phelps and Daw, 2011).

    With d = reward - Q[choice]: Q[choice] moves by `learning_rate` × surprise[choice] × d, and then the
    surprise moves towards |d| by the fraction `surprise_rate`. Values start at 0.5 and surprise at 1. The
    values of other arms lose the fraction `forget_rate` on each trial (None: nothing). Choice probabilities
    are the softmax of `inverse_temperature` × Q.
    """

    learning_rate: Parameter = fraction(0.5, "It is a fraction of the error")
    surprise_rate: Parameter = fraction(0.3, "It is a fraction of the difference in surprise")
    inverse_temperature: Parameter = steepness(3.0)
    forget_rate: Parameter | None = fraction(None, "It is the fraction forgotten on each trial")

    def initial_state(self, n_arms: int) -> Associability:
        """Values of 0.5, and full surprise."""
        return Associability(jnp.full(n_arms, 0.5), jnp.ones(n_arms))

    def logits(self, state: Associability) -> Float[Array, " arm"]:
        """Values times inverse temperature."""
        return self.inverse_temperature * state.values

    def update(self, state: Associability, choice: Int[Array, ""], reward: Float[Array, ""]) -> Associability:
        """The chosen value moves by its surprise, and the surprise towards the size of the error."""
        chosen = one_hot(choice, state.values.size)
        error = reward - state.values
        values = state.values + self.learning_rate * state.surprise * chosen * error
        if self.forget_rate is not None:
            values = values - self.forget_rate * (1 - chosen) * state.values
        surprise = state.surprise + self.surprise_rate * chosen * (jnp.abs(error) - state.surprise)
        return Associability(values, surprise)

    def expected_reward(self, state: Associability, choice: Int[Array, ""]) -> Float[Array, ""]:
        """The value of the chosen arm."""
        return jnp.sum(one_hot(choice, state.values.size) * state.values)
