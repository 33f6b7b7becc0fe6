"""Standard normal draws for the bottlenecks."""

import jax
from jaxtyping import Array, PRNGKeyArray


def standard_normal(key: PRNGKeyArray, shape: tuple[int, ...]) -> Array:
    """Standard normal draws of the given shape."""
    return jax.random.normal(key, shape)
