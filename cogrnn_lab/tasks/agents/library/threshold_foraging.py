"""Foraging: stay where it pays, leave when it pays less than a threshold."""

import math
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from cogrnn_lab.tasks.agents.agent import Agent, one_hot
from cogrnn_lab.tasks.parameters import Parameter, fraction, parameter, steepness


class Patch(NamedTuple):
    """The arm that is exploited, one-hot and zeros where there is none yet, and its estimated value."""

    current: Float[Array, " arm"]
    value: Float[Array, ""]


class ThresholdForaging(Agent):
    """Compare-to-threshold foraging: only the value of the current arm is estimated.

    After the marginal value theorem (Charnov 1976) in the soft, learned form of bandit tasks (Constantino and
    Daw 2015; Zid et al. 2024): the arm is kept with probability sigmoid(`inverse_temperature` × (value -
    `threshold`)), otherwise the others share the choice evenly. The value moves towards each reward by
    the fraction `learning_rate`; at a new arm it begins at the threshold. On the first trial of a session
    every arm has the same chance.
    """

    learning_rate: Parameter = fraction(0.3, "It is a fraction of the error")
    threshold: Parameter = parameter(0.3, allowed=(-math.inf, math.inf), typical=(0.0, 0.8))
    inverse_temperature: Parameter = steepness(5.0, most=20.0)

    def initial_state(self, n_arms: int) -> Patch:
        """At no arm; its value would be the threshold."""
        return Patch(jnp.zeros(n_arms), jnp.asarray(self.threshold, jnp.float32))

    def logits(self, state: Patch) -> Float[Array, " arm"]:
        """Of the current arm the log odds of staying; the others share the odds of leaving."""
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
