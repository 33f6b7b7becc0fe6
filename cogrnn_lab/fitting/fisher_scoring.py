"""Maximum likelihood for many small problems at once: damped Fisher scoring."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

# Nats that a further step is expected to gain where a search counts as finished. Sums of thousands of
# log-likelihoods in 32 bits are not more exact than this.
TOLERANCE = 1e-4
# Relative error of such a sum: four times the rounding unit of 32 bits.
ROUNDING = 5e-7
# Curvature that every direction is taken to have at least, in nats per squared free number: where a parameter
# has next to no effect, as close to a bound, steps stay finite.
LEAST_CURVATURE = 1e-2
# Longest step of one free number: a trust region, within which a logistic function moves by 0.46 at most.
LONGEST_STEP = 2.0
# Damping of the first step (Nielsen: from 1e-6 near a solution to 1 far from it), and by how much at most a
# good step makes it less (Nielsen: 3).
FIRST_DAMPING, MOST_EASING = 1e-2, 5.0
# By how much a step that gains next to nothing makes it more: Nielsen's 1 - (2 ratio - 1)^3 at ratio 0.
MOST_HARDENING = 2.0
# By how much a step that is no better makes it more. Marquardt has 10; Nielsen doubles the factor, from 2, at
# every such step, for which each lane would have to remember how many there were.
HARDENING = 6.0
# Beyond these damping changes nothing: the least is close to the rounding unit of 32 bits; at the most a step
# is so short that rounding swallows it, and a search that gets there is stuck.
LEAST_DAMPING, MOST_DAMPING = 1e-6, 1e8
# Limits of the ratio of the curvature found to the information. No source: wide enough for models that are
# far from true, and narrow enough that the rounding of one short step cannot mislead the next ones.
LEAST_SCALE, MOST_SCALE = 0.3, 50.0
# Divisors are kept this far from 0.
TINY = 1e-12
# Share of the starts of a group that are searched on alone once the others have ended.
LATE_SHARE = 0.25


class Likelihood(NamedTuple):
    """Likelihood at a point: negative logarithm in nats, gradient of that, and Fisher information.

    The information is that of the choices given their past: the sum over trials of the covariance of the
    logits' derivatives under the predicted probabilities. It must be positive semidefinite.
    """

    nll: Float[Array, "*lane"]
    gradient: Float[Array, "*lane parameter"]
    information: Float[Array, "*lane parameter parameter2"]


class Search(NamedTuple):
    """State of the searches, (start, group, ...).

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
    max_steps: int | Int[Array, ""],
) -> Search:
    """Search for the most likely free numbers from many starts at once, by damped Fisher scoring.

    A step solves (I + damping · diag(I)) step = -gradient, where I is the Fisher information. Each lane has
    its own damping and stops for itself.

    Arguments:
        evaluate: Function of free numbers (start, group, parameter) that gives the likelihood of every lane,
            for any number of starts.
        starts: (start, group, parameter).
        max_steps: Steps after which a search ends unfinished.

    Returns:
        The searches as they have ended: `converged`, `stuck`, or neither (out of steps).

    Source:
        Levenberg 1944; Marquardt 1963; Fisher scoring as in Osborne, Int Stat Rev 1992; damping after
        Nielsen, Damping parameter in Marquardt's method, 1999.
    """
    step, search = _searched_until(
        evaluate, jnp.zeros((), jnp.int32), _unbegun(starts), max_steps, LATE_SHARE
    )
    n_late = int(len(starts) * LATE_SHARE)
    if n_late == 0:
        return search
    # a few lanes take several times longer than the others, which are left behind to save their cost
    order = jnp.argsort(_finished(search), axis=0, stable=True)[:n_late]
    lanes = order, jnp.arange(starts.shape[1])[None]
    late = jax.tree.map(lambda part: part[lanes], search)
    _, late = _searched_until(evaluate, step, late, max_steps, 0.0)
    return jax.tree.map(lambda part, ended: part.at[lanes].set(ended), search, late)


def _unbegun(starts: Float[Array, "start group parameter"]) -> Search:
    """Searches whose first step goes nowhere and gives the likelihood of the start."""
    lanes, n_free = starts.shape[:2], starts.shape[2]
    never = jnp.zeros(lanes, bool)
    unknown = Likelihood(
        jnp.full(lanes, jnp.inf), jnp.zeros(starts.shape), jnp.zeros((*lanes, n_free, n_free))
    )
    return Search(
        starts,
        unknown,
        damping=jnp.full(lanes, FIRST_DAMPING * MOST_EASING),
        scale=jnp.ones(lanes),
        converged=never,
        stuck=never,
        n_steps=jnp.full(lanes, -1, jnp.int32),
    )


def _searched_until(
    evaluate: Callable[[Float[Array, "start group parameter"]], Likelihood],
    step: Int[Array, ""],
    search: Search,
    max_steps: int | Int[Array, ""],
    share: float,
) -> tuple[Int[Array, ""], Search]:
    """Steps until at most this share of the starts of each group is still searching."""
    n_left = int(search.free.shape[0] * share)

    def unfinished(carry: tuple[Array, Search]) -> Bool[Array, ""]:
        step, search = carry
        return (step <= max_steps) & ((~_finished(search)).sum(0).max() > n_left)

    def advance(carry: tuple[Array, Search]) -> tuple[Array, Search]:
        step, search = carry
        return step + 1, _advanced(evaluate, search)

    return jax.lax.while_loop(unfinished, advance, (step, search))


def _advanced(
    evaluate: Callable[[Float[Array, "start group parameter"]], Likelihood], search: Search
) -> Search:
    """One step of every lane that has not finished, taken where it is better."""
    change, gain = _proposed(search)
    tried = search.free + change
    likelihood = evaluate(tried)
    improvement = search.likelihood.nll - likelihood.nll
    # a loss below what sums in 32 bits can tell is none
    noise = ROUNDING * jnp.abs(search.likelihood.nll)
    good = (improvement >= -noise) & jnp.isfinite(likelihood.gradient).all(-1)
    ratio = (improvement + noise) / jnp.maximum(gain, TINY)
    easier = jnp.clip(1 - (2 * ratio - 1) ** 3, 1 / MOST_EASING, MOST_HARDENING)
    damping = search.damping * jnp.where(good, easier, HARDENING)
    damping = jnp.clip(damping, LEAST_DAMPING, MOST_DAMPING)
    moved = Search(
        *_where(good, (tried, likelihood), (search.free, search.likelihood)),
        damping=damping,
        scale=_curvature_scale(search, change, likelihood),
        converged=search.converged,
        # without a likelihood at its start a search has nowhere to go from
        stuck=(damping >= MOST_DAMPING) | ~(good | jnp.isfinite(search.likelihood.nll)),
        n_steps=search.n_steps + 1,
    )
    known = jnp.isfinite(moved.likelihood.nll)
    moved = moved._replace(converged=known & (_undamped_gain(moved) < TOLERANCE))
    return _where(_finished(search), search, moved)


def _finished(search: Search) -> Bool[Array, "start group"]:
    return search.converged | search.stuck


def _proposed(search: Search) -> tuple[Float[Array, "start group parameter"], Float[Array, "start group"]]:
    """The damped step, and the nats that the quadratic model expects of it."""
    gradient = search.likelihood.gradient
    information = search.scale[..., None, None] * search.likelihood.information
    diagonal = jnp.diagonal(information, axis1=-2, axis2=-1) + LEAST_CURVATURE
    damped = information + _diagonal(search.damping[..., None] * diagonal + LEAST_CURVATURE)
    step = -_solved(damped, gradient)
    longest = jnp.abs(step).max(-1, keepdims=True)
    step = step * jnp.minimum(1.0, LONGEST_STEP / jnp.maximum(longest, TINY))
    curvature = (step * (information @ step[..., None])[..., 0]).sum(-1)
    return step, -(step * gradient).sum(-1) - 0.5 * curvature


def _curvature_scale(search: Search, step: Array, likelihood: Likelihood) -> Float[Array, "start group"]:
    """Compare the change of the slope along the last step with what the information had said.

    Where a model is not the true one, the curvature of the likelihood differs from the information, and steps
    by the latter would forever be too long or too short.
    """
    expected = (step * (search.likelihood.information @ step[..., None])[..., 0]).sum(-1)
    found = (step * (likelihood.gradient - search.likelihood.gradient)).sum(-1)
    ratio = jnp.where(expected > 0, found / jnp.maximum(expected, TINY), 1.0)
    return jnp.clip(jnp.where(jnp.isfinite(ratio), ratio, 1.0), LEAST_SCALE, MOST_SCALE)


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
