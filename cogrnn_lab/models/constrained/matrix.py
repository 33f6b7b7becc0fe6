"""A matrix of weights with the constraints of biology: who connects to whom, and with which sign."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int8

from cogrnn_lab.models.constrained.partly_fixed import PartlyFixed


class ConstrainedMatrix(eqx.Module):
    """Weights (to, from) of which training moves what lies beneath, and the network sees `effective`.

    Fields: `weights` (to, from), entries of which may be fixed; `connected` (to, from), False where there is
    no connection; `sign` (from,) of everything that goes out from there: 1 excitatory, -1 inhibitory, 0 free.
    """

    weights: PartlyFixed
    connected: Bool[Array, "to from"]
    sign: Int8[Array, " from"]

    @property
    def effective(self) -> Float[Array, "to from"]:
        """The weights that the network computes with: absolute values with the sign of where they come from.

        The slope at a weight of exactly 0 is 1 and not 0, so that it can grow.
        """
        free = self.weights.value
        signs = self.sign.astype(free.dtype)[None]
        signed = jnp.where(free < 0, -free, free) * signs
        return jnp.where(self.connected, jnp.where(signs == 0, free, signed), 0.0)

    @property
    def is_trained(self) -> Bool[Array, "to from"]:
        """Which weights training can change: connected and not fixed."""
        return self.connected & self.weights.is_trained

    @property
    def mean_absolute(self) -> Float[Array, ""]:
        """Mean of the absolute effective weights, unconnected ones included."""
        return jnp.abs(self.effective).mean()

    @property
    def mean_squared(self) -> Float[Array, ""]:
        """Mean of the squared effective weights, unconnected ones included."""
        return jnp.square(self.effective).mean()
