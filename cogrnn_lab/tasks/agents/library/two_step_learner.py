"""Model-based and model-free learning in the two-step task."""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from cogrnn_lab.tasks.agents.agent import SCALED, Agent, Outcome, one_hot
from cogrnn_lab.tasks.parameters import Parameter, check_range, fraction, steepness


class TwoStepValues(NamedTuple):
    """Model-free values of first and second choices, and how much oftener first choice k led to state k."""

    first: Float[Array, "choice"]
    second: Float[Array, "state choice"]
    straight: Float[Array, ""]


class TwoStepLearner(Agent):
    """Hybrid of model-based and model-free learning, which predicts the first choice of a two-step trial.

    After a first choice c, the second state s, the second choice a, and a reward: with d2 = reward - Q2[s, a]
    and d1 = Q2[s, a] - Q1[c], Q1[c] moves by `learning_rate` × (d1 + `eligibility` × d2) and Q2[s, a] by
    `learning_rate` × d2. The model-based value of a first choice is the sum over states of P(s | choice) ×
    max Q2[s]; P is `p_common` for the state to which it has led more often so far, as the two choices mirror
    each other, and even before anything is known. The log odds are `model_based` × the model-based values +
    `model_free` × Q1. Values start at 0.5. Second choices are learned from, not predicted.

    Arguments:
        learning_rate: Fraction of the prediction errors, 0 to 1, at both stages.
        eligibility: Share of the second error that the first choice learns from, 0 to 1; None: none.
        model_based: Log odds for a difference of 1 in model-based value; None: no model-based part.
        model_free: Log odds for a difference of 1 in model-free value; None: no model-free part.
        p_common: Probability of a common transition as the agent knows it; not fitted.

    Raises:
        ValueError: A number is not allowed, or both parts are absent.

    Source:
        Daw, Gershman, Seymour, Dayan and Dolan, Neuron 2011, in the form of Otto et al., PNAS 2013, with a
        weight for each part; `Perseveration(agent, None)` adds stickiness to the last first choice.

    Example:
        >>> import cogrnn_lab as cl
        >>> agent = cl.TwoStepLearner(eligibility=None, model_based=4.0, model_free=None)
        >>> data = cl.simulate_two_step(agent, n_sessions=2, n_trials=30)
        >>> [parameter.name for parameter in cl.agent_parameters(agent)]
        ['learning_rate', 'model_based']
    """

    learning_rate: Parameter = fraction(0.4, "It is a fraction of the error")
    eligibility: Parameter | None = fraction(0.6, "It is the share of the second error")
    model_based: Parameter | None = steepness(3.0)
    model_free: Parameter | None = steepness(3.0)
    p_common: float = eqx.field(static=True, default=0.7)

    def __check_init__(self):
        check_range(float(self.p_common), "p_common", 0.5, 1.0, "It is the probability of common transitions")
        if self.model_based is None and self.model_free is None:
            raise ValueError("model_based and model_free are both None; expected at least one of them.")

    @property
    def reward_units(self) -> str:
        """Values begin in the middle between 0, nothing, and 1, a full reward."""
        return SCALED

    @property
    def learns_from(self) -> tuple[str, ...]:
        """The reward, and what led to it."""
        return ("reward", "second_state", "second_choice")

    def initial_state(self, n_arms: int) -> TwoStepValues:
        """Make the values before the first trial: 0.5.

        Arguments:
            n_arms: Number of first choices, which has to be 2.

        Raises:
            ValueError: There are more.
        """
        if n_arms != 2:
            raise ValueError(f"TwoStepLearner is for 2 first choices; got {n_arms}.")
        return TwoStepValues(jnp.full(2, 0.5), jnp.full((2, 2), 0.5), jnp.zeros(()))

    def logits(self, state: TwoStepValues) -> Float[Array, "choice"]:
        """Weighted sum of model-based and model-free values."""
        total = jnp.zeros(2)
        if self.model_based is not None:
            best = state.second.max(1)
            straight = 0.5 + (self.p_common - 0.5) * jnp.sign(state.straight)
            total = total + self.model_based * (straight * best + (1 - straight) * best[::-1])
        return total if self.model_free is None else total + self.model_free * state.first

    def second_values(self, state: TwoStepValues, second_state: Int[Array, ""]) -> Float[Array, "choice"]:
        """Values of the second choices in a state."""
        return state.second[second_state]

    def update(self, state: TwoStepValues, choice: Int[Array, ""], reward: Outcome) -> TwoStepValues:
        """Values of both stages move towards what followed; the transition is counted."""
        chosen, reached = one_hot(choice, 2), one_hot(reward.second_state, 2)
        acted = reached[:, None] * one_hot(reward.second_choice, 2)[None]  # zeros where none was made
        is_complete = acted.sum()
        second = (acted * state.second).sum()
        second_error = is_complete * (reward.reward - second)
        first_error = chosen * is_complete * (second - state.first)
        if self.eligibility is not None:
            first_error = first_error + self.eligibility * chosen * second_error
        first = state.first + self.learning_rate * first_error
        straight = state.straight + (chosen * (2 * reached - reached.sum())).sum()
        return TwoStepValues(first, state.second + self.learning_rate * acted * second_error, straight)
