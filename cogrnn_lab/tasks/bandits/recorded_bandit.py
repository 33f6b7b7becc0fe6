"""A bandit with the reward probabilities that were recorded, session by session."""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Float32, Int, Int32, Key

from cogrnn_lab.random_numbers import uniforms
from cogrnn_lab.tasks.bandits.environment import Environment, uniforms_of
from cogrnn_lab.tasks.bandits.reward_baits import left_over, offered, taken


class RecordedState(NamedTuple):
    """Position in the recording, and the arms with a reward on offer on this trial."""

    session: Int[Array, ""]
    trial: Int[Array, ""]
    offered: Bool[Array, " arm"]


class RecordedBandit(Environment):
    """Bandit with given reward probabilities on every trial, whose rewards may wait (baited), of two amounts.

    Arguments:
        p_reward: Probability that a reward is drawn, (session, trial, arm).
        instructed: The prescribed arm, (session, trial); -1 where the choice is free.
        amounts: What is paid without and with a reward, (2,).
        baited: Whether rewards wait until their arm is chosen.
    """

    p_reward: Float32[Array, "session trial arm"]
    instructed: Int32[Array, "session trial"]
    amounts: Float32[Array, " 2"]
    baited: bool = eqx.field(static=True)

    @property
    def n_arms(self) -> int:
        """Number of arms."""
        return self.p_reward.shape[2]

    def reset(self, key: Key[Array, ""]) -> RecordedState:
        """The first trial of the first session."""
        return self.start(jnp.zeros((), jnp.int32), key)

    def start(self, session: Int[Array, ""], key: Key[Array, ""]) -> RecordedState:
        """The first trial of a session."""
        nothing = jnp.zeros(self.n_arms, bool)
        first = offered(nothing, self.p_reward[session, 0], uniforms(key, (self.n_arms,)))
        return RecordedState(session, jnp.zeros((), jnp.int32), first)

    def draw(self, key: Key[Array, ""], n_trials: int) -> tuple[None, Float[Array, "trial arm"]]:
        """The chance of the arms' rewards, for the next trial."""
        return None, uniforms(key, (n_trials, self.n_arms))

    def instruct(self, state: RecordedState, key: None) -> Int[Array, ""]:
        """The prescribed arm, or -1."""
        return self.instructed[state.session, state.trial]

    def step(
        self, state: RecordedState, choice: Int[Array, ""], key: Key[Array, ""] | Float[Array, " arm"]
    ) -> tuple[Float[Array, ""], RecordedState]:
        """The reward on offer at the chosen arm; then the next trial."""
        kept = left_over(state.offered, choice, self.baited)
        trial = jnp.minimum(state.trial + 1, self.p_reward.shape[1] - 1)
        on_offer = offered(kept, self.p_reward[state.session, trial], uniforms_of(key, (self.n_arms,)))
        paid = taken(state.offered, choice)
        amount = self.amounts[0] + (self.amounts[1] - self.amounts[0]) * paid
        return amount, RecordedState(state.session, state.trial + 1, on_offer)

    def describe(self, state: RecordedState) -> dict[str, Array]:
        """Reward probability of each arm."""
        row = self.p_reward[state.session, jnp.minimum(state.trial, self.p_reward.shape[1] - 1)]
        return {f"p_reward_{arm + 1}": row[arm] for arm in range(self.n_arms)}
