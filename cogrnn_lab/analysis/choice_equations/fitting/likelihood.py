"""The likelihood of choices under equations that are led along them, with its slope and its curvature.

Derivatives travel forward along the trials, for all directions at once: equations have few numbers, nothing
of the trials has to be kept, and the Fisher information comes on the way. Sessions are last in every array.
"""

from functools import partial, reduce
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from cogrnn_lab.analysis.choice_equations.parts.form import BIAS, DRIVE, RATE, SLOPE, START, TARGET, Form
from cogrnn_lab.analysis.choice_equations.parts.trials import NONE, Trials

# Log odds at which a latent with further terms is stopped; choices are long certain there.
FARTHEST = 50.0


class Information(NamedTuple):
    """Negative log-likelihood of each session in nats; its gradient and Fisher information by directions."""

    session_nll: Float[Array, " session"]
    gradient: Float[Array, " direction"]
    fisher: Float[Array, "direction direction2"]


def logits(
    form: Form,
    numbers: dict[str, Array],
    latents: Float[Array, "mechanism alternative session"],
    inputs: Array,
) -> Float[Array, "alternative session"]:
    """Log odds of each alternative."""
    total = reduce(jnp.add, list(latents)) + numbers[BIAS][:, None]
    return total + numbers[DRIVE] @ inputs if form.n_inputs else total


def moved(
    form: Form,
    numbers: dict[str, Array],
    latents: Float[Array, "mechanism alternative session"],
    relation: Array,
    amount: Array,
    inputs: Array,
) -> Float[Array, "mechanism alternative session"]:
    """Latents after a trial; those of a trial without a choice stay."""
    happened = [relation == r for r in range(form.n_relations)]

    def picked(kind: str) -> Array:
        parts = [jnp.where(here[None], numbers[kind][:, :, r, None], 0.0) for r, here in enumerate(happened)]
        return reduce(jnp.add, parts)

    target = picked(TARGET)
    if form.has_amounts:
        target = target + picked(SLOPE) * amount[None, None]
    new = latents + picked(RATE) * (target - latents)
    if form.terms:
        probability = jax.nn.softmax(logits(form, numbers, latents, inputs), axis=0)
        for term in form.terms:
            new = new + picked(term.name) * term.value(latents, probability)
        new = jnp.clip(new, -FARTHEST, FARTHEST)
    return new


def _started(form: Form, numbers: dict[str, Array], n_sessions: int) -> Array:
    return jnp.broadcast_to(numbers[START][..., None], (*numbers[START].shape, n_sessions))


def _scored(logit: Array, target: Array, available: Array | None) -> tuple[Array, Array, Array]:
    """Nll of each session's choice, probabilities, and which was chosen; 0 where no choice counts."""
    if available is not None:
        logit = jnp.where(available, logit, -1e9)
    log_p = jax.nn.log_softmax(logit, axis=0)
    chosen = target[None] == jnp.arange(logit.shape[0])[:, None]
    counted = (target != NONE)[None]
    nll = -jnp.where(chosen, log_p, 0.0).sum(0)
    return nll, jnp.where(counted, jnp.exp(log_p), 0.0), chosen.astype(logit.dtype)


@partial(jax.jit, static_argnums=0)
def session_nll(form: Form, vector: Float[Array, " number"], trials: Trials) -> Float[Array, " session"]:
    """Negative log-likelihood of each session in nats."""
    return _session_nll(form, vector, trials)


def _session_nll(form: Form, vector: Array, trials: Trials) -> Array:
    numbers = form.split(vector)

    def trial(carry, seen):
        latents, total, before = carry
        latents = moved(form, numbers, latents, seen.relation, seen.amount, before)
        nll, _, _ = _scored(logits(form, numbers, latents, seen.inputs), seen.target, seen.available)
        return (latents, total + nll, seen.inputs), None

    n_sessions = trials.target.shape[-1]
    start = _started(form, numbers, n_sessions), jnp.zeros(n_sessions), trials.inputs[0]
    return jax.lax.scan(trial, start, trials)[0][1]


@partial(jax.jit, static_argnums=0)
def trajectories(
    form: Form, vector: Float[Array, " number"], trials: Trials
) -> tuple[Float[Array, "time alternative session"], Float[Array, "time mechanism alternative session"]]:
    """Logits and latents before each choice."""
    numbers = form.split(vector)

    def trial(carry, seen):
        latents, before = carry
        latents = moved(form, numbers, latents, seen.relation, seen.amount, before)
        return (latents, seen.inputs), (logits(form, numbers, latents, seen.inputs), latents)

    start = _started(form, numbers, trials.target.shape[-1]), trials.inputs[0]
    return jax.lax.scan(trial, start, trials)[1]


@partial(jax.jit, static_argnums=0)
def information(
    form: Form,
    vector: Float[Array, " number"],
    directions: Float[Array, "direction number"],
    trials: Trials,
) -> Information:
    """The likelihood at `vector`, with slope and curvature along `directions`."""
    numbers, along = form.split(vector), form.split(directions)
    n, n_sessions = directions.shape[0], trials.target.shape[-1]

    def step(numbers: dict[str, Array], latents: Array, before: Array, seen: Trials) -> tuple[Array, Array]:
        latents = moved(form, numbers, latents, seen.relation, seen.amount, before)
        return latents, logits(form, numbers, latents, seen.inputs)

    def trial(carry: tuple[Any, ...], seen: Trials):
        latents, slopes, before, total, gradient, fisher = carry
        (latents, logit), change = jax.linearize(lambda n, z: step(n, z, before, seen), numbers, latents)
        slopes, logit_slopes = jax.vmap(change)(along, slopes)
        nll, probability, chosen = _scored(logit, seen.target, seen.available)
        surprise = probability - chosen
        gradient = gradient + (logit_slopes * surprise[None]).reshape(n, -1).sum(-1)
        centered = logit_slopes - (logit_slopes * probability[None]).sum(1, keepdims=True)
        weighted = (centered * jnp.sqrt(probability)[None]).reshape(n, -1)
        return (latents, slopes, seen.inputs, total + nll, gradient, fisher + weighted @ weighted.T), None

    start = (
        _started(form, numbers, n_sessions),
        jax.vmap(lambda d: _started(form, d, n_sessions))(along),
        trials.inputs[0],
        jnp.zeros(n_sessions),
        jnp.zeros(n),
        jnp.zeros((n, n)),
    )
    final = jax.lax.scan(trial, start, trials)[0]
    return Information(*final[3:])


@partial(jax.jit, static_argnums=0)
def hessian(
    form: Form,
    vector: Float[Array, " number"],
    directions: Float[Array, "direction number"],
    trials: Trials,
) -> Float[Array, "direction direction2"]:
    """Second derivatives of the negative log-likelihood along `directions`, exactly."""

    def gradient(step: Array) -> Array:
        return jax.grad(lambda s: _session_nll(form, vector + s @ directions, trials).sum())(step)

    origin = jnp.zeros(directions.shape[0])
    return jax.vmap(lambda e: jax.jvp(gradient, (origin,), (e,))[1])(jnp.eye(directions.shape[0]))
