"""Choices as they are written in tables, and what they are here: an index per alternative, -1 where missed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int

MAX_ALTERNATIVES = 32
MISSED_TEXT = ("", "-1", "-1.0", "nan", "na", "none", "null")


def choice_indices(
    column: pd.Series, classes: Sequence[Any] | None = None
) -> tuple[Int[np.ndarray, " row"], tuple[str, ...]]:
    """Index of each choice among the sorted labels (or among `classes`), and the labels.

    Labels are text, whole numbers or bool; all-numeric ones are sorted as numbers. -1, empty and NaN: missed, -1.

    **Raises:** `ValueError` where the column cannot be choices, or all of them are the same.
    """
    labels = _labels(column)
    missed = np.array([label.lower() in MISSED_TEXT for label in labels])
    made = sorted(set(labels[~missed]), key=_sort_key)
    if not made:
        raise ValueError(
            f'every choice is missing: all {len(labels)} rows of column "{column.name}" are -1 or empty.'
        )
    names = tuple(made) if classes is None else tuple(_label(one) for one in classes)
    unknown = [label for label in made if label not in names]
    if unknown:
        raise ValueError(
            f'column "{column.name}" holds {", ".join(unknown[:5])}; expected only the classes {", ".join(names)}.'
        )
    if len(names) > MAX_ALTERNATIVES:
        raise ValueError(
            f'column "{column.name}" has {len(names)} different values, such as {", ".join(names[:5])}; expected '
            f"at most {MAX_ALTERNATIVES} alternatives. Is it a time or a trial number rather than the choice?"
        )
    if len(made) == 1:
        _refuse_one_choice(column.name, made[0], labels, missed)
    index = {name: k for k, name in enumerate(names)}
    return np.array([index.get(label, -1) for label in labels], np.int32), names


def _refuse_one_choice(name: Any, only: str, labels: np.ndarray, missed: np.ndarray) -> None:
    negative = missed & np.char.startswith(labels.astype(str), "-1")
    slip = (
        f"; {negative.sum()} rows are -1, which is read as a missed trial: if it is a side, name the sides otherwise"
        if negative.any()
        else "; a model of choice needs both alternatives. Is it the right column?"
    )
    raise ValueError(f'bias-only: all {(~missed).sum()} choices in column "{name}" are {only}{slip}')


def _labels(column: pd.Series) -> np.ndarray:
    values = column.array
    if isinstance(column.dtype, pd.CategoricalDtype):
        values = column.astype(object).array
    if pd.api.types.is_float_dtype(column.dtype):
        known = column[column.notna()].to_numpy(float)
        odd = known[known != np.round(known)]
        if odd.size:
            raise ValueError(
                f'column "{column.name}" holds {odd[0]:g}; expected whole numbers or text as choices. Is it a time '
                "or a probability rather than the choice?"
            )
    return np.array(["" if pd.isna(value) else _label(value) for value in values], object)


def _label(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, float, np.integer, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _sort_key(label: str) -> tuple[int, float, str]:
    try:
        return (0, float(label), label)
    except ValueError:
        return (1, 0.0, label)
