"""Random numbers for whole sessions, drawn and compiled several times faster than by JAX on a CPU."""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, UInt32

from cogrnn_lab.models.noise import threefry


def session_keys(seed: int, n_sessions: int, n_purposes: int) -> UInt32[np.ndarray, "purpose session 2"]:
    """Words of a key for each session and purpose, the same whatever the number of sessions.

    On the host: compiled together with the draws, they would be computed anew for every number drawn.
    """
    key = np.asarray(jax.random.key_data(jax.random.key(seed)))
    session = np.arange(n_sessions, dtype=np.uint32)
    return np.stack(
        [
            np.stack(threefry((key[:1], key[1:]), session, np.full_like(session, purpose)), axis=-1)
            for purpose in range(n_purposes)
        ]
    )


def standard_normal(uniform: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Standard normal numbers, up to 5.4 standard deviations, from as many uniform ones."""
    return math.sqrt(2) * jax.lax.erf_inv(jnp.maximum(2 * uniform - 1, -1 + 2**-24))
