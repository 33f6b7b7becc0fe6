"""Q-learning: the value of the chosen arm moves towards its reward."""

import math

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from cogrnn_lab.tasks.agent import Agent, one_hot
from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter


class QLearning(Agent):
    """Learns one value per arm by the delta rule (Rescorla and Wagner 1972; Watkins 1989).

    Q[choice] moves towards the reward by the fraction `learning_rate` (0 to 1) of the difference; other
    values stay. All values start at 0.5. Choice probabilities are the softmax of `inverse_temperature` × Q.
    """

    learning_rate: Parameter = parameter(0.3)
    inverse_temperature: Parameter = parameter(3.0)

    def __check_init__(self):
        check_range(self.learning_rate, "learning_rate", 0.0, 1.0, "It is a fraction of the error")
        check_range(self.inverse_temperature, "inverse_temperature", -math.inf, math.inf)

    def initial_state(self, n_arms: int) -> Float[Array, " arm"]:
        """Values of the arms: 0.5."""
        return jnp.full(n_arms, 0.5)

    def logits(self, state: Float[Array, " arm"]) -> Float[Array, " arm"]:
        """Values times inverse temperature."""
        return self.inverse_temperature * state

    def update(
        self, state: Float[Array, " arm"], choice: Int[Array, ""], reward: Float[Array, ""]
    ) -> Float[Array, " arm"]:
        """The chosen value moves towards the reward."""
        return state + self.learning_rate * one_hot(choice, state.size) * (reward - state)

    def expected_reward(self, state: Float[Array, " arm"], choice: Int[Array, ""]) -> Float[Array, ""]:
        """The value of the chosen arm."""
        return jnp.sum(one_hot(choice, state.size) * state)
