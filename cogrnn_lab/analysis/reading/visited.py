"""States that a network visits between the trials of a data set: where its rules are ever used."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

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
        few = np.array([len(np.unique(column)) <= MOST_EXACT_VALUES for column in inputs.T], bool)
        exact = few | self.is_choice[read]
        scale = np.where(inputs.std(0) > 0, inputs.std(0), 1.0)
        apart = np.abs(inputs[:, None] - shown[None])
        is_other = (apart[..., exact] > 1e-4).any(-1)
        distance = np.where(is_other, np.inf, ((apart / scale) ** 2).sum(-1))
        return np.where(np.isfinite(distance.min(1)), distance.argmin(1), -1)


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
    states, outputs = np.asarray(along.states, float), np.asarray(along.outputs, float)
    return Visited(
        before=states[:, :-1][both],
        inputs=np.asarray(known.inputs, float)[:, 1:][both],
        after=states[:, 1:][both],
        outputs_before=outputs[:, :-1][both],
        outputs_after=outputs[:, 1:][both],
        is_choice=np.array([name == PREVIOUS_CHOICE for name in known.input_names], bool),
    )


def density_at(values: Float[np.ndarray, " point"], samples: Any) -> Float[np.ndarray, " point"]:
    """Share of the samples that lie nearest to each of the evenly spaced values; none for those beyond."""
    values = np.asarray(values, float)
    half = 0.5 * (values[1] - values[0]) if len(values) > 1 else np.inf
    edges = np.concatenate([values - half, [values[-1] + half]])
    return np.histogram(np.asarray(samples, float), edges)[0] / max(len(samples), 1)


def own_range(samples: Float[np.ndarray, "*trial"], widened: float = 0.08) -> tuple[float, float]:
    """Ends of what was visited, widened a little; around a value that never changes, 0.1 to either side."""
    low, high = float(samples.min()), float(samples.max())
    margin = widened * (high - low) if high - low > 1e-4 else 0.1
    return low - margin, high + margin
