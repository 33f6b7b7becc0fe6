"""The combinations of inputs for which rules are shown."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from cogrnn_lab.analysis.reading.distinct_values import few_values, kinds_of_rows
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.previous_trial import PREVIOUS_CHOICE, PREVIOUS_MISSED, PREVIOUS_REWARD

MOST_DEFAULT_INPUTS = 4
# An input with more different values is told by its quantiles.
MOST_LEVELS = 4


def all_binary_observations(n_inputs: int) -> np.ndarray:
    """Make every combination of 0 and 1 (combination, input), the first input slowest."""
    if n_inputs > MOST_DEFAULT_INPUTS:
        raise ValueError(
            f"with {n_inputs} inputs there are too many combinations of 0 and 1 to show; "
            "pass observations=cl.typical_observations(dataset), or an array (observation, input)"
        )
    return np.array(list(product((0.0, 1.0), repeat=n_inputs)), np.float32)


def typical_observations(dataset: Dataset, most: int = 8) -> np.ndarray:
    """Find the most frequent combinations of inputs in a data set.

    An input with more than four values is represented by its 10, 50 and 90 % quantiles.

    Arguments:
        dataset: Sessions of any kind.
        most: How many combinations at most.

    Returns:
        (observation, input) in ascending order.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=50)
        >>> cl.typical_observations(data).tolist()
        [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    rows = dataset.inputs[dataset.valid]
    levels = [_levels(np.ascontiguousarray(column)) for column in rows.T]
    columns = [
        column if is_exact else nearest_level(column, level)
        for column, (level, is_exact) in zip(rows.T, levels, strict=True)
    ]
    coarse = np.stack(columns, axis=1)
    kinds, place = kinds_of_rows(coarse, MOST_LEVELS)
    counts = np.bincount(place, minlength=len(kinds))
    frequent = np.sort(np.argsort(-counts, kind="stable")[:most])
    return np.asarray(kinds)[frequent]


def observation_labels(
    observations: np.ndarray, input_names: Sequence[str], shown: np.ndarray
) -> tuple[str, ...]:
    """Label each row by the inputs of which `shown` is True; "all trials" where none is."""
    if not shown.any():
        return ("all trials",) * len(observations)
    return tuple(
        ", ".join(f"{input_names[i]} {row[i]:g}" for i in map(int, np.flatnonzero(shown)))
        for row in np.asarray(observations)
    )


def observation_words(
    observations: np.ndarray,
    input_names: Sequence[str],
    class_names: Sequence[str] | None,
    shown: np.ndarray | None = None,
) -> tuple[str, ...]:
    """Tell each row in the words of the data, such as "left, rewarded".

    The choice before is called by its alternative, where alternatives have names; a reward of 0 or 1
    "unrewarded" or "rewarded". All other inputs are told by name and value.

    Arguments:
        observations: (observation, input).
        input_names: Names of the inputs.
        class_names: Names of the alternatives; None: they have none.
        shown: (input,) True for inputs that are told; None: all.
    """
    rows = np.asarray(observations, float)
    shown = np.ones(rows.shape[1], bool) if shown is None else shown
    if not shown.any():
        return ("all trials",) * len(rows)
    told = list(map(int, np.flatnonzero(shown)))
    one_hot = [i for i in told if input_names[i].startswith(f"{PREVIOUS_CHOICE} = ")]
    paid = [i for i in told if input_names[i] == PREVIOUS_REWARD]
    plain = all(np.isin(rows[:, i], (0.0, 1.0)).all() for i in paid)
    words = []
    for row in rows:
        parts = [_chosen(row, one_hot, input_names)] if one_hot else []
        parts += [_input_word(input_names[i], row[i], class_names, plain) for i in told if i not in one_hot]
        words.append(", ".join(part for part in parts if part))
    return tuple(words)


def _chosen(row: np.ndarray, one_hot: Sequence[int], input_names: Sequence[str]) -> str:
    """The alternative of which the input is 1."""
    chosen = [input_names[i].removeprefix(f"{PREVIOUS_CHOICE} = ") for i in one_hot if row[i] == 1.0]
    return " and ".join(map(_alternative, chosen)) if chosen else "no choice"


def _input_word(name: str, value: float, class_names: Sequence[str] | None, plain: bool) -> str:
    if name == PREVIOUS_CHOICE and class_names is not None and value in range(-1, len(class_names)):
        return "no choice" if value < 0 else _alternative(class_names[int(value)])
    if name == PREVIOUS_REWARD and plain:
        return "rewarded" if value else "unrewarded"
    if name == PREVIOUS_MISSED and value in (0.0, 1.0):
        return "missed" if value else ""
    return f"{name} {value:.3g}"


def _alternative(name: str) -> str:
    """A number alone would not be understood."""
    return f"choice {name}" if name.replace(".", "").lstrip("-").isdigit() else name


def levels_of(column: np.ndarray) -> np.ndarray:
    """The values of an input where it has at most four, else quantiles."""
    return _levels(column)[0]


def _levels(column: np.ndarray) -> tuple[np.ndarray, bool]:
    """`levels_of`, and whether they are all values that the input has."""
    values = few_values(column, MOST_LEVELS)
    if values is not None:
        return values, True
    return np.unique(np.quantile(column, [0.1, 0.5, 0.9]).astype(column.dtype)), False


def nearest_level(column: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """The level nearest to each number."""
    distances = np.abs(column[:, None] - levels[None, :])
    return np.take(levels, np.argmin(distances, axis=1))
