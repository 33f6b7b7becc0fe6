"""The trial before as a network is told of it: `previous_trial_inputs`, for compiled code."""

import jax.numpy as jnp
from jaxtyping import Array, Float, Int


def n_outcome_inputs(n_arms: int) -> int:
    """Number of inputs that tell of one outcome."""
    return 2 if n_arms == 2 else n_arms + 1


def outcome_inputs(
    choice: Int[Array, "*trial"], reward: Float[Array, "*trial"], n_arms: int
) -> Float[Array, "*trial input"]:
    """Choice (0/1 for two arms, else one-hot) and reward of a trial, as the inputs of the next one.

    Zeros for a choice of -1.
    """
    arms = (1,) if n_arms == 2 else tuple(range(n_arms))
    return jnp.stack([*((choice == arm).astype(jnp.float32) for arm in arms), reward], axis=-1)
