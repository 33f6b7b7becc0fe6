"""Q-learning: the value of the chosen arm moves towards its reward."""

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from cogrnn_lab.tasks.agents.agent import Agent, one_hot
from cogrnn_lab.tasks.parameters import Parameter, fraction, steepness


class QLearning(Agent):
    """Learns one value per arm by the delta rule (Rescorla and Wagner 1972; Watkins 1989).

    Q[choice] moves towards the reward by the fraction `learning_rate` (0 to 1) of the difference; other
    values stay. All values start at 0.5. Choice probabilities are the softmax of `inverse_temperature` × Q.

    Two parts are absent (None) unless they are given, and can be combined:

    - `forget_rate`: the values of the arms that were not chosen lose this fraction on each trial (Ito and
        Doya, J Neurosci 2009: differential forgetting; with `forget_rate` equal to `learning_rate` their
        forgetting Q-learning).
    - `loss_rate`: the learning rate of negative prediction errors; `learning_rate` is then that of the
        others (Niv et al., J Neurosci 2012).
    """

    learning_rate: Parameter = fraction(0.3, "It is a fraction of the error")
    inverse_temperature: Parameter = steepness(3.0)
    forget_rate: Parameter | None = fraction(None, "It is the fraction forgotten on each trial")
    loss_rate: Parameter | None = fraction(None, "It is a fraction of the error")

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
