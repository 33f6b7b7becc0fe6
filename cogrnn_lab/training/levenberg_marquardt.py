"""Maximum likelihood for many small problems at once: damped Fisher scoring."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from cogrnn_lab.training.agent_likelihood import Likelihood

# Nats that a further step is expected to gain where a search counts as finished. Sums of thousands of
# log-likelihoods in 32 bits are not more exact than this.
TOLERANCE = 1e-4
# Relative error of such a sum.
ROUNDING = 5e-7
# Curvature that every direction is taken to have at least, in nats per squared free number: where a parameter
# has next to no effect, as close to a bound, steps stay finite.
LEAST_CURVATURE = 1e-2
# Longest step of one free number.
LONGEST_STEP = 2.0


class Search(NamedTuple):
    """Where each search is: (start, group, ...).

    `free` numbers; their `likelihood`; `damping`; `scale` of the curvature against the information; whether
    it `converged` and whether it is `stuck`, because no step, however short, is better; `n_steps` that were
    tried.
    """

    free: Float[Array, "start group parameter"]
    likelihood: Likelihood
    damping: Float[Array, "start group"]
    scale: Float[Array, "start group"]
    converged: Bool[Array, "start group"]
    stuck: Bool[Array, "start group"]
    n_steps: Int[Array, "start group"]


def maximize_likelihood(
    evaluate: Callable[[Float[Array, "start group parameter"]], Likelihood],
    starts: Float[Array, "start group parameter"],
    max_steps: int,
) -> Search:
    """The Levenberg-Marquardt method with the Fisher information as the curvature, for all lanes at once.

    Each lane has its own damping and stops for itself. `evaluate` gives the likelihood of every lane.

    Levenberg 1944; Marquardt 1963; Fisher scoring as in Osborne (Int Stat Rev 1992); damping after Nielsen
    1999.
    """

    def finished(search: Search) -> Bool[Array, "start group"]:
        return search.converged | search.stuck

    def unfinished(carry: tuple[Array, Search]) -> Bool[Array, ""]:
        step, search = carry
        return (step < max_steps) & ~finished(search).all()

    def advance(carry: tuple[Array, Search]) -> tuple[Array, Search]:
        step, search = carry
        change, gain = _proposed(search)
        tried = search.free + change
        likelihood = evaluate(tried)
        improvement = search.likelihood.nll - likelihood.nll
        # a loss below what sums in 32 bits can tell is none
        noise = ROUNDING * jnp.abs(search.likelihood.nll)
        good = (improvement >= -noise) & jnp.isfinite(likelihood.gradient).all(-1)
        ratio = (improvement + noise) / jnp.maximum(gain, 1e-12)
        easier = jnp.clip(1 - (2 * ratio - 1) ** 3, 1 / 5, 2.0)
        damping = jnp.clip(jnp.where(good, search.damping * easier, search.damping * 6), 1e-6, 1e8)
        done = finished(search)
        moved = Search(
            *_where(good, (tried, likelihood), (search.free, search.likelihood)),
            damping=damping,
            scale=_curvature_scale(search, change, likelihood),
            converged=search.converged,
            stuck=damping >= 1e8,
            n_steps=search.n_steps + 1,
        )
        moved = moved._replace(converged=_undamped_gain(moved) < TOLERANCE)
        return step + 1, _where(done, search, moved)

    likelihood = evaluate(starts)
    lanes = starts.shape[:2]
    never = jnp.zeros(lanes, bool)
    search = Search(
        starts,
        likelihood,
        damping=jnp.full(lanes, 1e-2),
        scale=jnp.ones(lanes),
        converged=never,
        stuck=~jnp.isfinite(likelihood.nll),  # without a likelihood there is nowhere to go from
        n_steps=jnp.zeros(lanes, jnp.int32),
    )
    return jax.lax.while_loop(unfinished, advance, (jnp.zeros((), jnp.int32), search))[1]


def _proposed(search: Search) -> tuple[Float[Array, "start group parameter"], Float[Array, "start group"]]:
    """The damped step, and the nats that the quadratic model expects of it."""
    gradient = search.likelihood.gradient
    information = search.scale[..., None, None] * search.likelihood.information
    diagonal = jnp.diagonal(information, axis1=-2, axis2=-1) + LEAST_CURVATURE
    damped = information + _diagonal(search.damping[..., None] * diagonal + LEAST_CURVATURE)
    step = -_solved(damped, gradient)
    longest = jnp.abs(step).max(-1, keepdims=True)
    step = step * jnp.minimum(1.0, LONGEST_STEP / jnp.maximum(longest, 1e-12))
    curvature = (step * (information @ step[..., None])[..., 0]).sum(-1)
    return step, -(step * gradient).sum(-1) - 0.5 * curvature


def _curvature_scale(search: Search, step: Array, likelihood: Likelihood) -> Float[Array, "start group"]:
    """How much the slope changed along the last step, against what the information had said.

    Where a model is not the true one, the curvature of the likelihood differs from the information, and steps
    by the latter would forever be too long or too short.
    """
    expected = (step * (search.likelihood.information @ step[..., None])[..., 0]).sum(-1)
    found = (step * (likelihood.gradient - search.likelihood.gradient)).sum(-1)
    ratio = jnp.where(expected > 0, found / jnp.maximum(expected, 1e-12), 1.0)
    return jnp.clip(jnp.where(jnp.isfinite(ratio), ratio, 1.0), 0.3, 50.0)


def _undamped_gain(search: Search) -> Float[Array, "start group"]:
    """Nats that the quadratic model expects of the whole step."""
    gradient = search.likelihood.gradient
    information = search.scale[..., None, None] * search.likelihood.information
    floor = jnp.full(gradient.shape, LEAST_CURVATURE)
    return 0.5 * (gradient * _solved(information + _diagonal(floor), gradient)).sum(-1)


def _solved(
    matrix: Float[Array, "start group parameter parameter"], vector: Float[Array, "start group parameter"]
) -> Float[Array, "start group parameter"]:
    factor = jax.scipy.linalg.cho_factor(matrix)
    return jax.scipy.linalg.cho_solve(factor, vector[..., None])[..., 0]


def _diagonal(
    entries: Float[Array, "start group parameter"],
) -> Float[Array, "start group parameter parameter"]:
    return entries[..., None] * jnp.eye(entries.shape[-1])[None, None]


def _where(condition: Bool[Array, "start group"], new, old):
    """`new` in the lanes where the condition holds."""

    def choose(a, b):
        return jnp.where(condition.reshape(condition.shape + (1,) * (a.ndim - 2)), a, b)

    return jax.tree.map(choose, new, old)
