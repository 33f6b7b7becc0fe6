"""How each latent is updated: its change on one trial against its value, for each observation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from cogrnn_lab.analysis.reading.bottlenecks import input_labels
from cogrnn_lab.analysis.reading.observations import all_binary_observations, observation_labels
from cogrnn_lab.models import Network

# How far rules are drawn, as a multiple of the largest value that the latents can have.
MARGIN = 1.05
# Where other latents are held, as fractions of that distance.
CONDITIONS = (-0.5, -0.25, 0.0, 0.25, 0.5)


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
        conditioning_values: (conditioning value,) of those.
        delta: (conditioning latent, conditioning value, observation, point) change of the latent where one
            of them has each of the values.
    """

    latent: int
    values: np.ndarray
    observations: np.ndarray
    observation_labels: tuple[str, ...]
    base: np.ndarray
    conditioning: tuple[int, ...]
    conditioning_values: np.ndarray
    delta: np.ndarray


def update_rules(
    model: Network,
    latents: Sequence[int] | None = None,
    *,
    subject: Any = None,
    observations: np.ndarray | None = None,
    input_names: Sequence[str] | None = None,
    n_points: int = 50,
    threshold: float = 0.1,
    background: np.ndarray | None = None,
    conditioning_values: Sequence[float] | None = None,
    limit: float | None = None,
) -> dict[int, UpdateRule]:
    """Compute the update rules of a network, whole grids in one compiled call.

    Arguments:
        model: Any network.
        latents: Indices from 0; by default all.
        subject: Index of the subject whose rules they are, or an embedding (embedding,), for a network that
            knows subjects; by default the mean embedding.
        observations: (observation, input); by default every combination of 0 and 1.
        input_names: Names of the inputs for the labels; by default those that the network was trained on,
            else "input 1" and so on.
        n_points: Points along each latent.
        threshold: Openness above which a channel counts as open; without bottlenecks all are.
        background: (latent,) values of the latents that are not varied; by default 0.
        conditioning_values: Values of another latent that an update reads; by default five across its range.
        limit: Largest distance from 0 of the values; by default a little further than the latents can go.

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
    latents = range(model.n_latents) if latents is None else [_checked_latent(i, model) for i in latents]
    if observations is None:
        observations = all_binary_observations(model.n_inputs)
    observations = _checked_observations(observations, model)
    background = checked_background(background, model)
    names = input_labels(model) if input_names is None else tuple(input_names)
    limit = value_limit(model) if limit is None else limit
    values = np.linspace(-limit, limit, n_points)
    conditions = np.asarray(
        [limit * c for c in CONDITIONS] if conditioning_values is None else conditioning_values, float
    )
    single, base = jax.device_get(
        _rule_grids(
            model,
            np.asarray(list(latents)),
            *(np.asarray(array, np.float32) for array in (values, conditions, observations, background)),
            subject=None if subject is None else np.asarray(subject),
        )
    )
    open_inputs, open_latents = _open_channels(model, threshold)
    rules = {}
    for i, latent in enumerate(latents):
        rows = _distinct(observations[:, open_inputs[:, latent]])
        conditioning = tuple(j for j in range(model.n_latents) if j != latent and open_latents[j, latent])
        rules[latent] = UpdateRule(
            latent=latent,
            values=values,
            observations=observations[rows],
            observation_labels=observation_labels(observations[rows], names, open_inputs[:, latent]),
            base=base[i][rows],
            conditioning=conditioning,
            conditioning_values=conditions,
            delta=single[i][list(conditioning)][:, :, rows],
        )
    return rules


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
    values: Float[Array | np.ndarray, " point"],
    conditions: Float[Array | np.ndarray, " condition"],
    observations: Float[Array | np.ndarray, "observation input"],
    background: Float[Array | np.ndarray, " latent"],
    *,
    subject: Any,
) -> tuple[Array, Array]:
    """Change of each latent (latent, other, condition, observation, point); then without a condition."""
    held = jnp.asarray(background)

    def point(latent, other, condition, observation, value):
        return held.at[other].set(condition).at[latent].set(value), observation

    def grid(others, conditions):
        axes = tuple(map(jnp.asarray, (latents, others, conditions, observations, values)))
        points = point
        for position in reversed(range(len(axes))):
            points = jax.vmap(points, tuple(0 if i == position else None for i in range(len(axes))))
        states, seen = points(*axes)
        new = model.transition(_flat(states), _flat(seen), subject=subject).reshape(states.shape)
        return jax.vmap(lambda change, latent: jnp.take(change, latent, axis=-1))(new - states, axes[0])

    single = grid(jnp.arange(model.n_latents), conditions)
    # With no latent set apart: the condition that is put in place is overwritten by the background itself.
    base = grid(jnp.zeros(1, jnp.int32), held[:1])[:, 0, 0]
    return single, base


def _open_channels(model: Any, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Which inputs (input, latent) and latents (latent, latent) each latent's update reads."""
    if "update_input" not in model.groups:
        n = model.n_latents
        return np.ones((model.n_inputs, n), bool), np.ones((n, n), bool)
    groups = model.bottlenecks
    inputs, latents = (1.0 - np.asarray(groups[g].sigma) for g in ("update_input", "update_latent"))
    return inputs > threshold, latents > threshold


def _flat(grid: Array) -> Array:
    return grid.reshape(-1, grid.shape[-1])


def _distinct(rows: np.ndarray) -> np.ndarray:
    """Indices of the first of each set of equal rows, in order."""
    return np.sort(np.unique(rows, axis=0, return_index=True)[1]) if rows.shape[1] else np.array([0])


def _checked_latent(latent: int, model: Network) -> int:
    if not 0 <= latent < model.n_latents:
        raise ValueError(f"there is no latent {latent}: the network has {model.n_latents}, counted from 0")
    return int(latent)


def _checked_observations(observations: np.ndarray, model: Network) -> np.ndarray:
    observations = np.asarray(observations, np.float32)
    if observations.ndim != 2 or observations.shape[1] != model.n_inputs:
        raise ValueError(
            f"observations have shape {observations.shape}, expected (observation, {model.n_inputs})"
        )
    return observations
