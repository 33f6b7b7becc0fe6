"""Search for states that a constant input leaves where they are, from many starts at once.

Sussillo & Barak, "Opening the black box: low-dimensional dynamics in high-dimensional recurrent neural
networks", Neural Computation 2013: fixed and slow points are minima of the squared change of the state.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

# Relative and absolute tolerance of the search, in units of the spread of states (float32 ends at 1e-7).
TOLERANCE = 1e-6
MOST_STEPS = 200
# Jacobians by backward passes: networks have those by hand, and no forward ones.
BACKWARD = {"jac": "bwd"}


@eqx.filter_jit
def minima(
    model: Any,
    starts: Float[Array | np.ndarray, "start latent"],
    observations: Float[Array | np.ndarray, "observation input"],
    scale: Float[Array | np.ndarray, ""],
    subject: Any,
) -> tuple[Array, Array]:
    """Descend to minima of the squared change: states (observation, start, latent), and whether each ended.

    By Levenberg-Marquardt (Nocedal & Wright, "Numerical optimization", 2006, ch. 10), which also works where
    a line of fixed points makes the Jacobian singular.
    """
    import optimistix  # 0.2 s to import, for this alone

    solver = optimistix.LevenbergMarquardt(TOLERANCE, TOLERANCE)

    def change(state, observation):
        return (_next(model, state * scale, observation, subject) - state * scale) / scale

    def descend(start, observation):
        found = optimistix.least_squares(
            change,
            solver,
            start / scale,
            args=observation,
            options=BACKWARD,
            max_steps=MOST_STEPS,
            throw=False,
        )
        return found.value * scale, found.result == optimistix.RESULTS.successful

    from_starts = jax.vmap(descend, (0, None))
    return jax.vmap(from_starts, (None, 0))(jnp.asarray(starts), jnp.asarray(observations))


@eqx.filter_jit
def jacobians(
    model: Any,
    states: Float[Array | np.ndarray, "point latent"],
    observations: Float[Array | np.ndarray, "point input"],
    subject: Any,
) -> Array:
    """Derivatives (point, new latent, old latent) of the state after a trial by that before."""

    def one(state, observation):
        return jax.jacrev(lambda s: _next(model, s, observation, subject))(state)

    return jax.vmap(one)(jnp.asarray(states), jnp.asarray(observations))


@eqx.filter_jit
def speeds(
    model: Any,
    states: Float[Array | np.ndarray, "point latent"],
    observations: Float[Array | np.ndarray, "point input"],
    subject: Any,
) -> Array:
    """Size of the change (point,) on one trial."""
    states = jnp.asarray(states)
    new = model.transition(states, jnp.asarray(observations), subject=subject)
    return jnp.linalg.norm(new - states, axis=-1)


@eqx.filter_jit
def readouts(model: Any, states: Float[Array | np.ndarray, "point latent"], subject: Any) -> Array:
    """Outputs (point, output) in states."""
    return model.readouts(jnp.asarray(states), subject=subject)


def starts_among(states: Float[np.ndarray, "trial latent"], n: int, seed: int) -> np.ndarray:
    """Starts (start, latent): states that were visited, and as many half-way between two of them.

    The latter find what separates two attractors, where no trial ever ends.
    """
    draw = np.random.default_rng(seed)
    one, other = draw.integers(len(states), size=(2, n))
    weight = np.where(np.arange(n) < n // 2, 0.0, draw.uniform(0.3, 0.7, n))[:, None]
    return (states[one] * (1 - weight) + states[other] * weight).astype(np.float32)


def distinct_points(points: np.ndarray, speed: np.ndarray, apart: float) -> tuple[np.ndarray, np.ndarray]:
    """Indices of points farther than `apart` from one another, slowest first, and how many each is."""
    kept: list[int] = []
    counts: list[int] = []
    for i in np.argsort(speed, kind="stable"):
        near = np.linalg.norm(points[kept] - points[i], axis=1) if kept else np.array([np.inf])
        if near.min() > apart:
            kept.append(int(i))
            counts.append(1)
        else:
            counts[int(near.argmin())] += 1
    return np.array(kept, int), np.array(counts, int)


def _next(model: Any, state: Array, observation: Array, subject: Any) -> Array:
    return model.transition(state[None], observation[None], subject=subject)[0]
