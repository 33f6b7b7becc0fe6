"""Which channels of a disentangled network are open, and how much they pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.data.named import default_input_names
from cogrnn_lab.models import Network
from cogrnn_lab.models.group_names import group_name
from cogrnn_lab.training.compatibility import as_network_knows


@dataclass(frozen=True)
class ChannelGroup:
    """Channels of one kind, from sources (rows) to their readers (columns).

    Fields:
        name: Name of the group, which is also that of its penalty.
        title: Name for people.
        openness: (from, to) 1 - sigma, within [0, 1]: 0 is closed, 1 noiseless.
        sigma: (from, to) standard deviation of the noise.
        nats: (from, to) information in nats per trial; None without data.
        from_names: Names of the sources.
        to_names: Names of the readers.
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
        """Information in nats per trial that all channels of the group pass together."""
        return None if self.nats is None else float(self.nats.sum())


@dataclass(frozen=True)
class Bottlenecks:
    """Openness of all channels of a network.

    A network without bottlenecks, such as a GRU, has no groups, and its latents are in its own order.

    Fields:
        groups: `ChannelGroup` by name.
        latent_order: (latent,) indices of the latents, most open first.
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
        """List the latents that are open, most open first.

        Arguments:
            threshold: Openness above which a latent is open.
        """
        return tuple(int(i) for i in self.latent_order if self.latent_openness[i] > threshold)


def bottlenecks(
    model: Network, dataset: Dataset | None = None, *, input_names: Sequence[str] | None = None
) -> Bottlenecks:
    """Measure how far every channel of a network is open, and how much it passes.

    Arguments:
        model: Any network; one without bottlenecks has no groups.
        dataset: Sessions along which the information of each channel is averaged over valid trials, in nats
            per trial; None: openness only.
        input_names: Labels of the inputs; by default those that the network was trained on, else those of the
            data set.

    Returns:
        A `Bottlenecks`.

    Raises:
        ValueError: The data don't fit the network.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> network = cl.DisRNN(2, 2, 3, key=jax.random.key(0))
        >>> list(cl.bottlenecks(network).groups)
        ['latent', 'update_input', 'update_latent', 'choice_latent']
    """
    if dataset is not None:
        dataset = as_network_knows(model, dataset)
    if input_names is None:
        input_names = input_labels(model, dataset)
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
        groups[name] = ChannelGroup(name, group_name(name).title, openness, sigma, passed, sources, readers)
    return Bottlenecks(groups, np.argsort(groups["latent"].sigma[:, 0], kind="stable"))


def latent_labels(n_latents: int) -> tuple[str, ...]:
    """Name the latents, counted from 1 in the order of the model."""
    return tuple(f"latent {i + 1}" for i in range(n_latents))


def input_labels(model: Network, dataset: Dataset | None = None) -> tuple[str, ...]:
    """Name the inputs as the network does, else as the data set, else by numbers."""
    known = getattr(model, "input_names", None)
    if known is None and dataset is not None:
        known = dataset.input_names
    return default_input_names(model.n_inputs) if known is None else known


def embedding_labels(embedding_size: int) -> tuple[str, ...]:
    """Name the dimensions of a subject's embedding."""
    return tuple(f"embedding {i + 1}" for i in range(embedding_size))


def _labels(model: Any, group: str, inputs: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of a group's sources and of its readers."""
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
