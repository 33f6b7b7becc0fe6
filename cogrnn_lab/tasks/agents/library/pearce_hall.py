"""Learning rates that follow surprise: Pearce-Hall associability."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from cogrnn_lab.tasks.agents.agent import SCALED, Agent, one_hot
from cogrnn_lab.tasks.parameters import Parameter, fraction, steepness


class Associability(NamedTuple):
    """Value of each arm, and how surprising its outcomes were lately."""

    values: Float[Array, " arm"]
    surprise: Float[Array, " arm"]


class PearceHall(Agent):
    """Hybrid of Rescorla-Wagner and Pearce-Hall learning: the learning rate follows surprise.

    With d = reward - Q[choice]: Q[choice] moves by `learning_rate` × surprise[choice] × d, and then the
    surprise moves towards |d| by the fraction `surprise_rate`. Values start at 0.5 and surprise at 1. Choice
    probabilities are the softmax of `inverse_temperature` × Q.

    Arguments:
        learning_rate: Fraction of the prediction error at full surprise, 0 to 1.
        surprise_rate: Fraction of the difference by which surprise moves, 0 to 1.
        inverse_temperature: Log odds for a difference of 1 in value.
        forget_rate: Fraction that the values of other arms lose on each trial, 0 to 1; None: no forgetting.

    Source:
        Li, Schiller, Schoenbaum, Phelps and Daw, Nat Neurosci 2011.

    Example:
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> agent = cl.PearceHall(learning_rate=0.4, surprise_rate=0.5)
        >>> state = agent.update(agent.initial_state(2), jnp.asarray(0), jnp.asarray(1.0))
        >>> round(float(state.values[0]), 2), round(float(state.surprise[0]), 2)
        (0.7, 0.75)
    """

    learning_rate: Parameter = fraction(0.5, "It is a fraction of the error")
    surprise_rate: Parameter = fraction(0.3, "It is a fraction of the difference in surprise")
    inverse_temperature: Parameter = steepness(3.0)
    forget_rate: Parameter | None = fraction(None, "It is the fraction forgotten on each trial")

    @property
    def reward_units(self) -> str:
        """Values begin in the middle between 0, nothing, and 1, a full reward."""
        return SCALED

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
