"""The combinations of inputs for which rules are shown."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from cogrnn_lab.data import Dataset

MOST_DEFAULT_INPUTS = 4


def all_binary_observations(n_inputs: int) -> np.ndarray:
    """Every combination of 0 and 1 (combination, input), the first input slowest."""
    if n_inputs > MOST_DEFAULT_INPUTS:
        raise ValueError(
            f"with {n_inputs} inputs there are too many combinations of 0 and 1 to show; "
            "pass observations=cl.typical_observations(dataset), or an array (observation, input)"
        )
    return np.array(list(product((0.0, 1.0), repeat=n_inputs)), np.float32)


def typical_observations(dataset: Dataset, most: int = 8) -> np.ndarray:
    """The most frequent combinations of inputs in a data set (observation, input), in ascending order.

    An input with more than four values is represented by its 10, 50 and 90 % quantiles.
    """
    rows = dataset.inputs[dataset.valid]
    levels = [_levels(column) for column in rows.T]
    columns = [_nearest(column, level) for column, level in zip(rows.T, levels, strict=True)]
    coarse = np.stack(columns, axis=1)
    unique, counts = np.unique(coarse, axis=0, return_counts=True)
    frequent = np.sort(np.argsort(-counts, kind="stable")[:most])
    return np.asarray(unique)[frequent]


def observation_labels(
    observations: np.ndarray, input_names: Sequence[str], shown: np.ndarray
) -> tuple[str, ...]:
    """One label for each row, naming the inputs of which `shown` is True; "all trials" where none is."""
    if not shown.any():
        return ("all trials",) * len(observations)
    return tuple(
        ", ".join(f"{input_names[i]} {row[i]:g}" for i in map(int, np.flatnonzero(shown)))
        for row in np.asarray(observations)
    )


def _levels(column: np.ndarray) -> np.ndarray:
    values = np.unique(column)
    return (
        values if len(values) <= 4 else np.unique(np.quantile(column, [0.1, 0.5, 0.9]).astype(column.dtype))
    )


def _nearest(column: np.ndarray, levels: np.ndarray) -> np.ndarray:
    distances = np.abs(column[:, None] - levels[None, :])
    return np.take(levels, np.argmin(distances, axis=1))
