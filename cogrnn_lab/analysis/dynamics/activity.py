"""Activity of the units: principal components, averages over conditions, tuning of single units."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Array, Bool, Float

from cogrnn_lab.analysis.bins import Bins, own_levels, quantile_bins

States = Float[Array, "session time unit"] | Float[np.ndarray, "session time unit"]


@dataclass(frozen=True)
class ActivityPCA:
    """Principal components of activity over all trials of all sessions.

    Fields:
        components: (component, unit), orthonormal; the unit with the largest weight is positive.
        mean: (unit,) activity.
        variance: (component,) along each component.
        explained: (component,) fraction of the total variance.
        projections: (session, time, component).
    """

    components: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    explained: np.ndarray
    projections: np.ndarray

    def project(self, states: np.ndarray | Array) -> np.ndarray:
        """Project other activity on the same components.

        Arguments:
            states: (..., unit).

        Returns:
            (..., component).
        """
        states = np.asarray(states, np.float64)
        if states.shape[-1:] != self.mean.shape:
            raise ValueError(
                f"activity has shape {states.shape}, expected {self.mean.size} units on the last axis"
            )
        return (states - self.mean) @ self.components.T


@dataclass(frozen=True)
class ConditionAverages:
    """Activity averaged over the sessions of each condition.

    Fields:
        conditions: (condition,) labels in sorted order.
        means: (condition, time, unit), NaN where no session counts.
        standard_errors: (condition, time, unit), NaN where fewer than two sessions count.
        counts: (condition, time) of sessions.
    """

    conditions: np.ndarray
    means: np.ndarray
    standard_errors: np.ndarray
    counts: np.ndarray


@dataclass(frozen=True)
class Tuning:
    """Mean activity of each unit against a parameter of the session, such as a coherence.

    Fields:
        values: (value,) of the parameter, or means of its bins.
        means: (value, unit).
        standard_errors: (value, unit) of the means.
        counts: (value,) of sessions.
        slopes: (unit,) of the least-squares line on all sessions.
        correlations: (unit,) with the parameter; 0 for a unit that never changes.
        preferred: (unit,) value with the largest mean.
    """

    values: np.ndarray
    means: np.ndarray
    standard_errors: np.ndarray
    counts: np.ndarray
    slopes: np.ndarray
    correlations: np.ndarray
    preferred: np.ndarray


def activity_pca(
    states: States, n: int = 3, *, valid: Bool[Array | np.ndarray, "session time"] | None = None
) -> ActivityPCA:
    """Find the first principal components of activity.

    Arguments:
        states: (session, time, unit), states or rates.
        n: How many components.
        valid: (session, time) False on padding; None: all count.

    Returns:
        An `ActivityPCA`.

    Raises:
        ValueError: `n` is larger than the number of units or of trials, or an array has another shape.

    Example:
        >>> import numpy as np
        >>> import cogrnn_lab as cl
        >>> states = np.random.default_rng(0).normal(size=(4, 10, 6))
        >>> cl.activity_pca(states, 2).projections.shape
        (4, 10, 2)
    """
    activity = _checked(states)
    counted = _counted(valid, activity)
    points = activity[counted]
    if not 1 <= n <= min(points.shape):
        raise ValueError(
            f"n is {n}, expected 1 to {min(points.shape)}: there are {points.shape[1]} units and "
            f"{points.shape[0]} trials"
        )
    mean = points.mean(0)
    centered = points - mean
    variances, vectors = np.linalg.eigh(centered.T @ centered / max(len(points) - 1, 1))
    variances, components = np.maximum(variances[::-1], 0.0), vectors.T[::-1][:n]
    largest = np.abs(components).argmax(1)
    components = components * np.sign(components[np.arange(n), largest])[:, None]
    return ActivityPCA(
        components=components,
        mean=mean,
        variance=variances[:n],
        explained=variances[:n] / max(variances.sum(), np.finfo(float).tiny),
        projections=(activity - mean) @ components.T,
    )


def condition_averages(
    states: States,
    conditions: Sequence | np.ndarray,
    *,
    valid: Bool[Array | np.ndarray, "session time"] | None = None,
) -> ConditionAverages:
    """Average activity over the sessions of each condition.

    Arguments:
        states: (session, time, unit), states or rates.
        conditions: (session,) a label for each session.
        valid: (session, time) False on padding; None: all count.

    Returns:
        A `ConditionAverages`.

    Raises:
        ValueError: An array has another shape, or no trial is valid.

    Example:
        >>> import numpy as np
        >>> import cogrnn_lab as cl
        >>> cl.condition_averages(np.zeros((4, 10, 6)), ["left", "right", "left", "left"]).means.shape
        (2, 10, 6)
    """
    activity = _checked(states)
    labels = _of_sessions(conditions, activity, "conditions")
    names, index = np.unique(labels, return_inverse=True)
    counted = _counted(valid, activity)
    weights = (index[None] == np.arange(names.size)[:, None])[..., None] & counted[None]
    means, errors, counts = _means(weights, activity)
    return ConditionAverages(conditions=names, means=means, standard_errors=errors, counts=counts)


def tuning(
    states: States,
    parameter: Sequence | np.ndarray,
    *,
    window: tuple[int, int] | None = None,
    n_bins: int | None = None,
    valid: Bool[Array | np.ndarray, "session time"] | None = None,
) -> Tuning:
    """Measure the tuning of every unit to a number that belongs to each session.

    Arguments:
        states: (session, time, unit), states or rates.
        parameter: (session,) finite numbers, such as coherences.
        window: (first, end) trials over which activity is averaged; None: all.
        n_bins: Bins of about equally many sessions for a continuous parameter; None: a point at each value.
        valid: (session, time) False on padding; None: all count.

    Returns:
        A `Tuning`.

    Raises:
        ValueError: An array has another shape, a parameter is not finite, a session has no valid trial in the
            window, or there are more bins than values.

    Example:
        >>> import numpy as np
        >>> import cogrnn_lab as cl
        >>> coherence = np.array([0.1, 0.1, 0.4, 0.4])
        >>> rates = coherence[:, None, None] * np.ones((4, 10, 1))
        >>> cl.tuning(rates, coherence).preferred
        array([0.4])
    """
    activity = _checked(states)
    numbers = _of_sessions(parameter, activity, "parameter").astype(np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError("parameter has values that are not finite; leave those sessions out")
    response = _response(activity, _counted(valid, activity), window)
    index, values = _binned(numbers, n_bins)
    weights = index[None] == np.arange(values.size)[:, None]
    means, errors, counts = _means(weights[..., None], response[:, None])
    deviation, spread = numbers - numbers.mean(), response - response.mean(0)
    covariance = deviation @ spread
    scale = np.sqrt((deviation**2).sum() * (spread**2).sum(0))
    return Tuning(
        values=values,
        means=means[:, 0],
        standard_errors=errors[:, 0],
        counts=counts[:, 0],
        slopes=covariance / max((deviation**2).sum(), np.finfo(float).tiny),
        correlations=np.where(scale > 0, covariance / np.where(scale > 0, scale, 1.0), 0.0),
        preferred=values[means[:, 0].argmax(0)],
    )


def _response(activity: np.ndarray, counted: np.ndarray, window: tuple[int, int] | None) -> np.ndarray:
    """Mean activity (session, unit) over the counted trials of a window."""
    first, end = (0, activity.shape[1]) if window is None else window
    if not 0 <= first < end <= activity.shape[1]:
        raise ValueError(f"window is {window}, expected (first, end) trials within 0 to {activity.shape[1]}")
    shown = counted[:, first:end]
    if not shown.any(1).all():
        raise ValueError(
            f"session {int(np.argmin(shown.any(1)))} has no valid trial in the window ({first}, {end})"
        )
    return (activity[:, first:end] * shown[..., None]).sum(1) / shown.sum(1)[:, None]


def _means(weights: np.ndarray, activity: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and standard error (group, time, unit), and counts (group, time), over sessions.

    `weights` (group, session, time) say which count, `activity` (session, time, unit).
    """
    counts = weights.sum(1)
    shown = weights.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.einsum("gst,stu->gtu", shown, activity) / counts[..., None]
        # Around the mean over all, or large activity would cancel badly.
        centered = activity - activity.mean(0)
        shift = np.einsum("gst,stu->gtu", shown, centered) / counts[..., None]
        squares = np.einsum("gst,stu->gtu", shown, centered**2) / counts[..., None] - shift**2
        errors = np.sqrt(np.maximum(squares, 0.0) / (counts - 1)[..., None])
    return means, np.where(counts[..., None] > 1, errors, np.nan), counts


def _binned(numbers: np.ndarray, n_bins: int | None) -> Bins:
    """Bins of the sessions, or their values where no bins are wanted."""
    if n_bins is None:
        return own_levels(numbers)
    if not 1 <= n_bins <= np.unique(numbers).size:
        raise ValueError(
            f"n_bins is {n_bins}, expected 1 to {np.unique(numbers).size}, as many as there are values"
        )
    return quantile_bins(numbers, n_bins)


def _checked(states: Any) -> np.ndarray:
    if hasattr(states, "model") or hasattr(states, "n_inputs"):
        raise TypeError(
            f"the activity is a {type(states).__name__}, expected an array (session, time, unit), such as "
            "cl.rollout(model, inputs).states"
        )
    activity = np.asarray(states, np.float64)
    if activity.ndim != 3:
        raise ValueError(f"activity has shape {activity.shape}, expected (session, time, unit)")
    return activity


def _counted(valid: Array | np.ndarray | None, activity: np.ndarray) -> np.ndarray:
    counted = np.ones(activity.shape[:2], bool) if valid is None else np.asarray(valid, bool)
    if counted.shape != activity.shape[:2]:
        raise ValueError(f"valid has shape {counted.shape}, expected (session, time) {activity.shape[:2]}")
    if not counted.any():
        raise ValueError("no trial is valid")
    return counted


def _of_sessions(labels: Sequence | np.ndarray, activity: np.ndarray, name: str) -> np.ndarray:
    array = np.asarray(labels)
    if array.shape != activity.shape[:1]:
        raise ValueError(
            f"{name} has shape {array.shape}, expected ({activity.shape[0]},): one for each session"
        )
    return array
