"""Trials as tasks make them: one, and many."""

from collections.abc import Mapping
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Shaped

from cogrnn_lab.data import TrialArrays

Outputs = Float[Array | np.ndarray, "trial time output"]


class Trial(NamedTuple):
    """One trial: what the network is shown, what it should do, when that counts, and what was drawn.

    `inputs` (time, input) · `targets` (time, target) · `mask` (time, target) or (time,), True where the
    target counts · `parameters` {name: number}.
    """

    inputs: Float[Array | np.ndarray, "time input"]
    targets: Float[Array | np.ndarray, "time target"]
    mask: Bool[Array | np.ndarray, "time *target"]
    parameters: Mapping[str, Shaped[Array | np.ndarray, ""]]


class TaskBatch(NamedTuple):
    """Trials of one task, as many as were asked for: a `Trial` with the trial axis first everywhere."""

    inputs: Float[Array | np.ndarray, "trial time input"]
    targets: Float[Array | np.ndarray, "trial time target"]
    mask: Bool[Array | np.ndarray, "trial time target"]
    parameters: Mapping[str, Shaped[Array | np.ndarray, " trial"]]

    @property
    def n_trials(self) -> int:
        """Number of trials."""
        return self.inputs.shape[0]

    def trial_arrays(self) -> TrialArrays:
        """What a training step takes: each trial is a session without padding, of one subject."""
        n_trials, n_steps = self.inputs.shape[:2]
        return TrialArrays(
            inputs=jnp.asarray(self.inputs),
            targets=jnp.asarray(self.targets),
            mask=jnp.asarray(self.mask),
            valid=jnp.ones((n_trials, n_steps), bool),
            subject=jnp.zeros(n_trials, jnp.int32),
            action_mask=None,
        )
