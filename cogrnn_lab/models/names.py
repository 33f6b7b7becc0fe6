"""Names of a network's inputs, alternatives and predicted signals, by which other data are matched to it."""

from dataclasses import fields
from types import EllipsisType
from typing import Any

KINDS_OF_NAMES = ("input_names", "class_names", "signal_names")


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
    """Names as they are kept; outputs may be alternatives and signals together, so that each are fewer."""
    if names is None:
        return None
    names = (names,) if isinstance(names, str) else tuple(map(str, names))
    least, most = _how_many(model, kind)
    if not least <= len(names) <= most or len(set(names)) < len(names):
        number = f"{most}" if least == most else f"{least} to {most}"
        raise ValueError(f"{kind} is {names}; expected {number} different names")
    return names


def _how_many(model: Any, kind: str) -> tuple[int, int]:
    """Least and most names of a kind that a network can have."""
    n_signals = getattr(model, "n_signals", 0)
    if kind == "input_names":
        return model.n_inputs, model.n_inputs
    if kind == "signal_names":
        return (n_signals, n_signals) if n_signals else (1, model.n_outputs)
    return 2, model.n_outputs
