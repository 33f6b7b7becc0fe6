"""Task losses: how far outputs are from the recorded targets, as a mean over the targets that count.

A loss is a function of outputs (session, time, output), targets and mask (session, time, target) and
action_mask (session, time, alternative; None for all) that returns a number. One of your own works the same
way.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

__all__ = ["Mixed", "binary_cross_entropy", "categorical_nll", "mean_squared_error"]

TaskLoss = Callable[[Array, Array, Array, Array | None], Array]


def categorical_nll(
    outputs: Float[Array, "session time alternative"],
    targets: Float[Array, "session time 1"],
    mask: Bool[Array, "session time 1"],
    action_mask: Bool[Array, "session time alternative"] | None = None,
) -> Float[Array, ""]:
    """Compute the mean negative log-likelihood (nats) of the choices that count.

    Arguments:
        outputs: Logits (session, time, alternative).
        targets: Index (session, time, 1) of the chosen alternative.
        mask: True (session, time, 1) where the choice counts.
        action_mask: True (session, time, alternative) where an alternative was on offer; None for all.

    Returns:
        The mean, 0 where nothing counts.

    Example:
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> logits, choices, counts = jnp.zeros((1, 3, 2)), jnp.ones((1, 3, 1)), jnp.ones((1, 3, 1), bool)
        >>> round(float(cl.losses.categorical_nll(logits, choices, counts)), 4)
        0.6931
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


def soft_choice_nll(
    outputs: Float[Array, "session time alternative"],
    targets: Float[Array, "session time column"],
    mask: Bool[Array, "session time column"],
    action_mask: Bool[Array, "session time alternative"] | None = None,
) -> Float[Array, ""]:
    """Compute the mean cross-entropy (nats) of the outputs to probabilities of the alternatives.

    It is the negative log-likelihood of a choice, averaged over what might have been chosen; with all
    probability on the choice that was made it is `categorical_nll`. Its gradient by the logits is what the
    network says minus these probabilities, over the number of choices that count.

    Arguments:
        outputs: Logits (session, time, alternative).
        targets: The choice, then the probability of each alternative (session, time, 1 + alternative), as
            `cl.distill` makes them.
        mask: True (session, time, 1 + alternative) where the choice counts.
        action_mask: True (session, time, alternative) where an alternative was on offer; None for all.

    Returns:
        The mean, 0 where nothing counts.

    Source:
        Hinton, Vinyals & Dean, arXiv:1503.02531 (2015), at temperature 1.

    Example:
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> logits, counts = jnp.zeros((1, 3, 2)), jnp.ones((1, 3, 3), bool)
        >>> round(float(cl.losses.soft_choice_nll(logits, jnp.full((1, 3, 3), 0.5), counts)), 4)
        0.6931
    """
    if action_mask is not None:
        outputs = jnp.where(action_mask, outputs, -jnp.inf)
    probabilities = targets[..., 1:]
    # What was not on offer has probability 0: no 0 * -inf there.
    said = jnp.where(probabilities > 0, probabilities * outputs, 0.0).sum(-1)
    return _mean(jax.nn.logsumexp(outputs, axis=-1) - said, mask[..., 0])


def mean_squared_error(
    outputs: Float[Array, "session time target"],
    targets: Float[Array, "session time target"],
    mask: Bool[Array, "session time target"],
    action_mask: None = None,
) -> Float[Array, ""]:
    """Compute the mean squared distance of the outputs from the targets that count.

    Arguments:
        outputs: Predictions (session, time, target).
        targets: Targets (session, time, target), NaN where missing.
        mask: True (session, time, target) where a target counts.
        action_mask: Not used.

    Returns:
        The mean, 0 where nothing counts.
    """
    # No NaN of a missing target may enter: its gradient would be NaN, also where it is masked.
    return _mean((outputs - jnp.where(mask, targets, 0.0)) ** 2, mask)


def binary_cross_entropy(
    outputs: Float[Array, "session time target"],
    targets: Float[Array, "session time target"],
    mask: Bool[Array, "session time target"],
    action_mask: None = None,
) -> Float[Array, ""]:
    """Compute the mean negative log-likelihood (nats) of targets between 0 and 1.

    Arguments:
        outputs: Log odds (session, time, target).
        targets: Targets (session, time, target) from 0 to 1, NaN where missing.
        mask: True (session, time, target) where a target counts.
        action_mask: Not used.

    Returns:
        The mean, 0 where nothing counts.
    """
    targets = jnp.where(mask, targets, 0.0)
    return _mean(jax.nn.softplus(outputs) - targets * outputs, mask)


@dataclass(frozen=True)
class Mixed:
    """Loss of choices and numbers together: w · mean NLL + (1 - w) · log(1 + mean squared error).

    The first target is the choice, the others are numbers; outputs are the logits of the alternatives, then a
    prediction for each number. The logarithm keeps large errors early in training from drowning the choices.

    Arguments:
        likelihood_weight: The weight w, from 0 to 1.

    Raises:
        ValueError: The weight is not from 0 to 1.

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.losses.Mixed(likelihood_weight=0.8).likelihood_weight
        0.8
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
        """Compute the loss.

        Arguments:
            outputs: Logits, then predictions (session, time, output).
            targets: Choice, then numbers (session, time, target).
            mask: True (session, time, target) where a target counts.
            action_mask: True (session, time, alternative) where an alternative was on offer; None for all.

        Returns:
            The loss.
        """
        n_alternatives = outputs.shape[-1] - (targets.shape[-1] - 1)
        nll = categorical_nll(outputs[..., :n_alternatives], targets[..., :1], mask[..., :1], action_mask)
        mse = mean_squared_error(outputs[..., n_alternatives:], targets[..., 1:], mask[..., 1:])
        return self.likelihood_weight * nll + (1.0 - self.likelihood_weight) * jnp.log1p(mse)


def default_loss(kind: str) -> TaskLoss:
    """Pick the loss that belongs to a data set's kind.

    Arguments:
        kind: "categorical", "continuous" or "mixed".

    Returns:
        The loss.
    """
    return {"categorical": categorical_nll, "continuous": mean_squared_error, "mixed": Mixed()}[kind]


def check_loss(loss: Any, kind: str, targets: np.ndarray, mask: np.ndarray) -> None:
    """Refuse a loss of this module that does not suit the data; one of your own is taken as it is.

    Arguments:
        loss: The loss.
        kind: Kind of the data set.
        targets: Targets (session, time, target).
        mask: True (session, time, target) where a target counts.

    Raises:
        TypeError: The loss is no function.
        ValueError: The loss is for another kind of data, or needs targets from 0 to 1.
    """
    if not callable(loss):
        raise TypeError(
            f"loss is {loss!r}, expected a function of (outputs, targets, mask, action_mask), such as "
            f"cl.losses.{_NAMES[kind]}"
        )
    _check_arguments(loss)
    kinds = {
        categorical_nll: "categorical",
        soft_choice_nll: "categorical",
        mean_squared_error: "continuous",
        binary_cross_entropy: "continuous",
    }
    needed = "mixed" if isinstance(loss, Mixed) else kinds.get(loss)
    if needed is not None and needed != kind:
        raise ValueError(
            f"the loss {getattr(loss, '__name__', type(loss).__name__)} is for {needed} data, but these are "
            f"{kind}; use cl.losses.{_NAMES[kind]}, or leave loss out"
        )
    if loss is soft_choice_nll and targets.shape[-1] < 3:
        raise ValueError(
            "soft_choice_nll needs the probability of each alternative beside the choice, but the data have "
            "choices alone; cl.distill(student, teacher, data) takes them from a teacher"
        )
    if loss is binary_cross_entropy:
        counted = targets[mask]
        if counted.min() < 0 or counted.max() > 1:
            raise ValueError(
                f"binary_cross_entropy needs targets from 0 to 1, but these are {counted.min():g} to "
                f"{counted.max():g}; use cl.losses.mean_squared_error"
            )


def _check_arguments(loss: Any) -> None:
    """Refuse a loss that cannot be called with four arguments."""
    try:
        inspect.signature(loss).bind(*"1234")
    except TypeError:
        raise TypeError(
            f"the loss {getattr(loss, '__name__', loss)!r} takes {inspect.signature(loss)}, expected "
            "(outputs, targets, mask, action_mask); the last, which alternatives were on offer, is None "
            "where all were"
        ) from None
    except ValueError:  # a builtin without a signature
        return


def check_optimizer(optimizer: Any) -> None:
    """Refuse an optimizer that is none of optax.

    Arguments:
        optimizer: What was given as one, or None.

    Raises:
        TypeError: It has no `init` and `update`.
    """
    if optimizer is not None and not (hasattr(optimizer, "init") and hasattr(optimizer, "update")):
        raise TypeError(
            f"optimizer is {optimizer!r}, expected an optax transformation such as optax.adam(1e-3); None is "
            "Adam, whose rate is learning_rate="
        )


_NAMES = {"categorical": "categorical_nll", "continuous": "mean_squared_error", "mixed": "Mixed()"}


def _mean(values: Array, counts: Array) -> Float[Array, ""]:
    return jnp.where(counts, values, 0.0).sum() / jnp.maximum(counts.sum(), 1)
