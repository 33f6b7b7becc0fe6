"""Logit portraits: the log odds of a choice against their change on the next trial, by observation."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cogrnn_lab.analysis.dynamics.phase.constant_inputs import constant_inputs
from cogrnn_lab.analysis.dynamics.phase.recursion import recursion_of
from cogrnn_lab.analysis.reading.latents import Latents
from cogrnn_lab.analysis.reading.visited import visited
from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import Dataset

# Pairs of trials in a bin below which its mean is not told.
LEAST_IN_BIN = 5


@dataclass(frozen=True)
class LogitPortrait:
    """Log odds of the second and later alternatives against the first, and how one trial changes them.

    Fields:
        logit: (pair, alternative - 1) before the trial.
        change: (pair, alternative - 1) on the trial.
        observation: (pair,) index of what was observed, -1: none of the observations.
        observations: (observation, input).
        observation_labels: Names of the observations, in the words of the data.
        share: (observation,) of the trials on which it occurs.
        bins: (bin,) logits, middles of bins.
        mean: (observation, alternative - 1, bin) change of logits in the bin; NaN where there are few.
        slope: (observation, alternative - 1) of the line through the changes: -1 where the logit forgets what
            it was, 0 where every logit is moved alike.
        target: (observation, alternative - 1) logit at which that line crosses 0: where the observation
            drives the choice if it is repeated; NaN where the slope is about 0 or positive.
        r2: (observation, alternative - 1) share of the change's variance that the line explains. Where it is
            low, the logit alone does not tell what happens next: other latents do. NaN where the change does
            not vary.
        choice_names: Names of the alternatives; None where none are known.
    """

    logit: np.ndarray
    change: np.ndarray
    observation: np.ndarray
    observations: np.ndarray
    observation_labels: tuple[str, ...]
    share: np.ndarray
    bins: np.ndarray
    mean: np.ndarray
    slope: np.ndarray
    target: np.ndarray
    r2: np.ndarray
    choice_names: tuple[str, ...] | None


def logit_portrait(
    model: Any,
    dataset: Dataset,
    *,
    observations: Any = None,
    n_bins: int = 15,
    along: Latents | None = None,
) -> LogitPortrait:
    """Follow the log odds of the choices along the data: value against change, by observation.

    It needs no latents to be read, so that networks of any size and kind, and agents, can be laid side by
    side. A rule that has one variable makes a line; several that matter make a cloud.

    Arguments:
        model: Any network, a `Run` or a `Discovery` that has one, or an agent of choices and rewards.
        dataset: Sessions of choices that fit it.
        observations: (observation, input); by default those that are frequent in the data.
        n_bins: Bins of the logit.
        along: The latents on these data, where they are at hand (not for agents).

    Returns:
        A `LogitPortrait`.

    Raises:
        TypeError: The model is no network and no agent.
        ValueError: The data have no choices or do not fit the model.

    Source:
        Ji-An, Benna & Mattar, "Discovering cognitive strategies with tiny recurrent neural networks", Nature
        2025.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=50)
        >>> cl.logit_portrait(cl.QLearning(), data).slope.shape
        (4, 1)
    """
    n_bins = checked_count(n_bins, "n_bins")
    if not dataset.n_classes:
        raise ValueError("a logit portrait is of choices, but the data set has none")
    model, dataset = recursion_of(model, dataset)
    seen = visited(model, dataset, along)
    shown, labels = constant_inputs(model, dataset, observations)
    which = seen.of_observation(shown)
    before, after = (
        out[:, 1 : dataset.n_classes] - out[:, :1] for out in (seen.outputs_before, seen.outputs_after)
    )
    change = after - before
    edges = np.linspace(before.min() - 1e-9, before.max() + 1e-9, n_bins + 1)
    each = [(before[which == i], change[which == i]) for i in range(len(shown))]
    lines = np.array([[_line(x, y) for x, y in zip(own.T, moved.T, strict=True)] for own, moved in each])
    lines = lines.reshape(len(shown), before.shape[1], 3)
    return LogitPortrait(
        logit=before,
        change=change,
        observation=which,
        observations=shown,
        observation_labels=labels,
        share=np.array([(which == i).mean() for i in range(len(shown))]),
        bins=0.5 * (edges[1:] + edges[:-1]),
        mean=np.array(
            [[_binned(x, y, edges) for x, y in zip(own.T, moved.T, strict=True)] for own, moved in each]
        ),
        slope=lines[..., 0],
        target=lines[..., 1],
        r2=lines[..., 2],
        choice_names=getattr(model, "class_names", None) or dataset.class_names,
    )


def _line(logit: np.ndarray, change: np.ndarray) -> tuple[float, float, float]:
    """Slope of the least-squares line, where it crosses 0, and R²."""
    if len(logit) < 3 or np.ptp(logit) < 1e-6:
        return np.nan, np.nan, np.nan
    slope, level = np.polyfit(logit, change, 1)
    total = ((change - change.mean()) ** 2).sum()
    left = ((change - slope * logit - level) ** 2).sum()
    r2 = 1.0 - left / total if total > 1e-10 * len(logit) else np.nan
    return float(slope), float(-level / slope) if slope < -1e-3 else np.nan, float(r2)


def _binned(logit: np.ndarray, change: np.ndarray, edges: np.ndarray) -> np.ndarray:
    counts = np.histogram(logit, edges)[0]
    sums = np.histogram(logit, edges, weights=change)[0]
    return np.where(counts >= LEAST_IN_BIN, sums / np.maximum(counts, 1), np.nan)
