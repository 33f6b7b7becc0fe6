"""How a network runs along many sessions: a fast path serves only the class that it was written for."""

from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Literal

import equinox as eqx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cogrnn_lab.models.network import Network

# "fast": `rollout_with_draws`; "step": `step`, vmapped and scanned; "call": the model itself, vmapped.
Way = Literal["fast", "step", "call"]


def way_of(model: "Network", *, within_call: bool = False) -> Way:
    """Decide how `model` is run; `within_call` where its own `__call__` is running already.

    A class with a fast path names the methods that form it (`fast_path`), the methods that it stands in for
    (`fast_path_of`) and the classes of parts that it knows (`fast_path_parts`). Where a subclass overrides
    one of those methods, or a part is of a subclass of a known one, without a fast path of its own, the
    network runs step by step.
    """
    changed = _changed(type(model))
    if "__call__" in changed and not within_call:
        return "call"
    return "step" if changed - {"__call__"} or _has_other_parts(model) else "fast"


def is_own(kind: type, name: str, base: type) -> bool:
    """Tell whether a subclass of `base` overrides its method of this name."""
    below = kind.__mro__[: kind.__mro__.index(base)]
    return any(name in vars(cls) for cls in below) or name in _fields(kind)


@cache
def _changed(kind: "type[Network]") -> frozenset[str]:
    """Methods that a fast path stands in for and a subclass overrides; all of them without a fast path."""
    meant = {*kind.fast_path_of, "__call__"}
    changed = meant & _fields(kind)
    # `Network`, the root, is the last class that has `fast_path_of`; importing it would be a circle.
    root = [cls for cls in kind.__mro__ if "fast_path_of" in vars(cls)][-1]
    for cls in kind.__mro__[: kind.__mro__.index(root)]:
        if any(name in vars(cls) for name in kind.fast_path):
            return frozenset(changed)
        changed |= meant & vars(cls).keys()
    return frozenset(changed | {"step"})


def _fields(kind: type) -> set[str]:
    """Names of fields, any of which hides a method of the same name."""
    return {field.name for field in fields(kind)}


def _has_other_parts(model: "Network") -> bool:
    known = model.fast_path_parts
    return any(isinstance(part, known) and type(part) not in known for part in _parts(model))


def _parts(module: eqx.Module) -> "Iterator[eqx.Module]":
    for value in vars(module).values():
        if isinstance(value, eqx.Module):
            yield value
            yield from _parts(value)
