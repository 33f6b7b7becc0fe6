"""Elementwise nonlinearities by name, so that a saved model can say which one it uses."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

ACTIVATIONS: dict[str, Callable[[jax.Array], jax.Array]] = {
    "leaky_relu": jax.nn.leaky_relu,
    "relu": jax.nn.relu,
    "softplus": jax.nn.softplus,
    "tanh": jnp.tanh,
    "gelu": jax.nn.gelu,
    "silu": jax.nn.silu,
}


def activation_function(name: str) -> Callable[[jax.Array], jax.Array]:
    """The elementwise function called `name`; a `ValueError` lists the known names."""
    if name not in ACTIVATIONS:
        raise ValueError(f"activation {name!r} is not known; choose one of {', '.join(sorted(ACTIVATIONS))}")
    return ACTIVATIONS[name]
