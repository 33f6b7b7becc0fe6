"""Sources of training batches: sessions of a data set, or trials that a task makes."""

from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, PRNGKeyArray

from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.data.packing import trial_arrays
from cogrnn_lab.random_numbers import hashes
from cogrnn_lab.tasks import NumpyTask, Task
from cogrnn_lab.training.compiled.batch_source import BatchMaker, BatchSource
from cogrnn_lab.training.compiled.devices import Devices

# Steps whose batches a NumPy task makes at a time. Blocks begin at multiples of it, wherever chunks are cut.
STACKED_STEPS = 16


@dataclass(frozen=True)
class SessionBatches(BatchMaker):
    """Batches of `n_rows` different rows of a data set, or of all rows where there are no more."""

    n_rows: int

    def batch(self, data: TrialArrays, step: Array, key: PRNGKeyArray) -> TrialArrays:
        """Take the rows that come first in the order of hashes of their numbers."""
        n_rows = data.inputs.shape[0]
        if self.n_rows >= n_rows:
            return data
        order, _ = hashes(key, (n_rows,))
        return data.take(jnp.argsort(order)[: self.n_rows])


@dataclass(frozen=True)
class TaskTrials(BatchMaker):
    """Batches that a compiled task makes inside the training step; `static` is its part without arrays."""

    static: Any
    n_trials: int

    def batch(self, data: Any, step: Array, key: PRNGKeyArray) -> TrialArrays:
        """Make new trials."""
        return eqx.combine(data, self.static).batch(key, self.n_trials).trial_arrays()


@dataclass(frozen=True)
class StackedTrials(BatchMaker):
    """Batches that were made ahead, in arrays whose first axis is the step within a block."""

    def batch(self, data: TrialArrays, step: Array, key: PRNGKeyArray) -> TrialArrays:
        """Take the batch of this step."""
        return jax.tree.map(lambda array: array[step % STACKED_STEPS], data)


class DatasetSource(BatchSource):
    """Sessions of a data set, on the device from the start."""

    def __init__(self, dataset: Dataset, batch_size: int):
        self._arrays = trial_arrays(dataset)
        rows_per_session = len(self._arrays.valid) / dataset.n_sessions
        self.maker = SessionBatches(max(1, round(batch_size * rows_per_session)))
        self.rows_of_a_step = min(self.maker.n_rows, len(self._arrays.valid))

    def place(self, devices: Devices) -> None:
        """Put all sessions on every device, as every step takes some of them."""
        self._arrays = devices.everywhere(self._arrays)

    def data(self, step: int) -> TrialArrays:
        """Provide all sessions."""
        return self._arrays


class TaskSource(BatchSource):
    """Trials of a compiled task."""

    def __init__(self, task: Task, batch_size: int):
        self._arrays, static = eqx.partition(task.traced(), eqx.is_array)
        self.maker = TaskTrials(static, batch_size)
        self.rows_of_a_step = batch_size

    def data(self, step: int) -> Any:
        """Provide the parameters of the task."""
        return self._arrays


class NumpyTaskSource(BatchSource):
    """Trials of a NumPy task, made in the background for the steps to come."""

    def __init__(self, task: NumpyTask, batch_size: int, seed: int):
        self._source = task.source(seed, ahead=STACKED_STEPS)
        self._batch_size = batch_size
        self._block: tuple[int, TrialArrays] | None = None
        self.maker = StackedTrials()
        self.rows_of_a_step = batch_size

    def data(self, step: int) -> TrialArrays:
        """Provide the block of batches that holds this step; each block is made only once."""
        first = step - step % STACKED_STEPS
        if self._block is None or self._block[0] != first:
            batches = self._source.batches(STACKED_STEPS, self._batch_size, first)
            self._block = first, jax.tree.map(jnp.asarray, batches)
        return self._block[1]

    def reach(self, step: int) -> int:
        """Count the steps to the end of the block."""
        return STACKED_STEPS - step % STACKED_STEPS

    def close(self) -> None:
        """End the thread."""
        self._source.close()
