"""Which channels of a disentangled network are open, and how much they pass."""

from collections.abc import Sequence
from dataclasses import dataclass

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.models import Bottleneck, DisRNN
from cogrnn_lab.training.compatibility import check_model_fits

TITLES = {
    "latent": "Latents",
    "update_input": "Update networks: inputs",
    "update_latent": "Update networks: latents",
    "choice_latent": "Choice network",
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
    """All channels of a network: `groups` by name, and `latent_order` (latent,), most open first."""

    groups: dict[str, ChannelGroup]
    latent_order: np.ndarray

    @property
    def latent_names(self) -> tuple[str, ...]:
        """Names of the latents in the order of the model."""
        return self.groups["latent"].from_names

    def open_latents(self, threshold: float = 0.1) -> tuple[int, ...]:
        """Latents whose openness is above `threshold`, most open first."""
        openness = self.groups["latent"].openness[:, 0]
        return tuple(int(i) for i in self.latent_order if openness[i] > threshold)


def bottlenecks(
    model: DisRNN, dataset: Dataset | None = None, *, input_names: Sequence[str] | None = None
) -> Bottlenecks:
    """Openness of every channel; with a `dataset` also the nats that it passes there per valid trial.

    Arguments: `input_names` labels of the inputs; those of the data set by default.
    """
    nats = None if dataset is None else _nats_per_trial(model, dataset)
    if input_names is None:
        input_names = input_labels(model.n_inputs) if dataset is None else dataset.input_names
    latents = latent_labels(model.n_latents)
    labels = {
        "latent": (latents, ("latent",)),
        "update_input": (tuple(input_names), latents),
        "update_latent": (latents, latents),
        "choice_latent": (latents, ("choice network",)),
    }
    groups = {
        name: _group(model, name, labels[name], None if nats is None else nats[name]) for name in model.groups
    }
    order = np.argsort(groups["latent"].sigma[:, 0], kind="stable")
    return Bottlenecks(groups, order)


def latent_labels(n_latents: int) -> tuple[str, ...]:
    """Names of the latents, counted from 1 in the order of the model."""
    return tuple(f"latent {i + 1}" for i in range(n_latents))


def input_labels(n_inputs: int) -> tuple[str, ...]:
    """Names of inputs that have none."""
    return tuple(f"input {i + 1}" for i in range(n_inputs))


def _group(model: DisRNN, name: str, labels, nats: np.ndarray | None) -> ChannelGroup:
    bottleneck: Bottleneck = getattr(model, name)
    sigma = np.asarray(bottleneck.sigma)
    sigma = sigma.reshape(sigma.shape[0], -1)
    openness = np.clip(1.0 - sigma, 0.0, 1.0)
    nats = None if nats is None else nats.reshape(sigma.shape)
    return ChannelGroup(name, TITLES[name], openness, sigma, nats, *labels)


def _nats_per_trial(model: DisRNN, dataset: Dataset) -> dict[str, np.ndarray]:
    check_model_fits(model, dataset, "data set")
    means = _mean_squares(model, TrialArrays.of(dataset))
    nats = {}
    for name, squares in means.items():
        bottleneck: Bottleneck = getattr(model, name)
        squares = squares if bottleneck.spread.ndim == 1 else squares[:, None]
        nats[name] = np.asarray(0.5 * bottleneck.gain**2 * squares + bottleneck.resting_information)
    return nats


@eqx.filter_jit
def _mean_squares(model: DisRNN, data: TrialArrays) -> dict[str, jnp.ndarray]:
    """Mean square over valid trials of what enters each group's channels."""
    states = model.rollout(data.inputs, subject=data.subject, key=None, noise=0.0).states
    start = jnp.broadcast_to(model.start, (states.shape[0], 1, states.shape[2]))
    previous = jnp.concatenate([start, states[:, :-1]], axis=1)
    entering = {
        "latent": states,
        "update_input": data.inputs,
        "update_latent": previous,
        "choice_latent": states,
    }
    weight = data.valid / data.valid.sum()
    return {name: jnp.einsum("st,stk->k", weight, values**2) for name, values in entering.items()}
