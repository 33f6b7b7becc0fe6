"""Weight matrices with the constraints of biology: given connections, and signs by Dale's law."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int8

from cogrnn_lab.models.constrained.partly_fixed import PartlyFixed


class ConstrainedMatrix(eqx.Module):
    """Weights (to, from): training changes the raw numbers, and the network computes with `effective`.

    Fields:
        weights: Raw weights (to, from), entries of which may be fixed.
        connected: True (to, from) where there is a connection.
        sign: Sign (from,) of all outgoing weights of a unit: 1 excitatory, -1 inhibitory, 0 free.
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
        """True where training can change a weight: connected and not fixed."""
        return self.connected & self.weights.is_trained
