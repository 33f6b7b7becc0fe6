"""Devices over which the sessions of a training step are sharded."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from cogrnn_lab.models.side_by_side import SESSIONS

# Sessions of a step from which on one more CPU device pays, however long they are: with few of them most of
# the time goes into starting many small products. Measured on two cores: 32 sessions for each gained
# nothing, 64 a tenth to a fifth, 512 a half and more.
LEAST_SESSIONS_PER_CPU = 64


@dataclass(frozen=True)
class Devices:
    """One device or several; with one, everything is as in plain JAX."""

    mesh: Mesh | None = None

    @classmethod
    def of(cls, devices: Sequence[Any]) -> "Devices":
        """Use these devices."""
        if len(devices) == 1:
            return cls()
        return cls(Mesh(np.array(devices), (SESSIONS,), axis_types=(AxisType.Auto,)))

    @classmethod
    def for_batch(cls, n_rows: int) -> "Devices":
        """Use as many local devices as a batch of this many sessions makes faster.

        The count depends on the number of sessions and the devices alone, not on a clock: the same run has
        the same rounding.
        """
        local = jax.local_devices()
        most = n_rows
        if local[0].platform == "cpu":
            most //= LEAST_SESSIONS_PER_CPU
        return cls.of(local[: max(1, most)])

    @property
    def count(self) -> int:
        """Number of devices."""
        return 1 if self.mesh is None else self.mesh.size

    def in_use(self) -> AbstractContextManager:
        """Enter the context in which rollouts are sharded over these devices."""
        return nullcontext() if self.mesh is None else jax.set_mesh(self.mesh)

    def everywhere(self, arrays: Any) -> Any:
        """Replicate arrays on every device, so that no step has to send them."""
        if self.mesh is None:
            return arrays
        return jax.device_put(arrays, NamedSharding(self.mesh, PartitionSpec()))

    def plain(self, arrays: Any) -> Any:
        """Bring arrays back to a single device, as the rest of a program has them."""
        return arrays if self.mesh is None else jax.tree.map(lambda x: jnp.asarray(np.asarray(x)), arrays)
