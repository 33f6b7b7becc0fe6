"""Targets of a choice: one output high, the others low."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int


def one_hot(index: Int[Array, ""], n: int) -> Bool[Array, " n"]:
    """True at the index."""
    return jnp.arange(n) == index


def coded_choice(
    choice: Int[Array, ""],
    n_targets: int,
    shown: Bool[Array, " time"],
    high: float | Float[Array, ""] = 1.0,
    low: float | Float[Array, ""] = 0.0,
) -> Float[Array, "time target"]:
    """`high` for the choice and `low` for the others while the target is shown; 0 before and after."""
    code = jnp.where(one_hot(choice, n_targets), high, low)
    return jnp.where(shown[:, None], code[None], 0.0)
