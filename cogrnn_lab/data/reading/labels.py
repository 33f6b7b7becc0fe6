"""What a cell of choices is called: one label for 1, 1.0 and "1"."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

NEARLY_WHOLE = 1e-5  # numbers this close to a whole one are that one: files keep rounding errors
_WHOLE = re.compile(r"-?(0|[1-9]\d*)(\.0+)?")


def label(value: Any) -> str:
    """The label of one value: text without blanks around it, whole numbers without a point."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(value)  # a float has fewer digits than some identifiers
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if np.isfinite(number) and abs(number - round(number)) <= NEARLY_WHOLE:
            return str(round(number))
        return str(value)
    text = str(value).strip()
    if _WHOLE.fullmatch(text):
        whole = text.split(".")[0]
        return "0" if whole == "-0" else whole
    return text


def labels_of(values: Any) -> tuple[str, ...]:
    """The labels of what a caller gives: one value or several."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        values = (values,)
    return tuple(dict.fromkeys(label(value) for value in values))


def column_labels(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Index of each row's label, and the labels as they appear; an empty cell is the label ""."""
    if pd.api.types.is_float_dtype(column.dtype):
        known = column.dropna().astype(float)
        odd = known[(known - known.round()).abs() > NEARLY_WHOLE]
        if len(odd):
            raise ValueError(
                f'column "{column.name}" holds {odd.iloc[0]:g}; expected whole numbers or text as choices. '
                "Is it a time or a probability rather than the choice?"
            )
    codes, values = pd.factorize(column)  # -1 where empty, which is the last of the labels
    names = np.array([*(label(value) for value in values), ""], object)
    merged, labels = pd.factorize(names[codes])
    return merged, [str(one) for one in labels]


def number_of(text: str) -> float | None:
    """The label as a number; None where it is text. True and False count as numbers."""
    if text in ("True", "False"):
        return float(text == "True")
    try:
        return float(text)
    except ValueError:
        return None


def sort_key(text: str) -> tuple[int, float, str]:
    """Numbers in their order, then text."""
    number = None if text in ("True", "False") else number_of(text)
    return (1, 0.0, text) if number is None else (0, number, text)


def counted(labels: Iterable[str], rows: dict[str, int]) -> str:
    """Labels with their counts, such as "left × 12, right × 9"."""
    return ", ".join(f"{one} × {rows.get(one, 0):,}" for one in labels)


def in_words(n: int, thing: str) -> str:
    """A count with its noun, in the plural where there is not one."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"
