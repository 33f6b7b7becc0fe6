"""A data set as arrays on the device, the form in which compiled functions take it."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from cogrnn_lab.data.dataset import Dataset


class TrialArrays(NamedTuple):
    """The arrays of a `Dataset` that compiled functions read."""

    inputs: Float[Array, "session time input"]
    targets: Float[Array, "session time target"]
    mask: Bool[Array, "session time target"]
    valid: Bool[Array, "session time"]
    subject: Int[Array, " session"]
    action_mask: Bool[Array, "session time alternative"] | None

    @classmethod
    def of(cls, dataset: Dataset) -> "TrialArrays":
        available = dataset.action_mask
        return cls(
            inputs=jnp.asarray(dataset.inputs),
            targets=jnp.asarray(dataset.targets),
            mask=jnp.asarray(dataset.mask),
            valid=jnp.asarray(dataset.valid),
            subject=jnp.asarray(dataset.subject),
            action_mask=None if available is None else jnp.asarray(available),
        )

    def take(self, sessions: Int[Array, " batch"]) -> "TrialArrays":
        """Some of the sessions."""
        return jax.tree.map(lambda array: array[sessions], self)
