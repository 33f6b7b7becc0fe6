"""Conditions that trials are sorted into by a parameter of theirs."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Num

from cogrnn_lab.analysis.bins import own_levels, quantile_bins


@dataclass(frozen=True)
class Conditions:
    """Conditions of trials by one parameter.

    Fields:
        values: Of each condition (condition,), ascending: the parameter, or its mean in each bin.
        index: Which condition each trial belongs to (trial,).
        is_binned: Whether a condition is a bin of several values.
    """

    values: Float[np.ndarray, " condition"]
    index: Int[np.ndarray, " trial"]
    is_binned: bool


def conditions_by(parameter: Num[np.ndarray, " trial"], most: int = 8, n_bins: int = 4) -> Conditions:
    """Sort trials into conditions: one for each value of a parameter, or bins where it has too many.

    Arguments:
        parameter: A number for each trial (trial,).
        most: The largest number of values that are conditions of their own.
        n_bins: Bins of about equally many trials otherwise.

    Returns:
        The conditions.
    """
    numbers = np.asarray(parameter, float)
    bins = own_levels(numbers)
    is_binned = bins.means.size > most
    if is_binned:
        bins = quantile_bins(numbers, n_bins)
    return Conditions(bins.means, bins.index, is_binned)
