"""Slopes of numbers over sessions, with intervals, against the same numbers in shuffled order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.stats import t as student_t


@dataclass(frozen=True)
class Trend:
    """Slope of a number of one subject over its windows.

    Fields:
        slope: Change a session, by weighted least squares.
        error: Standard error of it.
        low, high: Ends of its interval.
        score: How sure a trend is, on the scale of a standard normal where there is none.
        shuffled: (shuffle,) the same of shuffled orders.
    """

    slope: float
    error: float
    low: float
    high: float
    score: float
    shuffled: Float[np.ndarray, " shuffle"]


def spread_between(values: Float[np.ndarray, " window"], errors: Float[np.ndarray, " window"]) -> float:
    """Variance of the true values between windows, beyond what their standard errors explain.

    Source:
        DerSimonian & Laird, Control. Clin. Trials 1986, 7:177 (the method of moments).
    """
    weight = 1 / errors**2
    mean = (weight * values).sum() / weight.sum()
    beyond = (weight * (values - mean) ** 2).sum() - (len(values) - 1)
    return float(max(0.0, beyond / (weight.sum() - (weight**2).sum() / weight.sum())))


def shrunk(
    positions: Float[np.ndarray, " window"],
    values: Float[np.ndarray, " window"],
    errors: Float[np.ndarray, " window"],
) -> tuple[Float[np.ndarray, " window"], Float[np.ndarray, " window"], Float[np.ndarray, " window"]]:
    """Values of the windows as draws about a straight line over the sessions.

    Returns:
        Shrunk values, their standard errors, and the share of the line in each.

    Source:
        Thompson & Sharp, Stat. Med. 1999, 18:2693 (the method of moments about a line).
    """
    design = np.stack([np.ones(len(values)), positions - positions.mean()], 1)
    weight = 1 / errors**2
    inverse = np.linalg.inv(design.T @ (weight[:, None] * design))
    line = design @ (inverse @ (design.T @ (weight * values)))
    beyond = (weight * (values - line) ** 2).sum() - (len(values) - 2)
    freedom = weight.sum() - np.trace(inverse @ (design.T @ (weight[:, None] ** 2 * design)))
    between = max(0.0, beyond / max(freedom, 1e-300))
    weight = 1 / (errors**2 + between)
    inverse = np.linalg.inv(design.T @ (weight[:, None] * design))
    line = design @ (inverse @ (design.T @ (weight * values)))
    share = errors**2 / (errors**2 + between)
    of_line = np.einsum("wi,ij,wj->w", design, inverse, design)
    variance = (1 - share) * errors**2 + share**2 * of_line
    return (1 - share) * values + share * line, np.sqrt(variance), share


def trend(
    positions: Float[np.ndarray, " window"],
    values: Float[np.ndarray, " window"],
    errors: Float[np.ndarray, " window"],
    *,
    level: float,
    n_shuffles: int,
    rng: np.random.Generator,
) -> Trend:
    """Slope over the positions, each window counted by how sure its value is.

    A shuffle exchanges the positions: values keep their weights, so that all orders are alike where nothing
    drifts.
    """
    weight = 1 / (errors**2 + spread_between(values, errors))
    orders = rng.permuted(np.tile(positions, (n_shuffles, 1)), axis=1)
    placed = np.concatenate([positions[None], orders])
    total = weight.sum()
    x = placed - (placed @ weight / total)[:, None]
    y = values - (weight * values).sum() / total
    squares = (x**2) @ weight
    product = x @ (weight * y)
    correlation = product / np.sqrt(np.maximum(squares * (weight * y**2).sum(), 1e-300))
    scores = correlation * np.sqrt(len(values) - 1)
    slope = float(product[0] / squares[0])
    scatter = (weight * (y - slope * x[0]) ** 2).sum() / (len(values) - 2)
    error = float(np.sqrt(scatter / squares[0]))
    reach = error * float(student_t.ppf(0.5 + level / 2, len(values) - 2))
    return Trend(slope, error, slope - reach, slope + reach, float(scores[0]), scores[1:])


def mean_trend(trends: Sequence[Trend], level: float) -> Trend:
    """The mean slope of several subjects, each counted by how sure its own is.

    Their sessions are shuffled together, each subject's within itself.

    Source:
        Hartung & Knapp, Stat. Med. 2001, 20:3875 (the interval).
    """
    if len(trends) == 1:
        return trends[0]
    slopes = np.array([one.slope for one in trends])
    errors = np.maximum([one.error for one in trends], 1e-12)
    n = len(trends)
    weight = 1 / (errors**2 + spread_between(slopes, errors))
    slope = float((weight * slopes).sum() / weight.sum())
    error = float(np.sqrt((weight * (slopes - slope) ** 2).sum() / ((n - 1) * weight.sum())))
    reach = error * float(student_t.ppf(0.5 + level / 2, n - 1))
    score = sum(one.score for one in trends) / np.sqrt(n)
    shuffled = np.sum([one.shuffled for one in trends], axis=0) / np.sqrt(n)
    return Trend(slope, error, slope - reach, slope + reach, float(score), shuffled)


def share_as_sure(one: Trend) -> float:
    """Share of the orders, the true one among them, in which a trend is as sure: the p value."""
    as_sure = np.abs(one.shuffled) >= abs(one.score) - 1e-9
    return float((1 + as_sure.sum()) / (1 + len(one.shuffled)))


def holm(p: Float[np.ndarray, " test"]) -> Float[np.ndarray, " test"]:
    """P values corrected for how many there are.

    Source:
        Holm, Scand. J. Stat. 1979, 6:65.
    """
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected
