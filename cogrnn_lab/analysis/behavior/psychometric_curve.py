"""Psychometric curves: how choices, or their correctness, depend on the strength of a stimulus."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from scipy import stats

from cogrnn_lab.analysis.behavior.psychometric_fit import PsychometricFit, fitted
from cogrnn_lab.tasks import NumpyTask, Task, TaskBatch, decisions

MOST_LEVELS = 50


@dataclass(frozen=True)
class PsychometricCurve:
    """Choices at each level of a stimulus.

    `by` what varies · `of` "correct" or "choice", and then `option` the choice that is counted · `levels`
    (level,) ascending · `n` (level,) trials with a choice · `n_chosen` (level,) those that were correct, or
    the option · `lower`, `upper` (level,) binomial interval of the proportion (Wilson 1927) at `confidence` ·
    `fit` the fitted logistic function, or None.
    """

    by: str
    of: str
    option: int | None
    levels: Float[np.ndarray, " level"]
    n: Int[np.ndarray, " level"]
    n_chosen: Int[np.ndarray, " level"]
    lower: Float[np.ndarray, " level"]
    upper: Float[np.ndarray, " level"]
    confidence: float
    fit: PsychometricFit | None = None

    @property
    def proportion(self) -> Float[np.ndarray, " level"]:
        """Proportion of correct choices, or of choices of the option, at each level."""
        return self.n_chosen / self.n


def psychometric_curve(
    batch: TaskBatch,
    outputs: Any,
    by: str | np.ndarray = "coherence",
    *,
    of: str = "correct",
    option: int = 1,
    task: Task | NumpyTask | None = None,
    n_bins: int | None = None,
    confidence: float = 0.95,
    fit: bool = False,
) -> PsychometricCurve:
    """The psychometric curve of a network, or of any observer, on a batch of trials.

    **Arguments:**

    - `batch`: the trials, as `task.batch(key, n_trials)` makes them.
    - `outputs`: of a network, (trial, time, output); or the choices themselves, (trial,) from 0, where -1 or
        NaN is none.
    - `by`: name of the parameter that varies, or an array (trial,) of its values, such as a coherence that is
        negative for one of the directions.
    - `of`: "correct", choices that are those of the targets, or "choice", those of `option`.
    - `task`: reads choices from outputs and from targets by its own rule, if it has one (`task.choices`);
        without it the highest output at the times that count is the choice.
    - `n_bins`: average over that many bins of equally many trials, for a parameter that is continuous.
    - `confidence`: of the intervals.
    - `fit`: fit a logistic function with lapses. See `PsychometricFit`.

    **Raises:** `ValueError` where the parameter does not exist or has too many levels, or no choice is made.
    """
    if of not in ("correct", "choice"):
        raise ValueError(f'of = {of!r}; expected "correct" or "choice".')
    if not 0 < confidence < 1:
        raise ValueError(f"confidence = {confidence!r}; expected a number between 0 and 1, such as 0.95.")
    values = _values(batch, by)
    chosen, correct = _choices(batch, outputs, task)
    known = (chosen >= 0) & np.isfinite(values) & ((correct >= 0) | (of == "choice"))
    if not known.any():
        raise ValueError(f"none of {batch.n_trials} trials has a choice; is the mask False throughout?")
    values, chosen, correct = values[known], chosen[known], correct[known]
    success = chosen == (correct if of == "correct" else option)
    levels, place = _levels(values, n_bins, by)
    n = np.bincount(place, minlength=len(levels))
    n_chosen = np.bincount(place, weights=success, minlength=len(levels)).astype(int)
    lower, upper = wilson_interval(n_chosen, n, confidence)
    n_options = max(2, batch.targets.shape[2]) if task is None or task.n_classes is None else task.n_classes
    return PsychometricCurve(
        by=by if isinstance(by, str) else "given values",
        of=of,
        option=option if of == "choice" else None,
        levels=levels,
        n=n,
        n_chosen=n_chosen,
        lower=lower,
        upper=upper,
        confidence=confidence,
        fit=fitted(levels, n_chosen, n, of, 1.0 / n_options) if fit else None,
    )


def wilson_interval(
    n_chosen: Int[np.ndarray, " level"], n: Int[np.ndarray, " level"], confidence: float
) -> tuple[Float[np.ndarray, " level"], Float[np.ndarray, " level"]]:
    """Score interval of a binomial proportion (Wilson 1927)."""
    z = stats.norm.ppf(0.5 + confidence / 2)
    p = n_chosen / n
    center = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    # At proportions 0 and 1 rounding must not put the interval beside the proportion.
    return np.clip(center - half, 0.0, p), np.clip(center + half, p, 1.0)


def _values(batch: TaskBatch, by: Any) -> np.ndarray:
    if isinstance(by, str):
        if by not in batch.parameters:
            raise ValueError(
                f'the trials have no parameter "{by}", only {", ".join(sorted(batch.parameters))}.'
            )
        return np.asarray(batch.parameters[by], np.float64)
    values = np.asarray(by, np.float64)
    if values.shape != (batch.n_trials,):
        raise ValueError(
            f"by has shape {values.shape}; expected the name of a parameter or ({batch.n_trials},), a number "
            "for each trial."
        )
    return values


def _choices(batch: TaskBatch, outputs: Any, task: Task | NumpyTask | None) -> tuple[np.ndarray, np.ndarray]:
    """Choice made and correct choice of each trial; -1 where there is none."""

    def read(values: Any) -> np.ndarray:
        return np.asarray(decisions(values, batch.mask) if task is None else task.choices(values, batch))

    outputs = np.asarray(outputs)
    n_trials, n_steps = batch.inputs.shape[:2]
    if outputs.ndim == 3 and outputs.shape[:2] == (n_trials, n_steps):
        return read(outputs), read(batch.targets)
    if outputs.shape != (n_trials,):
        raise ValueError(
            f"outputs has shape {outputs.shape}; expected (trial, time, output) of these {n_trials} trials "
            f"of {n_steps} steps, or ({n_trials},), a choice for each."
        )
    chosen = np.where(np.isnan(outputs), -1, outputs) if outputs.dtype.kind == "f" else outputs
    if not np.array_equal(chosen, np.round(chosen)):
        raise ValueError("choices are whole numbers from 0, or -1; are these probabilities?")
    return chosen.astype(int), read(batch.targets)


def _levels(values: np.ndarray, n_bins: int | None, by: Any) -> tuple[np.ndarray, np.ndarray]:
    """Levels, ascending, and the index of the level of each trial."""
    if n_bins is None:
        levels, place = np.unique(values, return_inverse=True)
        if len(levels) > MOST_LEVELS:
            name = by if isinstance(by, str) else "by"
            raise ValueError(
                f"{name} has {len(levels)} different values in {len(values)} trials; for a continuous "
                "parameter give n_bins, such as n_bins=10."
            )
        return levels, place
    if n_bins < 1:
        raise ValueError(f"n_bins = {n_bins}; expected 1 or more.")
    edges = np.unique(np.quantile(values, np.linspace(0, 1, n_bins + 1)))
    place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, max(len(edges) - 2, 0))
    _, place = np.unique(place, return_inverse=True)
    return np.bincount(place, weights=values) / np.bincount(place), place
