"""Bins of equally many numbers: the one way in which every analysis bins a continuous parameter."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int


class Bins(NamedTuple):
    """Index of the bin of each number (number,), and mean of each bin (bin,), ascending."""

    index: Int[np.ndarray, " number"]
    means: Float[np.ndarray, " bin"]


def quantile_bins(numbers: Float[np.ndarray, " number"], n_bins: int) -> Bins:
    """Sort numbers into bins of about equally many, which begin at quantiles.

    Equal numbers are in one bin: a number on an edge is in the upper of the two. Bins that nothing is left
    for are dropped, so that there may be fewer than `n_bins`.

    Arguments:
        numbers: Finite numbers, (number,).
        n_bins: Bins wanted, at least 1.

    Returns:
        The bin of each number, from 0, and the mean of each bin.
    """
    edges = np.quantile(numbers, np.linspace(0, 1, n_bins + 1)[1:-1])
    _, index = np.unique(np.searchsorted(edges, numbers, side="right"), return_inverse=True)
    return Bins(index, np.bincount(index, weights=numbers) / np.bincount(index))


def own_levels(numbers: Float[np.ndarray, " number"]) -> Bins:
    """Make every value a bin of its own."""
    levels, index = np.unique(numbers, return_inverse=True)
    return Bins(index, levels)
