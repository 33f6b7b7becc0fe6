"""Rewards on offer: drawn on every trial, and where a task is baited they wait until they are taken."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int


def offered(
    kept: Bool[Array, " arm"], p_reward: Float[Array, " arm"], uniform: Float[Array, " arm"]
) -> Bool[Array, " arm"]:
    """Draw whether each arm pays on this trial: its reward waits from before, or is drawn now."""
    return kept | (uniform < p_reward)


def left_over(offered: Bool[Array, " arm"], choice: Int[Array, ""], baited: bool) -> Bool[Array, " arm"]:
    """Rewards that wait for the next trial: those of arms that were not chosen, in a baited task."""
    if not baited:
        return jnp.zeros_like(offered)
    return offered & (jnp.arange(offered.size) != choice)


def taken(offered: Bool[Array, " arm"], choice: Int[Array, ""]) -> Float[Array, ""]:
    """The reward of a choice: 1 if the arm has one on offer, else 0."""
    return jnp.any(offered & (jnp.arange(offered.size) == choice)).astype(jnp.float32)


def described(p_reward: Float[Array, " arm"], offered: Bool[Array, " arm"], baited: bool) -> dict[str, Array]:
    """Columns: p_reward_1, ..., and in a baited task bait_1, ... which are 1 where the arm has a reward."""
    columns = {f"p_reward_{i + 1}": p_reward[i] for i in range(p_reward.size)}
    if baited:
        columns |= {f"bait_{i + 1}": offered[i].astype(jnp.int32) for i in range(p_reward.size)}
    return columns


def checked_probabilities(value: Array, name: str) -> None:
    """Refuse numbers that are no probabilities."""
    if not bool(jnp.all((value >= 0) & (value <= 1))):
        raise ValueError(f"{name} holds {value.min():g} to {value.max():g}; expected probabilities, 0 to 1.")
