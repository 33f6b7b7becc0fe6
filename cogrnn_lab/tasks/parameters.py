"""Parameters of agents and environments: checked where they are numbers, not where traced."""

import math
from dataclasses import dataclass, fields
from typing import Annotated, Any, get_args

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from cogrnn_lab.argument_kinds import Kind, Numbers, WrongKind
from cogrnn_lab.argument_shapes import holds_traced, is_numbers
from cogrnn_lab.argument_words import sentence
from cogrnn_lab.counts import is_number, one_line

# One number; in an agent also one for each of several subjects.
Parameter = float | Float[Array, "..."]
# One number, or one for each of several arms or trials back; never for several subjects.
Parameters = float | Float[Array, " entry"]

# None is a part that is absent; which parts may be, `check_parameters` knows.
NumbersOrAbsent = Annotated[
    Any, Kind("a number, or an array of numbers", lambda value: value is None or is_numbers(value))
]

_LIMITS = "limits"


@dataclass(frozen=True)
class Limits:
    """Limits of a parameter.

    Fields:
        allowed: (lowest, highest) value.
        fitted: (lowest, highest) value that `fit_agent` searches.
        typical: (low, high) between which starts of fits are drawn; None where no values are typical.
        slip: A sentence for the error about a value that is not allowed.
    """

    allowed: tuple[float, float] = (-math.inf, math.inf)
    fitted: tuple[float, float] = (-math.inf, math.inf)
    typical: tuple[float, float] | None = None
    slip: str = ""


def parameter(
    default: Any,
    *,
    allowed: tuple[float, float] | None = None,
    fitted: tuple[float, float] | None = None,
    typical: tuple[float, float] | None = None,
    slip: str = "",
) -> Any:
    """Make a field for a parameter.

    Whole numbers become floats, so that a new value does not recompile anything.

    Arguments:
        default: Default value; None for a part that is absent unless it is given.
        allowed, fitted, typical, slip: As in `Limits`; `fitted` is `allowed` where it is not given. Agents
            and environments check fields with `allowed`.
    """
    everything = (-math.inf, math.inf)
    limits = Limits(allowed or everything, fitted or allowed or everything, typical, slip)
    metadata = {} if allowed is None else {_LIMITS: limits}
    return eqx.field(default=default, converter=as_float, metadata=metadata)


def fraction(default: float | None, slip: str = "") -> Any:
    """Make a field for a parameter from 0 to 1, such as a learning rate."""
    return parameter(default, allowed=(0.0, 1.0), typical=(0.05, 0.95), slip=slip)


def steepness(default: float, most: float = 10.0) -> Any:
    """Make a field for an inverse temperature: any number, but fits search between 0 and `most`.

    10 is usual where rewards are 0 or 1: a difference of 0.5 in value then gives odds of 150 to 1. Choices
    that are nearly certain do not determine the number, so that a fit without a bound would not end.
    """
    return parameter(default, allowed=(-math.inf, math.inf), fitted=(0.0, most), typical=(1.0, 6.0))


def weight(default: float | None) -> Any:
    """Make a field for a weight or a bias in log odds: any number."""
    return parameter(default, allowed=(-math.inf, math.inf), typical=(-1.0, 1.0))


def limits_of(field: Any) -> Limits:
    """Limits of a dataclass field; without bounds where `parameter` gave none."""
    return field.metadata.get(_LIMITS, Limits())


def check_parameters(module: Any) -> None:
    """Refuse parameters of a module that are not what their fields allow; traced ones pass."""
    for field in fields(module):
        if _LIMITS in field.metadata:
            value, limits = getattr(module, field.name), limits_of(field)
            may_be_absent = field.default is None or type(None) in get_args(field.type)
            if value is not None or not may_be_absent:
                check_range(value, field.name, *limits.allowed, limits.slip)


def check_again(module: Any) -> None:
    """Run the checks that a module runs when it is made; for one whose fields were exchanged."""
    for kind in reversed(type(module).__mro__):
        if "__check_init__" in vars(kind):
            vars(kind)["__check_init__"](module)


def as_float(value: NumbersOrAbsent) -> Any:
    """A number as a float, several as an array; anything else, such as a traced value, as it is."""
    if is_number(value):
        return float(value)
    several = isinstance(value, list | tuple | range) or hasattr(value, "__array__")
    if isinstance(value, jax.Array) or not (several and is_numbers(value)):
        return value
    return jnp.asarray(value, jnp.float32)


def check_range(value: Any, name: str, lowest: float, highest: float, slip: str = "") -> None:
    """Refuse a parameter that is not a number between `lowest` and `highest`.

    A traced value has no number yet and passes; so a parameter can be fitted or swept under `jax.jit`.
    """
    if holds_traced(value):
        return
    if not is_numbers(value):
        raise WrongKind(sentence(name, value, Numbers))
    numbers = np.asarray(value, np.float64)
    if (np.isfinite(numbers) & (numbers >= lowest) & (numbers <= highest)).all():
        return
    bounds = f"{lowest:g} to {highest:g}" if np.isfinite(highest) else f"{lowest:g} or more"
    bounds = bounds if np.isfinite(lowest) else "a finite number"
    raise ValueError(f"{name} = {one_line(str(value))}; expected {bounds}.{f' {slip}.' if slip else ''}")
