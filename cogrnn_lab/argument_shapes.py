"""Arrays among arguments: whether they are numbers, and whether their axes fit each other."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

import numpy as np

NUMBERS = tuple("biuf")  # letters of NumPy's types that are numbers
MOST_ITEMS = 1000  # of a list that are looked at one by one


def is_array_annotation(annotation: Any) -> bool:
    """Tell whether an annotation is jaxtyping's, such as Float[np.ndarray, "session trial"].

    Arguments:
        annotation: That of a parameter.
    """
    return isinstance(annotation, type) and hasattr(annotation, "dim_str") and hasattr(annotation, "dtypes")


def is_key_annotation(annotation: Any) -> bool:
    """Tell whether random keys are asked for, which have a check of their own (`as_key`).

    Arguments:
        annotation: One of jaxtyping's.
    """
    return any("key" in dtype or dtype == "uint32" for dtype in _types(annotation))


def is_array_like(value: Any, annotation: Any) -> bool:
    """Tell whether a value is an array of numbers, or becomes one, with as many axes as are asked for.

    Arguments:
        value: An array of NumPy or JAX, a column of a table, or lists of numbers.
        annotation: One of jaxtyping's; None: of any shape.
    """
    if holds_traced(value):
        return True
    shape, kind = shape_and_kind(value)
    if shape is None or (kind not in NUMBERS and (annotation is None or _types(annotation))):
        return False
    if annotation is None:
        return True
    axes = _axes(annotation)
    n_fixed = sum(not _is_several(axis) for axis in axes)
    exact = n_fixed == len(axes)
    return len(shape) == n_fixed if exact else len(shape) >= n_fixed


def is_numbers(value: Any) -> bool:
    """Tell whether a value is a number, an array of numbers, or lists that become one; bools are none.

    Arguments:
        value: Anything.
    """
    return holds_traced(value) or shape_and_kind(value)[1] in tuple("iuf")


def is_traced(value: Any) -> bool:
    """Tell whether JAX traces a value, which has a shape but no number yet.

    Arguments:
        value: Anything.
    """
    core = sys.modules.get("jax.core")
    return core is not None and isinstance(value, core.Tracer)


def holds_traced(value: Any) -> bool:
    """Tell whether JAX traces a value, or one of those in lists.

    Arguments:
        value: Anything.
    """
    return is_traced(value) or (
        isinstance(value, list | tuple) and any(holds_traced(own) for own in value[:MOST_ITEMS])
    )


def shape_and_kind(value: Any) -> tuple[tuple[int, ...] | None, str]:
    """Give the shape and NumPy's letter for the kind of what an array is made of; None where it is none.

    Arguments:
        value: Anything.
    """
    if isinstance(value, str | bytes | Mapping | type) or value is None:
        return None, ""
    if not (hasattr(value, "shape") and hasattr(value, "dtype")):
        if not isinstance(value, list | tuple | int | float | range) and not hasattr(value, "__array__"):
            return None, ""
        try:
            value = np.asarray(value)
        except Exception:  # ragged, or of what cannot become an array
            return None, ""
    try:  # jax's bfloat16 is a number whose letter is "V"
        kind = "f" if "float" in str(value.dtype) else np.dtype(value.dtype).kind
    except TypeError:  # a type of pandas or JAX that NumPy lacks
        if not type(value).__module__.startswith("pandas"):
            return None, ""
        kind = np.asarray(value).dtype.kind
    return tuple(value.shape), kind


def axes_in_words(annotation: Any) -> str:
    """Give the axes that an annotation asks for as in "(session, time)", "" where any will do.

    Arguments:
        annotation: One of jaxtyping's.
    """
    axes = [f"{axis.lstrip('*#_?')}{' ...' if _is_several(axis) else ''}" for axis in _axes(annotation)]
    return "" if any(axis.startswith(("...", " ")) for axis in axes) else f"({', '.join(axes)})"


def check_axes(arguments: Iterable[tuple[str, Any, Any]]) -> None:
    """Refuse arrays whose axes of the same name have different lengths.

    Arguments:
        arguments: Name, value and annotation of each.

    Raises:
        ValueError: With both shapes.
    """
    seen: dict[str, tuple[int, str, tuple[int, ...]]] = {}
    for name, value, annotation in arguments:
        fitting = [
            one for one in _alternatives(annotation) if value is not None and is_array_like(value, one)
        ]
        if not fitting:
            continue
        shape = shape_and_kind(value)[0] or ()  # none of lists of what JAX traces
        for axis, size in _named_sizes(fitting[0], shape):
            known, other, other_shape = seen.setdefault(axis, (size, name, shape))
            if size != known:
                raise ValueError(
                    f"{name} has the shape {shape} and {other} {other_shape}; expected as many along "
                    f'the axis "{axis}", but they have {size} and {known}.'
                )


def _alternatives(annotation: Any) -> Iterator[Any]:
    """Those of jaxtyping's annotations in one that may be a union."""
    if is_array_annotation(annotation):
        if not is_key_annotation(annotation):
            yield annotation
    else:
        for one in get_args(annotation):
            yield from (one,) if is_array_annotation(one) and not is_key_annotation(one) else ()


def _named_sizes(annotation: Any, shape: tuple[int, ...]) -> Iterator[tuple[str, int]]:
    """Names of axes with their lengths, up to the first that stands for several."""
    for axis, size in zip(_axes(annotation), shape, strict=False):
        if _is_several(axis):
            return
        if axis.isidentifier() and not axis.startswith("_"):
            yield axis, size


def _types(annotation: Any) -> tuple[str, ...]:
    """Names of the types that are asked for; none where any will do."""
    dtypes = annotation.dtypes
    return tuple(map(str, dtypes)) if isinstance(dtypes, list | tuple) else ()


def _axes(annotation: Any) -> list[str]:
    return annotation.dim_str.split()


def _is_several(axis: str) -> bool:
    return axis.startswith(("*", "..."))
