"""A bandit whose payouts are given beforehand."""

from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32, Int, Int32, Key

from cogrnn_lab.argument_kinds import Numbers
from cogrnn_lab.random_numbers import uniforms
from cogrnn_lab.tasks.bandits.environment import Environment, uniforms_of


class Position(NamedTuple):
    """Position of a session in the matrix."""

    session: Int[Array, ""]
    trial: Int[Array, ""]


class PayoutMatrix(Environment):
    """Bandit with a given reward, or reward probability, for every trial and arm.

    `simulate` must be asked for as many trials, and as many sessions where they differ, as the matrix has.

    Arguments:
        payouts: (trial, arm), the same in every session, or (session, trial, arm): the reward of each arm,
            any finite number; with `probabilities` the probability of a reward of 1.
        instructed: None, (trial,) or (session, trial): the prescribed arm, -1 or NaN where the choice is
            free.
        probabilities: Whether the payouts are probabilities.

    Raises:
        ValueError: Where sizes disagree, a payout is not finite or no probability, or an arm does not exist.

    Example:
        >>> import cogrnn_lab as cl
        >>> payouts = cl.PayoutMatrix([[1.0, 0.0], [0.0, 2.0], [0.5, 0.5]])
        >>> cl.simulate(cl.QLearning(), payouts, n_sessions=2, n_trials=3).n_trials
        3
    """

    payouts: Float32[Array | np.ndarray, "session trial arm"]
    instructed: Int32[Array | np.ndarray, "session trial"]
    probabilities: bool = eqx.field(static=True)
    n_arms: int = eqx.field(static=True)

    def __init__(self, payouts: Numbers, instructed: Numbers = None, *, probabilities: bool = False):
        payouts = _checked_payouts(payouts, probabilities)
        self.payouts = jnp.asarray(payouts)
        self.instructed = jnp.asarray(_checked_instructions(instructed, payouts))
        self.probabilities = probabilities
        self.n_arms = payouts.shape[2]

    def check_sizes(self, n_sessions: int, n_trials: int) -> None:
        """Refuse other numbers of trials or sessions than the matrix has."""
        if n_trials != self.payouts.shape[1]:
            raise ValueError(
                f"n_trials = {n_trials}; expected {self.payouts.shape[1]}, the trials of the payouts."
            )
        for array, name in ((self.payouts, "payouts"), (self.instructed, "instructed")):
            if array.shape[0] not in (1, n_sessions):
                raise ValueError(
                    f"n_sessions = {n_sessions}; expected {array.shape[0]}, the sessions of {name}."
                )

    def reset(self, key: Key[Array, ""]) -> Position:
        """The first trial of the first session."""
        return self.start(jnp.zeros((), jnp.int32), key)

    def start(self, session: Int[Array, ""], key: Key[Array, ""]) -> Position:
        """The first trial of a session."""
        return Position(session, jnp.zeros((), jnp.int32))

    def draw(self, key: Key[Array, ""], n_trials: int) -> tuple[None, Float[Array, " trial"]]:
        """The chance of a whole session."""
        return None, uniforms(key, (n_trials,))

    def instruct(self, state: Position, key: Any) -> Int[Array, ""]:
        """The prescribed arm, or -1."""
        return self.instructed[state.session % self.instructed.shape[0], state.trial]

    def step(
        self, state: Position, choice: Int[Array, ""], key: Key[Array, ""] | Float[Array, ""]
    ) -> tuple[Float[Array, ""], Position]:
        """The payout of the chosen arm; then the next trial."""
        payout = jnp.sum(jnp.where(jnp.arange(self.n_arms) == choice, self._row(state), 0.0))
        if self.probabilities:
            payout = (uniforms_of(key, ()) < payout).astype(jnp.float32)
        return payout, Position(state.session, state.trial + 1)

    def describe(self, state: Position) -> dict[str, Float[Array, ""]]:
        """Payout of each arm on this trial: payout_1, ..., or p_reward_1, ... if they are probabilities."""
        name = "p_reward" if self.probabilities else "payout"
        row = self._row(state)
        return {f"{name}_{arm + 1}": row[arm] for arm in range(self.n_arms)}

    def _row(self, state: Position) -> Float[Array, " arm"]:
        return self.payouts[state.session % self.payouts.shape[0], state.trial]


def _checked_payouts(payouts: Any, probabilities: bool) -> np.ndarray:
    payouts = np.asarray(payouts, np.float32)
    if payouts.ndim not in (2, 3) or payouts.size == 0:
        raise ValueError(
            f"payouts has shape {payouts.shape}; expected (trial, arm) or (session, trial, arm)."
        )
    if payouts.shape[-1] < 2:
        raise ValueError(f"payouts has {payouts.shape[-1]} arm; expected 2 or more along its last axis.")
    if not np.isfinite(payouts).all():
        raise ValueError(
            f"{(~np.isfinite(payouts)).sum()} payouts are NaN or infinite; expected finite numbers."
        )
    if probabilities and not ((payouts >= 0) & (payouts <= 1)).all():
        raise ValueError(
            f"payouts are {payouts.min():g} to {payouts.max():g}; expected probabilities, 0 to 1."
        )
    return payouts if payouts.ndim == 3 else payouts[None]


def _checked_instructions(instructed: Any, payouts: np.ndarray) -> np.ndarray:
    n_sessions, n_trials, n_arms = payouts.shape
    if instructed is None:
        return np.full((1, n_trials), -1, np.int32)
    arms = np.asarray(instructed, np.float64)
    arms = np.where(np.isnan(arms), -1, arms)
    arms = arms[None] if arms.ndim == 1 else arms
    if (
        arms.ndim != 2
        or arms.shape[1] != n_trials
        or (n_sessions > 1 and arms.shape[0] not in (1, n_sessions))
    ):
        raise ValueError(
            f"instructed has shape {np.shape(instructed)}; expected (trial,) or (session, trial) for payouts "
            f"of {n_sessions} sessions and {n_trials} trials."
        )
    odd = ~np.isin(arms, np.arange(-1, n_arms))
    if odd.any():
        raise ValueError(
            f"instructed holds {arms[odd][0]:g}; expected an arm 0 to {n_arms - 1}, or -1 where free."
        )
    return arms.astype(np.int32)
