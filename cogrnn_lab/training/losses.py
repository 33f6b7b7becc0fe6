"""Task losses: how far outputs are from the recorded targets, as a mean over the targets that count.

A loss is a function of outputs (session, time, output), targets and mask (session, time, target) and
action_mask (session, time, alternative; None for all) that gives a number. One of your own works the same
way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

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
    return _mean(choice_nll(outputs, targets, mask, action_mask), mask[..., 0])


def choice_nll(
    logits: Float[Array, "session time alternative"],
    targets: Float[Array, "session time 1"],
    mask: Bool[Array, "session time 1"],
    action_mask: Bool[Array, "session time alternative"] | None = None,
) -> Float[Array, "session time"]:
    """Give the negative log-likelihood of each choice, 0 where it does not count.

    Arguments:
        logits: (session, time, alternative).
        targets: Indices of the chosen alternatives, (session, time, 1).
        mask: Which of them count, (session, time, 1).
        action_mask: Which alternatives were on offer, (session, time, alternative); None for all.

    Returns:
        (session, time) in nats.
    """
    if action_mask is not None:
        logits = jnp.where(action_mask, logits, -jnp.inf)
    chosen = jnp.arange(logits.shape[-1])[None, None] == targets
    # Where the target does not count it may name an alternative that was not on offer: no -inf there.
    chosen_logit = jnp.where(chosen & mask, logits, 0.0).sum(-1)
    return jnp.where(mask[..., 0], jax.nn.logsumexp(logits, axis=-1) - chosen_logit, 0.0)


def mean_squared_error(
    outputs: Float[Array, "session time target"],
    targets: Float[Array, "session time target"],
    mask: Bool[Array, "session time target"],
    action_mask: None = None,
) -> Float[Array, ""]:
    """Mean squared distance of the outputs from the targets that count."""
    # No NaN of a missing target may enter: its gradient would be NaN, also where it is masked.
    return _mean((outputs - jnp.where(mask, targets, 0.0)) ** 2, mask)


def binary_cross_entropy(
    outputs: Float[Array, "session time target"],
    targets: Float[Array, "session time target"],
    mask: Bool[Array, "session time target"],
    action_mask: None = None,
) -> Float[Array, ""]:
    """Mean negative log-likelihood (nats) of targets between 0 and 1; `outputs` are log odds."""
    targets = jnp.where(mask, targets, 0.0)
    return _mean(jax.nn.softplus(outputs) - targets * outputs, mask)


@dataclass(frozen=True)
class Mixed:
    """Choices and numbers together: likelihood_weight · mean NLL + (1 - likelihood_weight) · log(1 + MSE).

    The first target is the choice, the others are numbers; outputs are the logits of the alternatives, then a
    prediction for each number. The logarithm keeps large errors early in training from drowning the choices.
    """

    likelihood_weight: float = 0.5

    def __post_init__(self):
        if not 0.0 <= self.likelihood_weight <= 1.0:
            raise ValueError(f"likelihood_weight is {self.likelihood_weight}, expected a number from 0 to 1")

    def __call__(
        self,
        outputs: Float[Array, "session time output"],
        targets: Float[Array, "session time target"],
        mask: Bool[Array, "session time target"],
        action_mask: Bool[Array, "session time alternative"] | None = None,
    ) -> Float[Array, ""]:
        n_alternatives = outputs.shape[-1] - (targets.shape[-1] - 1)
        nll = categorical_nll(outputs[..., :n_alternatives], targets[..., :1], mask[..., :1], action_mask)
        mse = mean_squared_error(outputs[..., n_alternatives:], targets[..., 1:], mask[..., 1:])
        return self.likelihood_weight * nll + (1.0 - self.likelihood_weight) * jnp.log1p(mse)


def default_loss(kind: str) -> TaskLoss:
    """The loss that belongs to a data set's kind."""
    return {"categorical": categorical_nll, "continuous": mean_squared_error, "mixed": Mixed()}[kind]


def check_loss(loss: Any, kind: str, targets: np.ndarray, mask: np.ndarray) -> None:
    """Refuse a loss of this module that is not for this kind of data; one of your own is taken as it is."""
    if not callable(loss):
        raise TypeError(
            f"loss is {loss!r}, expected a function of (outputs, targets, mask, action_mask), such as "
            f"cl.losses.{_NAMES[kind]}"
        )
    kinds = {
        categorical_nll: "categorical",
        mean_squared_error: "continuous",
        binary_cross_entropy: "continuous",
    }
    needed = "mixed" if isinstance(loss, Mixed) else kinds.get(loss)
    if needed is not None and needed != kind:
        raise ValueError(
            f"the loss {getattr(loss, '__name__', type(loss).__name__)} is for {needed} data, but these are "
            f"{kind}; use cl.losses.{_NAMES[kind]}, or leave loss out"
        )
    if loss is binary_cross_entropy:
        counted = targets[mask]
        if counted.min() < 0 or counted.max() > 1:
            raise ValueError(
                f"binary_cross_entropy needs targets from 0 to 1, but these are {counted.min():g} to "
                f"{counted.max():g}; use cl.losses.mean_squared_error"
            )


_NAMES = {"categorical": "categorical_nll", "continuous": "mean_squared_error", "mixed": "Mixed()"}


def _mean(values: Array, counts: Array) -> Float[Array, ""]:
    return jnp.where(counts, values, 0.0).sum() / jnp.maximum(counts.sum(), 1)
