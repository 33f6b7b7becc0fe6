"""Which way a network runs along many sessions: a fast path serves only the class that it was written for."""

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
    """The way in which `model` is run; `within_call` where its own `__call__` is running already.

    A class with a fast path names what it is made of (`fast_path`), which methods it stands for
    (`fast_path_of`) and which parts (`fast_path_parts`). Where a class below it has any of those methods, or
    a part is of a class below those, without a fast path of its own, the network runs step by step.
    """
    changed = _changed(type(model))
    if "__call__" in changed and not within_call:
        return "call"
    return "step" if changed - {"__call__"} or _has_other_parts(model) else "fast"


def is_own(kind: type, name: str, base: type) -> bool:
    """Whether a class below `base` brings a method of this name, which `base` has, too."""
    below = kind.__mro__[: kind.__mro__.index(base)]
    return any(name in vars(cls) for cls in below) or name in _fields(kind)


@cache
def _changed(kind: "type[Network]") -> frozenset[str]:
    """What a fast path stands for and a class below it does otherwise; all of it without a fast path."""
    from cogrnn_lab.models.network import Network  # which imports this file

    meant = {*kind.fast_path_of, "__call__"}
    changed = meant & _fields(kind)
    for cls in kind.__mro__[: kind.__mro__.index(Network)]:
        if any(name in vars(cls) for name in kind.fast_path):
            return frozenset(changed)
        changed |= meant & vars(cls).keys()
    return frozenset(changed | {"step"})


def _fields(kind: type) -> set[str]:
    """Names of fields, any of which may hide a method of the same name."""
    return {field.name for field in fields(kind)}


def _has_other_parts(model: "Network") -> bool:
    known = model.fast_path_parts
    return any(isinstance(part, known) and type(part) not in known for part in _parts(model))


def _parts(module: eqx.Module) -> "Iterator[eqx.Module]":
    for value in vars(module).values():
        if isinstance(value, eqx.Module):
            yield value
            yield from _parts(value)
