"""States that a network visits between the trials of a data set: where its rules are ever used."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from cogrnn_lab.analysis.reading.distinct_values import few_values, kinds_of_rows
from cogrnn_lab.analysis.reading.latents import Latents, latents
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.previous_trial import PREVIOUS_CHOICE
from cogrnn_lab.models import Network
from cogrnn_lab.training.compatibility import as_network_knows

# An input with at most so many values has to have exactly that of an observation.
MOST_EXACT_VALUES = 4


@dataclass(frozen=True)
class Visited:
    """Pairs of successive trials: the state before a trial, what was observed, and the state after it.

    Fields:
        before: (pair, latent).
        inputs: (pair, input) of the trial.
        after: (pair, latent).
        outputs_before: (pair, output) in the state before.
        outputs_after: (pair, output) in the state after.
        is_choice: (input,) True for an input that is the index of a choice, to which no other is near.
    """

    before: Float[np.ndarray, "pair latent"]
    inputs: Float[np.ndarray, "pair input"]
    after: Float[np.ndarray, "pair latent"]
    outputs_before: Float[np.ndarray, "pair output"]
    outputs_after: Float[np.ndarray, "pair output"]
    is_choice: Bool[np.ndarray, " input"]

    def of_observation(self, observations: np.ndarray, read: Any = slice(None)) -> Int[np.ndarray, " pair"]:
        """Find which observation (observation, input) each pair has; -1 where it is none of them.

        An input with more than four values counts as the nearest observation's; inputs that are not among
        those `read` make no difference.
        """
        inputs, shown = self.inputs[:, read], np.asarray(observations)[:, read]
        columns = [np.ascontiguousarray(column) for column in inputs.T]
        few = np.array([few_values(column, MOST_EXACT_VALUES) is not None for column in columns], bool)
        exact = few | self.is_choice[read]
        spread = np.array([column.std() for column in columns])
        kinds, place = kinds_of_rows(inputs, MOST_EXACT_VALUES)
        apart = np.abs(kinds[:, None] - shown[None])
        is_other = (apart[..., exact] > 1e-4).any(-1)
        scaled = (apart / np.where(spread > 0, spread, 1.0)) ** 2
        distance = np.where(is_other, np.inf, scaled.sum(-1))
        return np.where(np.isfinite(distance.min(1)), distance.argmin(1), -1)[place]


def visited(model: Network, dataset: Dataset, along: Latents | None = None) -> Visited:
    """Collect the pairs of successive valid trials.

    Raises:
        ValueError: The data do not fit the network, or no session has two trials.
    """
    known = as_network_knows(model, dataset)
    along = latents(model, dataset) if along is None else along
    both = np.asarray(along.valid[:, 1:], bool)
    if not both.any():
        raise ValueError(
            "no session has two trials, so no trial has a state before it that the data tell; give longer "
            "sessions"
        )
    session, trial = np.nonzero(both)
    before = session * along.valid.shape[1] + trial
    return Visited(
        before=_at(along.states, before),
        inputs=_at(known.inputs, before + 1),
        after=_at(along.states, before + 1),
        outputs_before=_at(along.outputs, before),
        outputs_after=_at(along.outputs, before + 1),
        is_choice=np.array([name == PREVIOUS_CHOICE for name in known.input_names], bool),
    )


def _at(array: Any, trials: np.ndarray) -> np.ndarray:
    """Rows of an array (session, trial, number) by their place among all trials."""
    array = np.asarray(array)
    return array.reshape(-1, array.shape[-1]).take(trials, axis=0).astype(float)


def density_at(values: Float[np.ndarray, " point"], samples: Any) -> Float[np.ndarray, " point"]:
    """Share of the samples that lie nearest to each of the evenly spaced values; none for those beyond."""
    return densities_at(values, samples, np.zeros(len(samples), int), 1)[0]


def densities_at(
    values: Float[np.ndarray, " point"], samples: Any, sets: Int[np.ndarray, " sample"], n_sets: int
) -> Float[np.ndarray, "set point"]:
    """`density_at` of several sets of samples, in shares of all samples; those of set -1 are in none."""
    values, samples = np.asarray(values, float), np.asarray(samples, float)
    n = len(values)
    half = 0.5 * (values[1] - values[0]) if n > 1 else np.inf
    edges = np.append(values - half, values[-1] + half)
    place = np.zeros(len(samples), int)
    if 0 < half < np.inf:
        place = np.clip(((samples - edges[0]) / (2 * half)).astype(int), 0, n - 1)
        place -= samples < edges[place]  # what was rounded over an edge
        place += samples >= edges[place + 1]
    inside = (samples >= edges[0]) & (samples <= edges[-1]) & (sets >= 0)
    counts = np.bincount((sets * n + np.clip(place, 0, n - 1))[inside], minlength=n_sets * n)
    return counts.reshape(n_sets, n) / max(len(samples), 1)


def own_range(samples: Float[np.ndarray, "*trial"], widened: float = 0.08) -> tuple[float, float]:
    """Ends of what was visited, widened a little; around a value that never changes, 0.1 to either side."""
    low, high = float(samples.min()), float(samples.max())
    margin = widened * (high - low) if high - low > 1e-4 else 0.1
    return low - margin, high + margin
