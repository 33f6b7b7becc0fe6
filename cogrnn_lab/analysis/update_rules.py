"""How each latent is updated: its change on one trial against its value, for each observation."""

from collections.abc import Sequence
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from cogrnn_lab.analysis.bottlenecks import input_labels
from cogrnn_lab.analysis.observations import all_binary_observations, observation_labels
from cogrnn_lab.models import DisRNN

LARGEST_VALUE = 2.1
CONDITIONING_VALUES = (-1.05, -0.525, 0.0, 0.525, 1.05)


@dataclass(frozen=True)
class UpdateRule:
    """The rule of one latent, noiseless.

    `values` (point,) of the latent; `observations` (observation, input) with `observation_labels`, one for
    each combination of the inputs that are open to this latent; `base` (observation, point) the change of the
    latent with the others at the background; `conditioning` the other latents that its open channels read,
    and `delta` (conditioning latent, conditioning value, observation, point) the change when one of them has
    each of `conditioning_values`.
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
    model: DisRNN,
    latents: Sequence[int] | None = None,
    *,
    observations: np.ndarray | None = None,
    input_names: Sequence[str] | None = None,
    n_points: int = 50,
    threshold: float = 0.1,
    background: np.ndarray | None = None,
    conditioning_values: Sequence[float] = CONDITIONING_VALUES,
) -> dict[int, UpdateRule]:
    """The update rules of a network, whole grids in one compiled call.

    Arguments: `latents` indices from 0, all by default; `observations` (observation, input), by default every
    combination of 0 and 1; `threshold` the openness above which a channel counts as open; `background`
    (latent,) values of the latents that are not varied, by default 0.

    Returns {latent: `UpdateRule`}, a rule for each asked latent. Observations that differ only in inputs
    closed to a latent are shown once.
    """
    latents = range(model.n_latents) if latents is None else [_checked_latent(i, model) for i in latents]
    if observations is None:
        observations = all_binary_observations(model.n_inputs)
    observations = _checked_observations(observations, model)
    background = np.zeros(model.n_latents) if background is None else np.asarray(background, float)
    if background.shape != (model.n_latents,):
        raise ValueError(
            f"background has shape {background.shape}, expected ({model.n_latents},): one value a latent"
        )
    names = input_labels(model.n_inputs) if input_names is None else tuple(input_names)
    values = np.linspace(-LARGEST_VALUE, LARGEST_VALUE, n_points)
    conditions = np.asarray(conditioning_values, float)
    single, base = _rule_grids(
        model,
        jnp.asarray(list(latents)),
        *(jnp.asarray(array, jnp.float32) for array in (values, conditions, observations, background)),
    )
    open_inputs = np.asarray(1.0 - model.update_input.sigma) > threshold
    open_latents = np.asarray(1.0 - model.update_latent.sigma) > threshold
    rules = {}
    for i, latent in enumerate(latents):
        rows = _distinct(observations[:, open_inputs[:, latent]])
        conditioning = tuple(j for j in range(model.n_latents) if j != latent and open_latents[j, latent])
        rules[latent] = UpdateRule(
            latent=latent,
            values=values,
            observations=observations[rows],
            observation_labels=observation_labels(observations[rows], names, open_inputs[:, latent]),
            base=np.asarray(base[i])[rows],
            conditioning=conditioning,
            conditioning_values=conditions,
            delta=np.asarray(single[i])[list(conditioning)][:, :, rows],
        )
    return rules


@eqx.filter_jit
def _rule_grids(
    model: DisRNN,
    latents: Array,
    values: Float[Array, " point"],
    conditions: Float[Array, " condition"],
    observations: Float[Array, "observation input"],
    background: Float[Array, " latent"],
) -> tuple[Array, Array]:
    """Change of each latent (latent, other, condition, observation, point); then without a condition."""

    def point(latent, other, condition, observation, value):
        return background.at[other].set(condition).at[latent].set(value), observation

    def grid(others, conditions):
        axes = (latents, others, conditions, observations, values)
        points = point
        for position in reversed(range(len(axes))):
            points = jax.vmap(points, tuple(0 if i == position else None for i in range(len(axes))))
        states, seen = points(*axes)
        new = model.transition(_flat(states), _flat(seen)).reshape(states.shape)
        return jax.vmap(lambda change, latent: jnp.take(change, latent, axis=-1))(new - states, latents)

    single = grid(jnp.arange(model.n_latents), conditions)
    # With no latent set apart: the condition that is put in place is overwritten by the background itself.
    base = grid(jnp.zeros(1, jnp.int32), background[:1])[:, 0, 0]
    return single, base


def _flat(grid: Array) -> Array:
    return grid.reshape(-1, grid.shape[-1])


def _distinct(rows: np.ndarray) -> np.ndarray:
    """Indices of the first of each set of equal rows, in order."""
    return np.sort(np.unique(rows, axis=0, return_index=True)[1]) if rows.shape[1] else np.array([0])


def _checked_latent(latent: int, model: DisRNN) -> int:
    if not 0 <= latent < model.n_latents:
        raise ValueError(f"there is no latent {latent}: the network has {model.n_latents}, counted from 0")
    return int(latent)


def _checked_observations(observations: np.ndarray, model: DisRNN) -> np.ndarray:
    observations = np.asarray(observations, np.float32)
    if observations.ndim != 2 or observations.shape[1] != model.n_inputs:
        raise ValueError(
            f"observations have shape {observations.shape}, expected (observation, {model.n_inputs})"
        )
    return observations
