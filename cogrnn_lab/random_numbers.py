"""Random numbers for start weights, noise and simulation: faster on a CPU than JAX's own, less to compile.

Every draw is an elementwise function of its place in the array: a hash of the place under the key,
Threefry-2x32 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), for normal draws
followed by the transform of Box and Muller (1958). Where the key is known, NumPy computes them at once; in
compiled code, short polynomials take the place of its functions, which the compiler vectorizes.
"""

import math
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float, Int, PRNGKeyArray, UInt32

from cogrnn_lab.counts import shown

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = np.uint32(0x1BD11BDA)

# log(m) for m in [1, 2) as a polynomial in 2m - 3 (least squares at Chebyshev nodes), within 1.5e-6.
_LOG = (
    0.405465292,
    0.333341836,
    -0.0555613494,
    0.0122789428,
    -0.00305806467,
    0.000951531392,
    -0.000272094961,
)
# The series of sin(2πt)/t in t², up to t^9, within 4e-6 for |t| <= 1/4.
_SINE = tuple((-1) ** k * (2 * math.pi) ** (2 * k + 1) / math.factorial(2 * k + 1) for k in range(5))

_PURPOSES = 256  # draws of one session: the stride between the key ranges of two subjects

# Chance as users give it: a key, or a seed.
KeyOrSeed = PRNGKeyArray | int | np.integer

Words = UInt32[Array, "..."] | UInt32[np.ndarray, "..."]
# float32 of the asked shape: NumPy's where the key is known, else a traced array.
Numbers = Any


def as_key(given: Any, owner: str = "this") -> PRNGKeyArray:
    """Make a random key of a seed; keys are passed on.

    Arguments:
        given: A key, or a whole number of at least 0.
        owner: What needs the key, for the sentence of the error.

    Returns:
        The key.

    Raises:
        TypeError: It is neither, or None.
    """
    if isinstance(given, jax.Array):
        return given
    if given is None:
        raise TypeError(
            f"{owner} needs key=, from which its random numbers come: a seed such as key=0, or "
            "jax.random.key(0); another seed gives other numbers"
        )
    if isinstance(given, (bool, np.bool_)) or not isinstance(given, (int, np.integer)) or given < 0:
        raise TypeError(
            f"key is {shown(given)}, expected a seed (a whole number of at least 0) or a key such as "
            "jax.random.key(0)"
        )
    return jax.random.key(int(given))


def as_seed(given: Any) -> int:
    """Check a seed, from which keys are made; a key is refused, as a file could not keep it as a number.

    Raises:
        TypeError: It is no whole number of at least 0.
    """
    whole = isinstance(given, (int, np.integer)) and not isinstance(given, (bool, np.bool_))
    if not whole or given < 0:
        got = "a random key" if isinstance(given, jax.Array) else shown(given)
        raise TypeError(f"seed is {got}, expected a whole number of at least 0, such as seed=0")
    return int(given)


def threefry(key: tuple[Words, Words], first: Words, second: Words, rounds: int = 20) -> tuple[Words, Words]:
    """Hash of each pair of counter words under the two words of `key`; JAX or NumPy.

    With 20 rounds it is the function behind JAX's own keys, written out so that the compiler makes one
    vectorized loop of it.
    """
    schedule = (*key, key[0] ^ key[1] ^ _PARITY)
    first, second = first + schedule[0], second + schedule[1]
    for done in range(rounds):
        rotation = _ROTATIONS[(done // 4) % 2][done % 4]
        first = first + second
        second = first ^ ((second << rotation) | (second >> (32 - rotation)))
        if done % 4 == 3:
            group = done // 4 + 1
            first = first + schedule[group % 3]
            second = second + schedule[(group + 1) % 3] + np.uint32(group)
    return first, second


# The fewest rounds with which Salmon et al. find that it passes the published batteries of tests: for noise,
# of which much is needed.
FEW_ROUNDS = 13


def hashes(
    key: PRNGKeyArray, shape: tuple[int, ...], use: int | Array = 0, rounds: int = 20
) -> tuple[Words, Words]:
    """Two random words for each place of an array; other words for another `use` of the same key."""
    words = jax.random.key_data(key)
    xp: Any = jnp if isinstance(words, Tracer) else np
    words = xp.asarray(words)
    schedule = xp.broadcast_to(words[0], shape), xp.broadcast_to(words[1], shape)
    uses = xp.broadcast_to(xp.asarray(use, np.uint32), shape)
    return threefry(schedule, _place(shape, xp), uses, rounds)


def subkeys(key: PRNGKeyArray, n: int, use: int | Array = 0) -> list[PRNGKeyArray]:
    """`n` keys that come from one; JAX's `split` and `fold_in` do the same, and take a second to compile."""
    first, second = hashes(key, (n,), use)
    xp: Any = np if isinstance(first, np.ndarray) else jnp
    return [jax.random.wrap_key_data(jnp.asarray(xp.stack([first[i], second[i]]))) for i in range(n)]


def standard_normals(
    key: PRNGKeyArray, shapes: Mapping[str, tuple[int, ...]], rounds: int = 20
) -> dict[str, Numbers]:
    """Standard normal draws of the given shapes, up to 5.9 standard deviations."""
    return {
        name: _box_muller(*hashes(key, shape, use, rounds))
        for use, (name, shape) in enumerate(shapes.items())
    }


def uniforms(key: PRNGKeyArray, shape: tuple[int, ...]) -> Numbers:
    """Uniform draws in [0, 1), multiples of 2**-24."""
    first, _ = hashes(key, shape)
    return (first >> 8).astype(np.float32) * np.float32(2**-24)


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
    return np.stack(threefry((key[:1], key[1:]), session.astype(np.uint32), second), axis=-1)


def normals_of(uniform: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Standard normal numbers, up to 5.4 standard deviations, from as many uniform ones."""
    return math.sqrt(2) * jax.lax.erf_inv(jnp.maximum(2 * uniform - 1, -1 + 2**-24))


def _place(shape: tuple[int, ...], xp: Any) -> Words:
    """Number of each element in the array, made so that several devices can each compute their own."""
    if xp is np:
        return np.arange(math.prod(shape), dtype=np.uint32).reshape(shape)
    places = jnp.zeros(shape, jnp.uint32)
    for axis in range(len(shape)):
        stride = np.uint32(math.prod(shape[axis + 1 :]))
        places = places + stride * jax.lax.broadcasted_iota(jnp.uint32, shape, axis)
    return places


def _box_muller(first: Words, second: Words) -> Numbers:
    uniform = ((first >> 8).astype(np.float32) + np.float32(0.5)) * np.float32(2**-24)
    if isinstance(second, np.ndarray):
        angle = second.astype(np.float32) * np.float32(2 * math.pi * 2**-32)
        return np.sqrt(-2 * np.log(uniform)) * np.cos(angle)
    turn = second.astype(jnp.int32).astype(jnp.float32) * np.float32(2**-32)  # of a circle, ± 1/2
    return jnp.sqrt(jnp.maximum(-2.0 * _log(jnp.asarray(uniform)), 0.0)) * _cosine_of_turns(turn)


def _cosine_of_turns(turn: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """cos(2π turn) for -1/2 <= turn <= 1/2, within 4e-6."""
    t = 0.25 - jnp.abs(turn)
    return t * _polynomial(_SINE, t * t)


def _log(x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Natural logarithm of positive numbers, within 2e-6: the exponent and a polynomial of the mantissa."""
    bits = jax.lax.bitcast_convert_type(x, jnp.int32)
    exponent = ((bits >> 23) - 127).astype(jnp.float32)
    mantissa = jax.lax.bitcast_convert_type((bits & 0x7FFFFF) | 0x3F800000, jnp.float32)
    return exponent * np.float32(math.log(2)) + _polynomial(_LOG, 2.0 * mantissa - 3.0)


def _polynomial(coefficients: tuple[float, ...], x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """The sum of coefficients[k] · x^k."""
    value = jnp.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        value = value * x + np.float32(coefficient)
    return value
