"""Mixtures of tasks: every batch holds trials of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, PRNGKeyArray

from cogrnn_lab.data import TrialArrays
from cogrnn_lab.random_numbers import subkeys
from cogrnn_lab.training.compiled.batch_source import BatchMaker, BatchSource
from cogrnn_lab.training.compiled.devices import Devices


@dataclass(frozen=True)
class MixedTrials(BatchMaker):
    """Batches of several makers one below the other; shorter trials are padded at their end."""

    makers: tuple[BatchMaker, ...]

    def batch(self, data: Any, step: Array, key: PRNGKeyArray) -> TrialArrays:
        """Make the batch of every task with a key of its own."""
        keys = subkeys(key, len(self.makers))
        parts = [
            maker.batch(own, step, own_key)
            for maker, own, own_key in zip(self.makers, data, keys, strict=True)
        ]
        n_times = max(part.valid.shape[1] for part in parts)
        padded = [jax.tree.map(lambda array: _padded(array, n_times), part) for part in parts]
        return jax.tree.map(lambda *arrays: jnp.concatenate(arrays), *padded)


class MixtureSource(BatchSource):
    """Trials of several tasks, in equal shares of a batch."""

    def __init__(self, sources: Sequence[BatchSource]):
        self._sources = tuple(sources)
        self.maker = MixedTrials(tuple(source.maker for source in sources))
        self.rows_of_a_step = sum(source.rows_of_a_step for source in sources)

    def place(self, devices: Devices) -> None:
        """Put the arrays of every task on the devices."""
        for source in self._sources:
            source.place(devices)

    def data(self, step: int) -> Any:
        """Provide the arrays of every task."""
        return tuple(source.data(step) for source in self._sources)

    def reach(self, step: int) -> int | None:
        """Count the steps to the first end of a block of any task."""
        reaches = [reach for source in self._sources if (reach := source.reach(step)) is not None]
        return min(reaches, default=None)

    def close(self) -> None:
        """End the threads."""
        for source in self._sources:
            source.close()


def shares(batch_size: int, n_tasks: int) -> list[int]:
    """Split a batch into equal shares, the first ones one larger where it does not divide.

    Raises:
        ValueError: There are more tasks than trials in a batch.
    """
    if batch_size < n_tasks:
        raise ValueError(
            f"batch_size is {batch_size} for a mixture of {n_tasks} tasks; expected at least one trial of "
            "each"
        )
    whole, rest = divmod(batch_size, n_tasks)
    return [whole + (i < rest) for i in range(n_tasks)]


def _padded(array: Array, n_times: int) -> Array:
    """Zeros, or False, behind the last time; arrays without a time axis stay as they are."""
    if array.ndim < 2:
        return array
    return jnp.pad(array, [(0, 0), (0, n_times - array.shape[1])] + [(0, 0)] * (array.ndim - 2))
