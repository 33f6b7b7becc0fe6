"""A data set as arrays on the device, as compiled functions take it."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from cogrnn_lab.data.dataset import Dataset


class TrialArrays(NamedTuple):
    """Arrays of a `Dataset` that compiled functions read.

    A row is a session, or several sessions packed one after the other: then `begins` is given, and `subject`
    for every trial.

    Fields:
        inputs: (session, time, input).
        targets: (session, time, target).
        mask: (session, time, target), True where the target counts.
        valid: (session, time), False on padding.
        subject: Index of the subject, (session,) or (session, time).
        action_mask: (session, time, alternative), which alternatives could be chosen; None: all.
        begins: (session, time), True where a session begins; None: each row is one session.
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
        """Make the arrays of a data set, one session a row.

        Arguments:
            dataset: Any data set.
        """
        names = ("inputs", "targets", "mask", "valid", "subject", "action_mask")
        return cls.of_arrays(**{name: getattr(dataset, name) for name in names})

    @classmethod
    def of_arrays(cls, **arrays: Any) -> "TrialArrays":
        """Put NumPy arrays on the device.

        Arguments:
            arrays: The fields by name; None stays None.
        """
        given: dict[str, Any] = {
            name: None if array is None else jnp.asarray(array) for name, array in arrays.items()
        }
        return cls(**given)

    def take(self, sessions: Int[Array, " batch"]) -> "TrialArrays":
        """Take some of the rows.

        Arguments:
            sessions: Indices of rows, (batch,).
        """
        return jax.tree.map(lambda array: array[sessions], self)
