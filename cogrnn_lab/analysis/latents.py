"""The latents of a network along recorded trials."""

from dataclasses import dataclass

import equinox as eqx
import jax
import numpy as np

from cogrnn_lab.analysis.bottlenecks import latent_labels
from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.models import Network
from cogrnn_lab.training.compatibility import check_model_fits


@dataclass(frozen=True)
class Latents:
    """Noiseless latents of every trial: those from which the choice of that trial is predicted.

    `states` (session, trial, latent); `probabilities` (session, trial, alternative) of the choices; `valid`
    (session, trial) False on padding; `names` of the latents.
    """

    states: np.ndarray
    probabilities: np.ndarray
    valid: np.ndarray
    names: tuple[str, ...]


def latents(model: Network, dataset: Dataset) -> Latents:
    """Run `model` along all sessions of `dataset` without noise."""
    check_model_fits(model, dataset, "data set")
    states, probabilities = _states_and_probabilities(model, TrialArrays.of(dataset))
    return Latents(
        states=np.asarray(states),
        probabilities=np.asarray(probabilities),
        valid=dataset.valid,
        names=latent_labels(states.shape[-1]),
    )


@eqx.filter_jit
def _states_and_probabilities(model: Network, data: TrialArrays):
    rolled = model.rollout(data.inputs, subject=data.subject, key=None, noise=0.0)
    return rolled.states, jax.nn.softmax(rolled.outputs)
