"""Sessions of different length in one array."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def padded(array: np.ndarray, n_trials: int, fill: Any = 0) -> np.ndarray:
    """`array` (session, trial, ...) with trials of `fill` appended up to `n_trials`."""
    missing = n_trials - array.shape[1]
    if missing == 0:
        return array
    tail = np.full((array.shape[0], missing, *array.shape[2:]), fill, array.dtype)
    return np.concatenate([array, tail], axis=1)


def stacked(flat: np.ndarray, rows: Sequence[np.ndarray], fill: Any) -> np.ndarray:
    """(session, trial) array whose session s holds `flat[rows[s]]`, filled up with `fill` at its end."""
    table = np.full((len(rows), max(len(r) for r in rows)), fill, flat.dtype)
    for session, row in enumerate(rows):
        table[session, : len(row)] = flat[row]
    return table
