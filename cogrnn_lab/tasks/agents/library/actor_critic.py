"""Leaky actor-critic: a policy that follows its gradient and decays."""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from cogrnn_lab.tasks.agents.agent import SCALED, Agent, one_hot
from cogrnn_lab.tasks.parameters import Parameter, fraction, parameter


class ActorCriticState(NamedTuple):
    """Preference for each arm, and the critic's expectation of the reward."""

    preferences: Float[Array, " arm"]
    value: Float[Array, ""]


class LeakyActorCritic(Agent):
    """Gradient bandit algorithm with forgetting.

    With d = reward - value and p the choice probabilities (softmax of the preferences), on every trial
    preferences = (1 - forget_rate) · preferences + actor_rate · d · (onehot(choice) - p); then the value
    moves towards the reward by the fraction `critic_rate`. Preferences start at 0.

    Arguments:
        critic_rate: Fraction of the prediction error by which the value moves, 0 to 1.
        actor_rate: Step of the preferences, 0 or more.
        forget_rate: Fraction of the preferences that is lost on each trial, 0 to 1.
        initial_value: The critic's value at the start of a session, in units of reward.

    Source:
        Sutton and Barto 2018, section 2.8.

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.simulate(cl.LeakyActorCritic(), cl.DriftingBandit(), n_sessions=2, n_trials=30).n_trials
        30
    """

    critic_rate: Parameter = fraction(0.3, "It is a fraction of the error")
    actor_rate: Parameter = parameter(1.0, allowed=(0.0, math.inf), typical=(0.2, 3.0))
    forget_rate: Parameter = parameter(
        0.05, allowed=(0.0, 1.0), typical=(0.01, 0.5), slip="It is the fraction forgotten on each trial"
    )
    initial_value: Parameter = parameter(0.5, allowed=(-math.inf, math.inf), typical=(0.0, 1.0))

    @property
    def reward_units(self) -> str:
        """The steps are those of rewards between 0, nothing, and 1, a full reward."""
        return SCALED

    def initial_state(self, n_arms: int) -> ActorCriticState:
        """No preference, and the initial value."""
        return ActorCriticState(jnp.zeros(n_arms), jnp.asarray(self.initial_value, jnp.float32))

    def logits(self, state: ActorCriticState) -> Float[Array, " arm"]:
        """The preferences."""
        return state.preferences

    def update(
        self, state: ActorCriticState, choice: Int[Array, ""], reward: Float[Array, ""]
    ) -> ActorCriticState:
        """Preferences follow the policy gradient and fade; the value moves towards the reward."""
        error = reward - state.value
        direction = one_hot(choice, state.preferences.size) - jax.nn.softmax(state.preferences)
        preferences = (1 - self.forget_rate) * state.preferences + self.actor_rate * error * direction
        return ActorCriticState(preferences, state.value + self.critic_rate * error)

    def expected_reward(self, state: ActorCriticState, choice: Int[Array, ""]) -> Float[Array, ""]:
        """The critic's expectation, which does not depend on the choice."""
        return state.value
