"""What statistics of behavior see of each trial: what was chosen, what it paid, and what came before."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from cogrnn_lab.data import Dataset


@dataclass(frozen=True)
class PastTrials:
    """Trials as statistics of behavior count them.

    Nothing is bridged: what came before a trial is the row right before it in the session, and where that
    was missed, or its reward is not known, the trial has no such past.

    `choice` (session, trial), -1: none. `won` and `amount` (session, trial): 1 or 0, and the reward with
    nothing as 0 and a full reward as 1; NaN where not known. `counted`: choices that count, neither
    instructed nor held out. `offered` (session, trial, alternative). `present` (session, trial,
    alternative): the choice as 1 among zeros, or the probabilities that a model gives to it.
    """

    choice: Int[np.ndarray, "session trial"]
    won: Float[np.ndarray, "session trial"]
    amount: Float[np.ndarray, "session trial"]
    counted: Bool[np.ndarray, "session trial"]
    offered: Bool[np.ndarray, "session trial alternative"]
    present: Float[np.ndarray, "session trial alternative"]
    names: tuple[str, ...]

    @classmethod
    def of(cls, dataset: Dataset) -> "PastTrials":
        """Take the trials of a data set.

        Raises:
            ValueError: The data have no choices, or their rows are steps in time.
        """
        _check_has_trials(dataset)
        choice, reward = dataset.choices, dataset.rewards.astype(np.float64)
        known = (choice >= 0) & np.isfinite(reward)
        n = int(dataset.n_classes or 0)
        shape = (*choice.shape, n)
        offered = np.ones(shape, bool) if dataset.action_mask is None else np.asarray(dataset.action_mask)
        return cls(
            choice=choice,
            won=np.where(known, dataset.outcomes.is_win(reward), np.nan),
            amount=np.where(known, dataset.outcomes.scaled(reward), np.nan),
            counted=np.asarray(dataset.mask)[..., 0] & (choice >= 0),
            offered=offered,
            present=(choice[..., None] == np.arange(n)).astype(np.float64),
            names=alternative_names(dataset),
        )

    def predicted(self, probabilities: np.ndarray) -> "PastTrials":
        """The same past with a model's probabilities (session, trial, alternative) in place of choices."""
        return replace(self, present=np.asarray(probabilities, np.float64))

    @property
    def n_alternatives(self) -> int:
        """Number of alternatives."""
        return self.present.shape[2]

    @property
    def before(self) -> Int[np.ndarray, "session trial"]:
        """Choice on the trial before, -1 where there is none."""
        return back(self.choice, 1, -1)

    @property
    def could_stay(self) -> Bool[np.ndarray, "session trial"]:
        """Trials that count, on which the choice before could be made again, and another as well."""
        again = np.take_along_axis(self.offered, np.maximum(self.before, 0)[..., None], 2)[..., 0]
        return self.counted & (self.before >= 0) & again & (self.offered.sum(-1) > 1)

    @property
    def stays(self) -> Float[np.ndarray, "session trial"]:
        """Probability that the choice is that before; only of meaning where `could_stay`."""
        return np.take_along_axis(self.present, np.maximum(self.before, 0)[..., None], 2)[..., 0]

    @property
    def run_before(self) -> Int[np.ndarray, "session trial"]:
        """How often in a row the choice before was made, 0 where no one knows since when.

        A run begins with a session or with a switch; after a missed trial the next switch begins one.
        """
        runs = np.zeros(self.choice.shape, int)
        length = np.where(self.choice[:, 0] >= 0, 1, 0)
        for t in range(1, self.choice.shape[1]):
            runs[:, t] = length
            now, last = self.choice[:, t], self.choice[:, t - 1]
            same = (now >= 0) & (now == last)
            switched = (now >= 0) & (last >= 0) & (now != last)
            length = np.where(same & (length > 0), length + 1, np.where(switched, 1, 0))
        return runs


def alternative_names(dataset: Dataset) -> tuple[str, ...]:
    """Names of the alternatives, numbered from 0 where they have none."""
    return dataset.class_names or tuple(str(k) for k in range(int(dataset.n_classes or 0)))


def back(values: np.ndarray, lag: int, missing: Any) -> np.ndarray:
    """Values (session, trial) of `lag` trials before; `missing` where the session had not begun."""
    moved = np.full_like(values, missing)
    if lag < values.shape[1]:
        moved[:, lag:] = values[:, : values.shape[1] - lag]
    return moved


def _check_has_trials(dataset: Any) -> None:
    if not isinstance(dataset, Dataset):
        slip = "; behavior of a model: cl.behavior(dataset, model)"
        raise TypeError(f"the first argument is a {type(dataset).__name__}, expected a cl.Dataset{slip}")
    if not dataset.n_classes:
        raise ValueError("the data set is continuous; statistics of behavior need choices.")
    if dataset.time_step is not None:
        raise ValueError(
            "the rows of the data set are steps in time, so that no row is the trial before another; "
            "expected a row for each trial."
        )
