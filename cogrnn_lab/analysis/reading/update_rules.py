"""How each latent is updated: its change on one trial against its value, for each observation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from cogrnn_lab.analysis.reading.arguments import as_subject, check_along, latent_place, shown_latents
from cogrnn_lab.analysis.reading.bottlenecks import input_labels
from cogrnn_lab.analysis.reading.latents import Latents
from cogrnn_lab.analysis.reading.observations import (
    all_binary_observations,
    observation_labels,
    observation_words,
    typical_observations,
)
from cogrnn_lab.analysis.reading.visited import densities_at, own_range, visited
from cogrnn_lab.argument_kinds import as_numbers
from cogrnn_lab.data import Dataset
from cogrnn_lab.models import Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.training.compatibility import as_network_knows

# How far rules are drawn, as a multiple of the largest value that the latents can have.
MARGIN = 1.05
# Where other latents are held, as fractions of that distance.
CONDITIONS = (-0.5, -0.25, 0.0, 0.25, 0.5)
# Where they are held with data: quantiles of their own values.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class UpdateRule:
    """Change of one latent on one trial against its value, without noise.

    Fields:
        latent: Index of the latent, from 0.
        values: (point,) of the latent before the trial.
        observations: (observation, input), one for each combination of the inputs open to this latent.
        observation_labels: Names of the observations.
        base: (observation, point) change of the latent with the others at the background.
        conditioning: Indices of the other latents that its open channels read.
        conditioning_values: (conditioning value,) of those; (conditioning latent, conditioning value) where
            they are quantiles of what each of them is along data.
        delta: (conditioning latent, conditioning value, observation, point) change of the latent where one
            of them has each of the values.
        density: (observation, point) share of the trials that have this observation and this value before,
            so that one sees where the rule is ever used; None without data.
    """

    latent: int
    values: np.ndarray
    observations: np.ndarray
    observation_labels: tuple[str, ...]
    base: np.ndarray
    conditioning: tuple[int, ...]
    conditioning_values: np.ndarray
    delta: np.ndarray
    density: np.ndarray | None = None


def update_rules(
    model: Network | HoldsNetwork,
    latents: Sequence[Any] | None = None,
    dataset: Dataset | None = None,
    *,
    subject: Any = None,
    observations: np.ndarray | None = None,
    input_names: Sequence[str] | None = None,
    n_points: int = 50,
    threshold: float = 0.1,
    background: np.ndarray | None = None,
    conditioning_values: Sequence[float] | None = None,
    limit: float | None = None,
    along: Latents | None = None,
) -> dict[int, UpdateRule]:
    """Compute the update rules of a network, whole grids in one compiled call.

    Arguments:
        model: Any network, or a `Run` or a `Discovery` that has one.
        latents: Indices from 0, or names ("latent 2", counted from 1); by default those that tell something
            along the data, without data those that are open, or the most open one.
        dataset: Sessions that fit the network: they give the observations, the range and density of each
            latent, and where the others are held.
        subject: Name or index of the subject whose rules they are, or an embedding (embedding,), for a
            network that knows subjects; by default the mean embedding.
        observations: (observation, input); by default those that are frequent in the data, without data every
            combination of 0 and 1.
        input_names: Names of the inputs, by which the observations are then told; by default they are told in
            words ("left, rewarded") where the network or the data have names of the alternatives.
        n_points: Points along each latent.
        threshold: Openness above which a channel counts as open; without bottlenecks all are.
        background: (latent,) values of the latents that are not varied; by default their mean over the data,
            without data 0.
        conditioning_values: Values of another latent that an update reads; by default five quantiles of its
            own along the data (5, 25, 50, 75, 95 %), without data five across the range.
        limit: Largest distance from 0 of the values; by default the range of the data, without data a little
            further than the latents can go.
        along: The latents on these data, where they are at hand.

    Returns:
        {latent: `UpdateRule`} of the latents that were asked for. Observations that differ only in inputs
        closed to a latent are shown once.

    Raises:
        ValueError: There is no such latent, an array has another shape, or there are too many inputs to show
            every combination of 0 and 1.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> network = cl.DisRNN(2, 2, 3, key=jax.random.key(0))
        >>> cl.update_rules(network, [0], n_points=10)[0].base.shape
        (4, 10)
    """
    model = network_of(model)
    check_along(along, dataset)
    seen = None if dataset is None else visited(model, dataset, along)
    states = None if seen is None else seen.before
    telling = None if states is None and latents is not None else shown_latents(model, states, threshold)
    if latents is None:
        latents = telling or ()
    asked = [latent_place(latent, model.n_latents) for latent in latents]
    observations = observations_of(model, observations, dataset)
    if background is None and states is not None:
        background = states.mean(0)
    background = checked_background(background, model)
    values = value_grids(model, asked, states, limit, n_points)
    conditions = _conditions(model, conditioning_values, states, limit)
    single, base = jax.device_get(
        _rule_grids(
            model,
            np.asarray(asked, int),
            *(np.asarray(array, np.float32) for array in (values, conditions, observations, background)),
            subject=as_subject(model, subject),
        )
    )
    open_inputs, open_latents = _open_channels(model, threshold)
    rules, matched = {}, {}
    for i, latent in enumerate(asked):
        read = open_inputs[:, latent]
        rows = distinct(observations[:, read])
        if seen is not None and read.tobytes() not in matched:  # most latents read the same inputs
            matched[read.tobytes()] = seen.of_observation(observations[rows], read)
        which = matched.get(read.tobytes(), np.zeros(0, int))
        conditioning = tuple(
            j
            for j in range(model.n_latents)
            if j != latent and open_latents[j, latent] and (states is None or telling is None or j in telling)
        )
        own = conditioning_values is None and states is not None
        rules[latent] = UpdateRule(
            latent=latent,
            values=values[i],
            observations=observations[rows],
            observation_labels=told(model, dataset, observations[rows], input_names, read),
            base=base[i][rows],
            conditioning=conditioning,
            conditioning_values=conditions[list(conditioning)] if own else conditions[0],
            delta=single[i][list(conditioning)][:, :, rows],
            density=(
                None if seen is None else densities_at(values[i], seen.before[:, latent], which, len(rows))
            ),
        )
    return rules


def told(
    model: Any, dataset: Dataset | None, observations: np.ndarray, input_names: Any, shown: np.ndarray
) -> tuple[str, ...]:
    """Labels of observations: by the names that are given, else in the words of network and data."""
    if input_names is not None:
        return observation_labels(observations, tuple(input_names), shown)
    classes = getattr(model, "class_names", None) or (None if dataset is None else dataset.class_names)
    names = input_labels(model, dataset)
    if classes is None:
        return observation_labels(observations, names, shown)
    return observation_words(observations, names, classes, shown)


def value_grids(
    model: Any, latents: Sequence[int], states: np.ndarray | None, limit: float | None, n_points: int
) -> np.ndarray:
    """Values (latent, point) along each latent: over what the data visit, or up to a limit."""
    if states is None or limit is not None:
        end = value_limit(model) if limit is None else limit
        return np.tile(np.linspace(-end, end, n_points), (len(latents), 1))
    grids = [np.linspace(*own_range(states[:, latent]), n_points) for latent in latents]
    return np.array(grids).reshape(len(latents), n_points)


def observations_of(model: Any, observations: Any, dataset: Dataset | None) -> np.ndarray:
    """Observations (observation, input) that are given, else frequent in the data, else all of 0 and 1."""
    if observations is None and dataset is not None:
        observations = typical_observations(as_network_knows(model, dataset))
    elif observations is None:
        observations = all_binary_observations(model.n_inputs)
    return checked_observations(observations, model)


def _conditions(model: Any, given: Any, states: np.ndarray | None, limit: float | None) -> np.ndarray:
    """Values (latent, condition) at which each latent is held while another one is varied."""
    if given is None and states is not None:
        return np.array([np.quantile(column, QUANTILES) for column in np.ascontiguousarray(states.T)])
    end = value_limit(model) if limit is None else limit
    shared = np.asarray([end * c for c in CONDITIONS] if given is None else given, float)
    return np.tile(shared, (model.n_latents, 1))


def value_limit(model: Any) -> float:
    """Give the distance from 0 up to which rules are shown: a little further than the latents can go."""
    return MARGIN * getattr(model, "max_latent", 2.0)


def checked_background(background: np.ndarray | None, model: Network) -> np.ndarray:
    """Check the values of the latents that are not varied, (latent,)."""
    background = np.zeros(model.n_latents) if background is None else np.asarray(background, float)
    if background.shape != (model.n_latents,):
        raise ValueError(
            f"background has shape {background.shape}, expected ({model.n_latents},): one value a latent"
        )
    return background


@eqx.filter_jit
def _rule_grids(
    model: Network,
    latents: Array | np.ndarray,
    values: Float[Array | np.ndarray, "asked point"],
    conditions: Float[Array | np.ndarray, "other condition"],
    observations: Float[Array | np.ndarray, "observation input"],
    background: Float[Array | np.ndarray, " latent"],
    *,
    subject: Any,
) -> tuple[Array, Array]:
    """Change of each latent (latent, other, condition, observation, point); then without a condition."""
    held = jnp.asarray(background)
    latents, values = jnp.asarray(latents), jnp.asarray(values)

    def grid(conditions):
        def point(place, other, condition, observation, step):
            state = held.at[other].set(conditions[other, condition])
            return state.at[latents[place]].set(values[place, step]), observation

        n_others, n_conditions = conditions.shape
        counts = (len(latents), n_others, n_conditions)
        axes = (*map(jnp.arange, counts), jnp.asarray(observations), jnp.arange(values.shape[1]))
        points: Any = point
        for position in reversed(range(len(axes))):
            points = jax.vmap(points, tuple(0 if i == position else None for i in range(len(axes))))
        states, seen = points(*axes)
        new = model.transition(_flat(states), _flat(seen), subject=subject).reshape(states.shape)
        return jax.vmap(lambda change, latent: jnp.take(change, latent, axis=-1))(new - states, latents)

    single = grid(jnp.asarray(conditions))
    # With no latent set apart: the condition that is put in place is overwritten by the background itself.
    base = grid(held[:1, None])[:, 0, 0]
    return single, base


def _open_channels(model: Any, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Tell which inputs (input, latent) and latents (latent, latent) each latent's update reads."""
    if "update_input" not in model.groups:
        n = model.n_latents
        return np.ones((model.n_inputs, n), bool), np.ones((n, n), bool)
    groups = model.bottlenecks
    inputs, latents = (1.0 - np.asarray(groups[g].sigma) for g in ("update_input", "update_latent"))
    return inputs > threshold, latents > threshold


def _flat(grid: Array) -> Array:
    return grid.reshape(-1, grid.shape[-1])


def distinct(rows: np.ndarray) -> np.ndarray:
    """Indices of the first of each set of equal rows, in order."""
    return np.sort(np.unique(rows, axis=0, return_index=True)[1]) if rows.shape[1] else np.array([0])


def checked_observations(observations: Any, model: Network) -> np.ndarray:
    """Check the observations, (observation, input)."""
    observations = as_numbers(observations, "observations").astype(np.float32)
    if observations.ndim != 2 or observations.shape[1] != model.n_inputs:
        raise ValueError(
            f"observations have shape {observations.shape}, expected (observation, {model.n_inputs})"
        )
    return observations
