"""The two sides of a source of training batches: what is compiled, and what the host provides."""

from abc import ABC, abstractmethod
from typing import Any

from jaxtyping import Array, PRNGKeyArray

from cogrnn_lab.data import TrialArrays
from cogrnn_lab.training.compiled.devices import Devices


class BatchMaker(ABC):
    """Compiled side of a source of batches; equal ones share what is compiled."""

    @abstractmethod
    def batch(self, data: Any, step: Array, key: PRNGKeyArray) -> TrialArrays:
        """Make the batch of a step with the key of that step."""


class BatchSource(ABC):
    """Host side of a source of batches, which provides the arrays for the compiled step."""

    maker: BatchMaker
    rows_of_a_step: int

    def place(self, devices: Devices) -> None:  # noqa: B027 (what is made anew needs no place)
        """Put the arrays on the devices."""

    @abstractmethod
    def data(self, step: int) -> Any:
        """Provide the arrays for the steps from `step` on, as many as `reach` says."""

    def reach(self, step: int) -> int | None:
        """Count the steps from `step` on that use the same arrays; None for any number."""
        return None

    def close(self) -> None:  # noqa: B027 (most have nothing to end)
        """End the thread in the background, where there is one."""
