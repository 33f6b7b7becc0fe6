"""Sizes that both kinds of task share: times of a trial, numbers of inputs and outputs."""

from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32

from cogrnn_lab.tasks.trials.time_axis import count_steps, step_times


class TrialSizes:
    """Sizes that follow from `dt`, `tau`, `duration`, the names of inputs and targets, and `n_classes`."""

    if TYPE_CHECKING:  # each kind of task has them in its own way
        dt: Any
        tau: Any
        duration: Any
        input_names: Any
        target_names: Any
        n_classes: Any

    @property
    def n_steps(self) -> int:
        """Number of time steps of a trial."""
        return count_steps(self.dt, self.duration)

    @property
    def times(self) -> Float32[np.ndarray, " time"]:
        """Time of each step in ms, from 0."""
        return step_times(self.dt, self.duration)

    @property
    def alpha(self) -> float:
        """Step in time constants: dt / tau."""
        return self.dt / self.tau

    @property
    def n_inputs(self) -> int:
        """Number of inputs."""
        return len(self.input_names)

    @property
    def n_targets(self) -> int:
        """Number of target columns."""
        return len(self.target_names)

    @property
    def n_outputs(self) -> int:
        """Number of outputs that a network for this task has."""
        return self.n_targets if self.n_classes is None else self.n_classes
