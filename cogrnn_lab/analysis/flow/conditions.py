"""Trials by condition: what the trial before was, or labels of the caller's own."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.outcomes import tells_rewards

# More conditions than this are no conditions, as a rule a column of numbers that was given for labels.
MOST_CONDITIONS = 64


@dataclass(frozen=True)
class Conditions:
    """Which condition each valid trial is of.

    `names` of the conditions that occur; `of_trial` (valid trial,) their places in `names`.
    """

    names: tuple[str, ...]
    of_trial: Int[np.ndarray, " trial"]

    @property
    def shares(self) -> Float[np.ndarray, " condition"]:
        """Share of the trials."""
        return np.bincount(self.of_trial, minlength=len(self.names)) / len(self.of_trial)

    def weights(
        self, places: Int[np.ndarray, " trial"], n_values: int
    ) -> Float[np.ndarray, "value condition"]:
        """How often each value occurs within each condition, of the places of the trials' values."""
        n = len(self.names)
        counts = np.bincount(places * n + self.of_trial, minlength=n_values * n).reshape(n_values, n)
        return counts / counts.sum(0)


def conditions_of(dataset: Dataset, labels: Any) -> Conditions:
    """Conditions of the valid trials by labels (session, trial), or by previous choice and outcome for None.

    **Raises:** `ValueError` where the labels have another shape, or are too many to be conditions.
    """
    if labels is None:
        names, place = previous_outcomes(dataset)
        return _occurring(names, place[dataset.valid])
    given = np.asarray(labels)
    if given.shape != dataset.valid.shape:
        raise ValueError(
            f"conditions have shape {given.shape}, expected a label for each of (session, trial) = "
            f"{dataset.valid.shape}, of padding as well"
        )
    own = given[dataset.valid]
    if own.dtype.kind == "f" and np.isnan(own).any():
        raise ValueError(
            f"conditions are not a number on {int(np.isnan(own).sum())} valid trials; give these trials a "
            "label of their own, such as -1 or 'none'"
        )
    kinds, places = np.unique(own.astype(str) if own.dtype == object else own, return_inverse=True)
    if len(kinds) > MOST_CONDITIONS:
        raise ValueError(
            f"conditions have {len(kinds)} different labels, expected at most {MOST_CONDITIONS}; sort "
            "numbers into bins first, as with np.digitize"
        )
    return Conditions(tuple(_name(kind) for kind in kinds), places)


def subjects_as_conditions(dataset: Dataset) -> Conditions:
    """Subjects as the conditions of their trials."""
    of_trial = np.broadcast_to(np.asarray(dataset.subject)[:, None], dataset.valid.shape)
    return _occurring(tuple(map(str, dataset.subject_names)), of_trial[dataset.valid])


def previous_outcomes(dataset: Dataset) -> tuple[tuple[str, ...], Int[np.ndarray, "session trial"]]:
    """Names of combinations of previous choice and outcome, and that of each trial.

    Where rewards are not known it is the choice alone, and without choices all trials are one condition.
    """
    if not dataset.n_classes:
        return ("all trials",), np.zeros(dataset.valid.shape, int)
    choice, won = previous_choices_and_wins(dataset)
    classes = dataset.class_names or tuple(str(i) for i in range(dataset.n_classes))
    if won is None:
        return ("nothing before", *classes), choice + 1
    names = ["nothing before"]
    names += [f"{name}, {outcome}" for name in classes for outcome in ("not rewarded", "rewarded")]
    return tuple(names), np.where(choice < 0, 0, 1 + 2 * choice + won)


def previous_choices_and_wins(
    dataset: Dataset,
) -> tuple[Int[np.ndarray, "session trial"], Bool[np.ndarray, "session trial"] | None]:
    """Choice of the trial before (-1: none), and whether it won; None where no rewards are known."""
    choices = np.asarray(dataset.choices)
    before = np.full(choices.shape, -1)
    before[:, 1:] = choices[:, :-1]
    if not tells_rewards(dataset):
        return before, None
    won = np.zeros(choices.shape, bool)
    won[:, 1:] = dataset.outcomes.is_win(dataset.rewards)[:, :-1]
    return before, won


def _occurring(names: tuple[str, ...], place: np.ndarray) -> Conditions:
    kinds, places = np.unique(place, return_inverse=True)
    return Conditions(tuple(names[kind] for kind in kinds), places)


def _name(label: Any) -> str:
    return f"{label:g}" if isinstance(label, float | np.floating) else str(label)
