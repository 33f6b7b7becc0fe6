"""Observations as constant inputs: those of a data set, or those that a user names, with their words."""

from typing import Any

import numpy as np

from cogrnn_lab.analysis.reading.bottlenecks import input_labels
from cogrnn_lab.analysis.reading.observations import (
    levels_of,
    nearest_level,
    observation_words,
    typical_observations,
)
from cogrnn_lab.analysis.reading.update_rules import checked_observations
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.previous_trial import PREVIOUS_CHOICE, PREVIOUS_REWARD
from cogrnn_lab.training.compatibility import as_network_knows


def constant_inputs(
    model: Any, dataset: Dataset, observations: Any, named: Any = None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Find the observations that are meant.

    Arguments:
        model: The network.
        dataset: Sessions that fit it.
        observations: (observation, input); None: those that are frequent in the data.
        named: One of these by its words, or an array (input,); None: all.

    Returns:
        Observations (observation, input), and their words.

    Raises:
        ValueError: There is no such observation, or an array has another shape.
    """
    known = as_network_knows(model, dataset)
    if observations is None:
        observations = _choices_and_rewards(known) if _tells_index(known) else typical_observations(known)
    if named is not None and not isinstance(named, str):
        observations, named = np.asarray(named, float).reshape(1, -1), None
    shown = checked_observations(observations, model)
    classes = getattr(model, "class_names", None) or known.class_names
    words = observation_words(shown, input_labels(model, known), classes)
    if named is None:
        return shown, words
    if named not in words:
        raise ValueError(f"there is no observation {named!r}; there are {'; '.join(words)}")
    return shown[[words.index(named)]], (named,)


def _tells_index(dataset: Dataset) -> bool:
    """Whether the choice before is one input that holds its index, as an agent reads it."""
    is_agents = dataset.input_names == (PREVIOUS_CHOICE, PREVIOUS_REWARD)
    return is_agents and bool((dataset.inputs[..., 0] < 0).any())


def _choices_and_rewards(dataset: Dataset) -> np.ndarray:
    """Every choice with every reward that followed it, or quantiles of many."""
    rows = dataset.inputs[dataset.valid]
    rows = rows[rows[:, 0] >= 0]
    levels = levels_of(rows[:, 1])
    return np.unique(np.stack([rows[:, 0], nearest_level(rows[:, 1], levels)], 1), axis=0)
