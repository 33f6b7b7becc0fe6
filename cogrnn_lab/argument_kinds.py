"""Kinds of arguments, by the annotations of a function: one check, before anything is made of them."""

import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Union, get_args, get_origin

import numpy as np

from cogrnn_lab.counts import is_number, is_whole

LONGEST_TOLD = 60  # characters of an argument in a sentence
WORDS = {str: "a text", bool: "True or False", int: "a whole number", float: "a number"}


def check_kinds(function: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """Refuse arguments of another kind than the annotations of their function say.

    Arrays, and whatever else an annotation does not tell apart, are let pass. So is a text in the place of a
    sequence of texts, which has sentences of its own.

    Arguments:
        function: The function, such as `Dataset.__init__`.
        given: Arguments by name; others, such as `self`, may be among them.

    Raises:
        TypeError: With what was got and what was expected.
    """
    for name, annotation in function.__annotations__.items():
        if name in given and not _fits(given[name], annotation):
            raise TypeError(f"{name} is {_told(given[name])}; expected {_words(annotation)}.")


def _fits(value: Any, annotation: Any) -> bool:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return any(_fits(value, one) for one in inner)
    if annotation in (None, type(None)):
        return value is None
    if annotation is int:
        return is_whole(value)
    if annotation is float:
        return is_number(value) or (getattr(value, "ndim", None) == 0 and hasattr(value, "__float__"))
    if annotation in (str, bool):
        return isinstance(value, bool | np.bool_ if annotation is bool else str)
    if origin is Mapping:
        return isinstance(value, Mapping)
    if origin is Sequence:
        nested = get_origin(inner[0]) is Sequence  # names, which may be numbers, become texts
        return isinstance(value, str) or (
            _is_sequence(value) and not (nested and not all(_fits(own, inner[0]) for own in value))
        )
    return True


def _is_sequence(value: Any) -> bool:
    """Whether it has items in an order, as a list, an array, or a column of a table."""
    if isinstance(value, type | Mapping | bytes) or not hasattr(value, "__getitem__"):
        return False
    return hasattr(value, "__len__") and getattr(value, "ndim", 1) >= 1


def _words(annotation: Any) -> str:
    """What an annotation asks for, in words."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return " or ".join(_words(one) for one in inner)
    if annotation in (None, type(None)):
        return "None"
    if origin is Mapping:
        return "a dictionary of names with values"
    if origin is Sequence:
        return "a list of lists" if get_origin(inner[0]) is Sequence else "a list"
    return WORDS.get(annotation, str(getattr(annotation, "__name__", annotation)))


def _told(value: Any) -> str:
    """What was got: numbers and texts as they are, all else by its kind."""
    if isinstance(value, str | int | float | None) and not (isinstance(value, int) and abs(value) > 2**64):
        return repr(value)[:LONGEST_TOLD]
    return f"a {type(value).__name__}"
