"""How the latents drive a recorded signal: its prediction against one latent, for each observation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.analysis.reading.bottlenecks import input_labels
from cogrnn_lab.analysis.reading.observations import all_binary_observations, observation_labels
from cogrnn_lab.analysis.reading.update_rules import (
    checked_background,
    checked_observations,
    distinct,
    value_limit,
)
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
    """

    values: np.ndarray
    observations: np.ndarray
    observation_labels: tuple[str, ...]
    signals: np.ndarray
    latents: tuple[int, ...]
    names: tuple[str, ...]


def signal_rule(
    model: Network | HoldsNetwork,
    *,
    observations: np.ndarray | None = None,
    input_names: Sequence[str] | None = None,
    signal_names: Sequence[str] | None = None,
    n_points: int = 50,
    threshold: float = 0.1,
    background: np.ndarray | None = None,
    limit: float | None = None,
) -> SignalRule:
    """Compute how the predicted signals depend on each latent and on the inputs of the trial.

    Arguments:
        model: A network that predicts signals, such as a `NeuroDisRNN`, or a `Run` that has one.
        observations: (observation, input); by default every combination of 0 and 1.
        input_names: Names of the inputs for the labels; by default those that the network was trained on,
            else "input 1" and so on.
        signal_names: Names of the signals; by default those that the network was trained on, else "signal 1"
            and so on.
        n_points: Points along each latent.
        threshold: Openness above which a channel to the signals counts as open.
        background: (latent,) values of the latents that are not varied; by default 0.
        limit: Largest distance from 0 of the values; by default a little further than the latents can go.

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
    if observations is None:
        observations = all_binary_observations(network.n_inputs)
    observations = checked_observations(observations, network)
    held = checked_background(background, network).astype(np.float32)
    limit = value_limit(network) if limit is None else limit
    values = np.linspace(-limit, limit, n_points).astype(np.float32)
    opened = 1.0 - np.asarray(network.neural.bottleneck.sigma) > threshold
    open_latents, open_inputs = opened[: network.n_latents], opened[network.n_latents :]
    rows = distinct(observations[:, open_inputs])
    shown = observations[rows]
    names = input_labels(network) if input_names is None else tuple(input_names)
    signals = network.signal_names or [f"signal {i + 1}" for i in range(network.neural.n_signals)]
    return SignalRule(
        values=values,
        observations=shown,
        observation_labels=observation_labels(shown, names, open_inputs),
        signals=np.asarray(_signal_grid(network, values, shown, held)),
        latents=tuple(int(i) for i in np.flatnonzero(open_latents)),
        names=tuple(signal_names or signals),
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
