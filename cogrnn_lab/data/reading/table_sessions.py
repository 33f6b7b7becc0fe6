"""Which rows of a table are one session, and whose."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cogrnn_lab.data.reading.table_columns import column_of, row_numbers


class Sessions(NamedTuple):
    """The sessions of a table in the order in which they first appear."""

    rows: list[np.ndarray]  # of each session, in the order of the table
    names: list[str]
    subject: list[int]  # index of each session's subject
    subject_names: list[str]


def sessions_of(frame: pd.DataFrame, subject: str | None, session: str | None) -> Sessions:
    """Groups the rows by these columns; None: all rows are one subject's, or one session of a subject.

    The rows of a session need not follow each other; sessions need other names within a subject only.
    """
    subjects, subject_labels = _codes(frame, subject, "0")
    sessions, session_labels = _codes(frame, session, "1")
    pair = subjects * (int(sessions.max()) + 1) + sessions
    _, first, codes = np.unique(pair, return_index=True, return_inverse=True)
    groups = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
    order = np.argsort(first)
    return Sessions(
        [groups[i] for i in order],
        [session_labels[sessions[first[i]]] for i in order],
        [int(subjects[first[i]]) for i in order],
        subject_labels,
    )


def _codes(frame: pd.DataFrame, name: str | None, only: str) -> tuple[np.ndarray, list[str]]:
    """Index of each row's label, and the labels as they appear."""
    if name is None:
        return np.zeros(len(frame), np.int64), [only]
    column = column_of(frame, name)
    missing = column.isna().to_numpy(bool)
    if missing.any():
        raise ValueError(f'column "{name}" is empty in {row_numbers(missing)}; every trial belongs to one.')
    codes, values = pd.factorize(column)
    codes, labels = pd.factorize(np.array([_label(value) for value in values], object)[codes])
    return codes.astype(np.int64), list(labels)


def _label(value: Any) -> str:
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))  # numbers become floats where a column has gaps
    return str(value).strip()
