"""Which channels of a disentangled network are open, and how much they pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.models import Network
from cogrnn_lab.training.compatibility import check_model_fits

TITLES = {
    "latent": "Latents",
    "update_input": "Update networks: inputs",
    "update_latent": "Update networks: latents",
    "choice_latent": "Choice network: latents",
    "subject": "Subject embedding",
    "update_subject": "Update networks: subject",
    "choice_subject": "Choice network: subject",
    "neural": "Neural network",
}


@dataclass(frozen=True)
class ChannelGroup:
    """Channels of one kind, from sources (rows) to what reads them (columns).

    `openness` = 1 - sigma within [0, 1], `sigma`, and `nats` per trial (None without data), all (from, to).
    """

    name: str
    title: str
    openness: np.ndarray
    sigma: np.ndarray
    nats: np.ndarray | None
    from_names: tuple[str, ...]
    to_names: tuple[str, ...]

    @property
    def open_channels(self) -> float:
        """Sum of 1 - sigma: how many channels are open, without a threshold."""
        return float((1.0 - self.sigma).sum())

    @property
    def total_nats(self) -> float | None:
        """Nats per trial that all channels of the group pass together."""
        return None if self.nats is None else float(self.nats.sum())


@dataclass(frozen=True)
class Bottlenecks:
    """All channels of a network: `groups` by name, and `latent_order` (latent,), most open first.

    A network without bottlenecks, such as a GRU, has no groups, and its latents are in its own order.
    """

    groups: dict[str, ChannelGroup]
    latent_order: np.ndarray

    @property
    def latent_names(self) -> tuple[str, ...]:
        """Names of the latents in the order of the model."""
        return latent_labels(len(self.latent_order))

    @property
    def latent_openness(self) -> np.ndarray:
        """(latent,) openness of the latents' own bottlenecks; 1 where there are none."""
        if "latent" not in self.groups:
            return np.ones(len(self.latent_order))
        return self.groups["latent"].openness[:, 0]

    def open_latents(self, threshold: float = 0.1) -> tuple[int, ...]:
        """Latents whose openness is above `threshold`, most open first."""
        return tuple(int(i) for i in self.latent_order if self.latent_openness[i] > threshold)


def bottlenecks(
    model: Network, dataset: Dataset | None = None, *, input_names: Sequence[str] | None = None
) -> Bottlenecks:
    """Openness of every channel; with a `dataset` also the nats that it passes there per valid trial.

    Arguments: `input_names` labels of the inputs; those of the data set by default.
    """
    if dataset is not None:
        check_model_fits(model, dataset, "data set")
    if input_names is None:
        input_names = input_labels(model.n_inputs) if dataset is None else dataset.input_names
    if not model.groups:
        return Bottlenecks({}, np.arange(model.n_latents))
    sigmas, nats = _channels(model, None if dataset is None else TrialArrays.of(dataset))
    groups = {}
    for name in model.groups:
        sigma = np.asarray(sigmas[name])
        sigma = sigma.reshape(sigma.shape[0], -1)
        passed = None if dataset is None else np.asarray(nats[name]).reshape(sigma.shape)
        openness = np.clip(1.0 - sigma, 0.0, 1.0)
        sources, readers = _labels(model, name, tuple(input_names))
        groups[name] = ChannelGroup(name, TITLES[name], openness, sigma, passed, sources, readers)
    return Bottlenecks(groups, np.argsort(groups["latent"].sigma[:, 0], kind="stable"))


def latent_labels(n_latents: int) -> tuple[str, ...]:
    """Names of the latents, counted from 1 in the order of the model."""
    return tuple(f"latent {i + 1}" for i in range(n_latents))


def input_labels(n_inputs: int) -> tuple[str, ...]:
    """Names of inputs that have none."""
    return tuple(f"input {i + 1}" for i in range(n_inputs))


def embedding_labels(embedding_size: int) -> tuple[str, ...]:
    """Names of the numbers that describe a subject."""
    return tuple(f"embedding {i + 1}" for i in range(embedding_size))


def _labels(model: Any, group: str, inputs: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of a group's sources and of what reads them."""
    latents = latent_labels(model.n_latents)
    if "subject" in group:
        sources = embedding_labels(model.embedding_size)
    elif group == "update_input":
        sources = inputs
    else:
        sources = (*latents, *inputs) if group == "neural" else latents
    if group.startswith("update"):
        return sources, latents
    readers = {"latent": "latent", "subject": "embedding", "neural": "neural network"}
    return sources, (readers.get(group, "choice network"),)


@eqx.filter_jit
def _channels(model: Any, data: TrialArrays | None) -> tuple[dict[str, jnp.ndarray], dict[str, jnp.ndarray]]:
    """Sigma of every channel by group, and nats per valid trial where there are data."""
    sigmas = {name: bottleneck.sigma for name, bottleneck in model.bottlenecks.items()}
    if data is None:
        return sigmas, {}
    states = model.rollout(data.inputs, subject=data.subject, key=None, noise=0.0).states
    weight = data.valid / data.valid.sum()
    nats = {}
    for name, values in model.entering(data.inputs, states, subject=data.subject).items():
        bottleneck = model.bottlenecks[name]
        squares = jnp.einsum("st,stk->k", weight, values**2)
        squares = squares if bottleneck.spread.ndim == 1 else squares[:, None]
        nats[name] = 0.5 * bottleneck.gain**2 * squares + bottleneck.resting_information
    return sigmas, nats
