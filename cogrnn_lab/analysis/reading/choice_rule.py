"""How the latents drive choice: logits of the alternatives against one latent, or over two."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.analysis.reading.arguments import as_subject, check_along, latent_place, shown_latents
from cogrnn_lab.analysis.reading.latents import Latents, latents
from cogrnn_lab.analysis.reading.update_rules import checked_background, value_limit
from cogrnn_lab.analysis.reading.visited import density_at, own_range
from cogrnn_lab.data import Dataset
from cogrnn_lab.models import Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.models.own_step import check_readout

OPEN = 0.1  # openness above which a latent is shown where there are no data


@dataclass(frozen=True)
class ChoiceRule:
    """Logits of the second and later alternatives minus that of the first, without noise.

    Fields:
        values: (point,) of a latent.
        logits: (latent, alternative - 1, point) with each latent varied alone, the others at the background.
        pair: Two latents, from 0; None where the network has only one.
        pair_logits: (alternative - 1, point, point) with both varied, the first of the pair on the first
            point axis; None without a pair.
        choice_names: Names of the alternatives that the network was trained on; None where it knows none.
        shown: The latents that tell something along the data, without data those that are open; from 0.
        density: (latent, point) share of the trials on which each latent has about this value; None without
            data.
        pair_density: (point, point) share of the trials on which the pair has about these values.
    """

    values: np.ndarray
    logits: np.ndarray
    pair: tuple[int, int] | None
    pair_logits: np.ndarray | None
    choice_names: tuple[str, ...] | None = None
    shown: tuple[int, ...] | None = None
    density: np.ndarray | None = None
    pair_density: np.ndarray | None = None


def choice_rule(
    model: Network | HoldsNetwork,
    pair: Sequence[Any] | None = None,
    dataset: Dataset | None = None,
    *,
    subject: Any = None,
    n_points: int = 50,
    background: np.ndarray | None = None,
    limit: float | None = None,
    along: Latents | None = None,
) -> ChoiceRule:
    """Compute the choice rule of a network for any number of alternatives, in one compiled call.

    Arguments:
        model: Any network, or a `Run` or a `Discovery` that has one.
        pair: Two latents for the map, by index from 0 or by name ("latent 2", counted from 1); by default the
            two that are most open to the choice network.
        dataset: Sessions that fit the network: they give the range and density of the latents, and where the
            others are held.
        subject: Name or index of the subject whose rule it is, or an embedding (embedding,), for a network
            that knows subjects; by default the mean embedding.
        n_points: Points along each latent.
        background: (latent,) values of the latents that are not varied; by default their mean over the data,
            without data 0.
        limit: Largest distance from 0 of the values; by default the range of the data, without data a little
            further than the latents can go.
        along: The latents on these data, where they are at hand.

    Returns:
        A `ChoiceRule`.

    Raises:
        ValueError: `pair` is not two different latents, `background` has another shape, or the network's own
            `step` computes outputs that `readout` does not know.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> network = cl.DisRNN(2, 3, 4, key=jax.random.key(0))
        >>> cl.choice_rule(network, n_points=20).logits.shape
        (4, 2, 20)
    """
    model = network_of(model)
    check_readout(model)
    check_along(along, dataset)
    states = None
    if dataset is not None:
        along = latents(model, dataset) if along is None else along
        states = np.asarray(along.states, float)[np.asarray(along.valid, bool)]
        background = states.mean(0) if background is None else background
    shown = tuple(shown_latents(model, states, OPEN))
    values = _values(model, states, shown, limit, n_points)
    held = checked_background(background, model).astype(np.float32)
    chosen = _default_pair(model) if pair is None else _checked_pair(pair, model)
    logits, pair_logits = jax.device_get(
        _choice_grids(
            model,
            np.asarray(chosen or (0, 0)),
            values,
            held,
            subject=as_subject(model, subject),
        )
    )
    names = getattr(model, "class_names", None) or (None if dataset is None else dataset.class_names)
    density = pair_density = None
    if states is not None:
        density = np.stack([density_at(values, column) for column in states.T])
        pair_density = None if chosen is None else _density_of_pair(values, states[:, list(chosen)])
    return ChoiceRule(
        values, logits, chosen, None if chosen is None else pair_logits, names, shown, density, pair_density
    )


def _values(
    model: Network, states: np.ndarray | None, shown: Sequence[int], limit: float | None, n_points: int
) -> np.ndarray:
    """One grid for all latents: over what those that are shown visit, or up to a limit."""
    if states is None or limit is not None:
        end = value_limit(model) if limit is None else limit
        return np.linspace(-end, end, n_points).astype(np.float32)
    return np.linspace(*own_range(states[:, list(shown)]), n_points).astype(np.float32)


def _density_of_pair(values: np.ndarray, states: np.ndarray) -> np.ndarray:
    half = 0.5 * (values[1] - values[0])
    edges = np.append(values - half, values[-1] + half)
    return np.histogram2d(states[:, 0], states[:, 1], bins=[edges, edges])[0] / len(states)


@eqx.filter_jit
def _choice_grids(model: Network, pair, values, background, *, subject):
    """Relative logits with each latent alone, and over the pair."""
    n_points, n_latents = values.shape[0], model.n_latents
    values, held = jnp.asarray(values), jnp.asarray(background)

    def relative(states):
        logits = model.readouts(states.reshape(-1, n_latents), subject=subject)
        logits = logits.reshape(*states.shape[:-1], -1)
        return jnp.moveaxis(logits[..., 1:] - logits[..., :1], -1, -2)

    def alone(latent):
        return jax.vmap(lambda value: held.at[latent].set(value))(values)

    def both(a, b):
        return held.at[pair[0]].set(a).at[pair[1]].set(b)

    first, second = jnp.repeat(values, n_points), jnp.tile(values, n_points)
    over_pair = relative(jax.vmap(both)(first, second)).reshape(-1, n_points, n_points)
    return relative(jax.vmap(alone)(jnp.arange(n_latents))), over_pair


def _default_pair(model: Any) -> tuple[int, int] | None:
    if model.n_latents < 2:
        return None
    if "choice_latent" not in model.groups:
        return (0, 1)
    order = np.argsort(np.asarray(model.bottlenecks["choice_latent"].sigma), kind="stable")
    return int(order[0]), int(order[1])


def _checked_pair(pair: Sequence[Any], model: Network) -> tuple[int, int]:
    n = model.n_latents
    places = [latent_place(one, n) if isinstance(one, str) else int(one) for one in pair]
    if len(places) != 2 or places[0] == places[1] or not all(0 <= one < n for one in places):
        raise ValueError(f"pair is {pair}, expected two different latents of 0..{n - 1}")
    return places[0], places[1]
