"""An agent with a single variable, which leans to the side that pays."""

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from cogrnn_lab.tasks.agents.agent import SCALED, Agent
from cogrnn_lab.tasks.parameters import Parameter, fraction, steepness


class RewardSeeking(Agent):
    """Agent of two alternatives with one variable v from -1 to 1, positive where alternative 1 pays more.

    With side = 2 choice - 1, the outcome 2 reward - 1 is expected to be side · v; v moves by `learning_rate`
    × side × the prediction error. The logits are ∓ `inverse_temperature` · v, and v starts at 0. The reward
    that it expects of a choice is (1 + side · v) / 2, which `RewardPredictionError` and `ChosenValue` record;
    the error in units of the outcome is `RewardPredictionError(gain=2.0)`.

    Arguments:
        learning_rate: Fraction of the prediction error by which v moves, 0 to 1.
        inverse_temperature: Half of the log odds at v = 1.

    Source:
        AgentRewardSeeking of the package disentangled_rnns.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(
        ...     cl.RewardSeeking(), cl.DriftingBandit(), n_sessions=2, n_trials=30,
        ...     signals=cl.RewardPredictionError(gain=2.0, name="dopamine"),
        ... )
        >>> data.target_names
        ('choice', 'dopamine')
    """

    learning_rate: Parameter = fraction(0.3, "It is a fraction of the error")
    inverse_temperature: Parameter = steepness(3.0)

    @property
    def reward_units(self) -> str:
        """The outcome 2 reward - 1 is from -1, nothing, to 1, a full reward."""
        return SCALED

    def initial_state(self, n_arms: int) -> Float[Array, ""]:
        """The variable at 0.

        Arguments:
            n_arms: Number of alternatives, which has to be 2.

        Raises:
            ValueError: There are more than two.
        """
        if n_arms != 2:
            raise ValueError(f"RewardSeeking leans to one of two sides; the task has {n_arms} alternatives.")
        return jnp.zeros(())

    def logits(self, state: Float[Array, ""]) -> Float[Array, " arm"]:
        """The variable times inverse temperature, for and against each side."""
        return self.inverse_temperature * jnp.stack([-state, state])

    def update(
        self, state: Float[Array, ""], choice: Int[Array, ""], reward: Float[Array, ""]
    ) -> Float[Array, ""]:
        """The variable moves towards the side where the outcome was better than expected."""
        side = _side(choice)
        return state + self.learning_rate * side * (2.0 * reward - 1.0 - side * state)

    def expected_reward(self, state: Float[Array, ""], choice: Int[Array, ""]) -> Float[Array, ""]:
        """The reward that the variable promises of this side."""
        return 0.5 * (1.0 + _side(choice) * state)


def _side(choice: Int[Array, ""]) -> Float[Array, ""]:
    return 2.0 * jnp.asarray(choice, jnp.float32) - 1.0
