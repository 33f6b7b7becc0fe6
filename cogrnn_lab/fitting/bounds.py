"""Bounded parameters as numbers without bounds, among which an optimizer can step freely."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

# Least distance of a start from a bound, as a share of the interval if there are two.
LEAST = 1e-3


class Bounds(NamedTuple):
    """The lowest and the highest value of each parameter; infinite where there is no bound.

    Between two bounds a logistic function maps the free number, beyond one bound softplus does.
    """

    lowest: tuple[float, ...]
    highest: tuple[float, ...]

    def values(self, free: Float[Array, "parameter"]) -> Float[Array, "parameter"]:
        """The parameters of free numbers."""
        both, lower, upper, low, high = self._kinds()
        return jnp.where(
            both,
            low + (high - low) * jax.nn.sigmoid(free),
            jnp.where(
                lower, low + jax.nn.softplus(free), jnp.where(upper, high - jax.nn.softplus(-free), free)
            ),
        )

    def free(self, values: np.ndarray) -> np.ndarray:
        """The free numbers of parameters (..., parameter); values at a bound are taken a little within it."""
        both, lower, upper, low, high = self._kinds()
        width = np.where(both, high - low, 1.0)
        share = np.clip(np.where(both, (values - low) / width, 0.5), LEAST, 1 - LEAST)
        above, below = np.maximum(values - low, LEAST), np.maximum(high - values, LEAST)
        one_sided = np.where(lower, _softplus_inverse(above), -_softplus_inverse(below))
        return np.where(both, np.log(share / (1 - share)), np.where(lower | upper, one_sided, values))

    def _kinds(self) -> tuple[np.ndarray, ...]:
        low, high = np.array(self.lowest), np.array(self.highest)
        has_low, has_high = np.isfinite(low), np.isfinite(high)
        kinds = has_low & has_high, has_low & ~has_high, ~has_low & has_high
        # an infinite number would make NaN of the branches that are not taken
        finite = np.where(has_low, low, 0.0), np.where(has_high, high, 1.0)
        return (*kinds, *(bound.astype(np.float32) for bound in finite))


def _softplus_inverse(positive: np.ndarray) -> np.ndarray:
    return positive + np.log(-np.expm1(-positive))
