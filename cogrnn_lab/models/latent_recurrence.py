"""The part of a disentangled RNN that truly recurs, computed fast for many sessions at once.

Everything that does not feed back (drawing noise, information, the choice network) stays outside, over all
trials at once; here the update networks of all latents run as one stack of matrices with the sessions as the
LAST axis, the layout in which the CPU is several times faster. The backward pass is written by hand: it keeps
only the latents, recomputes the update networks of a trial and takes that trial's weight gradients as small
products on the way. `tests/models` holds it to the plain step-by-step definition in `DisRNN.step`, in values
and gradients.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from cogrnn_lab.models.activation import activation_function


class UpdateWeights(NamedTuple):
    """Weights of the stacked update networks, with the bottlenecks' multipliers and widths folded in."""

    shared: Float[
        Array, "latent width source"
    ]  # reads what all update networks see: inputs, then previous latents
    noise: Float[Array, "latent width source"]  # reads each network's own standard normal draws
    in_bias: Float[Array, "latent width"]
    hidden: Float[Array, "depth latent width width"]
    hidden_bias: Float[Array, "depth latent width"]
    out: Float[Array, "latent 2 width"]
    out_bias: Float[Array, "latent 2"]


def gated_update(z: Array, gate: Array, target: Array, max_latent: float) -> Array:
    """z moved by the fraction sigmoid(gate) towards a target that is kept within ±max_latent."""
    fraction = jax.nn.sigmoid(gate)
    return (1.0 - fraction) * z + fraction * max_latent * jnp.tanh(target / max_latent)


def _network(weights: UpdateWeights, seen: Array, eps: Array | None, activation):
    """Gate and target (latent, 2, session) of one trial, and what the backward pass needs of each layer.

    `seen` (source, session) and, where there is noise, `eps` (latent, source, session).
    """
    n_latents, width, n_sources = weights.shared.shape
    stream = (weights.shared.reshape(n_latents * width, n_sources) @ seen).reshape(n_latents, width, -1)
    if eps is not None:
        stream = stream + jnp.einsum("lhk,lkb->lhb", weights.noise, eps)
    stream = stream + weights.in_bias[:, :, None]
    streams, slopes = [], []
    for matrix, bias in zip(weights.hidden, weights.hidden_bias, strict=True):
        before = jnp.einsum("lhk,lkb->lhb", matrix, stream) + bias[:, :, None]
        after, slope = jax.jvp(activation, (before,), (jnp.ones_like(before),))
        streams.append(stream)
        slopes.append(slope)
        stream = stream + after
    out = jnp.einsum("lok,lkb->lob", weights.out, stream) + weights.out_bias[:, :, None]
    return out, stream, streams, slopes


def _forward_scan(weights, inputs, eps, jitter, start, begins, activation, max_latent):
    act = activation_function(activation)

    def trial(z, xs):
        x, trial_eps, trial_jitter, trial_begins = xs
        z = z if trial_begins is None else jnp.where(trial_begins, start, z)
        out, *_ = _network(weights, jnp.concatenate([x, z]), trial_eps, act)
        z = gated_update(z, out[:, 0], out[:, 1], max_latent)
        z = z if trial_jitter is None else z + trial_jitter
        return z, z

    return jax.lax.scan(trial, start, (inputs, eps, jitter, begins))[1]


def latent_recurrence(
    weights: UpdateWeights,
    inputs: Float[Array, "time input session"],
    eps: Float[Array, "time latent source session"] | None,
    jitter: Float[Array, "time latent session"] | None,
    start: Float[Array, "latent session"],
    begins: Bool[Array, "time session"] | None,
    activation: str,
    max_latent: float,
) -> Float[Array, "time latent session"]:
    """Latents after every trial.

    Arguments: `weights`; `inputs` what every update network sees beside the previous latents; `eps` standard
    normal draws, one for each source (inputs, then latents) of each update network; `jitter` what is added to
    every new latent (the noise of its own bottleneck); `start` the latents before the first trial; `begins`
    where another session begins, which goes from `start` again (None: nowhere). `eps` and `jitter` are None
    without noise. There is no gradient for `eps`, which are random draws.
    """
    return _recurrence(  # pyright: ignore
        weights, inputs, eps, jitter, start, begins, activation, max_latent
    )


@partial(jax.custom_vjp, nondiff_argnums=(6, 7))
def _recurrence(weights, inputs, eps, jitter, start, begins, activation, max_latent):
    return _forward_scan(weights, inputs, eps, jitter, start, begins, activation, max_latent)


def _forward(weights, inputs, eps, jitter, start, begins, activation, max_latent):
    latents = _forward_scan(weights, inputs, eps, jitter, start, begins, activation, max_latent)
    return latents, (weights, inputs, eps, jitter is not None, start, begins, latents)


def _trial_backward(weights, transposed, seen, eps, z, upstream, act, max_latent):
    """Gradients of one trial: of its weights, and of what its networks saw (inputs and previous latents)."""
    out, last, streams, slopes = _network(weights, seen, eps, act)
    _, gate_vjp = jax.vjp(lambda z, out: gated_update(z, out[:, 0], out[:, 1], max_latent), z, out)
    d_z, d_out = gate_vjp(upstream)
    d_stream = jnp.einsum("lko,lob->lkb", transposed.out, d_out)
    d_before = []
    for matrix, slope in zip(transposed.hidden[::-1], slopes[::-1], strict=True):
        d_before.append(d_stream * slope)
        d_stream = d_stream + jnp.einsum("lkh,lhb->lkb", matrix, d_before[-1])
    n_latents, width, n_sources = weights.shared.shape
    flat = d_stream.reshape(n_latents * width, -1)
    if streams:
        d_layers = jnp.stack(d_before[::-1])
        d_hidden = jnp.einsum("nlhb,nlkb->nlhk", d_layers, jnp.stack(streams))
        d_hidden_bias = d_layers.sum(-1)
    else:
        d_hidden, d_hidden_bias = jnp.zeros_like(weights.hidden), jnp.zeros_like(weights.hidden_bias)
    gradients = UpdateWeights(
        shared=(flat @ seen.T).reshape(weights.shared.shape),
        noise=jnp.zeros_like(weights.noise) if eps is None else jnp.einsum("lhb,lkb->lhk", d_stream, eps),
        in_bias=d_stream.sum(-1),
        hidden=d_hidden,
        hidden_bias=d_hidden_bias,
        out=jnp.einsum("lob,lkb->lok", d_out, last),
        out_bias=d_out.sum(-1),
    )
    d_seen = transposed.shared.reshape(n_sources, n_latents * width) @ flat
    return gradients, d_seen, d_z


def _backward(activation, max_latent, residuals, d_latents):
    weights, inputs, eps, has_jitter, start, begins, latents = residuals
    act = activation_function(activation)
    n_inputs = inputs.shape[1]
    # Transposed once here: contracting over the first matrix axis inside the scan is several times slower.
    transposed = UpdateWeights(
        shared=jnp.transpose(weights.shared, (2, 0, 1)),
        noise=weights.noise,
        in_bias=weights.in_bias,
        hidden=jnp.swapaxes(weights.hidden, -1, -2),
        hidden_bias=weights.hidden_bias,
        out=jnp.swapaxes(weights.out, -1, -2),
        out_bias=weights.out_bias,
    )
    previous = jnp.concatenate([start[None], latents[:-1]])
    if begins is not None:
        previous = jnp.where(begins[:, None], start, previous)

    def trial(carry, xs):
        d_z, total = carry
        x, trial_eps, z, d_latent, trial_begins = xs
        upstream = d_z + d_latent
        gradients, d_seen, d_kept = _trial_backward(
            weights, transposed, jnp.concatenate([x, z]), trial_eps, z, upstream, act, max_latent
        )
        d_z = d_kept + d_seen[n_inputs:]
        total_weights, total_start = total
        if trial_begins is not None:
            total_start = total_start + jnp.where(trial_begins, d_z, 0.0)
            d_z = jnp.where(trial_begins, 0.0, d_z)
        total = jax.tree.map(jnp.add, total_weights, gradients), total_start
        return (d_z, total), (d_seen[:n_inputs], upstream)

    zeros = jax.tree.map(jnp.zeros_like, weights), jnp.zeros_like(start)
    (d_first, (d_weights, d_start)), (d_inputs, upstream) = jax.lax.scan(
        trial, (jnp.zeros_like(start), zeros), (inputs, eps, previous, d_latents, begins), reverse=True
    )
    d_eps = None if eps is None else jnp.zeros_like(eps)
    return d_weights, d_inputs, d_eps, upstream if has_jitter else None, d_first + d_start, None


_recurrence.defvjp(_forward, _backward)
