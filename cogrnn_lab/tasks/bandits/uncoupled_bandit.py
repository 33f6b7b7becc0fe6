"""A bandit each of whose arms has blocks of its own."""

from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

from cogrnn_lab.argument_kinds import Numbers
from cogrnn_lab.counts import checked_count
from cogrnn_lab.random_numbers import uniforms
from cogrnn_lab.tasks.bandits.block_length import BlockLength, lengths_of_blocks
from cogrnn_lab.tasks.bandits.environment import Environment, uniforms_of
from cogrnn_lab.tasks.bandits.reward_baits import checked_probabilities, described, left_over, offered, taken


class UncoupledState(NamedTuple):
    """For each arm which probability holds, for how many more trials, and whether it has a reward."""

    level: Int[Array, " arm"]
    trials_left: Int[Array, " arm"]
    offered: Bool[Array, " arm"]


class UncoupledBandit(Environment):
    """Bandit whose arms change their reward probability independently, each among the same levels.

    Columns as those of `BlockBandit`.

    Arguments:
        levels: Probabilities that an arm can have, (level,). A new one differs from the one before; the
            others are equally likely.
        block_length, hazard: As in `BlockBandit`, for the blocks of each arm. The first block of every arm
            but the first is cut at a random place, so that arms do not change together.
        baited: Whether a reward waits until its arm is chosen, as in `BlockBandit`.
        never_all_lowest: Whether at least one arm is always above the lowest level; where this leaves no
            other level, an arm keeps its own.
        n_arms: Number of arms, 2 or more.

    Raises:
        ValueError: Where levels are not between 0 and 1, or lengths are impossible.

    Source:
        Grossman, Bari and Cohen, Current Biology 2022; the defaults are theirs.

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.simulate(cl.QLearning(), cl.UncoupledBandit(), n_sessions=2, n_trials=30).n_classes
        2
    """

    levels: Float[Array, " level"]
    length: BlockLength
    baited: bool = eqx.field(static=True)
    never_all_lowest: bool = eqx.field(static=True)
    n_arms: int = eqx.field(static=True)

    def __init__(
        self,
        levels: Numbers = (0.1, 0.5, 0.9),
        *,
        block_length: Numbers = None,
        hazard: Numbers = None,
        baited: bool = False,
        never_all_lowest: bool = True,
        n_arms: int = 2,
    ):
        self.levels = _checked_levels(levels)
        self.length = lengths_of_blocks(block_length, hazard)
        self.baited, self.never_all_lowest = bool(baited), bool(never_all_lowest)
        self.n_arms = checked_count(n_arms, "n_arms", least=2)

    def reset(self, key: Key[Array, ""]) -> UncoupledState:
        """A random level for each arm."""
        chance = uniforms(key, (4, self.n_arms))
        level = jnp.full(self.n_arms, -1)
        for arm in range(self.n_arms):
            level = level.at[arm].set(self._new_level(level, arm, chance[0, arm]))
        length = self.length.drawn(chance[1])
        cut = jnp.ceil(chance[2] * length).astype(jnp.int32)
        trials_left = jnp.where(jnp.arange(self.n_arms) == 0, length, jnp.maximum(cut, 1))
        on_offer = offered(jnp.zeros(self.n_arms, bool), self.levels[level], chance[3])
        return UncoupledState(level, trials_left, on_offer)

    def draw(self, key: Key[Array, ""], n_trials: int) -> tuple[None, Float[Array, "trial use arm"]]:
        """The chance of a whole session: levels, lengths and rewards of the arms, for the next trial."""
        return None, uniforms(key, (n_trials, 3, self.n_arms))

    def step(
        self, state: UncoupledState, choice: Int[Array, ""], key: Key[Array, ""] | Float[Array, "use arm"]
    ) -> tuple[Float[Array, ""], UncoupledState]:
        """The reward on offer at the chosen arm; then the next trial, maybe with new levels."""
        chance = uniforms_of(key, (3, self.n_arms))
        ended = state.trials_left <= 1
        level = state.level
        for arm in range(self.n_arms):
            new = self._new_level(level, arm, chance[0, arm])
            level = jnp.where(ended & (jnp.arange(self.n_arms) == arm), new, level)
        trials_left = jnp.where(ended, self.length.drawn(chance[1]), state.trials_left - 1)
        kept = left_over(state.offered, choice, self.baited)
        on_offer = offered(kept, self.levels[level], chance[2])
        return taken(state.offered, choice), UncoupledState(level, trials_left, on_offer)

    def describe(self, state: UncoupledState) -> dict[str, Array]:
        """Reward probability of each arm, and in a baited task whether it has a reward on this trial."""
        return described(self.levels[state.level], state.offered, self.baited)

    def _new_level(self, level: Int[Array, " arm"], arm: int, uniform: Float[Array, ""]) -> Int[Array, ""]:
        """Another level for `arm`, given those of the others; -1 is an arm that has none yet."""
        choices = jnp.arange(self.levels.size)
        allowed = choices != level[arm]
        if self.never_all_lowest:
            others_lowest = jnp.all((level == 0) | (jnp.arange(self.n_arms) == arm))
            allowed = allowed & ((choices != 0) | ~others_lowest)
        rank = jnp.cumsum(allowed)
        nth = jnp.floor(uniform * rank[-1]).astype(rank.dtype) + 1
        found = jnp.argmax(allowed & (rank == nth))
        return jnp.where(rank[-1] > 0, found, level[arm]).astype(level.dtype)


def _checked_levels(levels: Any) -> Float[Array, " level"]:
    levels = np.sort(np.atleast_1d(np.asarray(levels, np.float32)))
    if levels.ndim != 1 or levels.size < 2 or len(np.unique(levels)) < levels.size:
        raise ValueError(f"levels = {levels}; expected two or more different probabilities.")
    checked_probabilities(jnp.asarray(levels), "levels")
    return jnp.asarray(levels)
