"""Standard normal draws for the bottlenecks."""

from collections.abc import Mapping

import jax
from jaxtyping import Array, PRNGKeyArray


def standard_normals(key: PRNGKeyArray, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """Standard normal draws of the given shapes."""
    keys = jax.random.split(key, len(shapes))
    return {use: jax.random.normal(k, shape) for k, (use, shape) in zip(keys, shapes.items(), strict=True)}
