"""Proportions of choices with intervals from sessions drawn anew."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int


class Drawn(NamedTuple):
    """How often each session is in each resample (resample, session), and what was drawn, in words."""

    weights: Float[np.ndarray, "resample session"] | None
    by: str


def draw_sessions(subject: Int[np.ndarray, " session"], n_resamples: int, seed: int) -> Drawn:
    """Draw sessions anew within their subjects; where a subject has only one, draw subjects as well.

    A single session cannot be drawn anew: no weights.
    """
    members = [np.flatnonzero(subject == one) for one in np.unique(subject)]
    if len(subject) < 2:
        return Drawn(None, "nothing: there is one session")
    rng = np.random.default_rng(seed)
    weights = np.zeros((n_resamples, len(subject)))
    within = min(map(len, members)) > 1
    n = len(members)
    copies = np.ones((n_resamples, n), int) if within else rng.multinomial(n, [1 / n] * n, size=n_resamples)
    for place, own in enumerate(members):
        share = np.full(len(own), 1 / len(own))
        weights[:, own] = rng.multinomial(copies[:, place] * len(own), share)
    return Drawn(weights, "sessions within subjects" if within else "subjects and their sessions")


@dataclass(frozen=True)
class BehaviorCurve:
    """Proportions of choices under several conditions, with intervals.

    Fields:
        name: Name of the curve, such as "switch by outcomes".
        conditions: (condition,) names of the conditions, such as "lost, won".
        x: (condition,) where a condition lies on an axis, such as the trial from a block switch.
        value: (condition,) proportion; NaN where no trial was such.
        low: (condition,) lower end of the interval; NaN where there is one session.
        high: (condition,) upper end.
        n: (condition,) how many choices were counted.
        hits: (session, condition) choices of the kind, or the sum of a model's probabilities of them.
        total: (session, condition) choices that were counted.
        is_length: Whether the proportions at lengths 1, 2, ... were made into shares of lengths.
    """

    name: str
    conditions: tuple[str, ...]
    x: Float[np.ndarray, " condition"]
    value: Float[np.ndarray, " condition"]
    low: Float[np.ndarray, " condition"]
    high: Float[np.ndarray, " condition"]
    n: Float[np.ndarray, " condition"]
    hits: Float[np.ndarray, "session condition"]
    total: Float[np.ndarray, "session condition"]
    is_length: bool = False

    @property
    def table(self) -> pd.DataFrame:
        """A row for each condition: value, interval, and how many choices it is of."""
        return pd.DataFrame(
            {
                "curve": self.name,
                "condition": list(self.conditions),
                "value": self.value,
                "low": self.low,
                "high": self.high,
                "n": self.n,
            }
        )

    def part(self, sessions: Any) -> Float[np.ndarray, " condition"]:
        """Give the curve of some of the sessions.

        Arguments:
            sessions: (session,) True for those.

        Returns:
            (condition,) proportions.
        """
        return _values(self.hits[sessions].sum(0), self.total[sessions].sum(0), self.is_length)

    def resampled(self, drawn: Any) -> Float[np.ndarray, "resample condition"] | None:
        """Compute the curve in each resample.

        Arguments:
            drawn: How often each session is in each resample.

        Returns:
            (resample, condition) proportions; None where nothing can be drawn anew.
        """
        if drawn.weights is None:
            return None
        return _values(drawn.weights @ self.hits, drawn.weights @ self.total, self.is_length)


def curve_of(
    name: str,
    conditions: tuple[str, ...],
    hits: np.ndarray,
    total: np.ndarray,
    drawn: Drawn,
    confidence: float,
    *,
    x: np.ndarray | None = None,
    is_length: bool = False,
) -> BehaviorCurve:
    """Make a curve of sums (session, condition) of hits and of all that could have been."""
    value = _values(hits.sum(0), total.sum(0), is_length)
    made = BehaviorCurve(
        name=name,
        conditions=conditions,
        x=np.arange(len(conditions), dtype=float) if x is None else np.asarray(x, float),
        value=value,
        low=np.full_like(value, np.nan),
        high=np.full_like(value, np.nan),
        n=total.sum(0),
        hits=hits,
        total=total,
        is_length=is_length,
    )
    low, high = percentiles(made.resampled(drawn), value, confidence)
    object.__setattr__(made, "low", low)
    object.__setattr__(made, "high", high)
    return made


def percentiles(
    resampled: np.ndarray | None, value: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the percentile intervals (condition,), NaN where there are none or no trial was such."""
    empty = np.full(value.shape, np.nan)
    if resampled is None:
        return empty, empty.copy()
    low, high = empty, empty.copy()
    known = np.isfinite(value)
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    if known.any():
        low[known], high[known] = np.nanquantile(resampled[:, known], tails, axis=0)
    return low, high


def _values(hits: np.ndarray, total: np.ndarray, is_length: bool) -> np.ndarray:
    """Proportions (..., condition); of lengths the shares of each, the last of all that are longer."""
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(total > 0, hits / total, np.nan)
    if not is_length:
        return value
    # Kaplan and Meier: runs that a session's end cuts off count for as long as they were seen.
    ends = np.where(np.isfinite(value), value, 0.0)
    ends[..., -1] = 1.0
    alive = np.cumprod(1 - ends, axis=-1)
    before = np.concatenate([np.ones_like(alive[..., :1]), alive[..., :-1]], axis=-1)
    shares = before * ends
    return np.where((total[..., :1] > 0), shares, np.nan)


def sums(values: np.ndarray, condition: np.ndarray, counted: np.ndarray, n_conditions: int) -> np.ndarray:
    """Sum values (session, trial) of trials that count by session and condition (an index each)."""
    session, trial = np.nonzero(counted)
    place = session * n_conditions + condition[session, trial]
    size = values.shape[0] * n_conditions
    summed = np.bincount(place, values[session, trial], size).astype(float)  # whole numbers where none counts
    return summed.reshape(values.shape[0], n_conditions)
