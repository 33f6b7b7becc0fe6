"""Foraging: stay at an arm until its value falls below a threshold."""

import math
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from cogrnn_lab.tasks.agents.agent import SCALED, Agent, one_hot
from cogrnn_lab.tasks.parameters import Parameter, fraction, parameter, steepness


class Patch(NamedTuple):
    """The arm that is exploited, one-hot and zeros where there is none yet, and its estimated value."""

    current: Float[Array, " arm"]
    value: Float[Array, ""]


class ThresholdForaging(Agent):
    """Compare-to-threshold foraging, in which only the value of the current arm is estimated.

    The arm is kept with probability sigmoid(`inverse_temperature` × (value - `threshold`)); otherwise the
    others share the choice evenly. The value moves towards each reward by the fraction `learning_rate`; at a
    new arm it starts at the threshold. On the first trial of a session all arms are equally likely.

    Arguments:
        learning_rate: Fraction of the prediction error, 0 to 1.
        threshold: Value below which the arm is rather left, in units of reward.
        inverse_temperature: Log odds of staying for a value of 1 above the threshold.

    Source:
        The marginal value theorem (Charnov 1976) in the soft, learned form of bandit tasks: Constantino and
        Daw 2015; Zid et al. 2024.

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.simulate(cl.ThresholdForaging(), cl.DriftingBandit(), n_sessions=2, n_trials=30).n_classes
        2
    """

    learning_rate: Parameter = fraction(0.3, "It is a fraction of the error")
    threshold: Parameter = parameter(0.3, allowed=(-math.inf, math.inf), typical=(0.0, 0.8))
    inverse_temperature: Parameter = steepness(5.0, most=20.0)

    @property
    def reward_units(self) -> str:
        """The threshold lies between 0, nothing, and 1, a full reward."""
        return SCALED

    def initial_state(self, n_arms: int) -> Patch:
        """At no arm; its value would be the threshold."""
        return Patch(jnp.zeros(n_arms), jnp.asarray(self.threshold, jnp.float32))

    def logits(self, state: Patch) -> Float[Array, " arm"]:
        """Log odds of staying for the current arm, 0 for the others, which share the odds of leaving."""
        n_arms = state.current.size
        stay = self.inverse_temperature * (state.value - self.threshold) + math.log(n_arms - 1)
        return stay * state.current

    def update(self, state: Patch, choice: Int[Array, ""], reward: Float[Array, ""]) -> Patch:
        """The value of the arm that was chosen moves towards the reward, from the threshold if it is new."""
        chosen = one_hot(choice, state.current.size)
        stayed = (chosen * state.current).sum() > 0
        value = jnp.where(stayed, state.value, self.threshold)
        return Patch(chosen, value + self.learning_rate * (reward - value))

    def expected_reward(self, state: Patch, choice: Int[Array, ""]) -> Float[Array, ""]:
        """The value of the current arm, and the threshold of any other."""
        stays = (one_hot(choice, state.current.size) * state.current).sum() > 0
        return jnp.where(stays, state.value, self.threshold)
