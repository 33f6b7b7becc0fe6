"""Random numbers for whole sessions: on a CPU they are drawn and compiled several times faster than by JAX.

The generator is the one behind JAX's keys, Threefry-2x32 with 20 rounds (Salmon et al., SC 2011), written
out so that the compiler makes one vectorized loop of it.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, UInt32

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = 0x1BD11BDA
_PURPOSES = 256  # of draws in a session: what comes between the keys of one subject and those of the next

KeyWords = UInt32[Array, "2"] | UInt32[np.ndarray, "2"]
Words = UInt32[Array, " n"] | UInt32[np.ndarray, " n"]


def threefry(key: KeyWords, first: Words, second: Words) -> tuple[Words, Words]:
    """Hash of each pair of counter words under the two words of `key`; JAX or NumPy."""
    schedule = (key[:1], key[1:], key[:1] ^ key[1:] ^ _PARITY)
    first, second = first + schedule[0], second + schedule[1]
    for group in range(5):
        for rotation in _ROTATIONS[group % 2]:
            first = first + second
            second = first ^ ((second << rotation) | (second >> (32 - rotation)))
        first = first + schedule[(group + 1) % 3]
        second = second + schedule[(group + 2) % 3] + (group + 1)
    return first, second


def session_keys(
    seed: int, n_sessions: int, n_purposes: int, n_subjects: int = 1
) -> UInt32[np.ndarray, "purpose session 2"]:
    """Words of a key for each session and purpose, the same whatever the number of sessions.

    Sessions of several subjects follow each other; those of the first are the same whatever their number.
    """
    subject = np.repeat(np.arange(n_subjects), n_sessions)
    session = np.tile(np.arange(n_sessions), n_subjects)
    return np.stack([keys_of(seed, subject, session, purpose) for purpose in range(n_purposes)])


def keys_of(
    seed: int, subject: Int[np.ndarray, " session"], session: Int[np.ndarray, " session"], purpose: int
) -> UInt32[np.ndarray, "session 2"]:
    """Words of a key for sessions that are numbered within their subject.

    On the host: compiled together with the draws, they would be computed anew for every number drawn.
    """
    key = np.asarray(jax.random.key_data(jax.random.key(seed)))
    second = (subject * _PURPOSES + purpose).astype(np.uint32)
    return np.stack(threefry(key, session.astype(np.uint32), second), axis=-1)


def uniforms(key: Key[Array, ""], shape: tuple[int, ...]) -> Float[Array, "..."]:
    """Uniform numbers in [0, 1), multiples of 2**-24."""
    counter = jnp.arange(math.prod(shape), dtype=jnp.uint32)
    # the second word of each hash is left: to use it as well costs a copy, which takes longer than the hash
    word, _ = threefry(jax.random.key_data(key), counter, jnp.zeros_like(counter))
    return ((word >> 8).astype(jnp.float32) * 2**-24).reshape(shape)


def standard_normal(uniform: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Standard normal numbers, up to 5.4 standard deviations, from as many uniform ones."""
    return math.sqrt(2) * jax.lax.erf_inv(jnp.maximum(2 * uniform - 1, -1 + 2**-24))
