"""Choices as tables write them, and what they are here: an index per alternative, -1 where missed."""

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

    Labels are text, whole numbers or bool; all-numeric ones are sorted as numbers. -1, empty and NaN:
    missed, -1.

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
            f'column "{column.name}" holds {", ".join(unknown[:5])}; expected only the classes '
            f"{', '.join(names)}."
        )
    if len(names) > MAX_ALTERNATIVES:
        raise ValueError(
            f'column "{column.name}" has {len(names)} different values, such as {", ".join(names[:5])}; '
            f"expected at most {MAX_ALTERNATIVES} alternatives. Is it a time or a trial number rather than "
            "the choice?"
        )
    if len(made) == 1:
        _refuse_one_choice(column.name, made[0], labels, missed)
    index = {name: k for k, name in enumerate(names)}
    return np.array([index.get(label, -1) for label in labels], np.int32), names


def _refuse_one_choice(name: Any, only: str, labels: np.ndarray, missed: np.ndarray) -> None:
    negative = missed & np.array([label.startswith("-1") for label in labels])
    slip = (
        f"; {negative.sum()} rows are -1, which is read as a missed trial: if it is a side, name the sides "
        "otherwise"
        if negative.any()
        else "; a model of choice needs both alternatives. Is it the right column?"
    )
    raise ValueError(f'bias-only: all {(~missed).sum()} choices in column "{name}" are {only}{slip}')


def _labels(column: pd.Series) -> np.ndarray:
    if pd.api.types.is_float_dtype(column.dtype):
        known = column.dropna().astype(float)
        odd = known[known != known.round()]
        if len(odd):
            raise ValueError(
                f'column "{column.name}" holds {odd.iloc[0]:g}; expected whole numbers or text as choices. '
                "Is it a time or a probability rather than the choice?"
            )
    codes, values = pd.factorize(column)  # -1 where missing, which is the last of the labels
    return np.array([*(_label(value) for value in values), ""], object)[codes]


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
