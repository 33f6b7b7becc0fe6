"""The distribution of a bounded accumulator along a stimulus, from which its choices have their probability.

The forward pass of Brunton, Botvinick and Brody (Science 2013), with two changes that make it exact on a
coarse grid. The grid holds the noise alone, around the noiseless path of each trial, so that clicks move no
mass between its points; and it spreads noise by multiplying the Fourier series of the density with that of
the Gaussian. The bounds move relative to the path, and what lies beyond one is taken out and stays there.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from cogrnn_lab.tasks.clicks.bounded_accumulator import BoundedAccumulator, Evidence

WIDTH = 5.0  # the grid reaches this many standard deviations


def p_above(accumulator: BoundedAccumulator, evidence: Evidence, n_points: int) -> Float[Array, " trial"]:
    """Probability that the accumulator ends above the bias, without lapses.

    On a grid of `n_points` (odd). Differentiable in the accumulator.
    """
    bound, keep = jnp.asarray(accumulator.bound), evidence.keep
    reach = jax.lax.stop_gradient(_reach(accumulator, evidence))
    grid = _Grid(n_points, keep)
    # only an unstable path runs away; there the grid is moved back to where the density can be
    leash = jnp.where(keep > 1, bound, jnp.inf)

    def spread(density: Array, variance: Array, shift: Array) -> Array:
        damping = jnp.exp(-0.5 * grid.frequency[:, None] ** 2 * (variance / reach**2)[None])
        even, odd = (series * damping for series in grid.series(density))
        angle = grid.frequency[:, None] * (shift / reach)[None]
        even, odd = jax.lax.cond(
            jnp.any(shift != 0),
            lambda: (
                even * jnp.cos(angle) - odd * jnp.sin(angle),
                odd * jnp.cos(angle) + even * jnp.sin(angle),
            ),
            lambda: (even, odd),
        )
        return grid.density(even, odd)

    def absorb(density: Array, path: Array, above: Array) -> tuple[Array, Array]:
        beyond = grid.share_above((bound - path) / reach)
        below = 1 - grid.share_above((-bound - path) / reach)
        kept = jnp.maximum(1 - beyond - below, 0.0)
        return density * kept, above + (beyond * density).sum((0, 1))

    def one_bin(state: tuple[Array, ...], of_bin: tuple[Array, ...]) -> tuple[tuple[Array, ...], None]:
        mean, variance, moving = of_bin

        def moved() -> tuple[Array, ...]:
            density, path, above = state
            target = keep * path + mean
            new_path = jnp.clip(target, -leash, leash)
            new = spread(density, variance, target - new_path)
            new, new_above = absorb(new, new_path, above)
            return (
                jnp.where(moving[None, None], new, density),
                jnp.where(moving, new_path, path),
                jnp.where(moving, new_above, above),
            )

        return jax.lax.cond(jnp.any(moving), moved, lambda: state), None

    nothing = jnp.zeros_like(reach)
    density = grid.gaussian(accumulator.initial_variance / reach**2)
    density, above = absorb(density, nothing, nothing)
    state, _ = jax.lax.scan(
        one_bin, (density, nothing, above), (evidence.mean, evidence.variance, evidence.moving)
    )
    density, path, above = state
    return above + (grid.share_above((accumulator.bias - path) / reach) * density).sum((0, 1))


def _reach(accumulator: BoundedAccumulator, evidence: Evidence) -> Float[Array, " trial"]:
    """Half the width of the grid of each trial, in clicks."""
    keep, bound = evidence.keep, accumulator.bound

    def variances(before: Array, added: Array) -> tuple[Array, Array]:
        after = keep**2 * before + added
        return after, after

    start = jnp.full(evidence.mean.shape[1], accumulator.initial_variance)
    _, along = jax.lax.scan(variances, start, evidence.variance)
    unbounded = WIDTH * jnp.sqrt(jnp.maximum(along.max(0), start))
    # between the bounds, and as far beyond as one bin can carry it
    step = WIDTH * jnp.sqrt(evidence.variance.max(0)) + jnp.abs(evidence.mean).max(0)
    bounded = 2 * bound * jnp.maximum(keep, 1.0) + step
    return jnp.maximum(jnp.minimum(unbounded, bounded), 1e-4)


class _Grid:
    """Points around the path of each trial that hold a density, and its Fourier series.

    The points lie between -1 and 1. A density is (side, point, trial): above the path and below it, from the
    middle outwards; each side has half of what is in the middle. Sums and differences of the sides are all
    that cosines and sines need, which halves the work.
    """

    def __init__(self, n_points: int, keep: Array):
        half = n_points // 2
        self.spacing = 2 / n_points
        self.distance = np.arange(half + 1, dtype=np.float32) * np.float32(self.spacing)
        self.points = np.stack([self.distance, -self.distance])[..., None]
        self.frequency = np.arange(half + 1, dtype=np.float32) * np.float32(math.pi)
        self.in_middle = (np.arange(half + 1) == 0)[:, None]
        # of mass that moves to `keep` times where it is
        phase = jnp.asarray(self.frequency[:, None]) * (keep * self.distance[None])
        self.cosines, self.sines = jnp.cos(phase), jnp.sin(phase)
        phase = self.distance[:, None] * self.frequency[None]
        weight = np.where(self.frequency == 0, 1, 2).astype(np.float32) / np.float32(n_points)
        self.from_cosines = np.where(self.in_middle, np.float32(0.5), np.float32(1)) * np.cos(phase) * weight
        self.from_sines = np.sin(phase) * weight

    def series(
        self, density: Float[Array, "side point trial"]
    ) -> tuple[Float[Array, "mode trial"], Float[Array, "mode trial"]]:
        """Cosine and sine series of a density whose points moved to `keep` times where they are."""
        above, below = density
        return self.cosines @ (above + below), self.sines @ (above - below)

    def density(
        self, cosines: Float[Array, "mode trial"], sines: Float[Array, "mode trial"]
    ) -> Float[Array, "side point trial"]:
        """The density that has these series."""
        even, odd = self.from_cosines @ cosines, self.from_sines @ sines
        return jnp.stack([even + odd, even - odd])

    def gaussian(self, variance: Float[Array, " trial"]) -> Float[Array, "side point trial"]:
        """Normal densities; all mass in the middle where the variance is 0."""
        one_side = jnp.exp(-0.5 * self.distance[:, None] ** 2 / jnp.maximum(variance, 1e-12)[None])
        one_side = jnp.where(self.in_middle, 0.5, 1.0) * one_side
        one_side = one_side / (2 * one_side.sum(0, keepdims=True))
        return jnp.stack([one_side, one_side])

    def share_above(self, level: Float[Array, " trial"]) -> Float[Array, "side point trial"]:
        """The share of the cell of each point that lies above a level."""
        edge = self.points + self.spacing / 2
        return jnp.clip((edge - level[None, None]) / self.spacing, 0.0, 1.0)
