"""Batches from a generator of the user's, in the order in which it gives them."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.tasks import TaskBatch
from cogrnn_lab.training.compiled.batch_source import BatchMaker, BatchSource
from cogrnn_lab.training.compiled.batches import STACKED_STEPS, StackedTrials

_FORMS = "a cl.Dataset, a cl.TaskBatch, or (inputs, targets) or (inputs, targets, mask) of numbers"


class GeneratorSource(BatchSource):
    """Batches that a generator yields; each is used for one step.

    Arguments:
        batches: Iterator of batches, all of one shape.
    """

    def __init__(self, batches: Iterator[Any]):
        self.maker: BatchMaker = StackedTrials()
        first = generated(next(batches), 0)
        self.rows_of_a_step = first.n_sessions
        self._batches = chain([first], batches)
        self._shape = first.inputs.shape, first.targets.shape
        self._names = _names_of(first)
        self._taken = 0
        self._block: tuple[int, TrialArrays] | None = None

    def data(self, step: int) -> TrialArrays:
        """Provide the batches of the block that holds this step."""
        begin = step - step % STACKED_STEPS
        if self._block is None or self._block[0] != begin:
            arrays = [TrialArrays.of(self._next()) for _ in range(STACKED_STEPS)]
            self._block = begin, jax.tree.map(lambda *leaves: jnp.stack(leaves), *arrays)
        return self._block[1]

    def reach(self, step: int) -> int:
        """Count the steps to the end of the block."""
        return STACKED_STEPS - step % STACKED_STEPS

    def _next(self) -> Dataset:
        try:
            given = next(self._batches)
        except StopIteration:
            raise RuntimeError(
                f"the generator ended after {self._taken} batches, and training takes one a step (fetched "
                f"{STACKED_STEPS} at a time); let it go on without an end (while True: yield ...)"
            ) from None
        batch = generated(given, self._taken)
        self._taken += 1
        if (batch.inputs.shape, batch.targets.shape) != self._shape:
            raise ValueError(
                f"batch {self._taken} of the generator has inputs and targets of shapes {batch.inputs.shape} "
                f"and {batch.targets.shape}, the first had {self._shape[0]} and {self._shape[1]}; give all "
                "batches one shape"
            )
        if _names_of(batch) != self._names:
            raise ValueError(
                f"batch {self._taken} of the generator has other names of inputs, alternatives, signals or "
                f"subjects than the first: {_names_of(batch)} and {self._names}; give all batches the same"
            )
        return batch


def _names_of(batch: Dataset) -> tuple[Any, ...]:
    return batch.input_names, batch.class_names, batch.signal_names, batch.subject_names


def generated(given: Any, number: int) -> Dataset:
    """Make a data set of what a generator yields.

    Raises:
        TypeError: It is none of the forms that are known.
        ValueError: Its targets may be class indices or numbers.
    """
    if isinstance(given, Dataset):
        return given
    if isinstance(given, TaskBatch):
        given = given[:3]
    if not isinstance(given, tuple | list) or len(given) not in (2, 3, 4):
        raise TypeError(
            f"batch {number} of the generator is a {type(given).__name__}, expected {_FORMS}, each "
            "(session, time, feature)"
        )
    inputs, targets, *mask = (np.asarray(part) for part in given[:3])
    if targets.dtype.kind in "iub" and targets.ndim == 3 and targets.shape[-1] == 1:
        raise ValueError(
            f"batch {number} of the generator has one column of whole numbers as targets, which may be class "
            'indices or amounts; yield cl.Dataset(inputs, targets, kind="categorical") for choices, or '
            "targets of float type for numbers"
        )
    counts = np.asarray(mask[0]) != 0 if mask else None
    return Dataset(inputs, targets, mask=counts, kind="continuous")
