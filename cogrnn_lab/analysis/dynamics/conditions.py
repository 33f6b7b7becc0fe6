"""Conditions that trials are sorted into by a parameter of theirs."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Num


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
    levels, index = np.unique(numbers, return_inverse=True)
    if levels.size <= most:
        return Conditions(levels, index, False)
    edges = np.quantile(numbers, np.linspace(0, 1, n_bins + 1)[1:-1])
    index = np.unique(np.searchsorted(edges, numbers), return_inverse=True)[1]
    return Conditions(np.bincount(index, weights=numbers) / np.bincount(index), index, True)
