"""Names of a network's inputs and alternatives, by which other data are matched to it."""

from dataclasses import fields
from types import EllipsisType
from typing import Any

KINDS_OF_NAMES = ("input_names", "class_names")


def named(model: Any, **given: Any) -> Any:
    """Copy a network with names of these kinds; None forgets them, an ellipsis leaves them as they are."""
    new = object.__new__(type(model))
    for name in (field.name for field in fields(model)):
        if hasattr(model, name):
            object.__setattr__(new, name, getattr(model, name))
    for kind, names in given.items():
        if not isinstance(names, EllipsisType):
            object.__setattr__(new, kind, _checked(model, names, kind))
    return new


def _checked(model: Any, names: Any, kind: str) -> tuple[str, ...] | None:
    """Names as they are kept; alternatives may be fewer than outputs, of which others are signals."""
    if names is None:
        return None
    names = (names,) if isinstance(names, str) else tuple(map(str, names))
    n = model.n_inputs if kind == "input_names" else model.n_outputs
    fits = len(names) == n if kind == "input_names" else 1 < len(names) <= n
    if not fits or len(set(names)) < len(names):
        raise ValueError(f"{kind} is {names}; expected {n} different names")
    return names
