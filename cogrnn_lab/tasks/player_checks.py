"""Slips in agents and environments that users write, said in words while their functions are traced."""

from typing import Any

import jax
import jax.numpy as jnp


def check_logits(logits: Any, agent: Any, n_arms: int) -> None:
    """Refuse logits that are not one number for each arm."""
    if jnp.shape(logits) != (n_arms,):
        raise ValueError(
            f"{type(agent).__name__}.logits returns shape {jnp.shape(logits)}; expected ({n_arms},), a "
            "number for each arm."
        )


def check_reward(reward: Any, environment: Any) -> None:
    """Refuse a reward that is not one number."""
    if jnp.shape(reward) != ():
        raise ValueError(
            f"{type(environment).__name__}.step returns a reward of shape {jnp.shape(reward)}; expected one "
            "number. Is it the rewards of all arms?"
        )


def check_state(new: Any, old: Any, player: Any, update: str, start: str) -> None:
    """Refuse a next state of other fields, shapes or types than the state before."""
    got, expected = _layout(new), _layout(old)
    if got != expected:
        name = type(player).__name__
        raise ValueError(
            f"{name}.{update} returns a state of {got}; expected {expected}, as {name}.{start} returns. "
            "A state keeps its shape from trial to trial; start with floats if they become floats."
        )


def _layout(state: Any) -> str:
    leaves = [f"{jnp.result_type(leaf)}{list(jnp.shape(leaf))}" for leaf in jax.tree.leaves(state)]
    structure = jax.tree.structure(state)
    return ", ".join(leaves) if structure.num_nodes <= 1 else f"{', '.join(leaves)} in {structure}"
