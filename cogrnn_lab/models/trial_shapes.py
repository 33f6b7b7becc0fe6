"""Shapes of one trial: what the functions of a network take that are written for one session."""

from typing import Any

import jax.numpy as jnp


def check_one_trial(model: Any, state: Any, inputs: Any) -> None:
    """Refuse states and inputs of other shapes than those of one trial of one session."""
    expected = (model.n_latents,), (model.n_inputs,)
    got = jnp.shape(state), jnp.shape(inputs)
    if got != expected:
        many = "; for many at once use model.transition and model.readouts, or cl.rollout for sessions"
        raise ValueError(
            f"got a state of shape {got[0]} and inputs of shape {got[1]}, expected {expected[0]} and "
            f"{expected[1]}: one trial of one session{many if len(got[0]) > 1 or len(got[1]) > 1 else ''}"
        )


def check_one_state(model: Any, state: Any) -> None:
    """Refuse a state of another shape than that of one session."""
    if jnp.shape(state) != (model.n_latents,):
        raise ValueError(
            f"got a state of shape {jnp.shape(state)}, expected ({model.n_latents},): that of one session; "
            "for many at once use model.readouts"
        )
