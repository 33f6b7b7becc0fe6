"""How far two behaviors are apart, and how far the data are from themselves."""

from typing import NamedTuple

import numpy as np

from cogrnn_lab.analysis.behavioral.behavior import Behavior

N_HALVES = 200


class Distance(NamedTuple):
    """Root mean square difference of proportions: of all curves together, and of each."""

    overall: float
    by_curve: dict[str, float]


def distance(first: Behavior, second: Behavior) -> Distance:
    """Compute the distance of two behaviors.

    Of each curve the mean squared difference of the proportions, each condition weighted by its choices in
    the first; then the mean over curves.
    """
    theirs = {curve.name: curve for curve in second.curves}
    squares = {
        curve.name: _square(curve.value, theirs[curve.name].value, curve.n)
        for curve in first.curves
        if curve.name in theirs
    }
    return _distance(squares)


def distance_from_itself(behavior: Behavior, subject: np.ndarray, seed: int) -> tuple[list[Distance], str]:
    """Distances of random halves of the sessions, each within its subject where that has several.

    Halves have half of the sessions each, so that their squared distance is twice that of two data sets as
    large as the whole: it is divided by 2.
    """
    if len(subject) < 2:
        return [], "one session cannot be halved"
    rng = np.random.default_rng(seed)
    several = np.bincount(subject).max() > 1
    found = []
    for _ in range(N_HALVES):
        half = _half(subject, rng) if several else rng.permutation(len(subject)) < len(subject) // 2
        squares = {}
        for curve in behavior.curves:
            mine, theirs = (curve.part(chosen) for chosen in (half, ~half))
            squares[curve.name] = _square(mine, theirs, curve.n) / 2
        found.append(_distance(squares))
    return found, "halves of sessions within subjects" if several else "halves of subjects"


def _half(subject: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Half of the sessions of each subject (session,); of odd numbers, a half more or less by chance."""
    half = np.zeros(len(subject), bool)
    for one in np.unique(subject):
        mine = rng.permutation(np.flatnonzero(subject == one))
        half[mine[: (len(mine) + rng.integers(0, 2)) // 2]] = True
    return half


def _square(mine: np.ndarray, theirs: np.ndarray, n: np.ndarray) -> float:
    both = np.isfinite(mine) & np.isfinite(theirs)
    weight = np.where(both, n, 0.0)
    if not weight.sum():
        return float("nan")
    return float((weight * np.where(both, mine - theirs, 0.0) ** 2).sum() / weight.sum())


def _distance(squares: dict[str, float]) -> Distance:
    known = [square for square in squares.values() if np.isfinite(square)]
    overall = float(np.sqrt(np.mean(known))) if known else float("nan")
    return Distance(overall, {name: float(np.sqrt(square)) for name, square in squares.items()})
