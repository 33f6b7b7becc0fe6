"""Fields of the built-in tasks: levels, ranges of times, and their checks."""

from typing import Any

import equinox as eqx
import jax
import numpy as np
from jax.core import Tracer

from cogrnn_lab.argument_kinds import Numbers
from cogrnn_lab.counts import shown
from cogrnn_lab.tasks.parameters import Parameter, check_range

Levels = tuple[Parameter, ...]
Range = tuple[Parameter, Parameter]


def _as_floats(value: Numbers) -> Any:
    if value is None:
        return None
    values = value if _are_several(value) else (value,)
    return tuple(float(x) if isinstance(x, (int, float, np.integer, np.floating)) else x for x in values)


def _are_several(value: Any) -> bool:
    """Whether it is a list, an array of NumPy, or a column of a table."""
    is_array = hasattr(value, "__array__") and not isinstance(value, jax.Array) and np.ndim(value) > 0
    return is_array or isinstance(value, tuple | list | range)


def levels(*default: float) -> Any:
    """A field for a few numbers, one of which a trial has; another number of them compiles anew."""
    return eqx.field(default=default, converter=_as_floats)


def time_range(*default: float) -> Any:
    """A field for the earliest and latest of a time in ms; None where it follows from the duration.

    One number is both: the time is the same in every trial.
    """
    return eqx.field(default=default or None, converter=_as_range)


def _as_range(value: Numbers) -> Any:
    is_one = value is not None and not _are_several(value)
    return _as_floats((value, value) if is_one else value)


def check_levels(values: Levels, name: str, lowest: float, highest: float, at_least: int = 1) -> None:
    """Refuse too few levels, and a level out of range."""
    if len(values) < at_least:
        raise ValueError(f"{name} has {len(values)} levels; expected {at_least} or more.")
    for value in values:
        check_range(value, name, lowest, highest)


def check_time_range(bounds: Any, name: str, lowest: float, highest: float) -> None:
    """Refuse a range of times that is not two numbers in order, between `lowest` and `highest` ms."""
    if bounds is None:
        return
    if len(bounds) != 2:
        raise ValueError(
            f"{name} = {shown(bounds)}; expected two times in ms, the earliest and the latest, or one number."
        )
    for bound in bounds:
        check_range(bound, name, lowest, highest, "Times are in ms, within the trial")
    if not any(isinstance(bound, (Tracer, jax.Array)) for bound in bounds) and bounds[0] > bounds[1]:
        raise ValueError(f"{name} = {shown(bounds)}; expected the earliest before the latest.")


def check_fits(total: Any, duration: float, what: str) -> None:
    """Refuse a trial that is over before its last event has ended."""
    if not isinstance(total, (Tracer, jax.Array)) and total > duration * (1 + 1e-9):
        raise ValueError(
            f"{what} last until {total:g} ms, but a trial has duration = {duration:g} ms; shorten them or "
            "give a longer duration."
        )


def share(duration: float, low: float, high: float) -> tuple[float, float]:
    """A range of times as parts of the trial."""
    return low * duration, high * duration
