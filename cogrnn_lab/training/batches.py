"""Where the batches of training come from: sessions of a data set, or trials that a task makes as it goes."""

from abc import ABC, abstractmethod
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
from cogrnn_lab.training.devices import Devices

# Trials of a task against which a network is checked.
SAMPLED_TRIALS = 16

# Steps whose batches a NumPy task makes at a time. Blocks begin at multiples of it, wherever chunks are cut.
STACKED_STEPS = 16


class BatchMaker(ABC):
    """The compiled side of a source; equal ones share what is compiled."""

    @abstractmethod
    def batch(self, data: Any, step: Array, key: PRNGKeyArray) -> TrialArrays:
        """The batch of a step, with the key of that step."""


@dataclass(frozen=True)
class SessionBatches(BatchMaker):
    """`n_rows` different rows of a data set, or all of them where there are no more."""

    n_rows: int

    def batch(self, data: TrialArrays, step: Array, key: PRNGKeyArray) -> TrialArrays:
        """Rows in the order of hashes of their numbers."""
        n_rows = data.inputs.shape[0]
        if self.n_rows >= n_rows:
            return data
        order, _ = hashes(key, (n_rows,))
        return data.take(jnp.argsort(order)[: self.n_rows])


@dataclass(frozen=True)
class TaskTrials(BatchMaker):
    """Trials that a compiled task makes inside the training step; `static` is the part that is no array."""

    static: Any
    n_trials: int

    def batch(self, data: Any, step: Array, key: PRNGKeyArray) -> TrialArrays:
        """New trials."""
        return eqx.combine(data, self.static).batch(key, self.n_trials).trial_arrays()


@dataclass(frozen=True)
class StackedTrials(BatchMaker):
    """Trials that were made ahead: every array has the steps of a block first."""

    def batch(self, data: TrialArrays, step: Array, key: PRNGKeyArray) -> TrialArrays:
        """Those of this step."""
        return jax.tree.map(lambda array: array[step % STACKED_STEPS], data)


class BatchSource(ABC):
    """The host side: the arrays that the compiled step is given."""

    maker: BatchMaker
    rows_of_a_step: int

    def place(self, devices: Devices) -> None:  # noqa: B027 (what is made anew needs no place)
        """Put the arrays where the steps are computed."""

    @abstractmethod
    def data(self, step: int) -> Any:
        """Arrays for the steps from `step` on, as many as `reach` says."""

    def reach(self, step: int) -> int | None:
        """How many steps from `step` on the same arrays serve; None for any number."""
        return None

    def close(self) -> None:  # noqa: B027 (most have nothing to end)
        """End what makes batches in the background."""


class DatasetSource(BatchSource):
    """Sessions of a data set, on the device from the start."""

    def __init__(self, dataset: Dataset, batch_size: int):
        self._arrays = trial_arrays(dataset)
        rows_per_session = len(self._arrays.valid) / dataset.n_sessions
        self.maker = SessionBatches(max(1, round(batch_size * rows_per_session)))
        self.rows_of_a_step = min(self.maker.n_rows, len(self._arrays.valid))

    def place(self, devices: Devices) -> None:
        """Once, as every step takes from them."""
        self._arrays = devices.everywhere(self._arrays)

    def data(self, step: int) -> TrialArrays:
        """All of them."""
        return self._arrays


class TaskSource(BatchSource):
    """Trials of a compiled task."""

    def __init__(self, task: Task, batch_size: int):
        self._arrays, static = eqx.partition(task.traced(), eqx.is_array)
        self.maker = TaskTrials(static, batch_size)
        self.rows_of_a_step = batch_size

    def data(self, step: int) -> Any:
        """The parameters of the task."""
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
        """The block of batches that holds this step; made only once."""
        first = step - step % STACKED_STEPS
        if self._block is None or self._block[0] != first:
            batches = self._source.batches(STACKED_STEPS, self._batch_size, first)
            self._block = first, jax.tree.map(jnp.asarray, batches)
        return self._block[1]

    def reach(self, step: int) -> int:
        """Steps to the end of the block."""
        return STACKED_STEPS - step % STACKED_STEPS

    def close(self) -> None:
        """End the thread."""
        self._source.close()


def batch_source(train: Dataset | Task | NumpyTask, batch_size: int, seed: int) -> BatchSource:
    """The source of batches of `batch_size` sessions or trials."""
    if isinstance(train, Dataset):
        return DatasetSource(train, batch_size)
    if isinstance(train, Task):
        return TaskSource(train, batch_size)
    return NumpyTaskSource(train, batch_size, seed)


def sample_sessions(train: Any) -> Dataset:
    """Data of the kind that the batches are of, to check a network and a loss against."""
    if isinstance(train, Dataset):
        return train
    if not isinstance(train, Task | NumpyTask):
        slip = " (call the class to make an instance)" if isinstance(train, type) else ""
        raise TypeError(f"training needs a Dataset, Task, NumpyTask or Curriculum, got {train!r}{slip}")
    train.check()
    return train.dataset(SAMPLED_TRIALS)
