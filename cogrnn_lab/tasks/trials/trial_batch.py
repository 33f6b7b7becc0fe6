"""One trial of a task, and a batch of them."""

from collections.abc import Mapping
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Shaped

from cogrnn_lab.data import TrialArrays

Outputs = Float[Array | np.ndarray, "trial time output"]


class Trial(NamedTuple):
    """A trial: what the network gets, what it should do, when that counts, and what was drawn.

    Fields:
        inputs: (time, input).
        targets: (time, target).
        mask: (time, target) or (time,), True where the target counts.
        parameters: Numbers by name.
    """

    inputs: Float[Array | np.ndarray, "time input"]
    targets: Float[Array | np.ndarray, "time target"]
    mask: Bool[Array | np.ndarray, "time *target"]
    parameters: Mapping[str, Shaped[Array | np.ndarray, ""]]


class TaskBatch(NamedTuple):
    """Trials of one task.

    Fields:
        inputs: (trial, time, input).
        targets: (trial, time, target).
        mask: (trial, time, target), True where the target counts.
        parameters: Arrays (trial,) by name.
    """

    inputs: Float[Array | np.ndarray, "trial time input"]
    targets: Float[Array | np.ndarray, "trial time target"]
    mask: Bool[Array | np.ndarray, "trial time target"]
    parameters: Mapping[str, Shaped[Array | np.ndarray, " trial"]]

    @property
    def n_trials(self) -> int:
        """Number of trials."""
        return self.inputs.shape[0]

    def trial_arrays(self) -> TrialArrays:
        """Make the arrays of a training step: each trial is a session without padding, of one subject."""
        n_trials, n_steps = self.inputs.shape[:2]
        return TrialArrays(
            inputs=jnp.asarray(self.inputs),
            targets=jnp.asarray(self.targets),
            mask=jnp.asarray(self.mask),
            valid=jnp.ones((n_trials, n_steps), bool),
            subject=jnp.zeros(n_trials, jnp.int32),
            action_mask=None,
        )
