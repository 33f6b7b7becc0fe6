"""Parameters of agents and environments: checked where they are numbers, not where traced."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float

# One number; in an agent also one for each of several subjects.
Parameter = float | Float[Array, "..."]


def parameter(default: float | None) -> Any:
    """A field for a parameter; whole numbers become floats, so that changing one compiles nothing again."""
    return eqx.field(default=default, converter=_as_float)


def _as_float(value: Any) -> Any:
    if isinstance(value, (np.ndarray, list, tuple)):
        return jnp.asarray(value, jnp.float32)
    return float(value) if isinstance(value, (int, np.integer, np.floating)) else value


def check_range(value: Any, name: str, lowest: float, highest: float, slip: str = "") -> None:
    """Refuse a parameter that is not a number between `lowest` and `highest`.

    A traced value has no number yet and passes; so a parameter can be fitted or swept under `jax.jit`.
    """
    if isinstance(value, Tracer) or not isinstance(value, (float, jax.Array)):
        return
    numbers = np.asarray(value, np.float64)
    if (np.isfinite(numbers) & (numbers >= lowest) & (numbers <= highest)).all():
        return
    bounds = f"{lowest:g} to {highest:g}" if np.isfinite(highest) else f"{lowest:g} or more"
    bounds = bounds if np.isfinite(lowest) else "a finite number"
    raise ValueError(f"{name} = {value}; expected {bounds}.{f' {slip}.' if slip else ''}")
