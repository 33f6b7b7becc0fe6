"""The columns of a table as arrays of numbers, and sentences naming the rows where they are not."""

import difflib
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from cogrnn_lab.counts import one_line
from cogrnn_lab.data.reading.column_names import KNOWN, named, reward_pairs
from cogrnn_lab.data.reading.files.table_source import named_columns

REWARD_CODES = (9, 99, 999, 9999, -9, -99, -999, -9999)  # that tables write where nothing was paid

LONGEST_CELL = 60  # characters of a cell in a sentence
TIME_STEP = "time_step_s"  # column that says how long each row lasts, in seconds


def check_columns(frame: pd.DataFrame, name: str, roles: dict[str, str]) -> None:
    """Refuse a table that lacks a column for one of the roles, or has one for two of them."""
    for role, column in roles.items():
        if column in frame.columns:
            continue
        close = difflib.get_close_matches(
            str(column).lower(), [c.lower() for c in frame.columns], n=1, cutoff=0.5
        )
        match = next((c for c in frame.columns if close and c.lower() == close[0]), None)
        match = match or next(iter(_likely(role, frame, set(roles.values()))), None)
        hint = f' Is it "{match}"?' if match else ""
        if role == "reward" and not match and (parts := reward_pairs(list(frame.columns))):
            hint = f" Is it in several columns? reward={list(parts[0])} takes their sum."
        if role == "session":
            people = next(iter(_likely("subject", frame, set(roles.values()))), None)
            hint += " session=None takes all trials of a subject as one session"
            hint += f', with subject="{people}" where that is who chose.' if people else "."
        raise ValueError(
            f'{name} has no column "{column}" for {role}; its columns are: {named_columns(frame)}.{hint}'
        )
    used = list(roles.values())
    twice = next((column for column in used if used.count(column) > 1), None)
    if twice is not None:
        both = " and ".join(role for role, column in roles.items() if column == twice)
        raise ValueError(f'column "{twice}" is named for {both}; expected a column of its own for each.')


def _likely(role: str, frame: pd.DataFrame, taken: set[str]) -> list[str]:
    """Columns whose name means this role and that have no other."""
    if role not in KNOWN:
        return []
    parts = {one for of_pair in reward_pairs(list(frame.columns)) for one in of_pair}
    return [one for one in named(role, frame.columns) if one not in taken | parts]


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
            f'column "{column.name}" holds "{one_line(str(column[unreadable].iloc[0]), LONGEST_CELL)}" in '
            f"{row_numbers(unreadable)}; "
            f"expected {expected}."
        )
    return values


def _number(value: Any) -> float:
    """The value as a number; NaN where it is empty, infinity where it is no number."""
    if str(value).strip().lower() in ("", "nan", "na", "n/a", "none", "null", "<na>"):
        return np.nan
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return np.inf


class Rewards(NamedTuple):
    """The reward of each row, and what was done about those of missed trials."""

    amounts: Float[np.ndarray, " row"]
    sentences: tuple[str, ...]


def rewards(column: pd.Series, missed: Bool[np.ndarray, " row"]) -> Rewards:
    """Rewards, 0 where a missed trial has none; a made choice without a reward is refused.

    A missed trial has none where the cell is empty, and where it holds a code (-1, 9, 99, -9, ...) below or
    above every reward of a choice. Any other number is kept, and told where no choice has it.
    """
    values = numeric(column, "numbers, such as 0 and 1, as rewards")
    values[missed & np.isnan(values)] = 0.0
    if np.isnan(values).any():
        raise ValueError(
            f'column "{column.name}" is empty in {row_numbers(np.isnan(values))} although a choice was made; '
            "expected the reward. 0 is no reward; a missed trial has choice -1 or empty."
        )
    made, sentences = values[~missed], []
    lowest, highest = made.min(initial=np.inf), made.max(initial=-np.inf)
    outside = missed & (values != 0) & ((values < lowest) | (values > highest))
    for value in np.unique(values[outside]).tolist():
        rows = outside & (values == value)
        is_code = (value == -1 and lowest >= 0) or value in REWARD_CODES
        what = (
            "is taken as none"
            if is_code
            else "is kept, though no choice has it; empty the cells where it is a code"
        )
        sentences.append(
            f'column "{column.name}": the reward {value:g} of {rows.sum():,} missed trials {what}'
        )
        values[rows] = 0.0 if is_code else value
    as_choices = missed & (values != 0) & ~outside
    if as_choices.any():
        own = np.unique(values[as_choices])
        which = f"the reward {own[0]:g}" if own.size == 1 else f"the reward, {own[0]:g} to {own[-1]:g},"
        sentences.append(
            f'column "{column.name}": {which} of {as_choices.sum():,} missed trials is kept, as '
            "choices have it too; empty the cells where it is a code"
        )
    return Rewards(values.astype(np.float32), tuple(sentences))


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


def time_step(frame: pd.DataFrame) -> float | None:
    """Seconds that every row lasts, from the column "time_step_s"; None where rows are trials."""
    if TIME_STEP not in frame.columns:
        return None
    steps = np.unique(numeric(column_of(frame, TIME_STEP), "the seconds that a row lasts"))
    if len(steps) != 1 or not steps[0] > 0:
        raise ValueError(
            f'column "{TIME_STEP}" holds {", ".join(f"{step:g}" for step in steps[:5])}; expected one number '
            "of seconds above 0, which every row lasts. Rename the column if it means something else."
        )
    return float(steps[0])


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
