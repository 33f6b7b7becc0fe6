"""Random numbers for whole sessions, several times faster on a CPU than `jax.random`, which hashes in a loop.

The generator is the one behind JAX's keys, Threefry-2x32 with 20 rounds (Salmon et al., SC 2011), written
out so that the compiler makes one vectorized loop of it.
"""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, UInt32

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = 0x1BD11BDA


def threefry(
    key: UInt32[Array, "2"], first: UInt32[Array, " n"], second: UInt32[Array, " n"]
) -> tuple[UInt32[Array, " n"], UInt32[Array, " n"]]:
    """Hash of each pair of counter words under the two words of `key`."""
    schedule = (key[0], key[1], key[0] ^ key[1] ^ jnp.uint32(_PARITY))
    first, second = first + schedule[0], second + schedule[1]
    for group in range(5):
        for rotation in _ROTATIONS[group % 2]:
            first = first + second
            second = first ^ ((second << rotation) | (second >> (32 - rotation)))
        first = first + schedule[(group + 1) % 3]
        second = second + schedule[(group + 2) % 3] + jnp.uint32(group + 1)
    return first, second


def uniforms(key: Key[Array, ""], shape: tuple[int, ...]) -> Float[Array, "..."]:
    """Uniform numbers in [0, 1), multiples of 2**-24."""
    counter = jnp.arange(math.prod(shape), dtype=jnp.uint32)
    # the second word of each hash is left: to use it as well costs a copy, which takes longer than the hash
    word, _ = threefry(jax.random.key_data(key), counter, jnp.zeros_like(counter))
    return ((word >> 8).astype(jnp.float32) * 2**-24).reshape(shape)


def normals(key: Key[Array, ""], shape: tuple[int, ...]) -> Float[Array, "..."]:
    """Standard normal numbers, up to 5.4 standard deviations."""
    centered = 2 * uniforms(key, shape) - 1
    return math.sqrt(2) * jax.lax.erf_inv(jnp.maximum(centered, -1 + 2**-24))
