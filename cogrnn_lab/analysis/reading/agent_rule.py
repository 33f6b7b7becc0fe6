"""The update rules of the agent that made the choices, in the units of a latent of the network."""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.analysis.dynamics.phase.recursion import recursion_of
from cogrnn_lab.analysis.reading.latents import latents

READ = ("previous choice", "previous reward")
FOLLOWS = 0.3  # share of the latent's variance, below which it follows something else


@dataclass(frozen=True)
class TrueRule:
    """Rules of the agent as a latent would follow them.

    `share` of the latent's variance that the agent's state explains; `change` (observation, value) of the
    latent in one trial, None where it explains too little.
    """

    share: float
    change: np.ndarray | None


def true_rule(agent: Any, model: Any, dataset: Any, latent: int, rule: Any) -> TrueRule:
    """How the agent's state moves along a latent.

    The latent is predicted from the agent's state by least squares, and the state from the latent. The state
    that belongs to a value of the latent is moved by the agent's own update, and the prediction of its change
    is drawn.

    Arguments: `dataset`, sessions along which both run; `rule`, the `UpdateRule` of the latent, whose values
    and observations (previous choice and reward) are taken.
    """
    if tuple(dataset.input_names) != READ:
        return TrueRule(float("nan"), None)
    try:
        recursion, read = recursion_of(agent, dataset)
    except ValueError:  # its state is none that can be moved by little
        return TrueRule(float("nan"), None)
    states = np.asarray(latents(recursion, read).states, float)[dataset.valid]
    values = np.asarray(latents(model, dataset).states, float)[dataset.valid][:, latent]
    s, z = states - states.mean(0), values - values.mean()
    if not s.any() or not z.any():
        return TrueRule(0.0, None)
    reads, *_ = np.linalg.lstsq(s, z, rcond=1e-8)  # the latent from the state
    share = 1.0 - float(((z - s @ reads) ** 2).sum() / (z**2).sum())
    if share < FOLLOWS:
        return TrueRule(share, None)
    along = (s * z[:, None]).sum(0) / (z**2).sum()  # the state from the latent
    grid = np.asarray(rule.values, float) - values.mean()
    starts = jnp.asarray(states.mean(0) + grid[:, None] * along, jnp.float32)
    seen, often = np.unique(np.asarray(read.inputs)[dataset.valid], axis=0, return_counts=True)
    seen, often = seen[seen[:, 0] >= 0], often[seen[:, 0] >= 0]
    moved = jax.vmap(lambda one: jax.vmap(lambda state: recursion.next_state(state, one))(starts))
    change = (np.asarray(moved(jnp.asarray(seen, jnp.float32)), float) - np.asarray(starts, float)) @ reads
    return TrueRule(share, _by_observation(np.asarray(rule.observations, float), seen, often, change))


def _by_observation(
    observations: np.ndarray, seen: np.ndarray, often: np.ndarray, change: np.ndarray
) -> np.ndarray:
    """(observation, value) of the change (seen, value); the mean over what the latent does not read."""
    reads = observations.min(0) < observations.max(0)
    rows = []
    for one in observations:
        alike = (seen[:, reads] == one[reads]).all(1)
        rows.append(np.average(change[alike], axis=0, weights=often[alike]) if alike.any() else np.nan)
    return np.stack(np.broadcast_arrays(*rows, np.zeros(change.shape[1]))[:-1])
