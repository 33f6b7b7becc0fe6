"""Trial numbers beside the order of a table: where they start again, skip, repeat, or are not in order."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

NO_TRIAL = -1  # in place of a row: a trial that the table left out


class Steps(NamedTuple):
    """Course of the numbers of the trials from row to row within sessions."""

    unit: int  # by how much they grow
    n_skipped: int  # numbers left out
    n_gaps: int  # places where some are
    n_repeated: int
    n_restarts: int  # places where they fall
    shuffled: bool  # no number twice in a session, but not in order


def whole_numbers(column: pd.Series) -> np.ndarray | None:
    """The column as whole numbers; None where some are missing or none."""
    try:
        values = pd.to_numeric(column).to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        return None
    if values.size == 0 or not np.isfinite(values).all() or (values != np.round(values)).any():
        return None
    return values.astype(np.int64)


def steps_of(numbers: np.ndarray, sessions: Sequence[np.ndarray]) -> Steps:
    """Follow the numbers within the sessions, which are lists of rows."""
    along = [np.diff(numbers[rows]) for rows in sessions]
    changes = np.concatenate(along) if along else np.zeros(0, np.int64)
    rising = changes[changes > 0]
    unit = int(np.gcd.reduce(rising)) if rising.size else 1
    shuffled = any(
        (change < 0).any() and len(np.unique(numbers[rows])) == len(rows)
        for change, rows in zip(along, sessions, strict=True)
    )
    gaps = rising[rising > unit]
    return Steps(
        unit,
        int((gaps // unit - 1).sum()),
        len(gaps),
        int((changes == 0).sum()),
        int((changes < 0).sum()),
        shuffled,
    )


def counts_trials(numbers: np.ndarray, sessions: Sequence[np.ndarray]) -> bool:
    """Tell whether the numbers count trials: mostly one more than in the row before, or each once."""
    changes = np.concatenate([np.diff(numbers[rows]) for rows in sessions])
    if changes.size == 0:
        return False
    rising = changes[changes > 0]
    unit = np.gcd.reduce(rising) if rising.size else 1
    each_once = all(len(np.unique(numbers[rows])) == len(rows) for rows in sessions)
    return bool(each_once or (changes == unit).mean() > 0.5)


def in_order(numbers: np.ndarray, sessions: Sequence[np.ndarray]) -> tuple[list[np.ndarray], Steps]:
    """The rows of each session by their numbers, with `NO_TRIAL` for each number that is left out."""
    ordered = [rows[np.argsort(numbers[rows], kind="stable")] for rows in sessions]
    steps = steps_of(numbers, ordered)
    return [_with_gaps(numbers[rows], rows, steps.unit) for rows in ordered], steps


def _with_gaps(numbers: np.ndarray, rows: np.ndarray, unit: int) -> np.ndarray:
    place = np.zeros(len(rows), np.int64)
    place[1:] = np.cumsum(np.maximum(np.diff(numbers) // unit, 1))
    filled = np.full(place[-1] + 1, NO_TRIAL, np.int64)
    filled[place] = rows
    return filled
