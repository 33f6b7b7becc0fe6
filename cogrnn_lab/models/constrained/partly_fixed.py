"""An array of which training can change a part and nothing can change the rest."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int32


class PartlyFixed(eqx.Module):
    """Numbers of which some entries are fixed: no gradient, optimizer or weight decay moves them.

    Whatever trains moves arrays of real numbers. The fixed values are therefore kept as the bits of whole
    numbers, which every optimizer leaves alone, and `value` reads the fixed entries from there: what training
    does to the same entries of `free` has no effect.

    Fields: `free` (*shape), of which the entries that are not fixed count; `is_fixed` (*shape); `bits`
    (*shape) the fixed values as whole numbers.
    """

    free: Float[Array, "*shape"]
    is_fixed: Bool[Array, "*shape"]
    bits: Int32[Array, "*shape"]

    @classmethod
    def of(cls, values: Any, fixed: Any = False, name: str = "array") -> "PartlyFixed":
        """Single-precision `values`, fixed where `fixed` (True, False, or a mask of their shape) is True."""
        mask = np.asarray(fixed)
        if mask.dtype != bool or mask.shape not in ((), values.shape):
            raise ValueError(
                f"fixed[{name!r}] is of type {mask.dtype} and shape {mask.shape}, expected True, False, or a "
                f"mask of bool of shape {values.shape}: True where an entry is not trained"
            )
        is_fixed = np.broadcast_to(mask, values.shape)
        if isinstance(values, np.ndarray):
            values = values.astype(np.float32)
            bits: Any = np.where(is_fixed, values, np.float32(0.0)).view(np.int32)
        else:
            bits = jax.lax.bitcast_convert_type(jnp.where(is_fixed, values, 0.0), jnp.int32)
        return cls(jnp.asarray(values), jnp.asarray(is_fixed), jnp.asarray(bits))

    @classmethod
    def unfixed(cls, values: Float[Array, "*shape"]) -> "PartlyFixed":
        """These values, none of them fixed."""
        return cls(values, jnp.zeros(values.shape, bool), jnp.zeros(values.shape, jnp.int32))

    @property
    def is_trained(self) -> Bool[Array, "*shape"]:
        """Which numbers training can change."""
        return ~self.is_fixed

    @property
    def shape(self) -> tuple[int, ...]:
        return self.free.shape

    @property
    def value(self) -> Float[Array, "*shape"]:
        """The numbers as the network uses them."""
        fixed = jax.lax.bitcast_convert_type(self.bits, jnp.float32)
        return jnp.where(self.is_fixed, fixed, self.free)
