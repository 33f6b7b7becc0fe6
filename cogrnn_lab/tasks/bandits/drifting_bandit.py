"""A bandit whose reward probabilities drift."""

import math
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from cogrnn_lab.counts import checked_count
from cogrnn_lab.random_numbers import normals_of, uniforms
from cogrnn_lab.tasks.bandits.environment import Environment, uniforms_of
from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter


class BanditNoise(NamedTuple):
    """Random numbers of one trial: for the reward, and for the drift of the probabilities."""

    uniform: Float[Array, "*trial"]
    normal: Float[Array, "*trial arm"]


class DriftingBandit(Environment):
    """Bandit whose rewards are 1 or 0 with probabilities that perform a bounded random walk.

    Each probability starts uniformly between 0 and 1; after every trial a Gaussian step is added and the
    result clipped to [0, 1]. Columns: "p_reward_1", ..., the reward probability of each arm.

    Arguments:
        drift: Standard deviation of the steps, 0 or more.
        n_arms: Number of arms, 2 or more.
        p_instructed: Probability that a trial prescribes an arm, each with the same chance.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(n_arms=3), n_sessions=2, n_trials=30)
        >>> data.n_classes
        3
    """

    drift: Parameter = parameter(0.1)
    n_arms: int = eqx.field(static=True, default=2)
    p_instructed: Parameter = parameter(0.0)

    def __check_init__(self):
        check_range(self.drift, "drift", 0.0, math.inf, "It is the standard deviation of the steps")
        check_range(self.p_instructed, "p_instructed", 0.0, 1.0)
        checked_count(self.n_arms, "n_arms", least=2)

    def reset(self, key: Key[Array, ""]) -> Float[Array, " arm"]:
        """Reward probabilities, uniform between 0 and 1."""
        return uniforms(key, (self.n_arms,))

    def draw(self, key: Key[Array, ""], n_trials: int) -> tuple[Float[Array, " trial"], BanditNoise]:
        """The chance of a whole session."""
        # from one draw, because every draw is code that has to be compiled
        uniform = uniforms(key, (n_trials, 2 + self.n_arms))
        return uniform[:, 0], BanditNoise(uniform[:, 1], normals_of(uniform[:, 2:]))

    def instruct(self, state: Float[Array, " arm"], key: Key[Array, ""] | Float[Array, ""]) -> Int[Array, ""]:
        """An arm at random with probability `p_instructed`, otherwise -1."""
        uniform = uniforms_of(key, ())
        # given that it is below p_instructed, the number is uniform between 0 and that
        arm = jnp.floor(self.n_arms * uniform / jnp.maximum(self.p_instructed, 1e-9)).astype(jnp.int32)
        return jnp.where(uniform < self.p_instructed, jnp.minimum(arm, self.n_arms - 1), -1)

    def step(
        self, state: Float[Array, " arm"], choice: Int[Array, ""], key: Key[Array, ""] | BanditNoise
    ) -> tuple[Float[Array, ""], Float[Array, " arm"]]:
        """Reward 1 with the chosen arm's probability; then all probabilities drift."""
        if isinstance(key, BanditNoise):
            noise = key
        else:
            noise = jax.tree.map(lambda leaf: leaf[0], self.draw(key, 1)[1])
        chosen = jnp.arange(self.n_arms) == choice
        reward = (noise.uniform < jnp.sum(jnp.where(chosen, state, 0.0))).astype(jnp.float32)
        return reward, jnp.clip(state + self.drift * noise.normal, 0.0, 1.0)

    def describe(self, state: Float[Array, " arm"]) -> dict[str, Float[Array, ""]]:
        """Reward probability of each arm on this trial: p_reward_1, p_reward_2, ..."""
        return {f"p_reward_{i + 1}": state[i] for i in range(self.n_arms)}
