"""Sessions led along equations some at a time, where what is kept of every trial would not fit otherwise."""

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.analysis.choice_equations.parts.trials import NONE, Trials


def portions(trials: Trials, kept: int, most: int) -> Iterator[Trials]:
    """Yield sessions in portions of one size, so that one compiled function serves them all.

    Arguments:
        trials: Trials of all sessions.
        kept: Numbers that are kept for each trial of each session.
        most: Numbers that may be kept at once, about.

    Returns:
        The portions; the last is filled up with sessions in which no choice counts.
    """
    n_trials, n_sessions = trials.target.shape
    n_portions = int(np.clip(-(-n_trials * n_sessions * kept // most), 1, n_sessions))
    if n_portions == 1:
        yield trials
        return
    size = -(-n_sessions // n_portions)
    for begin in range(0, n_sessions, size):
        index = np.arange(begin, begin + size)
        there = jnp.asarray(np.minimum(index, n_sessions - 1))
        part = jax.tree.map(lambda leaf, at=there: jnp.take(leaf, at, axis=-1), trials)
        idle = jnp.asarray(index >= n_sessions)[None]
        yield part._replace(target=jnp.where(idle, NONE, part.target))
