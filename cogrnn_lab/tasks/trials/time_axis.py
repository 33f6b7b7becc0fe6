"""The physical time of a trial: steps of dt from 0 to its duration, all in milliseconds."""

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float32

from cogrnn_lab.counts import is_number, shown

TIME_FIELDS = ("dt", "tau", "duration")


def check_times(dt: Any, tau: Any, duration: Any, owner: str) -> None:
    """Refuse times that make no trial."""
    for value, name in ((dt, "dt"), (tau, "tau"), (duration, "duration")):
        if not (is_number(value) and math.isfinite(value) and value > 0):
            raise ValueError(
                f"{owner}: {name} = {shown(value)}; expected a number of milliseconds above 0. It has to "
                "be known before anything is compiled."
            )
    if duration < dt:
        raise ValueError(
            f"{owner}: duration = {duration:g} ms is shorter than one step of dt = {dt:g} ms. Is the "
            "duration in seconds? Times are milliseconds."
        )


def count_steps(dt: float | int, duration: float | int) -> int:
    """Number of steps that cover the duration."""
    return math.ceil(round(duration / dt, 6))


def step_times(dt: float | int, duration: float | int) -> Float32[np.ndarray, " time"]:
    """Time of each step in ms, from 0."""
    return (np.arange(count_steps(dt, duration)) * dt).astype(np.float32)


def during(
    times: Float32[np.ndarray, " time"], start: float | Array, end: float | Array
) -> Bool[Array, " time"]:
    """True from `start` on and before `end` (ms)."""
    moments = jnp.asarray(times)
    return (moments >= start) & (moments < end)
