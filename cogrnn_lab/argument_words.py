"""The sentence about an argument of another kind: what was got, what was expected, and the likely slip."""

import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import numpy as np

from cogrnn_lab.argument_shapes import axes_in_words, is_array_annotation, is_key_annotation, shape_and_kind
from cogrnn_lab.counts import is_number, one_line

_UNIONS = (Union, types.UnionType)
LONGEST_TOLD = 60  # characters of an argument in a sentence
WORDS = {
    str: "a text",
    bool: "True or False",
    int: "a whole number",
    np.integer: "a whole number",
    float: "a number",
    Path: "a path",
    np.ndarray: "an array of numbers",
    Mapping: "a dictionary",
    Sequence: "a list",
    Iterable: "a list",
}


def sentence(name: str, value: Any, annotation: Any) -> str:
    """Say that an argument is of another kind than is asked for.

    Arguments:
        name: Its name.
        value: What was given.
        annotation: That of its parameter.

    Returns:
        A sentence with both kinds, and a second one where a slip is likely.
    """
    return f"{name} is {told(value)}; expected {words(annotation)}{_slip(name, value, annotation)}"


def told(value: Any) -> str:
    """Say what was got: numbers and texts as they are, all else by its kind.

    Arguments:
        value: What was given.
    """
    if value is None or isinstance(value, str | bool | float):
        return one_line(repr(value), LONGEST_TOLD)
    if isinstance(value, int):
        return repr(value) if abs(value) < 2**64 else "a whole number of more than 64 bits"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if callable(value) and hasattr(value, "__name__"):
        return one_line(f"the function {value.__name__}", LONGEST_TOLD)
    shape, _ = shape_and_kind(value)
    if shape is not None and hasattr(value, "dtype"):
        if shape == ():
            return one_line(f"{value}", LONGEST_TOLD)
        return f"{_with_article(type(value).__name__)} of the shape {shape} and the type {value.dtype}"
    if isinstance(value, list | tuple | Mapping):
        return one_line(repr(value), LONGEST_TOLD)
    return _with_article(type(value).__name__)


def words(annotation: Any) -> str:
    """Say what an annotation asks for.

    Arguments:
        annotation: That of a parameter.
    """
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation is None or annotation is type(None):
        return "None"
    if is_array_annotation(annotation):
        if is_key_annotation(annotation):
            return "a seed or a random key"
        return f"an array of numbers {axes_in_words(annotation)}".rstrip()
    if origin in _UNIONS:
        return _joined([words(one) for one in inner])
    if origin is Annotated:
        return next((one.words for one in inner[1:] if hasattr(one, "words")), words(inner[0]))
    if origin is Literal:
        return _joined([repr(one) for one in inner])
    if origin is tuple and inner and inner[-1] is not Ellipsis:
        return f"({', '.join(words(one) for one in inner)})"
    if origin in (Mapping, dict):
        return "a dictionary of names with values"
    if origin in (Sequence, list, tuple, Iterable):
        return _of_items(inner[0] if inner else Any)
    if origin is type:
        return "a class"
    if origin is Callable or getattr(origin or annotation, "__name__", "") == "Callable":
        return "a function"
    name = str(getattr(annotation, "__name__", annotation)).rpartition(".")[2]
    return WORDS.get(annotation) or ("an array of numbers" if name == "Array" else _with_article(name))


def _of_items(item: Any) -> str:
    several = {int: "whole numbers", np.integer: "whole numbers", float: "numbers", str: "texts"}
    if item in several:
        return f"a list of {several[item]}"
    if get_origin(item) in (Sequence, list, tuple):
        return "a list of lists"
    return "a list" if item is Any or get_origin(item) is not None else f"a list, each {words(item)}"


def _joined(several: Sequence[str]) -> str:
    unique = list(dict.fromkeys(several))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} or {unique[-1]}"


def _with_article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeio' else 'a'} {noun}"


def _slip(name: str, value: Any, annotation: Any) -> str:
    """The end of the sentence, with what may be meant, or a second one about the likely slip."""
    asked = get_args(annotation) if get_origin(annotation) in _UNIONS else (annotation,)
    kinds = [one for one in asked if isinstance(one, type) and not _is_no_class(one)]
    if isinstance(value, type) and any(issubclass(value, kind) for kind in kinds):
        return f". Call the class to make one: {value.__name__}(...)."
    if int in asked and isinstance(value, float) and value.is_integer():
        return f", such as {name}={value:.0f}."
    if isinstance(value, str) and (int in asked or float in asked) and _reads_as_number(value):
        return f", such as {name}={value.strip()} without quotation marks."
    if any(get_origin(one) is Sequence for one in asked) and is_number(value):
        return f", such as {name}=[{value}]."
    if any(kind.__name__ == "Dataset" for kind in kinds):
        if type(value).__name__ == "DataFrame" or isinstance(value, str | Path):
            return ". cl.read_table(...) makes a data set of a table."
        if isinstance(value, tuple | list) and value and type(value[0]).__name__ == "Dataset":
            return ". Several data sets, as split() gives them, are given one by one."
    return "."


def _is_no_class(annotation: Any) -> bool:
    """Whether nothing can be asked to be a subclass of it: arrays by their axes, and protocols."""
    return is_array_annotation(annotation) or getattr(annotation, "_is_protocol", False)


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
