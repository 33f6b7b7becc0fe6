"""What the units of a network do: principal components, averages over conditions, tuning of single units."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Array, Bool, Float

States = Float[Array, "session time unit"] | Float[np.ndarray, "session time unit"]


@dataclass(frozen=True)
class ActivityPCA:
    """Principal components of activity over all trials of all sessions.

    `components` (component, unit), orthonormal, the unit with the largest weight positive; `mean` (unit,);
    `variance` (component,) along each and `explained` (component,) its fraction of the total; `projections`
    (session, time, component).
    """

    components: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    explained: np.ndarray
    projections: np.ndarray

    def project(self, states: np.ndarray | Array) -> np.ndarray:
        """Other activity (..., unit) on the same components (..., component)."""
        states = np.asarray(states, np.float64)
        if states.shape[-1:] != self.mean.shape:
            raise ValueError(
                f"activity has shape {states.shape}, expected {self.mean.size} units on the last axis"
            )
        return (states - self.mean) @ self.components.T


@dataclass(frozen=True)
class ConditionAverages:
    """Activity averaged over the sessions of each condition.

    `conditions` (condition,) in sorted order; `means` and `standard_errors` (condition, time, unit), NaN
    where no (for the error: fewer than two) sessions count; `counts` (condition, time) of sessions.
    """

    conditions: np.ndarray
    means: np.ndarray
    standard_errors: np.ndarray
    counts: np.ndarray


@dataclass(frozen=True)
class Tuning:
    """Mean activity of each unit against a parameter of the session, such as a coherence.

    `values` (value,) of the parameter, or means of its bins; `means` and `standard_errors` (value, unit);
    `counts` (value,) of sessions; `slopes` (unit,) of the least-squares line on all sessions, `correlations`
    (unit,) with the parameter (0 for a unit that never changes), `preferred` (unit,) the value with the
    largest mean.
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
    """The first `n` principal components of activity (session, time, unit); `valid` is False on padding."""
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
    """Activity (session, time, unit) averaged by condition, one label a session; `valid` False on padding."""
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
    """Tuning of every unit to a number that belongs to each session.

    Arguments: `states` (session, time, unit), states or rates; `parameter` (session,); `window` (first, end)
    trials over which activity is averaged, None for all; `n_bins` of about equally many sessions for a
    parameter that is continuous, None for one point at each of its values; `valid` False on padding.
    """
    activity = _checked(states)
    numbers = _of_sessions(parameter, activity, "parameter").astype(np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError("parameter has values that are not finite; leave those sessions out")
    response = _response(activity, _counted(valid, activity), window)
    index, n_values = _binned(numbers, n_bins)
    weights = index[None] == np.arange(n_values)[:, None]
    means, errors, counts = _means(weights[..., None], response[:, None])
    values = (weights * numbers[None]).sum(1) / weights.sum(1)
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


def _binned(numbers: np.ndarray, n_bins: int | None) -> tuple[np.ndarray, int]:
    """The index of each session's value or bin, and how many there are."""
    if n_bins is None:
        values, index = np.unique(numbers, return_inverse=True)
        return index, values.size
    if not 1 <= n_bins <= np.unique(numbers).size:
        raise ValueError(
            f"n_bins is {n_bins}, expected 1 to {np.unique(numbers).size}, as many as there are values"
        )
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, n_bins + 1)[1:-1]))
    filled, index = np.unique(np.searchsorted(edges, numbers, side="right"), return_inverse=True)
    return index, filled.size


def _checked(states: States) -> np.ndarray:
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
