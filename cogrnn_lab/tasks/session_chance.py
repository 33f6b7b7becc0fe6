"""Random numbers for whole sessions, drawn and compiled several times faster than by JAX on a CPU."""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, UInt32

from cogrnn_lab.random_numbers import threefry

_PURPOSES = 256  # of draws in a session: what comes between the keys of one subject and those of the next


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


def standard_normal(uniform: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Standard normal numbers, up to 5.4 standard deviations, from as many uniform ones."""
    return math.sqrt(2) * jax.lax.erf_inv(jnp.maximum(2 * uniform - 1, -1 + 2**-24))
