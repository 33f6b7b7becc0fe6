"""Chance in trials: the package's fast random numbers, and the few draws that tasks make of them."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from cogrnn_lab.random_numbers import normals_of, uniforms


def chance(
    key: Key[Array, ""], n_scalars: int, noise: tuple[int, int]
) -> tuple[Float[Array, " n"], Float[Array, "time input"]]:
    """What chance decides in a trial: `n_scalars` uniform numbers for its parameters, and normal noise."""
    parameter_key, noise_key = jax.random.split(key)
    return uniforms(parameter_key, (n_scalars,)), normal_noise(noise_key, *noise)


def normal_noise(key: Key[Array, ""], n_steps: int, n_columns: int) -> Float[Array, "time column"]:
    """Standard normal numbers, up to 5.4 standard deviations."""
    return _columns(lambda k: normals_of(uniforms(k, (n_steps,))), key, n_columns)


def uniform_noise(key: Key[Array, ""], n_steps: int, n_columns: int) -> Float[Array, "time column"]:
    """Uniform numbers in [0, 1)."""
    return _columns(lambda k: uniforms(k, (n_steps,)), key, n_columns)


def _columns(
    draw: Callable[[Key[Array, ""]], Float[Array, " time"]], key: Key[Array, ""], n_columns: int
) -> Float[Array, "time column"]:
    # In a loop of their own: merged into one over a few columns, the draws would be made one by one, which
    # takes up to six times as long.
    return jax.lax.map(draw, jax.random.split(key, n_columns)).T


def between(uniform: Float[Array, ""], low: float | Array, high: float | Array) -> Float[Array, ""]:
    """A uniform number of [0, 1), stretched to [low, high)."""
    return low + (high - low) * uniform


def pick(uniform: Float[Array, ""], n: int) -> Int[Array, ""]:
    """One of 0..n-1, each equally likely."""
    return jnp.minimum((n * uniform).astype(jnp.int32), n - 1)


def level(levels: tuple[float | Array, ...], index: Int[Array, ""]) -> Float[Array, ""]:
    """The level of this index."""
    return jnp.stack([jnp.asarray(one, jnp.float32) for one in levels])[index]


def one_of(uniform: Float[Array, ""], levels: tuple[float | Array, ...]) -> Float[Array, ""]:
    """One of the levels, each equally likely."""
    return level(levels, pick(uniform, len(levels)))
