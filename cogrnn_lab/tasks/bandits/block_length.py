"""How long a block of trials lasts."""

import math
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter


class BlockLength(eqx.Module):
    """Lengths of blocks, in trials, between `shortest` and `longest`.

    All equally likely without a `hazard`. With one, a block that has its shortest length ends after each
    trial with that probability, and at the latest after `longest` trials.
    """

    shortest: Parameter = parameter(1.0)
    longest: Parameter = parameter(math.inf)
    hazard: Parameter | None = parameter(None)

    def __check_init__(self):
        check_range(self.shortest, "the shortest block_length", 1.0, math.inf)
        if self.hazard is not None:
            check_range(self.hazard, "hazard", 1e-6, 1.0, "It is the probability that a block ends")

    def drawn(self, uniform: Float[Array, "*block"]) -> Int[Array, "*block"]:
        """Lengths from as many uniform numbers in [0, 1)."""
        if self.hazard is None:
            beyond = uniform * (self.longest - self.shortest + 1)
        else:
            # the number of trials survived, which is geometric; a hazard of 1 survives none
            survival = jnp.log1p(-jnp.minimum(self.hazard, 1 - 1e-7))
            beyond = jnp.log1p(-uniform) / survival
        length = jnp.minimum(self.shortest + jnp.floor(beyond), self.longest)
        return jnp.minimum(length, _LONGEST).astype(jnp.int32)


_LONGEST = 2.0**30


def lengths_of_blocks(length: Any, hazard: Any) -> BlockLength:
    """From the arguments of an environment: one number, (shortest, longest), or None.

    None is 20 to 35 trials, and with a hazard any number of trials.

    **Raises:** `ValueError` where they are no lengths or are the wrong way round.
    """
    if length is None:
        return BlockLength(20.0, 35.0) if hazard is None else BlockLength(hazard=hazard)
    bounds = np.atleast_1d(np.asarray(length, np.float64))
    if bounds.shape == (1,):
        bounds = np.array([bounds[0], bounds[0] if hazard is None else math.inf])
    whole = np.isposinf(bounds) | (bounds == np.round(bounds))
    if bounds.shape != (2,) or not whole.all() or not 1 <= bounds[0] <= bounds[1]:
        raise ValueError(
            f"block_length = {length}; expected a whole number of trials, or (shortest, longest) with "
            "1 or more and the shorter first."
        )
    if hazard is None and np.isinf(bounds[1]):
        raise ValueError(f"block_length = {length} has no longest block; give one, or a hazard.")
    shortest, longest = bounds.tolist()
    return BlockLength(shortest, longest, hazard)
