"""Folds of cross-validation, the same for every model that is compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.splits import BLOCKS, OTHER_WAYS, SUBJECTS, blocks, checked_way, part_of, turns


@dataclass(frozen=True)
class Folds:
    """Folds of the trials of a data set, of which one at a time is held out.

    Fields:
        dataset: The data set, the sessions of each subject together.
        hold_out: What makes up a fold: "sessions", "subjects" or "blocks" of trials.
        turn: (session, trial), the fold of each trial, from 0.
        unit: (session, trial), the session or block of each trial, numbered in their order.
        held_out: Numbers of the folds that are held out.
    """

    dataset: Dataset
    hold_out: str
    turn: np.ndarray
    unit: np.ndarray
    held_out: tuple[int, ...]

    @classmethod
    def deal(
        cls, dataset: Dataset, folds: int, held_out: Sequence[int] | None, hold_out: str | None
    ) -> "Folds":
        """Deal sessions, subjects or blocks to the folds in turn; `held_out` None: every fold."""
        way = checked_way(hold_out)
        dataset = dataset.select(np.argsort(dataset.subject, kind="stable"))
        _check_enough(dataset, folds, way)
        block = blocks(dataset, folds) if way == BLOCKS else np.zeros(dataset.valid.shape, int)
        number = np.arange(dataset.n_sessions)[:, None] * (int(block.max()) + 1) + block
        unit = np.unique(number, return_inverse=True)[1].reshape(number.shape)
        return cls(dataset, way, turns(dataset, folds, way), unit, _held_out(held_out, folds))

    def train(self, fold: int) -> Dataset:
        """Take what is trained on where this fold is held out."""
        return part_of(self.dataset, self.turn != fold, self.hold_out)

    def scored(self, fold: int) -> Dataset:
        """Take what is scored where this fold is held out."""
        return part_of(self.dataset, self.turn == fold, self.hold_out)

    def put(self, values: np.ndarray, fold: int, of_scored: np.ndarray) -> None:
        """Put the numbers (session, trial) of `scored(fold)` where they belong among those of all trials."""
        own = self.turn == fold
        values[own] = of_scored[own] if self.hold_out == BLOCKS else of_scored.ravel()

    @property
    def by(self) -> str:
        """Who has fitted parameters: each "subject", or "all" where whole subjects are held out."""
        return "all" if self.hold_out == SUBJECTS else "subject"

    @cached_property
    def judged(self) -> np.ndarray:
        """(unit,) True for the units of the folds that are held out."""
        return np.isin(self.of_units(self.turn), self.held_out)

    def of_units(self, of_trials: np.ndarray) -> np.ndarray:
        """(unit,) a number that is the same in all trials of a unit."""
        first = np.unique(self.unit, return_index=True)[1]
        return np.broadcast_to(of_trials, self.unit.shape).ravel()[first]

    def sums(self, of_trials: np.ndarray) -> np.ndarray:
        """(unit,) sums over the choices that count."""
        counted = self.dataset.mask[..., 0]
        return np.bincount(self.unit[counted], of_trials[counted], int(self.unit.max()) + 1)


def _check_enough(dataset: Dataset, folds: int, way: str) -> None:
    """Refuse folds that a subject could not be in."""
    if way == BLOCKS:
        return
    if way == SUBJECTS:
        if len(dataset.subjects) < folds:
            raise ValueError(
                f'there are {len(dataset.subjects)} subjects; folds={folds} with hold_out="subjects" needs '
                f'{folds} or more. hold_out="blocks" holds out blocks of trials within each session.'
            )
        return
    counts = np.bincount(dataset.subject)[dataset.subjects]
    if counts.min() < folds:
        few = dataset.subject_names[dataset.subjects[int(counts.argmin())]]
        raise ValueError(
            f"subject {few} has {counts.min()} session{'s' if counts.min() > 1 else ''}; folds={folds} needs "
            f"{folds} of every subject. Of people with one session each, {OTHER_WAYS}. Or leave the subject "
            "out with dataset.select; or were sessions joined?"
        )


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
