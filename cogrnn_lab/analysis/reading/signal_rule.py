"""How the latents drive a recorded signal: its prediction against one latent, for each observation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.analysis.reading.arguments import check_along
from cogrnn_lab.analysis.reading.latents import Latents, latents
from cogrnn_lab.analysis.reading.update_rules import (
    checked_background,
    distinct,
    observations_of,
    told,
    value_grids,
)
from cogrnn_lab.analysis.reading.visited import density_at, own_range
from cogrnn_lab.data import Dataset
from cogrnn_lab.models import Network
from cogrnn_lab.models.disentangled.network import DisentangledNetwork
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of


@dataclass(frozen=True)
class SignalRule:
    """Predicted signals against one latent after the update, the others at the background, without noise.

    Fields:
        values: (point,) of a latent.
        observations: (observation, input), one for each combination of the inputs that are open to the
            signals.
        observation_labels: Names of the observations.
        signals: (signal, latent, observation, point) predictions with each latent varied alone.
        latents: Indices of the latents that are open to the signals.
        names: (signal,) names of the signals.
        density: (latent, point) share of the trials on which each latent has about this value; None without
            data.
    """

    values: np.ndarray
    observations: np.ndarray
    observation_labels: tuple[str, ...]
    signals: np.ndarray
    latents: tuple[int, ...]
    names: tuple[str, ...]
    density: np.ndarray | None = None


def signal_rule(
    model: Network | HoldsNetwork,
    dataset: Dataset | None = None,
    *,
    observations: np.ndarray | None = None,
    input_names: Sequence[str] | None = None,
    signal_names: Sequence[str] | None = None,
    n_points: int = 50,
    threshold: float = 0.1,
    background: np.ndarray | None = None,
    limit: float | None = None,
    along: Latents | None = None,
) -> SignalRule:
    """Compute how the predicted signals depend on each latent and on the inputs of the trial.

    Arguments:
        model: A network that predicts signals, such as a `NeuroDisRNN`, or a `Run` that has one.
        dataset: Sessions that fit the network: they give the observations, the range and density of the
            latents, and where the others are held.
        observations: (observation, input); by default those that are frequent in the data, without data every
            combination of 0 and 1.
        input_names: Names of the inputs, by which the observations are then told; by default they are told in
            words ("left, rewarded") where the network or the data have names of the alternatives.
        signal_names: Names of the signals; by default those that the network was trained on, else "signal 1"
            and so on.
        n_points: Points along each latent.
        threshold: Openness above which a channel to the signals counts as open.
        background: (latent,) values of the latents that are not varied; by default their mean over the data,
            without data 0.
        limit: Largest distance from 0 of the values; by default the range of the data, without data a little
            further than the latents can go.
        along: The latents on these data, where they are at hand.

    Returns:
        A `SignalRule`. Observations that differ only in inputs closed to the signals are shown once.

    Raises:
        TypeError: The network predicts no signals.
        ValueError: An array has another shape, or there are too many inputs to show every combination.

    Source:
        plot_neural_activity_rules of the package disentangled_rnns.

    Example:
        >>> import cogrnn_lab as cl
        >>> network = cl.NeuroDisRNN(2, 2, 3, n_signals=1, key=0)
        >>> cl.signal_rule(network, n_points=10).signals.shape
        (1, 3, 4, 10)
    """
    network = network_of(model)
    if not isinstance(network, DisentangledNetwork) or network.neural is None:
        raise TypeError(
            f"a {type(network).__name__} predicts no signals; signal_rule() is for a cl.NeuroDisRNN"
        )
    check_along(along, dataset)
    states = None
    if dataset is not None:
        along = latents(network, dataset) if along is None else along
        states = np.asarray(along.states, float)[np.asarray(along.valid, bool)]
        background = states.mean(0) if background is None else background
    observations = observations_of(network, observations, dataset)
    held = checked_background(background, network).astype(np.float32)
    opened = 1.0 - np.asarray(network.neural.bottleneck.sigma) > threshold
    open_latents, open_inputs = opened[: network.n_latents], opened[network.n_latents :]
    rows = distinct(observations[:, open_inputs])
    shown = observations[rows]
    if states is None or limit is not None:
        values = value_grids(network, [0], states, limit, n_points)[0]
    else:
        values = np.linspace(*own_range(states[:, open_latents] if open_latents.any() else states), n_points)
    values = values.astype(np.float32)
    signals = network.signal_names or [f"signal {i + 1}" for i in range(network.neural.n_signals)]
    return SignalRule(
        values=values,
        observations=shown,
        observation_labels=told(network, dataset, shown, input_names, open_inputs),
        signals=np.asarray(_signal_grid(network, values, shown, held)),
        latents=tuple(int(i) for i in np.flatnonzero(open_latents)),
        names=tuple(signal_names or signals),
        density=None if states is None else np.stack([density_at(values, own) for own in states.T]),
    )


@eqx.filter_jit
def _signal_grid(network: Any, values: Any, observations: Any, background: Any) -> Any:
    """(signal, latent, observation, point)."""
    held = jnp.asarray(background)

    def at(latent: Any, observation: Any, value: Any) -> Any:
        return network.neural(jnp.concatenate([held.at[latent].set(value), observation]), None, 0.0)

    along = jax.vmap(at, (None, None, 0), out_axes=-1)
    each = jax.vmap(along, (None, 0, None), out_axes=-2)
    every = jax.vmap(each, (0, None, None), out_axes=1)
    return every(jnp.arange(network.n_latents), jnp.asarray(observations), jnp.asarray(values))
