"""Parts of a disentangled RNN that don't recur, for all trials of all sessions at once."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from cogrnn_lab.models.disentangled.bottleneck import Bottleneck
from cogrnn_lab.models.disentangled.residual_mlp import ResidualMLP
from cogrnn_lab.models.disentangled.subject_context import SubjectContext


def joined(
    context: Float[Array, "time embedding session"] | None, values: Float[Array, "time value session"]
) -> Float[Array, "time source session"]:
    """Join the embedding, where there is one, and values along the axis of sources."""
    return values if context is None else jnp.concatenate([context, values], axis=1)


def embedding_columns(
    subjects: SubjectContext, subject: Any, n_rows: int, n_trials: int
) -> Float[Array, "time embedding session"]:
    """Look up the embedding at each trial of subjects (session,) or (session, time)."""
    along = jnp.broadcast_to(jnp.asarray(subject).T, (n_trials, n_rows))
    return jnp.swapaxes(subjects.of(along), 1, 2)


def context_columns(
    subjects: SubjectContext | None, subject: Any, n_points: int
) -> Float[Array, "1 embedding point"] | None:
    """Repeat the embedding of one subject, noiseless, for many points; None where no subjects are known."""
    if subjects is None:
        return None
    embedding = subjects.of(subject)
    return jnp.broadcast_to(embedding[None, :, None], (1, embedding.size, n_points))


def through(
    bottleneck: Bottleneck,
    values: Float[Array, "time source session"],
    eps: Float[Array, "time source session"] | None,
    noise: float | Array,
) -> Float[Array, "time source session"]:
    """Pass values through one bottleneck for each source; `eps` None for no noise."""
    passed = bottleneck.gain[None, :, None] * values
    return passed if eps is None else passed + (noise * bottleneck.sigma)[None, :, None] * eps


def read_columns(
    network: ResidualMLP,
    bottleneck: Bottleneck,
    values: Float[Array, "time source session"],
    eps: Float[Array, "time source session"] | None,
    noise: float | Array,
) -> Float[Array, "session time output"]:
    """Compute the outputs of a network that reads these values through a bottleneck."""
    n_trials, n_sources, n_rows = values.shape
    seen = through(bottleneck, values, eps, noise)
    columns = jnp.swapaxes(seen, 0, 1).reshape(n_sources, n_trials * n_rows)
    outputs = network.apply_columns(columns)
    return jnp.transpose(outputs.reshape(-1, n_trials, n_rows), (2, 1, 0))


def group_information(
    bottlenecks: Mapping[str, Bottleneck],
    entering: Mapping[str, Float[Array, "time source session"]],
    noise: float | Array,
) -> dict[str, Float[Array, "session time"]]:
    """Sum the nats of each group's channels at each trial; 0 without noise.

    Channels that read one source differ in their weights alone, so that one sum of squares over sources is
    enough: Σ_source ½ (Σ_channel multiplier²) x² + Σ_channel ½ (σ² - 1 - log σ²).
    """
    is_noisy = (jnp.asarray(noise) > 0).astype(jnp.float32)
    nats = {}
    for group, bottleneck in bottlenecks.items():
        squared_gain = bottleneck.gain**2
        weight = squared_gain.reshape(squared_gain.shape[0], -1).sum(1)[None, :, None]
        information = 0.5 * (weight * entering[group] ** 2).sum(1) + bottleneck.resting_information.sum()
        nats[group] = information.T * is_noisy
    return nats
