"""Channels closed: their reader gets the mean of what they carried, so that what varies is gone and no more.

The number of parameters of what is left is that of its weights.
"""

from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from cogrnn_lab.models import Network

# Groups whose channels end at a network; those of `latent` and `subject` lie before all of its sources' own.
UPDATE_READERS = ("update_subject", "update_input", "update_latent")
CHOICE_READERS = ("choice_subject", "choice_latent")
READERS = (*UPDATE_READERS, *CHOICE_READERS, "neural")

Kept = dict[str, np.ndarray]


def check_has_bottlenecks(model: Network, what: str) -> None:
    """Refuse networks whose channels have no bottlenecks."""
    if not model.groups:
        raise ValueError(
            f"a {type(model).__name__} has no bottlenecks: no noise limits what its units pass on, so that "
            f"bits and nats of a channel have no meaning, and there is no {what}. Networks with bottlenecks "
            "are DisRNN, MultisubjectDisRNN and NeuroDisRNN; cl.latent_contributions tells of any network "
            "how much each unit matters to the choice"
        )


def everything_kept(model: Any) -> Kept:
    """True for each channel that ends at a network, {group: (from, ...)}."""
    return {group: np.ones(model.bottlenecks[group].shape, bool) for group in _readers(model)}


def without_source(model: Any, kept: Kept, group: str, source: int) -> Kept:
    """All channels of a latent, or of a number of the embedding, closed where it is read."""
    closed = {name: own.copy() for name, own in kept.items()}
    for name in _readers(model):
        if group == "subject" and name.endswith("_subject"):
            closed[name][source] = False
        if group == "latent" and (name.endswith("_latent") or name == "neural"):
            closed[name][source] = False  # the latents come first in `neural`
    return closed


def with_channels_closed(model: Any, kept: Mapping[str, Array], means: Mapping[str, Array]) -> Any:
    """The network where channels that are not kept pass their mean.

    Arguments:
        model: A network with bottlenecks.
        kept: {group: (from, ...)} of the groups that end at a network.
        means: {group: (from,)} mean of what enters each channel.

    Returns:
        A copy of the network.
    """
    shift = {}
    for group in _readers(model):
        gain, mean = model.bottlenecks[group].gain, jnp.asarray(means[group])
        mean = mean if gain.ndim == 1 else mean[:, None]
        shift[group] = jnp.where(kept[group], 0.0, gain * mean)
        kept_gain = jnp.where(kept[group], gain, 0.0)
        model = eqx.tree_at(_multiplier(group), model, kept_gain)
    weight = model.update_net.in_weight  # (latent, width, source)
    into_updates = jnp.concatenate([shift[g] for g in UPDATE_READERS if g in shift])
    updates = model.update_net.in_bias + jnp.einsum("lws,sl->lw", weight, into_updates)
    into_choice = jnp.concatenate([shift[g] for g in CHOICE_READERS if g in shift])
    choice = model.choice_net.in_bias + model.choice_net.in_weight @ into_choice
    model = eqx.tree_at(
        lambda m: (m.core.update_net.in_bias, m.core.choice_net.in_bias), model, (updates, choice)
    )
    if model.neural is not None:
        network = model.neural.network
        bias = network.in_bias + network.in_weight @ shift["neural"]
        model = eqx.tree_at(lambda m: m.neural.network.in_bias, model, bias)
    return model


def n_parameters_kept(model: Any, kept: Kept, latents: np.ndarray) -> int:
    """Count the weights of the network that is left when closed channels and latents are taken out.

    Those of each kept latent's update network that read nothing closed, its start value, those of the choice
    network and of the signals' network alike, and for each subject the numbers of the embedding that are
    read. Multipliers merge with the weights behind them, and the noise is no part of the prediction.
    """
    into = sum((kept[g].sum(0) for g in UPDATE_READERS if g in kept), np.zeros(model.n_latents, int))
    total = sum(_mlp(model.update_net, int(n)) + 1 for n in into[latents])
    total += _mlp(model.choice_net, int(sum(kept[g].sum() for g in CHOICE_READERS if g in kept)))
    if model.neural is not None:
        total += _mlp(model.neural.network, int(kept["neural"].sum()))
    if model.subjects is not None:
        read = kept["choice_subject"] | kept["update_subject"][:, latents].any(1)
        total += model.subjects.n_subjects * int(read.sum())
    return int(total)


def _mlp(network: Any, n_inputs: int) -> int:
    """Weights and biases of a residual network with so many inputs; without any it is a constant."""
    (depth, width), n_outputs = network.hidden_bias.shape[-2:], network.out_bias.shape[-1]
    if n_inputs == 0:
        return n_outputs
    return width * (n_inputs + 1) + depth * width * (width + 1) + n_outputs * (width + 1)


def _readers(model: Any) -> tuple[str, ...]:
    return tuple(group for group in READERS if group in model.groups)


def _multiplier(group: str) -> Any:
    def where(model: Any) -> Any:
        if group == "neural":
            return model.neural.bottleneck.multiplier
        return getattr(model.subjects if group.endswith("_subject") else model.core, group).multiplier

    return where
