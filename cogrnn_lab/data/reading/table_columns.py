"""The columns of a table as arrays of numbers, and sentences naming the rows where they are not."""

import difflib
from typing import Any

import numpy as np
import pandas as pd


def check_columns(frame: pd.DataFrame, name: str, roles: dict[str, str]) -> None:
    """Refuse a table that lacks a column for one of the roles, or has one for two of them."""
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


def column_of(frame: pd.DataFrame, name: str) -> pd.Series:
    """The column of that name."""
    return pd.Series(frame[name])


def row_numbers(bad: np.ndarray) -> str:
    """The first rows where `bad` is True, in words; rows are counted from 1, without the header."""
    rows = np.flatnonzero(bad) + 1
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(map(str, rows[:5]))}{more}"


def numeric(column: pd.Series, expected: str) -> np.ndarray:
    """The column as float64, NaN where it is empty; text that is no number and infinity are refused."""
    codes, labels = pd.factorize(column)  # -1 where missing, which is the last of the numbers
    values = np.array([*(_number(label) for label in labels), np.nan], np.float64)[codes]
    unreadable = np.isinf(values)
    if unreadable.any():
        raise ValueError(
            f'column "{column.name}" holds "{column[unreadable].iloc[0]}" in {row_numbers(unreadable)}; '
            f"expected {expected}."
        )
    return values


def _number(value: Any) -> float:
    """The value as a number; NaN where it is empty, infinity where it is no number."""
    if str(value).strip().lower() in ("", "nan", "na", "none"):
        return np.nan
    try:
        return float(value)
    except (TypeError, ValueError):
        return np.inf


def rewards(column: pd.Series, missed: np.ndarray) -> np.ndarray:
    """Rewards, 0 where a missed trial has none; a made choice without a reward is refused."""
    values = numeric(column, "numbers, such as 0 and 1, as rewards")
    values[missed & (np.isnan(values) | (values == -1))] = 0.0
    if np.isnan(values).any():
        raise ValueError(
            f'column "{column.name}" is empty in {row_numbers(np.isnan(values))} although a choice was made; '
            "expected the reward. 0 is no reward; a missed trial has choice -1 or empty."
        )
    return values.astype(np.float32)


def instructions(column: pd.Series) -> np.ndarray:
    """1 where the choice was prescribed, else 0."""
    values = np.nan_to_num(numeric(column, "1 where the choice was instructed and 0 elsewhere"))
    odd = ~np.isin(values, (0, 1))
    if odd.any():
        raise ValueError(
            f'column "{column.name}" is {values[odd][0]:g} in {row_numbers(odd)}; expected 1 where the '
            "choice was instructed and 0 elsewhere."
        )
    return values.astype(np.int32)


def shown_numbers(column: pd.Series) -> np.ndarray:
    """A column that becomes an input: a number on every trial."""
    values = numeric(column, "numbers; text has to be coded as numbers before it can be an input")
    if np.isnan(values).any():
        raise ValueError(
            f'input column "{column.name}" is empty in {row_numbers(np.isnan(values))}; expected a number on '
            "every trial, also on missed ones."
        )
    return values.astype(np.float32)


def travelling_columns(frame: pd.DataFrame, skip: set[str]) -> dict[str, np.ndarray]:
    """All other numeric columns: integers where nothing is missing, else floats with NaN."""
    kept = {}
    for name in frame.columns:
        column = column_of(frame, name)
        if name in skip or not pd.api.types.is_numeric_dtype(column.dtype):
            continue
        whole = column.dtype.kind in "biu" and not bool(column.isna().any())
        kept[name] = column.to_numpy(np.int64 if whole else np.float64, na_value=0 if whole else np.nan)
    return kept
