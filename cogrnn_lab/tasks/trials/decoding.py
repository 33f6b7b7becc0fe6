"""Which alternative a network chooses by its outputs."""

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
    """The output with the highest mean over the times that count: 0, 1, ...

    A single output chooses 1 where its mean is above `threshold`, else 0. -1 where no time counts.
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
    """1 where the outputs choose what the targets choose, else 0; NaN where no time counts.

    As PsychRNN scores its tasks (Ehrlich et al., eNeuro 2021). See `decisions`.
    """
    chosen = decisions(outputs, batch.mask, threshold)
    return agreement(chosen, decisions(batch.targets, batch.mask, threshold))
