"""Choices decoded from the outputs of a network."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from cogrnn_lab.tasks.trials.trial_batch import Outputs, TaskBatch


def counted_mean(
    values: Float[Array | np.ndarray, "trial time output"],
    mask: Bool[Array | np.ndarray, "trial time target"],
) -> Float[Array, "trial output"]:
    """Mean of each output over the times that count for it; 0 where none does."""
    counts = jnp.broadcast_to(jnp.asarray(mask), values.shape)
    return jnp.where(counts, jnp.asarray(values), 0.0).sum(1) / jnp.maximum(counts.sum(1), 1)


def decisions(
    outputs: Outputs,
    mask: Bool[Array | np.ndarray, "trial time target"],
    threshold: float | Float[Array, ""] = 0.0,
) -> Int[Array, " trial"]:
    """Find the output with the highest mean over the times that count.

    Arguments:
        outputs: (trial, time, output).
        mask: (trial, time, target), True where the target counts.
        threshold: A single output chooses 1 where its mean is above it, else 0.

    Returns:
        Index of the chosen output, (trial,); -1 where no time counts.

    Example:
        >>> import numpy as np
        >>> import cogrnn_lab as cl
        >>> outputs = np.array([[[0.2, 0.9], [0.1, 0.4]]])
        >>> cl.decisions(outputs, np.ones((1, 2, 2), bool)).tolist()
        [1]
    """
    mean = counted_mean(outputs, mask)
    chosen = mean[:, 0] > threshold if mean.shape[1] == 1 else jnp.argmax(mean, axis=1)
    return jnp.where(jnp.asarray(mask).any((1, 2)), chosen.astype(jnp.int32), -1)


def agreement(
    chosen: Int[Array | np.ndarray, " trial"], correct: Int[Array | np.ndarray, " trial"]
) -> Float[Array, " trial"]:
    """1 where the choice is the correct one, 0 where it is not, NaN where there is none to make (-1)."""
    chosen, correct = jnp.asarray(chosen), jnp.asarray(correct)
    return jnp.where(correct < 0, jnp.nan, (chosen == correct).astype(jnp.float32))


def decision_accuracy(
    outputs: Outputs,
    batch: TaskBatch,
    threshold: float | Float[Array, ""] = 0.0,
) -> Float[Array, " trial"]:
    """Compare the choice of the outputs with the choice of the targets (`decisions`).

    Arguments:
        outputs: (trial, time, output).
        batch: The trials, whose targets are decoded in the same way.
        threshold: As in `decisions`.

    Returns:
        1 where they agree, 0 where not, (trial,); NaN where no time counts.

    Source:
        PsychRNN: Ehrlich et al., eNeuro 2021.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> batch = cl.GoNoGo().batch(jax.random.key(0), 4)
        >>> cl.decision_accuracy(batch.targets, batch).tolist()
        [1.0, 1.0, 1.0, 1.0]
    """
    got, expected = jnp.shape(outputs), jnp.shape(batch.mask)[:2]
    if got[:2] != expected:
        raise ValueError(f"outputs have the shape {got}; expected {expected} first, as of this batch.")
    chosen = decisions(outputs, batch.mask, threshold)
    return agreement(chosen, decisions(batch.targets, batch.mask, threshold))
