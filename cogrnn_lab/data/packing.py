"""Packing: sessions of different length one after the other in rows, so that padding costs little."""

from bisect import bisect_left, insort

import numpy as np
from jaxtyping import Bool, Int

from cogrnn_lab.data.dataset import Dataset
from cogrnn_lab.data.trial_arrays import TrialArrays

# With less padding than this, rows would gain nothing.
LEAST_PADDING = 0.1


def trial_arrays(dataset: Dataset) -> TrialArrays:
    """Arrays of a data set for training: unpacked, or packed where that saves much padding."""
    return packed(dataset) if dataset.valid.mean() < 1 - LEAST_PADDING else TrialArrays.of(dataset)


def packed(dataset: Dataset) -> TrialArrays:
    """Packs sessions into rows as long as the longest one (best fit decreasing; near the fewest rows).

    `begins` is True where a session begins, and `subject` is (row, time). Every trial is kept; only the order
    of the sessions changes.
    """
    row, position = rows_and_positions(dataset.lengths, dataset.n_trials)
    n_rows = int(row.max()) + 1
    session, trial = np.nonzero(dataset.valid)
    at = row[session], position[session] + trial

    def filled(values: np.ndarray) -> np.ndarray:
        table = np.zeros((n_rows, dataset.n_trials, *values.shape[1:]), values.dtype)
        table[at] = values
        return table

    available = dataset.action_mask
    begins: Bool[np.ndarray, "row time"] = filled(trial == 0)
    return TrialArrays.of_arrays(
        inputs=filled(dataset.inputs[session, trial]),
        targets=filled(dataset.targets[session, trial]),
        mask=filled(dataset.mask[session, trial]),
        valid=filled(np.ones(len(session), bool)),
        subject=filled(dataset.subject[session]),
        # Padding has all alternatives, or its logits would all be -inf.
        action_mask=None if available is None else ~filled(~available[session, trial]),
        begins=begins,
    )


def rows_and_positions(
    lengths: Int[np.ndarray, " session"], capacity: int
) -> tuple[Int[np.ndarray, " session"], Int[np.ndarray, " session"]]:
    """Row of each session, and the trial of the row at which it begins (best fit decreasing).

    Arguments:
        lengths: Trials of each session; among equal ones the first in this order comes first.
        capacity: Trials of a row, as many as the longest session has or more.
    """
    row, position = np.zeros(len(lengths), int), np.zeros(len(lengths), int)
    room: list[tuple[int, int]] = []  # (trials left, row), ascending
    n_rows = 0
    for session in np.argsort(-np.asarray(lengths), kind="stable").tolist():
        length = int(lengths[session])
        found = bisect_left(room, (length, -1))
        if found < len(room):
            left, chosen = room.pop(found)
        else:
            left, chosen = capacity, n_rows
            n_rows += 1
        row[session], position[session] = chosen, capacity - left
        if left > length:
            insort(room, (left - length, chosen))
    return row, position
