"""The devices among which a training step deals its sessions."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from cogrnn_lab.models.side_by_side import SESSIONS

# Sessions of a step that make a CPU device of their own worth while, however long they are: with few of them
# most of the time goes into beginning many small products. Measured on two cores: 32 sessions for each gained
# nothing, 64 a tenth to a fifth, 512 a half and more.
LEAST_SESSIONS_PER_CPU = 64


@dataclass(frozen=True)
class Devices:
    """One device or several; with one, nothing is different from plain JAX."""

    mesh: Mesh | None = None

    @classmethod
    def of(cls, devices: Sequence[Any]) -> "Devices":
        """These devices."""
        if len(devices) == 1:
            return cls()
        return cls(Mesh(np.array(devices), (SESSIONS,), axis_types=(AxisType.Auto,)))

    @classmethod
    def for_batch(cls, n_rows: int) -> "Devices":
        """As many local devices as a batch of this many sessions is worth.

        It depends on the number and the devices alone, not on a clock: the same run has the same rounding.
        """
        local = jax.local_devices()
        most = n_rows
        if local[0].platform == "cpu":
            most //= LEAST_SESSIONS_PER_CPU
        return cls.of(local[: max(1, most)])

    @property
    def count(self) -> int:
        """How many."""
        return 1 if self.mesh is None else self.mesh.size

    def in_use(self) -> AbstractContextManager:
        """Where rollouts are dealt to them."""
        return nullcontext() if self.mesh is None else jax.set_mesh(self.mesh)

    def everywhere(self, arrays: Any) -> Any:
        """Arrays that every device has, so that no step has to send them."""
        if self.mesh is None:
            return arrays
        return jax.device_put(arrays, NamedSharding(self.mesh, PartitionSpec()))

    def plain(self, arrays: Any) -> Any:
        """The same arrays as the rest of a program has them, bound to no device."""
        return arrays if self.mesh is None else jax.tree.map(lambda x: jnp.asarray(np.asarray(x)), arrays)
