"""The latents of a network along recorded trials, and what it predicts there."""

from dataclasses import dataclass
from functools import cached_property

import equinox as eqx
import jax
import numpy as np

from cogrnn_lab.analysis.reading.bottlenecks import latent_labels
from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.models import Network, Rollout
from cogrnn_lab.training.compatibility import check_model_fits


@dataclass(frozen=True)
class Latents:
    """Noiseless latents of every trial: those from which the choice of that trial is predicted.

    `states` (session, trial, latent); `outputs` (session, trial, output), of which the first `n_classes` are
    logits of the alternatives and the others numbers; `valid` (session, trial) False on padding; `names` of
    the latents.
    """

    states: np.ndarray
    outputs: np.ndarray
    n_classes: int
    valid: np.ndarray
    names: tuple[str, ...]

    @cached_property
    def probabilities(self) -> np.ndarray:
        """(session, trial, alternative) of the choices; without alternatives where the data are numbers."""
        logits = self.outputs[..., : self.n_classes]
        if not self.n_classes:
            return logits
        likely = np.exp(logits - logits.max(-1, keepdims=True))
        return likely / likely.sum(-1, keepdims=True)

    @property
    def signals(self) -> np.ndarray:
        """(session, trial, signal) predicted numbers."""
        return self.outputs[..., self.n_classes :]


def latents(model: Network, dataset: Dataset) -> Latents:
    """Run `model` along all sessions of `dataset` without noise."""
    check_model_fits(model, dataset, "data set")
    rolled = jax.device_get(noiseless_rollout(model, TrialArrays.of(dataset)))
    return Latents(
        states=rolled.states,
        outputs=rolled.outputs,
        n_classes=dataset.n_classes or 0,
        valid=dataset.valid,
        names=latent_labels(rolled.states.shape[-1]),
    )


@eqx.filter_jit
def noiseless_rollout(model: Network, data: TrialArrays) -> Rollout:
    """States and outputs along a data set."""
    return model.rollout(data.inputs, subject=data.subject, key=None, noise=0.0)
