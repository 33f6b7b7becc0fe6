"""A bandit whose reward probabilities change together, in blocks."""

from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

from cogrnn_lab.argument_kinds import Numbers
from cogrnn_lab.random_numbers import uniforms
from cogrnn_lab.tasks.bandits.block_length import BlockLength, lengths_of_blocks
from cogrnn_lab.tasks.bandits.environment import Environment, uniforms_of
from cogrnn_lab.tasks.bandits.reward_baits import checked_probabilities, described, left_over, offered, taken

ORDERS = ("random", "cyclic")


class BlockState(NamedTuple):
    """Present row of probabilities, trials left in the block, and the arms with a reward on offer."""

    row: Int[Array, ""]
    trials_left: Int[Array, ""]
    offered: Bool[Array, " arm"]


class BlockBandit(Environment):
    """Bandit whose rewards are 1 or 0 with probabilities that are constant within blocks of trials.

    A session starts with a random row of probabilities. In a baited task a reward that was drawn for an arm
    waits there until the arm is chosen; so an arm that was left for n trials pays with probability 1 - (1 -
    p)^(n+1).

    Columns: "p_reward_1", ..., the probability that a reward is drawn for the arm; if baited also "bait_1",
    ..., 1 where the arm has a reward on this trial.

    Arguments:
        p_reward: Rows of probabilities that blocks can have, (block, arm). The default is a reversal task.
        block_length: Trials of a block, or (shortest, longest), equally likely between. By default 20 to 35;
            with a `hazard` any number.
        hazard: Probability that a block ends after each trial from its shortest length on.
        order: "random", every other row equally likely, or "cyclic", the next row.
        baited: Whether rewards wait.

    Raises:
        ValueError: Where probabilities are not between 0 and 1, or lengths are impossible.

    Source:
        Baited tasks: Sugrue, Corrado and Newsome, Science 2004; Bari et al., Neuron 2019 (p_reward ((0.4,
        0.1), (0.1, 0.4)) and the like, blocks of 40 to 100 trials).

    Example:
        >>> import cogrnn_lab as cl
        >>> reversals = cl.BlockBandit(((0.9, 0.1), (0.1, 0.9)), block_length=(5, 10))
        >>> data = cl.simulate(cl.QLearning(), reversals, n_sessions=2, n_trials=30)
        >>> round(float(data.columns["p_reward_1"].max()), 2)
        0.9
    """

    p_reward: Float[Array, "block arm"]
    length: BlockLength
    order: str = eqx.field(static=True)
    baited: bool = eqx.field(static=True)
    n_arms: int = eqx.field(static=True)

    def __init__(
        self,
        p_reward: Numbers = ((0.8, 0.2), (0.2, 0.8)),
        *,
        block_length: Numbers = None,
        hazard: Numbers = None,
        order: str = "random",
        baited: bool = False,
    ):
        self.p_reward = _checked_rows(p_reward)
        self.length = lengths_of_blocks(block_length, hazard)
        if order not in ORDERS:
            raise ValueError(f'order = "{order}"; expected one of {", ".join(ORDERS)}.')
        self.order = order
        self.baited = bool(baited)
        self.n_arms = self.p_reward.shape[1]

    def reset(self, key: Key[Array, ""]) -> BlockState:
        """A random row at the start of its block."""
        chance = uniforms(key, (2 + self.n_arms,))
        row = jnp.floor(chance[0] * self._n_rows).astype(jnp.int32)
        nothing = jnp.zeros(self.n_arms, bool)
        on_offer = offered(nothing, self.p_reward[row], chance[2:])
        return BlockState(row, self.length.drawn(chance[1]), on_offer)

    def draw(self, key: Key[Array, ""], n_trials: int) -> tuple[None, Float[Array, "trial use"]]:
        """The chance of a whole session: which row, how long, and the arms' rewards, for the next trial."""
        return None, uniforms(key, (n_trials, 2 + self.n_arms))

    def step(
        self, state: BlockState, choice: Int[Array, ""], key: Key[Array, ""] | Float[Array, " use"]
    ) -> tuple[Float[Array, ""], BlockState]:
        """The reward on offer at the chosen arm; then the next trial, maybe of the next block."""
        chance = uniforms_of(key, (2 + self.n_arms,))
        ended = state.trials_left <= 1
        row = jnp.where(ended, self._next_row(state.row, chance[0]), state.row)
        trials_left = jnp.where(ended, self.length.drawn(chance[1]), state.trials_left - 1)
        kept = left_over(state.offered, choice, self.baited)
        on_offer = offered(kept, self.p_reward[row], chance[2:])
        return taken(state.offered, choice), BlockState(row, trials_left, on_offer)

    def describe(self, state: BlockState) -> dict[str, Array]:
        """Reward probability of each arm, and in a baited task whether it has a reward on this trial."""
        return described(self.p_reward[state.row], state.offered, self.baited)

    @property
    def _n_rows(self) -> int:
        return self.p_reward.shape[0]

    def _next_row(self, row: Int[Array, ""], uniform: Float[Array, ""]) -> Int[Array, ""]:
        if self.order == "cyclic":
            return (row + 1) % self._n_rows
        return (row + 1 + jnp.floor(uniform * (self._n_rows - 1)).astype(jnp.int32)) % self._n_rows


def _checked_rows(p_reward: Any) -> Float[Array, "block arm"]:
    rows = np.asarray(p_reward, np.float32)
    if rows.ndim != 2 or rows.shape[0] < 2 or rows.shape[1] < 2:
        raise ValueError(
            f"p_reward has shape {rows.shape}; expected (block, arm): two or more rows, each with the "
            "probability of two or more arms, such as ((0.8, 0.2), (0.2, 0.8))."
        )
    checked_probabilities(jnp.asarray(rows), "p_reward")
    return jnp.asarray(rows)
