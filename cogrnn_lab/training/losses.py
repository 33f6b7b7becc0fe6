"""Task losses: how far outputs are from the recorded targets, as a mean over the targets that count."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

# (outputs (session, time, output), targets (session, time, target), mask like targets, action_mask) -> mean
# loss
TaskLoss = Callable[[Array, Array, Array, Array | None], Array]


def categorical_nll(
    outputs: Float[Array, "session time alternative"],
    targets: Float[Array, "session time 1"],
    mask: Bool[Array, "session time 1"],
    action_mask: Bool[Array, "session time alternative"] | None = None,
) -> Float[Array, ""]:
    """Mean negative log-likelihood (nats) of the choices that count.

    Arguments: `outputs` logits; `targets` indices of the chosen alternative; `mask` which of them count;
    `action_mask` which alternatives were on offer, None for all.
    """
    if action_mask is not None:
        outputs = jnp.where(action_mask, outputs, -jnp.inf)
    chosen = jnp.arange(outputs.shape[-1])[None, None] == targets
    # Where the target does not count it may name an alternative that was not on offer: no -inf there.
    chosen_logit = jnp.where(chosen & mask, outputs, 0.0).sum(-1)
    nll = jax.nn.logsumexp(outputs, axis=-1) - chosen_logit
    counts = mask[..., 0]
    return jnp.where(counts, nll, 0.0).sum() / jnp.maximum(counts.sum(), 1)


LOSSES: dict[str, TaskLoss] = {"categorical": categorical_nll}


def default_loss(kind: str) -> TaskLoss:
    """The loss that belongs to a data set's kind."""
    if kind not in LOSSES:
        raise ValueError(
            f"there is no default loss for {kind!r} data yet; known are {', '.join(LOSSES)}. "
            "Pass loss= a function of (outputs, targets, mask, action_mask) that returns the mean loss."
        )
    return LOSSES[kind]
