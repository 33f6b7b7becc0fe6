"""Joining of data sets: the fields that must agree, and the padding of the others."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cogrnn_lab.data.padding import padded

if TYPE_CHECKING:
    from cogrnn_lab.data.dataset import Dataset


def joined(parts: Sequence["Dataset"]) -> "Dataset":
    """Join data sets; see `Dataset.concat`."""
    first = parts[0]
    for other in parts[1:]:
        check_same_fields(first, other)
    n_trials = max(part.n_trials for part in parts)
    subject_names = tuple(dict.fromkeys(name for part in parts for name in part.subject_names))

    def arrays(name: str) -> np.ndarray:
        return np.concatenate([padded(getattr(part, name), n_trials) for part in parts])

    shapes = [part.valid.shape for part in parts]
    masks = [part.action_mask for part in parts]
    subject = np.array(
        [subject_names.index(part.subject_names[i]) for part in parts for i in part.subject], np.int32
    )
    session_names = [name for part in parts for name in part.session_names]
    return first._replace(
        **{name: arrays(name) for name in ("inputs", "targets", "mask", "valid")},
        subject=subject,
        action_mask=joined_action_masks(masks, shapes, n_trials, first.n_classes),
        columns=joined_columns([part.columns for part in parts], shapes, n_trials),
        subject_names=subject_names,
        session_names=distinct_session_names(session_names, subject),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def check_same_fields(first: object, other: object) -> None:
    """Refuse to join data sets of different inputs, targets, classes or time steps."""
    for name in ("kind", "n_classes", "class_names", "input_names", "target_names", "time_step"):
        mine, theirs = getattr(first, name), getattr(other, name)
        if mine != theirs:
            raise ValueError(
                f"{name} differs: {mine} and {theirs}; data sets to be joined must have the same inputs, "
                "targets and classes, and rows of one duration. Were they read with the same arguments?"
            )


def joined_action_masks(
    masks: Sequence[np.ndarray | None],
    shapes: Sequence[tuple[int, int]],
    n_trials: int,
    n_classes: int | None,
) -> np.ndarray | None:
    """Available actions of all parts: all of them in a part that does not say, None if no part says."""
    if all(mask is None for mask in masks):
        return None
    full = [
        np.ones((*shape, n_classes or 0), bool) if mask is None else mask
        for mask, shape in zip(masks, shapes, strict=True)
    ]
    return np.concatenate([padded(mask, n_trials, fill=True) for mask in full])


def joined_columns(
    parts: Sequence[Mapping[str, np.ndarray]], shapes: Sequence[tuple[int, int]], n_trials: int
) -> dict[str, np.ndarray]:
    """Columns of all parts, NaN where a part lacks one; padding is NaN, or -1 in columns of integers."""
    names = dict.fromkeys(name for columns in parts for name in columns)
    joined = {}
    for name in names:
        arrays = []
        for columns, shape in zip(parts, shapes, strict=True):
            array = columns.get(name, np.full(shape, np.nan, np.float32))
            arrays.append(padded(array, n_trials, fill=column_padding(array.dtype)))
        joined[name] = np.concatenate(arrays)
    return joined


def column_padding(dtype: np.dtype) -> float | int | bool:
    """Value of a column on padding."""
    return {"f": np.nan, "i": -1}.get(dtype.kind, 0)


def distinct_session_names(names: Sequence[str], subject: np.ndarray) -> tuple[str, ...]:
    """The names, with a new number for a session whose subject already has one of that name."""
    taken = {(int(one), name) for one, name in zip(subject, names, strict=True)}
    seen, distinct = set(), []
    for one, name in zip(subject.tolist(), names, strict=True):
        new, number = name, 1
        while (one, new) in seen:
            number += 1
            candidate = str(int(name) + number - 1) if name.isdecimal() else f"{name} ({number})"
            new = name if (one, candidate) in taken else candidate
        taken.add((one, new))
        seen.add((one, new))
        distinct.append(new)
    return tuple(distinct)
