"""Q-learning: the value of the chosen arm moves towards its reward."""

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from cogrnn_lab.tasks.agents.agent import SCALED, Agent, one_hot
from cogrnn_lab.tasks.parameters import Parameter, fraction, steepness


class QLearning(Agent):
    """Agent that learns one value per arm by the delta rule.

    Q[choice] moves towards the reward by the fraction `learning_rate` of the difference; all values start at
    0.5. Choice probabilities are the softmax of `inverse_temperature` × Q. Forgetting and a separate rate for
    losses are absent (None) by default and can be combined.

    Arguments:
        learning_rate: Fraction of the prediction error, 0 to 1; with `loss_rate` that of errors of 0 and
            above.
        inverse_temperature: Log odds for a difference of 1 in value.
        forget_rate: Fraction that the values of the arms that were not chosen lose on each trial, 0 to 1;
            equal to `learning_rate` in forgetting Q-learning.
        loss_rate: Learning rate of negative prediction errors, 0 to 1.

    Source:
        Rescorla and Wagner 1972; Watkins 1989. Differential forgetting: Ito and Doya, J Neurosci 2009. Two
        rates: Niv et al., J Neurosci 2012.

    Example:
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> agent = cl.QLearning(learning_rate=0.5, forget_rate=0.2)
        >>> state = agent.update(agent.initial_state(2), jnp.asarray(1), jnp.asarray(1.0))
        >>> [round(float(value), 2) for value in state]
        [0.4, 0.75]
    """

    learning_rate: Parameter = fraction(0.3, "It is a fraction of the error")
    inverse_temperature: Parameter = steepness(3.0)
    forget_rate: Parameter | None = fraction(None, "It is the fraction forgotten on each trial")
    loss_rate: Parameter | None = fraction(None, "It is a fraction of the error")

    @property
    def reward_units(self) -> str:
        """Values begin in the middle between 0, nothing, and 1, a full reward."""
        return SCALED

    def initial_state(self, n_arms: int) -> Float[Array, " arm"]:
        """Values of the arms: 0.5."""
        return jnp.full(n_arms, 0.5)

    def logits(self, state: Float[Array, " arm"]) -> Float[Array, " arm"]:
        """Values times inverse temperature."""
        return self.inverse_temperature * state

    def update(
        self, state: Float[Array, " arm"], choice: Int[Array, ""], reward: Float[Array, ""]
    ) -> Float[Array, " arm"]:
        """The chosen value moves towards the reward, the others are forgotten."""
        chosen = one_hot(choice, state.size)
        error = reward - state
        rate = self.learning_rate
        if self.loss_rate is not None:
            rate = jnp.where(error < 0, self.loss_rate, rate)
        learned = state + rate * chosen * error
        return learned if self.forget_rate is None else learned - self.forget_rate * (1 - chosen) * state

    def expected_reward(self, state: Float[Array, " arm"], choice: Int[Array, ""]) -> Float[Array, ""]:
        """The value of the chosen arm."""
        return jnp.sum(one_hot(choice, state.size) * state)
