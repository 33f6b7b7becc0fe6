"""Counterfactual learning: also from what the alternative that was not chosen would have paid."""

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from cogrnn_lab.tasks.agents.agent import SCALED, Agent, Outcome, one_hot
from cogrnn_lab.tasks.parameters import Parameter, fraction, steepness


class CounterfactualQLearning(Agent):
    """Q-learning of two arms from both outcomes, that of the choice and the one that was foregone.

    On every trial Q[chosen] moves towards the reward by the fraction `learning_rate`, and Q[unchosen] towards
    the foregone outcome by `counterfactual_rate`. Values start at 0.5; choice probabilities are the softmax
    of `inverse_temperature` × Q.

    Arguments:
        learning_rate: Fraction of the prediction error of the chosen arm, 0 to 1.
        counterfactual_rate: Fraction of the prediction error of the arm that was not chosen, 0 to 1.
        inverse_temperature: Log odds for a difference of 1 in value.

    Source:
        Palminteri, Khamassi, Joffily and Coricelli, Nat Commun 2015 (model with factual and counterfactual
        learning rates); Li and Daw, J Neurosci 2011.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(
        ...     cl.CounterfactualQLearning(), cl.BlockBandit(), n_sessions=2, n_trials=30
        ... )
        >>> data.input_names
        ('previous choice', 'previous reward', 'previous foregone outcome')
    """

    learning_rate: Parameter = fraction(0.3, "It is a fraction of the error")
    counterfactual_rate: Parameter = fraction(0.3, "It is a fraction of the error")
    inverse_temperature: Parameter = steepness(3.0)

    @property
    def reward_units(self) -> str:
        """Values begin in the middle between 0, nothing, and 1, a full reward."""
        return SCALED

    @property
    def learns_from(self) -> tuple[str, ...]:
        """The reward and the foregone outcome."""
        return ("reward", "foregone")

    def initial_state(self, n_arms: int) -> Float[Array, " arm"]:
        """Make the values before the first trial: 0.5.

        Arguments:
            n_arms: Number of alternatives, which has to be 2.

        Raises:
            ValueError: There are more, so that one foregone outcome does not say whose it is.
        """
        if n_arms != 2:
            raise ValueError(
                f"CounterfactualQLearning is for 2 alternatives, of which one is not chosen; got {n_arms}."
            )
        return jnp.full(2, 0.5)

    def logits(self, state: Float[Array, " arm"]) -> Float[Array, " arm"]:
        """Values times inverse temperature."""
        return self.inverse_temperature * state

    def update(
        self, state: Float[Array, " arm"], choice: Int[Array, ""], reward: Outcome
    ) -> Float[Array, " arm"]:
        """Both values move towards their outcomes."""
        chosen = one_hot(choice, 2)
        learned = self.learning_rate * chosen * (reward.reward - state)
        imagined = self.counterfactual_rate * (1 - chosen) * (reward.foregone - state)
        return state + learned + imagined

    def expected_reward(self, state: Float[Array, " arm"], choice: Int[Array, ""]) -> Float[Array, ""]:
        """The value of the chosen arm."""
        return jnp.sum(one_hot(choice, 2) * state)
