"""The latents and predictions of a network along recorded trials."""

from dataclasses import dataclass
from functools import cached_property

import equinox as eqx
import jax
import numpy as np

from cogrnn_lab.analysis.reading.bottlenecks import latent_labels
from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.models import Network, Rollout
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.training.compatibility import as_network_knows


@dataclass(frozen=True)
class Latents:
    """Noiseless latents of every trial, those from which the choice of that trial is predicted.

    Fields:
        states: (session, trial, latent).
        outputs: (session, trial, output): `n_classes` logits of the alternatives, then predicted numbers.
        n_classes: Number of alternatives, 0 where the data are numbers.
        valid: (session, trial) False on padding.
        names: Names of the latents.
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


def latents(model: Network | HoldsNetwork, dataset: Dataset) -> Latents:
    """Run a network along all sessions of a data set without noise.

    Arguments:
        model: Any network, or a `Run` or a `Discovery` that has one.
        dataset: Sessions that fit it; subjects are found by name.

    Returns:
        A `Latents`.

    Raises:
        ValueError: The data don't fit the network, or have a subject that it does not know.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=3, n_trials=20)
        >>> cl.latents(cl.GRU(2, 2, 4, key=jax.random.key(0)), data).states.shape
        (3, 20, 4)
    """
    model = network_of(model)
    known = as_network_knows(model, dataset)
    rolled = jax.device_get(noiseless_rollout(model, TrialArrays.of(known)))
    return Latents(
        states=rolled.states,
        outputs=rolled.outputs,
        n_classes=dataset.n_classes or 0,
        valid=dataset.valid,
        names=latent_labels(rolled.states.shape[-1]),
    )


@eqx.filter_jit
def noiseless_rollout(model: Network, data: TrialArrays) -> Rollout:
    """Run a network along a data set without noise: states and outputs."""
    return model.rollout(data.inputs, subject=data.subject, key=None, noise=0.0)
