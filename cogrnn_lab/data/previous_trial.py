"""Inputs that encode the previous trial, the same for tables and for simulations."""

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Float32, Int

PREVIOUS_CHOICE = "previous choice"
PREVIOUS_REWARD = "previous reward"
PREVIOUS_MISSED = "previous trial missed"
# Columns of two-step trials: indices, -1 where there is none.
SECOND_STATE, SECOND_CHOICE = "second_state", "second_choice"


def previous_trial_names(class_names: Sequence[str], *, missed: bool = False) -> tuple[str, ...]:
    """Names of the inputs that `previous_trial_inputs` makes, in its order."""
    if len(class_names) == 2:
        choice = (PREVIOUS_CHOICE,)
    else:
        choice = tuple(f"{PREVIOUS_CHOICE} = {name}" for name in class_names)
    return (*choice, PREVIOUS_REWARD, *((PREVIOUS_MISSED,) if missed else ()))


def second_state_names(states: Sequence[str]) -> tuple[str, ...]:
    """Names of columns that are 1 where a second state was reached; "previous " goes before as inputs."""
    return tuple(f"second state = {name}" for name in states)


def previous_trial_inputs(
    choice: Int[np.ndarray, "session trial"],
    reward: Float[np.ndarray, "session trial"],
    n_classes: int,
    *,
    valid: Bool[np.ndarray, "session trial"] | None = None,
    missed: bool = False,
) -> Float32[np.ndarray, "session trial input"]:
    """The choice and the reward of the trial before as inputs; zeros on the first trial of a session.

    Two alternatives are one input, 0 or 1; more are one input each (one-hot). The reward follows. A choice of
    -1 was missed: it enters as zeros, and with `missed=True` a last input is 1 after such a trial, so that
    the network can tell it from choice 0. Where `valid` is False everything is zero.
    """
    n_choice_inputs = 1 if n_classes == 2 else n_classes
    inputs = np.zeros((*choice.shape, n_choice_inputs + 1 + missed), np.float32)
    before = choice[:, :-1]
    if n_classes == 2:
        inputs[:, 1:, 0] = before == 1
    else:
        for k in range(n_classes):
            inputs[:, 1:, k] = before == k
    inputs[:, 1:, n_choice_inputs] = reward[:, :-1]
    if missed:
        inputs[:, 1:, -1] = before < 0
    if valid is not None:
        inputs[~valid] = 0.0
    return inputs


def n_outcome_inputs(n_arms: int) -> int:
    """Number of inputs that tell of one outcome."""
    return 2 if n_arms == 2 else n_arms + 1


def outcome_inputs(
    choice: Int[Array, "*trial"], reward: Float[Array, "*trial"], n_arms: int
) -> Float[Array, "*trial input"]:
    """Turn the choice and the reward of a trial into the inputs of the next one, in compiled code.

    The encoding of `previous_trial_inputs`, without its masks; zeros for a choice of -1.
    """
    arms = (1,) if n_arms == 2 else tuple(range(n_arms))
    return jnp.stack([*((choice == arm).astype(jnp.float32) for arm in arms), reward], axis=-1)
