"""Which alternatives were on offer on each trial, from the columns that say so."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int

from cogrnn_lab.data.reading.labels import column_labels, label
from cogrnn_lab.data.reading.missed_codes import EMPTY
from cogrnn_lab.data.reading.table_columns import column_of, row_numbers

Offered = Bool[np.ndarray, "row class"]


def offered(
    frame: pd.DataFrame,
    columns: Sequence[str],
    choices: Int[np.ndarray, " row"],
    class_names: Sequence[str],
) -> Offered:
    """True where an alternative could be chosen.

    One column holds lists ("A,B", "[1, 2]"); several hold the label of an alternative each, or are 1 and 0,
    one column for each alternative in the order of the classes. On missed trials without an entry, all are.

    **Raises:** `ValueError` where a choice was not on offer, a label is none of the alternatives, or the
    columns can be read in two ways.
    """
    series = [column_of(frame, name) for name in columns]
    if len(columns) == 1:
        readings = {"lists": _of_lists(series[0], class_names)}
    else:
        readings = {
            "labels": _of_labels(series, class_names),
            "flags": _of_flags(series, columns, class_names),
        }
    made = choices >= 0
    index = np.maximum(choices, 0)[:, None]
    errors, possible = [], {}
    for how, read in readings.items():
        if isinstance(read, str):
            errors.append(read)
            continue
        read = read | (~made & ~read.any(1))[:, None]
        wrong = made & ~np.take_along_axis(read, index, axis=1)[:, 0]
        if wrong.any():
            errors.append(
                f"read as {how}, the choice was not on offer in {row_numbers(wrong)}; expected the choice "
                "among the options"
            )
        else:
            possible[how] = read
    names = ", ".join(columns)
    if not possible:
        raise ValueError(f"options = {names}: {'; or '.join(errors)}.")
    kept = list(possible.values())
    if len(kept) > 1 and not np.array_equal(*kept):
        raise ValueError(
            f"options = {names} can be read in two ways: as the labels of what was on offer, or as 1 where "
            f"the alternative ({', '.join(class_names)}, in this order) was on offer and 0 elsewhere. Write "
            "one column with lists, such as 0;1."
        )
    return kept[0]


def _of_lists(column: pd.Series, class_names: Sequence[str]) -> Offered | str:
    codes, values = pd.factorize(column.map(_hashable))
    read = np.zeros((len(values) + 1, len(class_names)), bool)
    for k, value in enumerate(values):
        labels = [label(one) for one in (value if isinstance(value, tuple) else _parts(str(value)))]
        unknown = [one for one in labels if one not in class_names]
        if unknown:
            return _unknown(column.name, unknown[0], class_names)
        read[k, [list(class_names).index(one) for one in labels]] = True
    return read[codes]


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, (list, tuple, set, np.ndarray)) else value


def _parts(text: str) -> list[str]:
    """The labels in a cell such as "A,B", "[1; 2]" or "left|right"."""
    parts = re.split(r"[,;|/]|\s+", text.strip(" []()"))
    return [one.strip(" '\"") for one in parts if one.strip(" '\"")]


def _of_labels(series: Sequence[pd.Series], class_names: Sequence[str]) -> Offered | str:
    read = np.zeros((len(series[0]), len(class_names)), bool)
    for column in series:
        codes, labels = column_labels(column)
        place = {name: k for k, name in enumerate(class_names)}
        unknown = [one for one in labels if one not in place and one.lower() not in EMPTY]
        if unknown:
            return _unknown(column.name, unknown[0], class_names)
        of_row = np.array([place.get(one, -1) for one in labels])[codes]
        known = of_row >= 0
        read[np.flatnonzero(known), of_row[known]] = True
    return read


def _of_flags(
    series: Sequence[pd.Series], columns: Sequence[str], class_names: Sequence[str]
) -> Offered | str:
    if len(series) != len(class_names):
        return (
            f"there are {len(series)} columns for {len(class_names)} alternatives, {', '.join(class_names)}"
        )
    flags = []
    for column in series:
        codes, labels = column_labels(column)
        values = np.array([{"0": 0, "1": 1, "False": 0, "True": 1}.get(one, -1) for one in labels])
        if (values < 0).any():
            return f'column "{column.name}" holds other than 0 and 1'
        flags.append(values[codes] == 1)
    return np.stack([flags[k] for k in _in_order_of_classes(columns, class_names)], axis=1)


def _in_order_of_classes(columns: Sequence[str], class_names: Sequence[str]) -> list[int]:
    """Assign a column to each class: by the end of its name where all have one, else by place."""
    ends = [
        [k for k, column in enumerate(columns) if re.search(rf"(^|[^A-Za-z0-9]){re.escape(name)}$", column)]
        for name in class_names
    ]
    if all(len(found) == 1 for found in ends):
        return [found[0] for found in ends]
    return list(range(len(columns)))


def _unknown(column: object, found: str, class_names: Sequence[str]) -> str:
    return (
        f'column "{column}" holds "{found}", which is none of the alternatives {", ".join(class_names)}; '
        "classes= names alternatives that were never chosen"
    )
