"""Matching pennies against a computer that looks for habits in one's choices."""

from functools import lru_cache
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Int32, Key

from cogrnn_lab.random_numbers import uniforms
from cogrnn_lab.tasks.bandits.environment import Environment

MEMORY = 4  # trials back that the computer looks at
LONGEST_SESSION = 10_000
_N_CHOICE_CONTEXTS = 2 ** (MEMORY + 1) - 1
_N_OUTCOME_CONTEXTS = (4 ** (MEMORY + 1) - 4) // 3


class Record(NamedTuple):
    """What the computer has seen in a session.

    `visits` of each context and how often arm 1 was chosen in it (`chosen`); the last trials as binary digits
    (`choices`) and as digits of base 4 (`outcomes`, choice and reward), the latest last; the trial.
    """

    visits: Int32[Array, " context"]
    chosen: Int32[Array, " context"]
    choices: Int[Array, ""]
    outcomes: Int[Array, ""]
    trial: Int[Array, ""]


class MatchingPennies(Environment):
    """The subject is rewarded where its choice is the same as the computer's.

    Barraclough, Conroy and Lee (Nature Neuroscience 2004); Lee, Conroy, McGreevy and Barraclough (Cognitive
    Brain Research 2004). From all choices of the session the computer estimates the probability that the
    subject chooses arm 1 given its last n choices, n = 0 to 4 (`algorithm` 1), and also given its last n
    choices and their rewards, n = 1 to 4 (`algorithm` 2). Of the estimates that differ from 1/2 (two-sided
    binomial test, p < 0.05) it takes the one that differs most and plays arm 1 with 1 minus that probability;
    without any it plays each arm with 1/2, as `algorithm` 0 always does.

    Columns: "p_reward_1" and "p_reward_2", the probability that the computer plays each arm on this trial.
    """

    algorithm: int = eqx.field(static=True, default=2)
    n_arms: int = eqx.field(static=True, default=2)

    def __check_init__(self):
        if self.algorithm not in (0, 1, 2):
            raise ValueError(f"algorithm = {self.algorithm}; expected 0, 1 or 2.")
        if self.n_arms != 2:
            raise ValueError(f"n_arms = {self.n_arms}; matching pennies has 2 arms.")

    def check_sizes(self, n_sessions: int, n_trials: int) -> None:
        """Refuse sessions that are longer than the table of the binomial test."""
        if n_trials > LONGEST_SESSION:
            raise ValueError(
                f"n_trials = {n_trials}; expected at most {LONGEST_SESSION} in matching pennies."
            )

    def reset(self, key: Key[Array, ""]) -> Record:
        """Nothing seen."""
        n_contexts = _N_CHOICE_CONTEXTS + (_N_OUTCOME_CONTEXTS if self.algorithm == 2 else 0)
        nothing, zero = jnp.zeros(n_contexts, jnp.int32), jnp.zeros((), jnp.int32)
        return Record(nothing, nothing, zero, zero, zero)

    def draw(self, key: Key[Array, ""], n_trials: int) -> tuple[None, Float[Array, " trial"]]:
        """The chance of a whole session."""
        return None, uniforms(key, (n_trials,))

    def step(
        self, state: Record, choice: Int[Array, ""], key: Key[Array, ""] | Float[Array, ""]
    ) -> tuple[Float[Array, ""], Record]:
        """Reward 1 if the computer plays the same arm; then the computer notes the trial."""
        is_key = jnp.issubdtype(key.dtype, jax.dtypes.prng_key)
        uniform = uniforms(key, ()) if is_key else key
        reward = (choice == 1) == (uniform < self._p_computer(state))
        context, known = self._contexts(state)
        seen = known.astype(jnp.int32)
        code = 2 * choice + reward
        noted = Record(
            state.visits.at[context].add(seen),
            state.chosen.at[context].add(seen * choice),
            (2 * state.choices + choice) % 2**MEMORY,
            ((4 * state.outcomes + code) % 4**MEMORY).astype(state.outcomes.dtype),
            state.trial + 1,
        )
        return reward.astype(jnp.float32), noted

    def describe(self, state: Record) -> dict[str, Float[Array, ""]]:
        """Probability that the computer plays each arm."""
        p_computer = self._p_computer(state)
        return {"p_reward_1": 1 - p_computer, "p_reward_2": p_computer}

    def _contexts(self, state: Record) -> tuple[Int[Array, " estimate"], Array]:
        """Where the present contexts are in the tables, and which of them the session is long enough for."""
        n_back = np.arange(MEMORY + 1)
        # the contexts of n choices come after those of fewer
        index = jnp.asarray(2**n_back - 1 + state.choices % 2**n_back)
        known = state.trial >= n_back
        if self.algorithm == 2:
            n_back = n_back[1:]
            offset = _N_CHOICE_CONTEXTS + (4**n_back - 4) // 3
            index = jnp.concatenate([index, offset + state.outcomes % 4**n_back])
            known = jnp.concatenate([known, state.trial >= n_back])
        return index, known

    def _p_computer(self, state: Record) -> Float[Array, ""]:
        """Probability that the computer plays arm 1."""
        if self.algorithm == 0:
            return jnp.full((), 0.5)
        context, known = self._contexts(state)
        visits, chosen = state.visits[context], state.chosen[context]
        p_chosen = chosen / jnp.maximum(visits, 1)
        biased = known & (jnp.maximum(chosen, visits - chosen) >= jnp.asarray(_significant())[visits])
        deviation = jnp.where(biased, jnp.abs(p_chosen - 0.5), -1.0)
        largest = jnp.argmax(deviation)
        return jnp.where(biased.any(), 1 - p_chosen[largest], 0.5)


@lru_cache(maxsize=1)
def _significant() -> Int32[np.ndarray, " visits"]:
    """The count of one of two equal alternatives from which on n visits are biased: two-sided p < 0.05."""
    from scipy.special import bdtrc  # only those who play pay for it

    visits = np.arange(LONGEST_SESSION + 1)
    guess = np.floor(visits / 2 + 0.98 * np.sqrt(visits))
    candidates = np.clip(guess[:, None] + np.arange(-3, 5), 1, visits[:, None] + 1)
    above = 2 * bdtrc(candidates - 1, visits[:, None], 0.5)  # P(count >= candidate), both sides
    above = np.where(candidates > visits[:, None], 0.0, above)
    return candidates[np.arange(len(visits)), np.argmax(above < 0.05, axis=1)].astype(np.int32)
