"""Places of labels along curves, so that none covers another, nor the name of a node."""

from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Float

Places = Float[np.ndarray, "place 2"]  # where a label may stand, those that suit it best first


def label_places(
    wanted: Sequence[Places],
    order: Iterable[int],
    size: tuple[float, float],
    boxes: Float[np.ndarray, "box 4"],
    limits: tuple[float, float],
) -> list[tuple[float, float]]:
    """Give each label the first of its places that is free.

    Where none is free it gets the place where it is covered least: a number is never left out.

    Arguments:
        wanted: For each label the places where it may stand.
        order: Indices of the labels; those that come first choose first.
        size: Width and height of a label.
        boxes: Center x and y, width and height of what no label may cover.
        limits: Width and height of the picture, within which labels stay.

    Returns:
        Center x and y of each label.
    """
    taken = np.asarray(boxes, float).reshape(-1, 4)
    half = np.array(size) / 2
    found = [(0.0, 0.0)] * len(wanted)
    for i in order:
        places = np.clip(wanted[i], half, np.maximum(np.array(limits) - half, half))
        covered = _covered(places, size, taken)
        x, y = places[int(np.argmin(covered))]  # the first of those that are covered least
        found[i] = (float(x), float(y))
        taken = np.concatenate([taken, [[x, y, *size]]])
    return found


def _covered(places: Places, size: tuple[float, float], taken: np.ndarray) -> np.ndarray:
    """Area that a label shares at each place with what is there already, (place,)."""
    apart = np.abs(places[:, None] - taken[None, :, :2])
    sizes = taken[None, :, 2:]
    shared = np.minimum((np.array(size) + sizes) / 2 - apart, np.minimum(size, sizes)).clip(0.0)
    return shared.prod(-1).sum(-1).round(6)
