"""Vector fields: how each observation moves the state, over a plane of two latents or components."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.analysis.dynamics.phase.constant_inputs import constant_inputs
from cogrnn_lab.analysis.dynamics.phase.recursion import recursion_of
from cogrnn_lab.analysis.dynamics.phase.state_axes import StateAxes, state_axes
from cogrnn_lab.analysis.reading.arguments import as_subject
from cogrnn_lab.analysis.reading.latents import Latents
from cogrnn_lab.analysis.reading.visited import own_range, visited
from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import Dataset


@dataclass(frozen=True)
class VectorField:
    """Change of the state on one trial over a plane of states, for each observation, without noise.

    Fields:
        axes: The plane: names, origin and directions.
        x: (point,) along the first axis, over what the data visit.
        y: (point,) along the second.
        observations: (observation, input) of the trial.
        observation_labels: Names of the observations, in the words of the data.
        share: (observation,) of the trials on which it occurs.
        change: (observation, x, y, axis) change along the two axes.
        off_plane: (observation, x, y) size of the change of everything else.
        density: (observation, x, y) share of the trials with that observation whose state before is there.
    """

    axes: StateAxes
    x: np.ndarray
    y: np.ndarray
    observations: np.ndarray
    observation_labels: tuple[str, ...]
    share: np.ndarray
    change: np.ndarray
    off_plane: np.ndarray
    density: np.ndarray

    @property
    def speed(self) -> np.ndarray:
        """(observation, x, y) size of the change within the plane."""
        return np.linalg.norm(self.change, axis=-1)


def vector_field(
    model: Any,
    dataset: Dataset,
    axes: Sequence[int | str] | str | None = None,
    *,
    observations: Any = None,
    subject: Any = None,
    background: Any = None,
    n_points: int = 21,
    along: Latents | None = None,
) -> VectorField:
    """Compute how each observation moves the state of a model, over a grid of what the data visit.

    Arguments:
        model: Any network, a `Run` or a `Discovery` that has one, or an agent of choices and rewards.
        dataset: Sessions that fit it: they tell the range and density of the states, and the observations.
        axes: Two latents by name ("latent 2", counted from 1) or index (from 0); or "components" for the
            first two principal components, or two of "component 1" and so on; by default the two latents that
            tell most, or components of a network without bottlenecks.
        observations: (observation, input); by default those that are frequent in the data.
        subject: Name or index of the subject whose dynamics they are, or an embedding (embedding,), for a
            network that knows subjects; by default the mean embedding.
        background: (latent,) where the other latents are held; by default their mean over the data.
        n_points: Points along each axis, at least 2.
        along: The latents on these data, where they are at hand (not for agents).

    Returns:
        A `VectorField`.

    Raises:
        TypeError: The model is no network and no agent.
        ValueError: The data do not fit the model, or the axes are not two of its own.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=30)
        >>> cl.vector_field(cl.DisRNN(2, 2, 3, key=0), data, ("latent 1", "latent 3")).change.shape
        (4, 21, 21, 2)
    """
    n_points = checked_count(n_points, "n_points", least=2)
    model, dataset = recursion_of(model, dataset)
    seen = visited(model, dataset, along)
    shown, labels = constant_inputs(model, dataset, observations)
    plane = state_axes(model, seen.before, axes, background)
    at = plane.project(seen.before)
    x, y = (np.linspace(*own_range(column), n_points) for column in at.T)
    states = plane.lift(np.stack(np.meshgrid(x, y, indexing="ij"), -1))
    moved = np.asarray(
        _changes(
            model, states.reshape(-1, states.shape[-1]).astype(np.float32), shown, as_subject(model, subject)
        ),
        float,
    ).reshape(len(shown), n_points, n_points, -1)
    change = moved @ plane.directions.T
    which = seen.of_observation(shown)
    return VectorField(
        axes=plane,
        x=x,
        y=y,
        observations=shown,
        observation_labels=labels,
        share=np.array([(which == i).mean() for i in range(len(shown))]),
        change=change,
        off_plane=np.linalg.norm(moved - change @ plane.directions, axis=-1),
        density=np.stack([_density(at[which == i], x, y) for i in range(len(shown))]),
    )


def _density(at: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    edges = [
        np.append(axis - 0.5 * (axis[1] - axis[0]), axis[-1] + 0.5 * (axis[1] - axis[0])) for axis in (x, y)
    ]
    return np.histogram2d(at[:, 0], at[:, 1], bins=edges)[0] / max(len(at), 1)


@eqx.filter_jit
def _changes(model: Any, states: Any, observations: Any, subject: Any) -> Any:
    """(observation, point, latent)."""
    states, observations = jnp.asarray(states), jnp.asarray(observations)
    n, many = len(observations), len(states)
    seen = jnp.repeat(observations, many, axis=0)
    new = model.transition(jnp.tile(states, (n, 1)), seen, subject=subject)
    return jax.lax.stop_gradient(new).reshape(n, many, -1) - states[None]
