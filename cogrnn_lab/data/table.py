"""From a table with one row per trial to a data set."""

import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cogrnn_lab.data.choices import choice_indices
from cogrnn_lab.data.dataset import Dataset
from cogrnn_lab.data.joining import column_padding
from cogrnn_lab.data.padding import stacked
from cogrnn_lab.data.previous_trial import previous_trial_inputs, previous_trial_names
from cogrnn_lab.data.table_source import load_table


def read_table(
    frame_or_csv_path: Any,
    *,
    subject: str | None = None,
    session: str | None = "session",
    choice: str = "choice",
    reward: str = "reward",
    inputs: Sequence[str] = (),
    instructed: str | None = None,
    classes: Sequence[Any] | None = None,
) -> Dataset:
    """A data set from a table with one row per trial, in the order in which they happened within a session.

    **Arguments:**

    - `frame_or_csv_path`: a pandas DataFrame, the path of a CSV file (comma, semicolon or tab; plain or gzipped),
        its bytes, or an open file.
    - `subject`, `session`: names of the columns that tell subjects and sessions apart. Sessions need to be
        named uniquely within a subject only. `subject=None`: all of one subject. `session=None`: one session per
        subject.
    - `choice`: what was chosen: text, whole numbers or bool. -1, empty and NaN are missed trials. The alternatives
        are numbered in sorted order, or in the order of `classes` where it is given.
    - `reward`: a number; 0/1 or amounts. On missed trials it may be missing (or -1) and is 0 then.
    - `inputs`: columns that are shown to the model as they are, on the trial of their row.
    - `instructed`: column that is 1 where the choice was prescribed: such trials are no targets but stay inputs.

    **Returns:** a categorical `Dataset`. Its inputs are the previous choice and reward, as `simulate` makes them:
    one input 0/1 for two alternatives and one-hot inputs for more, then the reward; zeros on the first trial of a
    session. Where trials were missed, "previous trial missed" follows; then the columns named in `inputs`. Every
    other numeric column travels in `columns`.

    **Raises:** `ValueError` saying what is wrong with the table, naming columns and rows (from 1, header not
    counted).
    """
    if isinstance(inputs, str):
        inputs = (inputs,)
    frame, name = load_table(frame_or_csv_path)
    roles = {
        "subject": subject,
        "session": session,
        "choice": choice,
        "reward": reward,
        "instructed": instructed,
    }
    _check_columns(frame, name, roles | {f"inputs[{i}]": column for i, column in enumerate(inputs)})

    choices, class_names = choice_indices(frame[choice], classes)
    missed = choices < 0
    flat = {"choice": choices, "reward": _rewards(frame[reward], missed)}
    if instructed is not None:
        flat["instructed"] = _instructed(frame[instructed], missed)
    taken = {column for column in roles.values() if column is not None}
    names = previous_trial_names(class_names, missed=bool(missed.any()))
    extra = [_finite(frame[column]) for column in inputs]
    flat |= _travelling(frame, skip={*taken, *inputs, *names, "subject", "session", "trial", *flat})

    rows, session_names, subject_index, subject_names = _sessions(frame, subject, session)
    columns = {key: stacked(values, rows, column_padding(values.dtype)) for key, values in flat.items()}
    valid = stacked(np.ones(len(frame), bool), rows, fill=False)
    previous = previous_trial_inputs(
        columns["choice"],
        np.where(valid, columns["reward"], 0.0),
        len(class_names),
        valid=valid,
        missed=bool(missed.any()),
    )
    shown = [stacked(values, rows, 0.0)[..., None].astype(np.float32) for values in extra]
    counts = valid & (columns["choice"] >= 0)
    if instructed is not None:
        counts &= columns["instructed"] != 1
        if not counts.any():
            raise ValueError(
                f'no free choice: column "{instructed}" is 1 on every trial on which a choice was made.'
            )
    return Dataset(
        np.concatenate([previous, *shown], axis=2),
        columns["choice"][..., None],
        mask=counts,
        valid=valid,
        subject=subject_index,
        n_classes=len(class_names),
        input_names=(*names, *inputs),
        columns=columns,
        subject_names=subject_names,
        session_names=session_names,
        class_names=class_names,
    )


def _check_columns(frame: pd.DataFrame, name: str, roles: dict[str, str | None]) -> None:
    roles = {role: column for role, column in roles.items() if column is not None}
    for role, column in roles.items():
        if column in frame.columns:
            continue
        close = difflib.get_close_matches(column.lower(), [c.lower() for c in frame.columns], n=1, cutoff=0.5)
        match = next((c for c in frame.columns if close and c.lower() == close[0]), None)
        hint = f' Is it "{match}"?' if match else ""
        if role == "session":
            hint += " session=None takes all trials of a subject as one session."
        raise ValueError(
            f'{name} has no column "{column}" for {role}; its columns are: {", ".join(frame.columns)}.{hint}'
        )
    used = list(roles.values())
    twice = next((column for column in used if used.count(column) > 1), None)
    if twice is not None:
        both = " and ".join(role for role, column in roles.items() if column == twice)
        raise ValueError(f'column "{twice}" is named for {both}; expected a column of its own for each.')


def _row_numbers(bad: np.ndarray) -> str:
    rows = np.flatnonzero(bad) + 1
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(map(str, rows[:5]))}{more}"


def _numeric(column: pd.Series, expected: str) -> np.ndarray:
    """The column as float64, NaN where it is empty."""
    values = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    text = column.astype("string").str.strip()
    unreadable = np.isnan(values) & ~text.isin(["", "nan", "NaN", "NA"]).fillna(True).to_numpy(bool)
    if unreadable.any():
        raise ValueError(
            f'column "{column.name}" holds "{text[unreadable].iloc[0]}" in {_row_numbers(unreadable)}; '
            f"expected {expected}."
        )
    if np.isinf(values).any():
        raise ValueError(
            f'column "{column.name}" is infinite in {_row_numbers(np.isinf(values))}; expected {expected}.'
        )
    return values


def _rewards(column: pd.Series, missed: np.ndarray) -> np.ndarray:
    rewards = _numeric(column, "numbers, such as 0 and 1, as rewards")
    rewards[missed & (np.isnan(rewards) | (rewards == -1))] = 0.0
    if np.isnan(rewards).any():
        raise ValueError(
            f'column "{column.name}" is empty in {_row_numbers(np.isnan(rewards))} although a choice was made; expected '
            "the reward. 0 is no reward; a missed trial has choice -1 or empty."
        )
    return rewards.astype(np.float32)


def _instructed(column: pd.Series, missed: np.ndarray) -> np.ndarray:
    values = _numeric(column.replace({True: 1, False: 0}) if column.dtype == object else column, "1 or 0")
    values[np.isnan(values)] = 0.0
    odd = ~np.isin(values, (0, 1))
    if odd.any():
        raise ValueError(
            f'column "{column.name}" is {values[odd][0]:g} in {_row_numbers(odd)}; expected 1 where the choice was '
            "instructed and 0 elsewhere."
        )
    return values.astype(np.int32)


def _finite(column: pd.Series) -> np.ndarray:
    values = _numeric(column, "numbers; text has to be coded as numbers before it can be an input")
    if np.isnan(values).any():
        raise ValueError(
            f'input column "{column.name}" is empty in {_row_numbers(np.isnan(values))}; expected a number on every '
            "trial, also on missed ones."
        )
    return values


def _travelling(frame: pd.DataFrame, skip: set[str]) -> dict[str, np.ndarray]:
    kept = {}
    for name in frame.columns:
        column = frame[name]
        if name in skip or not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
            continue
        if column.isna().any() or pd.api.types.is_float_dtype(column):
            kept[name] = column.to_numpy(np.float64, na_value=np.nan)
        else:
            kept[name] = column.to_numpy(np.int64)
    return kept


def _sessions(
    frame: pd.DataFrame, subject: str | None, session: str | None
) -> tuple[list[np.ndarray], list[str], list[int], list[str]]:
    """Rows of each session, in order of appearance; its name, its subject's index, and the subjects' names."""
    for column in (subject, session):
        if column is not None and frame[column].isna().any():
            raise ValueError(
                f'column "{column}" is empty in {_row_numbers(frame[column].isna().to_numpy())}; every trial belongs '
                "to one."
            )
    nobody = np.zeros(len(frame), int)
    subject_codes, subject_labels = (nobody, ["0"]) if subject is None else pd.factorize(frame[subject])
    session_codes, session_labels = (nobody, ["1"]) if session is None else pd.factorize(frame[session])
    pair = subject_codes.astype(np.int64) * (session_codes.max() + 1) + session_codes
    _, first, codes = np.unique(pair, return_index=True, return_inverse=True)
    groups = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
    order = np.argsort(first)
    return (
        [groups[i] for i in order],
        [_name(session_labels[session_codes[first[i]]]) for i in order],
        [int(subject_codes[first[i]]) for i in order],
        [_name(label) for label in subject_labels],
    )


def _name(label: Any) -> str:
    if isinstance(label, (float, np.floating)) and float(label).is_integer():
        return str(int(label))
    return str(label).strip()
