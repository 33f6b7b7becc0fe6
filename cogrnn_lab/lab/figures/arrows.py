"""Arrows over a grid as two broken lines: those at states that the data visit, and the others."""

import numpy as np

LONGEST = 0.9  # of a cell of the grid
HEAD, HALF_WIDTH = 0.3, 0.16  # in heights of a cell
SHAPE = np.array([2.0, 1.0])  # width and height of a cell on most screens, so that heads are not skewed
SHORTEST = 0.04  # of a cell: what is shorter is a dot without a head


def arrow_scale(change: np.ndarray, cell: np.ndarray) -> float:
    """By what changes (..., axis) are multiplied so that the longest is not longer than a cell (axis,)."""
    longest = float(np.linalg.norm(np.nan_to_num(change) / cell, axis=-1).max(initial=0.0))
    return min(LONGEST / longest, 1.0) if longest > 0 else 1.0


def arrows(
    at: np.ndarray, change: np.ndarray, cell: np.ndarray, scale: float
) -> tuple[np.ndarray, np.ndarray]:
    """Arrows from `at` (arrow, axis), `scale` times `change` (arrow, axis) long, as a broken line.

    x and y of it, (6 n - 1,) each. Heads are drawn in units of a `cell` (axis,).
    """
    along = scale * change / cell * SHAPE
    length = np.linalg.norm(along, axis=1, keepdims=True)
    is_seen = length > SHORTEST
    toward = np.where(is_seen, along / np.where(is_seen, length, 1.0), 0.0)
    across = toward[:, ::-1] * np.array([-1.0, 1.0])
    size = np.minimum(HEAD, 0.5 * length)
    tip = at + scale * change
    back = -size * toward
    left, right = (
        tip + (back + side * HALF_WIDTH / HEAD * size * across) * cell / SHAPE for side in (1.0, -1.0)
    )
    gap = np.full_like(at, np.nan)
    points = np.stack([at, tip, left, tip, right, gap], axis=1).reshape(-1, 2)[:-1]
    return points[:, 0].copy(), points[:, 1].copy()
