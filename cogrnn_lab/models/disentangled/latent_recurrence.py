"""The part of a disentangled RNN that truly recurs, computed fast for many sessions at once.

Everything that does not feed back (drawing noise, information, the choice network) stays outside, over all
trials at once; here the update networks of all latents run as one stack of matrices with the sessions as the
LAST axis, the layout in which the CPU is several times faster. The backward pass is written by hand: it keeps
only the latents, recomputes the update networks of a trial and takes that trial's weight gradients as small
products on the way. `tests/models` holds it to the plain step-by-step definition in `DisRNN.step`, in values
and gradients.
"""

from functools import partial, reduce
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from cogrnn_lab.models.activation import activation_function


class UpdateWeights(NamedTuple):
    """Weights of the stacked update networks, with the bottlenecks' multipliers and widths folded in.

    `shared` reads what all update networks see: the given sources, then the previous latents; `noise` reads
    each network's own standard normal draws. Layers are apart, because cutting them out of one array on every
    trial takes as long as a small product.
    """

    shared: Float[Array, "latent width source"]
    noise: Float[Array, "latent width source"]
    in_bias: Float[Array, "latent width"]
    hidden: tuple[Float[Array, "latent width width"], ...]
    hidden_bias: tuple[Float[Array, "latent width"], ...]
    out: Float[Array, "latent 2 width"]
    out_bias: Float[Array, "latent 2"]


def gated_update(z: Array, gate: Array, target: Array, max_latent: float) -> Array:
    """z moved by the fraction sigmoid(gate) towards a target that is kept within ±max_latent."""
    fraction = jax.nn.sigmoid(gate)
    return (1.0 - fraction) * z + fraction * max_latent * jnp.tanh(target / max_latent)


def latent_recurrence(
    weights: UpdateWeights,
    given: Float[Array, "time given session"],
    eps: Float[Array, "time latent source session"] | None,
    jitter: Float[Array, "time latent session"] | None,
    start: Float[Array, "latent session"],
    begins: Bool[Array, "time session"] | None,
    activation: str,
    max_latent: float,
) -> Float[Array, "time latent session"]:
    """Latents after every trial.

    Arguments: `weights`; `given` what every update network sees beside the previous latents; `eps` standard
    normal draws, one for each source (given, then latents) of each update network; `jitter` what is added to
    every new latent (the noise of its own bottleneck); `start` the latents before the first trial; `begins`
    where another session begins, which goes from `start` again (None: nowhere). `eps` and `jitter` are None
    without noise. There is no gradient for `eps`, which are random draws.
    """
    n_trials, n_given, n_sessions = given.shape
    # The bias of the first layer is one more source, which is always 1: its sums are then part of a product.
    given = jnp.concatenate([given, jnp.ones((n_trials, 1, n_sessions), given.dtype)], axis=1)
    parts = [weights.shared[..., :n_given], weights.in_bias[..., None], weights.shared[..., n_given:]]
    first = jnp.concatenate(parts if eps is None else [*parts, weights.noise], axis=-1)
    stack = _Stack(first, weights.hidden, weights.hidden_bias, weights.out, weights.out_bias)
    return _recurrence(stack, given, eps, jitter, start, begins, activation, max_latent)  # pyright: ignore


class _Stack(NamedTuple):
    """`UpdateWeights` with all that the first layer multiplies in one: sources, 1, latents, then the draws.

    One product of the whole layer is faster than one of what networks share and one of their own draws.
    """

    first: Float[Array, "latent width read"]
    hidden: tuple[Float[Array, "latent width width"], ...]
    hidden_bias: tuple[Float[Array, "latent width"], ...]
    out: Float[Array, "latent 2 width"]
    out_bias: Float[Array, "latent 2"]


def _read(x: Array, z: Array, eps: Array | None) -> Array:
    """What the first layers read on one trial: (source, session), and with draws (latent, read, session)."""
    seen = jnp.concatenate([x, z])
    if eps is None:
        return seen
    return jnp.concatenate([jnp.broadcast_to(seen, (eps.shape[0], *seen.shape)), eps], axis=1)


def _network(stack: _Stack, read: Array, activation):
    """Gate and target (latent, 2, session) of one trial, and what the backward pass needs of each layer."""
    n_latents, width, n_read = stack.first.shape
    if read.ndim == 2:  # all networks read the same
        stream = (stack.first.reshape(n_latents * width, n_read) @ read).reshape(n_latents, width, -1)
    else:
        stream = jnp.einsum("lhk,lkb->lhb", stack.first, read)
    streams, slopes = [], []
    for matrix, bias in zip(stack.hidden, stack.hidden_bias, strict=True):
        before = jnp.einsum("lhk,lkb->lhb", matrix, stream) + bias[:, :, None]
        after, slope = jax.jvp(activation, (before,), (jnp.ones_like(before),))
        streams.append(stream)
        slopes.append(slope)
        stream = stream + after
    out = jnp.einsum("lok,lkb->lob", stack.out, stream) + stack.out_bias[:, :, None]
    return out, stream, streams, slopes


def _forward_scan(stack, given, eps, jitter, start, begins, activation, max_latent):
    act = activation_function(activation)

    def trial(z, xs):
        x, trial_eps, trial_jitter, trial_begins = xs
        z = z if trial_begins is None else jnp.where(trial_begins, start, z)
        out, *_ = _network(stack, _read(x, z, trial_eps), act)
        z = gated_update(z, out[:, 0], out[:, 1], max_latent)
        z = z if trial_jitter is None else z + trial_jitter
        return z, z

    return jax.lax.scan(trial, start, (given, eps, jitter, begins))[1]


@partial(jax.custom_vjp, nondiff_argnums=(6, 7))
def _recurrence(stack, given, eps, jitter, start, begins, activation, max_latent):
    return _forward_scan(stack, given, eps, jitter, start, begins, activation, max_latent)


def _forward(stack, given, eps, jitter, start, begins, activation, max_latent):
    latents = _forward_scan(stack, given, eps, jitter, start, begins, activation, max_latent)
    return latents, (stack, given, eps, jitter is not None, start, begins, latents)


class _Gradients(NamedTuple):
    """Sums over trials in the shapes in which they come out of the products; `out_bias` is not yet summed."""

    first: Float[Array, "latent width read"]
    hidden: tuple[Float[Array, "latent width width"], ...]
    hidden_bias: tuple[Float[Array, "row 1"], ...]
    out: Float[Array, "latent 2 width"]
    out_bias: Float[Array, "latent 2 session"]


def _no_gradients(stack: _Stack, n_sessions: int) -> _Gradients:
    n_latents, width, _ = stack.first.shape
    dtype = stack.first.dtype
    return _Gradients(
        first=jnp.zeros_like(stack.first),
        hidden=tuple(map(jnp.zeros_like, stack.hidden)),
        hidden_bias=tuple(jnp.zeros((n_latents * width, 1), dtype) for _ in stack.hidden),
        out=jnp.zeros_like(stack.out),
        out_bias=jnp.zeros((n_latents, 2, n_sessions), dtype),
    )


def _trial_backward(stack, transposed, read, z, upstream, act, max_latent):
    """Gradients of one trial: of its weights, of what its networks saw, and of the latents before it."""
    out, last, streams, slopes = _network(stack, read, act)
    _, gate_vjp = jax.vjp(lambda z, out: gated_update(z, out[:, 0], out[:, 1], max_latent), z, out)
    d_z, d_out = gate_vjp(upstream)
    d_stream = jnp.einsum("lko,lob->lkb", transposed.out, d_out)
    # The gradient of the stream stays a sum of one part for each layer: added up anew for every layer, in
    # another order, it is never written to memory.
    d_last, d_before, parts = d_stream, [], []
    for matrix, slope in zip(transposed.hidden[::-1], slopes[::-1], strict=True):
        d_before.insert(0, d_stream * slope)
        parts.append(jnp.einsum("lkh,lhb->lkb", matrix, d_before[0]))
        d_stream = d_last + reduce(lambda later, earlier: earlier + later, parts[::-1])
    flat = d_stream.reshape(-1, d_stream.shape[-1])
    ones = jnp.ones((flat.shape[1], 1), flat.dtype)
    if read.ndim == 2:
        d_first = (flat @ read.T).reshape(stack.first.shape)
    else:
        d_first = jnp.einsum("lhb,lkb->lhk", d_stream, read)
    gradients = _Gradients(
        first=d_first,
        hidden=tuple(jnp.einsum("lhb,lkb->lhk", d, s) for d, s in zip(d_before, streams, strict=True)),
        hidden_bias=tuple(d.reshape(flat.shape) @ ones for d in d_before),
        out=jnp.einsum("lob,lkb->lok", d_out, last),
        out_bias=d_out,
    )
    return gradients, transposed.first @ flat, d_z


def _backward(activation, max_latent, residuals, d_latents):
    stack, given, eps, has_jitter, start, begins, latents = residuals
    act = activation_function(activation)
    n_latents, width, _ = stack.first.shape
    n_given = given.shape[1]
    n_sources = n_given + n_latents
    # Transposed once here: contracting over the first matrix axis inside the scan is several times slower.
    transposed = stack._replace(
        first=jnp.transpose(stack.first[..., :n_sources], (2, 0, 1)).reshape(n_sources, n_latents * width),
        hidden=tuple(jnp.swapaxes(matrix, -1, -2) for matrix in stack.hidden),
        out=jnp.swapaxes(stack.out, -1, -2),
    )
    previous = jnp.concatenate([start[None], latents[:-1]])
    if begins is not None:
        previous = jnp.where(begins[:, None], start, previous)

    def trial(carry, xs):
        d_z, total, d_starts = carry
        x, trial_eps, z, d_latent, trial_begins = xs
        upstream = d_z + d_latent
        read = _read(x, z, trial_eps)
        gradients, d_seen, d_kept = _trial_backward(stack, transposed, read, z, upstream, act, max_latent)
        d_z = d_kept + d_seen[n_given:]
        if trial_begins is not None:
            d_starts = d_starts + jnp.where(trial_begins, d_z, 0.0)
            d_z = jnp.where(trial_begins, 0.0, d_z)
        return (d_z, jax.tree.map(jnp.add, total, gradients), d_starts), (d_seen[:n_given], upstream)

    nothing = jnp.zeros_like(start)
    (d_first, total, d_starts), (d_given, upstream) = jax.lax.scan(
        trial,
        (nothing, _no_gradients(stack, start.shape[1]), nothing),
        (given, eps, previous, d_latents, begins),
        reverse=True,
    )
    d_stack = _Stack(
        first=total.first,
        hidden=total.hidden,
        hidden_bias=tuple(d.reshape(n_latents, width) for d in total.hidden_bias),
        out=total.out,
        out_bias=total.out_bias.sum(-1),
    )
    d_eps = None if eps is None else jnp.zeros_like(eps)
    return d_stack, d_given, d_eps, upstream if has_jitter else None, d_first + d_starts, None


_recurrence.defvjp(_forward, _backward)
