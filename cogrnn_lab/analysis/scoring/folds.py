"""Folds of cross-validation, the same for every model that is compared."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cogrnn_lab.data import Dataset


@dataclass(frozen=True)
class Folds:
    """Folds of the sessions, of which one at a time is held out.

    Fields:
        fold: (session,) from 0.
        held_out: Numbers of the folds that are held out.
    """

    fold: np.ndarray
    held_out: tuple[int, ...]

    @classmethod
    def deal(cls, dataset: Dataset, folds: int, held_out: Sequence[int] | None) -> "Folds":
        """Deal the sessions of each subject to the folds in turn; `held_out` None: every fold."""
        return cls(_folds(dataset, folds), _held_out(held_out, folds))


def sorted_by_subject(dataset: Dataset) -> Dataset:
    """Put the sessions of each subject together."""
    return dataset.select(np.argsort(dataset.subject, kind="stable"))


def subject_numbers(dataset: Dataset) -> np.ndarray:
    """Number of each session's subject, from 0 without gaps."""
    return np.searchsorted(dataset.subjects, dataset.subject)


def _folds(dataset: Dataset, folds: int) -> np.ndarray:
    """Fold in which each session is held out: they take turns within each subject."""
    counts = np.bincount(subject_numbers(dataset))
    if counts.min() < folds:
        few = dataset.subject_names[dataset.subjects[int(counts.argmin())]]
        raise ValueError(
            f"subject {few} has {counts.min()} session{'s' if counts.min() > 1 else ''}; folds={folds} needs "
            f"{folds} of every subject. Leave the subject out with dataset.select, or were sessions joined?"
        )
    return np.concatenate([np.arange(n) % folds for n in counts])


def _held_out(wanted: Sequence[int] | None, folds: int) -> tuple[int, ...]:
    """The folds that are held out."""
    if wanted is None:
        return tuple(range(folds))
    held_out = tuple(dict.fromkeys(wanted))
    if not held_out or not set(held_out) <= set(range(folds)):
        raise ValueError(
            f"held_out_folds is {list(wanted)}, expected some of the folds 0 to {folds - 1} (folds={folds})"
        )
    return held_out
