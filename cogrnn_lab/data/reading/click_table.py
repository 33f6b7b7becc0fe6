"""From a table with the click times of one trial in each row to a data set."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from cogrnn_lab.data.clicks import CHOICES, binned, click_dataset, whole_bins
from cogrnn_lab.data.dataset import Dataset
from cogrnn_lab.data.reading.choices import choice_indices
from cogrnn_lab.data.reading.table_columns import (
    check_columns,
    column_of,
    numeric,
    row_numbers,
    travelling_columns,
)
from cogrnn_lab.data.reading.table_sessions import sessions_of
from cogrnn_lab.data.reading.table_source import load_table


def read_clicks(
    frame_or_csv_path: Any,
    *,
    left: str = "left_clicks_s",
    right: str = "right_clicks_s",
    duration: str | None = "duration_s",
    choice: str = "choice",
    subject: str | None = None,
    session: str | None = None,
    bin_width: float = 0.01,
    classes: Sequence[Any] | None = None,
) -> Dataset:
    """A data set from a table with one row per trial of clicks.

    **Arguments:**

    - `frame_or_csv_path`: as in `read_table`.
    - `left`, `right`: columns of click times in seconds from the start of the stimulus, separated by
        semicolons (or, in a DataFrame, lists of numbers); empty where there were none.
    - `duration`: column of the length of the stimulus in seconds; None: each ends with its last click.
    - `choice`: two alternatives, left before right in sorted order (0 and 1, left and right, L and R), or in
        the order of `classes`; missed: -1 or empty.
    - `subject`, `session`: columns that tell subjects and sessions apart, None where there is one.
    - `bin_width`: seconds.

    **Returns:** a `Dataset` like those of `simulate_clicks`: a session for each trial, called session/trial
    where there is a column of sessions, a row for each bin, the choice as the target of a bin after the
    stimulus. Every other numeric column travels in `columns`.

    **Raises:** `ValueError` saying what is wrong with the table, naming columns and rows (from 1, header not
    counted).
    """
    if not bin_width > 0:
        raise ValueError(f"bin_width = {bin_width}; expected seconds above 0.")
    frame, name = load_table(frame_or_csv_path)
    roles = {"left": left, "right": right, "duration": duration, "choice": choice}
    roles |= {"subject": subject, "session": session}
    roles = {role: column for role, column in roles.items() if column is not None}
    check_columns(frame, name, roles)

    chosen, names = choice_indices(column_of(frame, choice), classes)
    if len(names) != 2:
        raise ValueError(
            f'column "{choice}" has the alternatives {", ".join(names)}; expected two, left and right.'
        )
    times = {column: _times(column_of(frame, column)) for column in (left, right)}
    seconds = _durations(frame, duration, times)
    n_bins = whole_bins(seconds, bin_width)
    counts = {column: binned(of_side, n_bins, bin_width) for column, of_side in times.items()}
    others = travelling_columns(frame, {*roles.values(), "n_left", "n_right", "subject", "session", "trial"})

    groups = sessions_of(frame, subject, session)
    rows = np.concatenate(groups.rows)
    lengths = [len(of_session) for of_session in groups.rows]
    trials = np.concatenate([np.arange(1, n + 1) for n in lengths])
    session_names = np.repeat(groups.names, lengths)
    return click_dataset(
        counts[left][rows],
        counts[right][rows],
        n_bins[rows],
        chosen[rows],
        subject=np.repeat(groups.subject, lengths),
        subject_names=groups.subject_names,
        session_names=[
            str(trial) if session is None else f"{of_session}/{trial}"
            for of_session, trial in zip(session_names, trials, strict=True)
        ],
        of_trials={"duration_s": seconds[rows]} | {key: values[rows] for key, values in others.items()},
        class_names=CHOICES if set(names) <= {"0", "1"} else names,
    )


def _times(column: pd.Series) -> list[Float[np.ndarray, "_"]]:
    """Click times of each row."""
    times = [_seconds(value) for value in column]
    unreadable = np.array([t is None for t in times])
    if unreadable.any():
        value = column[unreadable].iloc[0]
        raise ValueError(
            f'column "{column.name}" holds "{str(value)[:40]}" in {row_numbers(unreadable)}; expected times '
            "in seconds from the start of the stimulus, 0 or more, separated by semicolons."
        )
    return [t for t in times if t is not None]


def _seconds(value: Any) -> Float[np.ndarray, "_"] | None:
    if isinstance(value, str):
        value = [part for part in value.split(";") if part.strip()]
    try:
        times = np.atleast_1d(np.asarray(value, np.float64))
    except (TypeError, ValueError):
        return None
    if times.shape == (1,) and np.isnan(times[0]):
        return np.zeros(0)
    return times if times.ndim == 1 and np.isfinite(times).all() and (times >= 0).all() else None


def _durations(
    frame: pd.DataFrame, duration: str | None, times: dict[str, list[np.ndarray]]
) -> Float[np.ndarray, " trial"]:
    last = np.array(
        [max(of_side.max(initial=0.0) for of_side in both) for both in zip(*times.values(), strict=True)]
    )
    if duration is None:
        return np.maximum(last, 1e-6)
    seconds = numeric(column_of(frame, duration), "the length of the stimulus in seconds")
    if np.isnan(seconds).any():
        raise ValueError(
            f'column "{duration}" is empty in {row_numbers(np.isnan(seconds))}; expected the length of the '
            "stimulus. Leave these rows out, or take duration=None, which ends each stimulus at its last "
            "click."
        )
    late = (last > seconds) | (seconds <= 0)
    if late.any():
        first = np.flatnonzero(late)[0]
        raise ValueError(
            f"{row_numbers(late)}: the last click is at {last[first]:g} s and the stimulus ends at "
            f"{seconds[first]:g} s; expected no click after the end. Is one of them in milliseconds?"
        )
    return seconds
