"""Lines of fixed points: directions along which a state stays wherever it is put."""

from collections.abc import Callable

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

# Steps to either side of a point, as fractions of the spread of the states.
STEPS = np.linspace(0.05, 1.0, 20)
# A line is at least so long, as a fraction of that spread.
LEAST_EXTENT = 0.5
BETWEEN = np.array([0.25, 0.5, 0.75])

Speed = Callable[[np.ndarray], np.ndarray]


def lines_of(
    points: np.ndarray,
    slow_directions: np.ndarray,
    is_marginal: np.ndarray,
    speed: Speed,
    scale: float,
    slow: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Group the fixed points of one observation that lie on one line or surface of (nearly) fixed points.

    Two points are on one where their states are slow all along the segment between them; a point alone is on
    one where states stay slow in its slowest direction.

    Arguments:
        points: (point, latent).
        slow_directions: (point, latent) unit vectors along which each is slowest.
        is_marginal: (point,) True where an eigenvalue is about 1.
        speed: Function of states (state, latent) that gives their speeds.
        scale: Spread of the states.
        slow: Speed, in states per trial, up to which a state is slow.

    Returns:
        (point,) number of the line from 0, -1: none; and (point,) how long it is.
    """
    lines, length = np.full(len(points), -1), np.zeros(len(points))
    marginal = np.flatnonzero(is_marginal)
    if not len(marginal):
        return lines, length
    groups = _connected(points[marginal], speed, scale, slow)
    alone = _extent(points[marginal], slow_directions[marginal], speed, scale, slow)
    number = 0
    for group in range(groups.max() + 1):
        members = groups == group
        own = points[marginal][members]
        longest = max(_diameter(own), float(alone[members].max()))
        if longest >= LEAST_EXTENT * scale:
            lines[marginal[members]], length[marginal[members]] = number, longest
            number += 1
    return lines, length


def _connected(points: np.ndarray, speed: Speed, scale: float, slow: float) -> np.ndarray:
    one, other = np.triu_indices(len(points), 1)
    near = np.linalg.norm(points[one] - points[other], axis=1) < scale
    one, other = one[near], other[near]
    between = points[one][:, None] + BETWEEN[:, None] * (points[other] - points[one])[:, None]
    fast = (
        speed(between.reshape(-1, points.shape[1])).reshape(-1, len(BETWEEN))
        if len(one)
        else np.zeros((0, 3))
    )
    linked = (fast < slow).all(1)
    graph = coo_array((np.ones(linked.sum()), (one[linked], other[linked])), shape=(len(points),) * 2)
    return connected_components(graph, directed=False)[1]


def _extent(
    points: np.ndarray, directions: np.ndarray, speed: Speed, scale: float, slow: float
) -> np.ndarray:
    """How far one can walk from each point, to both sides together, over slow states."""
    walked = np.zeros(len(points))
    for side in (-1.0, 1.0):
        states = points[:, None] + side * scale * STEPS[:, None] * directions[:, None]
        is_slow = speed(states.reshape(-1, points.shape[1])).reshape(len(points), -1) < slow
        reached = np.cumprod(is_slow, axis=1).sum(1)
        walked += scale * np.concatenate([[0.0], STEPS])[reached]
    return walked


def _diameter(points: np.ndarray) -> float:
    return float(np.linalg.norm(points[:, None] - points[None], axis=-1).max())
