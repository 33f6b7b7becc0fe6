"""A data set as arrays on the device, the form in which compiled functions take it."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from cogrnn_lab.data.dataset import Dataset


class TrialArrays(NamedTuple):
    """The arrays of a `Dataset` that compiled functions read.

    A row is a session, or several of them one after the other: then `begins` is True where one begins, and
    `subject` is given for every trial.
    """

    inputs: Float[Array, "session time input"]
    targets: Float[Array, "session time target"]
    mask: Bool[Array, "session time target"]
    valid: Bool[Array, "session time"]
    subject: Int[Array, "session *time"]
    action_mask: Bool[Array, "session time alternative"] | None = None
    begins: Bool[Array, "session time"] | None = None

    @classmethod
    def of(cls, dataset: Dataset) -> "TrialArrays":
        names = ("inputs", "targets", "mask", "valid", "subject", "action_mask")
        return cls.of_arrays(**{name: getattr(dataset, name) for name in names})

    @classmethod
    def of_arrays(cls, **arrays: Any) -> "TrialArrays":
        """From NumPy arrays by name; None stays None."""
        given: dict[str, Any] = {
            name: None if array is None else jnp.asarray(array) for name, array in arrays.items()
        }
        return cls(**given)

    def take(self, sessions: Int[Array, " batch"]) -> "TrialArrays":
        """Some of the rows."""
        return jax.tree.map(lambda array: array[sessions], self)
