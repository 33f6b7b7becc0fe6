"""Learning rates that follow uncertainty: the meta-learning model of mice in dynamic foraging."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from cogrnn_lab.tasks.agents.agent import SCALED, Agent, one_hot
from cogrnn_lab.tasks.parameters import Parameter, fraction, steepness


class Uncertainty(NamedTuple):
    """Value of each arm, expected uncertainty, and the present learning rate of losses."""

    values: Float[Array, " arm"]
    expected: Float[Array, ""]
    loss_rate: Float[Array, ""]


class MetaLearning(Agent):
    """Q-learning whose learning rates follow uncertainty.

    With d = reward - Q[choice], expected uncertainty e and unexpected uncertainty u = |d| - e: after a loss
    (d < 0) the learning rate of losses a becomes (1 - `meta_rate`) · a + `meta_rate` · (u + `loss_rate`),
    kept between 0 and 1; Q[choice] moves by a · (1 - e) · d, or after a gain by `gain_rate` · (1 - e) · d;
    then e moves to e + `uncertainty_rate` · u. Values and e start at 0, a at `loss_rate`. Choice
    probabilities are the softmax of `inverse_temperature` × Q.

    The paper leaves two points open. Here, the loss of a trial is learned at the rate set on that very trial,
    and the rate cannot exceed 1, above which values would diverge.

    Arguments:
        gain_rate: Learning rate of gains, 0 to 1.
        loss_rate: Learning rate of losses at the start, 0 to 1.
        meta_rate: Fraction of the difference by which the rate of losses moves, 0 to 1.
        uncertainty_rate: Fraction of the unexpected uncertainty by which e moves, 0 to 1.
        forget_rate: Fraction that the values of other arms lose on each trial, 0 to 1.
        inverse_temperature: Log odds for a difference of 1 in value.

    Source:
        Grossman, Bari and Cohen, Curr Biol 2022.

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.simulate(cl.MetaLearning(), cl.UncoupledBandit(), n_sessions=2, n_trials=30).n_sessions
        2
    """

    gain_rate: Parameter = fraction(0.5, "It is a fraction of the error")
    loss_rate: Parameter = fraction(0.3, "It is a fraction of the error")
    meta_rate: Parameter = fraction(0.3, "It is a fraction of the difference between learning rates")
    uncertainty_rate: Parameter = fraction(0.1, "It is a fraction of the unexpected uncertainty")
    forget_rate: Parameter = fraction(0.1, "It is the fraction forgotten on each trial")
    inverse_temperature: Parameter = steepness(3.0)

    @property
    def reward_units(self) -> str:
        """Uncertainty is a share of the range from 0, nothing, to 1, a full reward."""
        return SCALED

    def initial_state(self, n_arms: int) -> Uncertainty:
        """Values and expected uncertainty of 0."""
        return Uncertainty(jnp.zeros(n_arms), jnp.zeros(()), jnp.asarray(self.loss_rate, jnp.float32))

    def logits(self, state: Uncertainty) -> Float[Array, " arm"]:
        """Values times inverse temperature."""
        return self.inverse_temperature * state.values

    def update(self, state: Uncertainty, choice: Int[Array, ""], reward: Float[Array, ""]) -> Uncertainty:
        """Uncertainty sets the rate, by which the chosen value moves; the others are forgotten."""
        chosen = one_hot(choice, state.values.size)
        error = reward - (chosen * state.values).sum()
        unexpected = jnp.abs(error) - state.expected
        adapted = state.loss_rate + self.meta_rate * (unexpected + self.loss_rate - state.loss_rate)
        loss_rate = jnp.where(error < 0, jnp.clip(adapted, 0.0, 1.0), state.loss_rate)
        rate = jnp.where(error < 0, loss_rate, self.gain_rate) * (1 - state.expected)
        values = state.values + rate * error * chosen - self.forget_rate * (1 - chosen) * state.values
        return Uncertainty(values, state.expected + self.uncertainty_rate * unexpected, loss_rate)

    def expected_reward(self, state: Uncertainty, choice: Int[Array, ""]) -> Float[Array, ""]:
        """The value of the chosen arm."""
        return jnp.sum(one_hot(choice, state.values.size) * state.values)
