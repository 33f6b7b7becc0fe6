"""Standard normal draws for the noise of the bottlenecks, several times faster on a CPU than JAX's own.

Every draw is an elementwise function of its place in the array: a hash of the place under the key,
Threefry-2x32 with 13 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011, who find
that it passes the published batteries of tests), then the transform of Box and Muller (1958) by short
polynomials, which the compiler vectorizes. Good enough for noise, and meant for nothing else.
"""

import math
from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray, UInt32

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

Words = UInt32[Array, "..."] | UInt32[np.ndarray, "..."]


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


def standard_normals(key: PRNGKeyArray, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """Standard normal draws of the given shapes, up to 5.9 standard deviations."""
    words = jax.random.key_data(key)
    draws = {}
    for use, (name, shape) in enumerate(shapes.items()):
        schedule = jnp.broadcast_to(words[0], shape), jnp.broadcast_to(words[1], shape)
        hashes = threefry(schedule, _place(shape), jnp.full(shape, use, jnp.uint32), rounds=13)
        draws[name] = _box_muller(*map(jnp.asarray, hashes))
    return draws


def _place(shape: tuple[int, ...]) -> UInt32[Array, "*shape"]:
    """Number of each element in the array, made so that it can be computed apart on several devices."""
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    places = [
        np.uint32(stride) * jax.lax.broadcasted_iota(jnp.uint32, shape, axis)
        for axis, stride in enumerate(strides)
    ]
    return sum(places, jnp.zeros(shape, jnp.uint32))


def _box_muller(first: UInt32[Array, "*shape"], second: UInt32[Array, "*shape"]) -> Float[Array, "*shape"]:
    uniform = ((first >> 8).astype(jnp.float32) + 0.5) * np.float32(2**-24)
    signed = jax.lax.bitcast_convert_type(second, jnp.int32).astype(jnp.float32)
    turn = signed * np.float32(2**-32)  # of a circle, from -1/2 to 1/2
    radius = jnp.sqrt(jnp.maximum(-2.0 * _log(uniform), 0.0))
    return radius * _cosine_of_turns(turn)


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
