"""Parameters of agents and environments: checked where they are numbers, let through where JAX traces them."""

from typing import Any

import jax
import numpy as np


def check_range(value: Any, name: str, lowest: float, highest: float, slip: str = "") -> None:
    """Refuse a parameter that is not a number between `lowest` and `highest`.

    A traced value has no number yet and passes; so a parameter can be fitted or swept under `jax.jit`.
    """
    if isinstance(value, jax.core.Tracer) or not isinstance(
        value, (int, float, np.generic, np.ndarray, jax.Array)
    ):
        return
    numbers = np.asarray(value, np.float64)
    if not (np.isfinite(numbers) & (numbers >= lowest) & (numbers <= highest)).all():
        bounds = f"{lowest:g} to {highest:g}" if np.isfinite(highest) else f"{lowest:g} or more"
        bounds = bounds if np.isfinite(lowest) else "a finite number"
        raise ValueError(f"{name} = {value}; expected {bounds}{f'. {slip}' if slip else ''}.")
