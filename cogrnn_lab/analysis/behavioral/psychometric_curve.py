"""Psychometric curves: how choices, or their correctness, depend on the strength of a stimulus."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from scipy import stats

from cogrnn_lab.analysis.behavioral.psychometric_fit import PsychometricFit, fit_logistic, with_intervals
from cogrnn_lab.analysis.bins import Bins, own_levels, quantile_bins
from cogrnn_lab.tasks import NumpyTask, Task, TaskBatch, decisions

MOST_LEVELS = 50


@dataclass(frozen=True)
class PsychometricCurve:
    """Choices at each level of a stimulus.

    Fields:
        by: Name of the parameter that varies.
        of: "correct" or "choice".
        option: The choice that is counted, from 0; None where correct choices are.
        levels: (level,) of the parameter, ascending.
        n: (level,) trials with a choice.
        n_chosen: (level,) trials that were correct, or on which the option was chosen.
        lower: (level,) lower end of the binomial interval of the proportion (Wilson 1927).
        upper: (level,) upper end.
        confidence: Level of the interval, between 0 and 1.
        fit: The fitted logistic function, or None.
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
    n_bootstrap: int = 0,
    seed: int = 0,
) -> PsychometricCurve:
    """Count the psychometric curve of a network, or of any observer, on a batch of trials.

    Arguments:
        batch: The trials, as `task.batch(key, n_trials)` makes them.
        outputs: Outputs of a network, (trial, time, output); or choices, (trial,) from 0, where -1 or NaN is
            none.
        by: Name of the parameter that varies, or an array (trial,) of its values, such as a coherence that is
            negative for one of the directions.
        of: "correct", choices that are those of the targets, or "choice", those of `option`.
        option: The alternative whose choices are counted, from 0.
        task: Task that reads choices from outputs and from targets by its own rule, if it has one
            (`task.choices`); None: the highest output at the times that count is the choice.
        n_bins: Bins of equally many trials, for a continuous parameter; None: a point at each value.
        confidence: Level of the intervals, between 0 and 1.
        fit: Whether to fit a logistic function with lapses; see `PsychometricFit`.
        n_bootstrap: Resamples for the intervals of the fitted parameters; 0: no intervals.
        seed: Of the resamples.

    Returns:
        A `PsychometricCurve`.

    Raises:
        ValueError: The parameter does not exist or has too many levels, or no choice is made, or
            `n_bootstrap` is given without `fit`.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> batch = cl.PerceptualDiscrimination().batch(jax.random.key(0), 40)
        >>> choices = batch.targets[:, -1].argmax(-1)
        >>> cl.psychometric_curve(batch, choices, n_bins=2).proportion
        array([1., 1.])
    """
    if of not in ("correct", "choice"):
        raise ValueError(f'of = {of!r}; expected "correct" or "choice".')
    if not 0 < confidence < 1:
        raise ValueError(f"confidence = {confidence!r}; expected a number between 0 and 1, such as 0.95.")
    if n_bootstrap < 0 or (n_bootstrap and not fit):
        raise ValueError(f"n_bootstrap = {n_bootstrap} with fit={fit}; expected 0 or more, and fit=True.")
    if not isinstance(batch, TaskBatch):
        raise TypeError(
            f"the batch is a {type(batch).__name__}, expected trials of a task: batch = task.batch(0, 500), "
            "then cl.psychometric_curve(batch, cl.rollout(model, batch.inputs).outputs)"
        )
    values = _values(batch, by)
    chosen, correct = _choices(batch, outputs, task)
    known = (chosen >= 0) & np.isfinite(values) & ((correct >= 0) | (of == "choice"))
    if not known.any():
        raise ValueError(f"none of {batch.n_trials} trials has a choice; is the mask False throughout?")
    values, chosen, correct = values[known], chosen[known], correct[known]
    success = chosen == (correct if of == "correct" else option)
    place, levels = _levels(values, n_bins, by)
    n = np.bincount(place, minlength=len(levels))
    n_chosen = np.bincount(place, weights=success, minlength=len(levels)).astype(int)
    lower, upper = wilson_interval(n_chosen, n, confidence)
    fitted = None
    n_options = max(2, batch.targets.shape[2]) if task is None or task.n_classes is None else task.n_classes
    if fit:
        guess = 1.0 / n_options
        fitted = fit_logistic(levels, n_chosen, n, of, guess)
        if n_bootstrap:
            fitted = with_intervals(fitted, levels, n, n_bootstrap, confidence, seed)
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
        fit=fitted,
    )


def wilson_interval(
    n_chosen: Int[np.ndarray, " level"], n: Int[np.ndarray, " level"], confidence: float
) -> tuple[Float[np.ndarray, " level"], Float[np.ndarray, " level"]]:
    """Compute the score interval of a binomial proportion (Wilson 1927)."""
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


def _levels(values: np.ndarray, n_bins: int | None, by: Any) -> Bins:
    """The level of each trial, and the levels."""
    if n_bins is None:
        bins = own_levels(values)
        if (n_levels := len(bins.means)) > MOST_LEVELS:
            name = by if isinstance(by, str) else "by"
            raise ValueError(
                f"{name} has {n_levels} different values in {len(values)} trials; for a continuous "
                "parameter give n_bins, such as n_bins=10."
            )
        return bins
    if n_bins < 1:
        raise ValueError(f"n_bins = {n_bins}; expected 1 or more.")
    return quantile_bins(values, n_bins)
