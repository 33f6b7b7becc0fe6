"""Kinds and shapes of arguments, by the annotations of a function: one check before anything is made of them.

Every room ends with `check_public`. The annotations are the one description: what they do not tell apart
passes, and has checks of its own where it is used. Within the package functions call each other unchecked.
"""

import dis
import inspect
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import numpy as np

from cogrnn_lab.argument_shapes import (
    MOST_ITEMS,
    check_axes,
    is_array_annotation,
    is_array_like,
    is_key_annotation,
    is_numbers,
    is_traced,
)
from cogrnn_lab.argument_words import sentence
from cogrnn_lab.counts import is_number, is_whole, one_line

Made = TypeVar("Made", bound=Callable[..., Any])

LONGEST_SENTENCE = 600  # characters
_CHECKED = "__kinds_are_checked__"
_SEVERAL = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_PACKAGE = __name__.partition(".")[0]
_RAISE = dis.opmap["RAISE_VARARGS"]


class WrongKind(TypeError, ValueError):
    """Argument of another kind than is asked for.

    To Python it is an error of type; to whoever wrote 2.5 where a whole number belongs, of value.
    """


@dataclass(frozen=True)
class Kind:
    """Kind of an argument that no type of Python tells; `Annotated[Any, Kind(...)]` asks for it.

    Fields:
        words: What is expected, for the sentence.
        fits: Tells whether a value is of this kind.
    """

    words: str
    fits: Callable[[Any], bool]


# One description of what many parameters take; `Any` to type checkers.
Number = Annotated[Any, Kind("a number", lambda value: is_real(value) or is_traced(value))]
Numbers = Annotated[Any, Kind("a number, or an array of numbers", lambda value: is_numbers(value))]


def check_public(room: MutableMapping[str, Any], public: Iterable[str]) -> None:
    """Make what a room offers refuse arguments of another kind or shape than their annotations say.

    Functions are exchanged for ones that check first, in the room only: where they are defined, and so within
    the package, they stay as they are. Classes check wherever they are made. Results are left out, which the
    package makes, and named tuples, which JAX makes of whatever it has.

    Arguments:
        room: The namespace, `globals()` of the room.
        public: Names in it.
    """
    for name in public:
        made = room[name]
        if isinstance(made, type):
            own = vars(made).get("__init__")
            if own is not None and not hasattr(own, _CHECKED) and not is_result(made):
                made.__init__ = kinds_checked(own, is_made_of_fields=_is_written(made))
        elif inspect.isfunction(made) and not hasattr(made, _CHECKED):
            room[name] = kinds_checked(made)
            room[name].__module__ = room["__name__"]  # where it is found again, as for another process


class _Signature:
    """Parameters of a function, and the arguments of a call with their names and annotations."""

    def __init__(self, function: Callable[..., Any]):
        parameters = inspect.signature(function).parameters.values()
        self.function = function
        self.in_order = tuple(
            p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        )
        self.defaults = {p.name: p.default for p in parameters if p.kind not in _SEVERAL}
        self.rest, self.own = (next((p.name for p in parameters if p.kind is one), "") for one in _SEVERAL)

    def arguments(self, args: tuple[Any, ...], given: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
        """Name, value and annotation of each argument that is not its default."""
        annotations = self.function.__annotations__
        for name, value in (*zip(self.in_order, args, strict=False), *given.items()):
            if name not in self.defaults:
                yield name, value, annotations.get(self.own, Any)
            elif value is not self.defaults[name]:
                yield name, value, annotations.get(name, Any)
        for place, value in enumerate(args[len(self.in_order) :]):
            yield f"{self.rest}[{place}]", value, annotations.get(self.rest, Any)


def kinds_checked(function: Made, *, is_made_of_fields: bool = False) -> Made:
    """Make a function refuse arguments of another kind or shape than its annotations say.

    Numbers, texts, flags, lists and dictionaries are checked first. What else may be wrong, as an array in
    the place of a data set, the function knows best and says in its own words; only where it does not, but
    ends in an error of Python, NumPy or JAX, is the kind looked at and told.

    Arguments:
        function: It, or the `__init__` of a class.
        is_made_of_fields: Whether it is the `__init__` of a class that keeps its arguments as they are: then
            none of another kind is kept, whatever it is.

    Returns:
        The same, checked. Defaults are never checked.
    """
    signature = _Signature(function)

    @wraps(function)
    def checked(*args: Any, **given: Any) -> Any:
        arguments = tuple(signature.arguments(args, given))
        for name, value, annotation in arguments:
            if _is_plain(annotation) and _is_wrong(value, annotation):
                _refuse(name, value, annotation)
        check_axes(arguments)
        try:
            result = function(*args, **given)
        except Exception as error:
            if _is_ours(error):
                _put_on_one_line(error)
            else:
                _tell_of_kinds(arguments, error)
            raise
        for name, value, annotation in arguments if is_made_of_fields else ():
            checks_later = hasattr(args[0], "__check_init__")  # Equinox calls it when all is made
            if _is_wrong(value, annotation) if checks_later else not fits(value, annotation):
                _refuse(name, value, annotation)
        return result

    setattr(checked, _CHECKED, True)
    return checked  # pyright: ignore[reportReturnType]


def _tell_of_kinds(arguments: Iterable[tuple[str, Any, Any]], error: Exception) -> None:
    """Raise the error about an argument of another kind, if there is one, for the one that came of it."""
    for name, value, annotation in arguments:
        if name == "seed" and is_whole(value):
            _check_seed(value)
        if (
            not fits(value, annotation)
            or _is_text_for_list(value, annotation)
            or _has_no_names(value, annotation)
        ):
            raise WrongKind(sentence(name, value, annotation)) from error


def as_numbers(value: Any, name: str) -> np.ndarray:
    """Give an array of numbers in double precision.

    Arguments:
        value: What was given: a number, an array, or lists.
        name: Name of the argument, for the sentence.

    Raises:
        WrongKind: It is none.
    """
    if not is_array_like(value, None):
        raise WrongKind(sentence(name, value, Numbers))
    return np.asarray(value, np.float64)


def check_kinds(function: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """Refuse arguments of another kind than the annotations of their function say, before anything is done.

    What an annotation does not tell apart is let pass. So is a text in the place of a sequence of texts,
    which has a sentence of its own, and what is traced by JAX, which has no value yet.

    Arguments:
        function: The function, such as `Dataset.__init__`.
        given: Arguments by name; others, such as `self`, may be among them.

    Raises:
        WrongKind: With what was got, what was expected, and the likely slip; a `TypeError` and `ValueError`.
    """
    for name, annotation in function.__annotations__.items():
        if name in given and not fits(given[name], annotation):
            raise WrongKind(sentence(name, given[name], annotation))


def _refuse(name: str, value: Any, annotation: Any) -> None:
    """Raise the error about an argument."""
    if name == "seed" and value is not None:
        _check_seed(value)
    raise WrongKind(sentence(name, value, annotation))


def _check_seed(value: Any) -> None:
    """Raise the error about a seed where all seeds are checked, if it is none."""
    from cogrnn_lab.random_numbers import as_seed  # which needs JAX

    as_seed(value)


def _is_wrong(value: Any, annotation: Any) -> bool:
    """Whether a value is of another kind; of True for a count, its own check tells how many it may be."""
    is_flag_for_count = isinstance(value, bool) and int in (annotation, *get_args(annotation))
    return not is_flag_for_count and not fits(value, annotation)


def is_result(made: type) -> bool:
    """Tell whether the package makes a class, or JAX does, and no user: it only holds what it is given.

    Arguments:
        made: The class.
    """
    checks = any(hasattr(made, name) for name in ("__post_init__", "__check_init__"))
    return issubclass(made, tuple | int | Exception) or (_is_written(made) and not checks)


def _is_written(made: type) -> bool:
    """Whether `dataclass` wrote the `__init__`."""
    return getattr(vars(made).get("__dataclass_params__"), "init", False)


def _is_text_for_list(value: Any, annotation: Any) -> bool:
    """Whether a text stands in the place of several, which a function may have a sentence for."""
    asked = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    return isinstance(value, str) and str not in asked and any(get_origin(one) is Sequence for one in asked)


def _has_no_names(value: Any, annotation: Any) -> bool:
    """Whether a dictionary has other keys than are asked for, which are names mostly."""
    asked = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    keys = [get_args(one)[0] for one in asked if get_origin(one) in (Mapping, dict)]
    return bool(keys) and isinstance(value, Mapping) and not all(fits(key, keys[0]) for key in value)


def _put_on_one_line(error: Exception) -> None:
    """Keep a sentence one, whatever argument it shows: arrays are shown in many lines."""
    if type(error) in (ValueError, TypeError) and len(error.args) == 1 and "\n" in str(error.args[0]):
        error.args = (one_line(str(error.args[0]), LONGEST_SENTENCE),)


def _is_ours(error: Exception) -> bool:
    """Whether it was raised by a line of the package, and not by what Python, NumPy or JAX made of one."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not trace.tb_frame.f_globals.get("__name__", "").startswith(f"{_PACKAGE}."):
        return False
    return trace.tb_frame.f_code.co_code[trace.tb_lasti] == _RAISE


@cache
def _is_plain(annotation: Any) -> bool:
    """Whether it asks for nothing but numbers, texts, flags, and lists and dictionaries of these."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return all(_is_plain(one) for one in inner)
    if origin in (Sequence, Iterable, Mapping, list, tuple, dict):
        return all(one in (Any, Ellipsis) or _is_plain(one) or _is_named_tuple(one) for one in inner)
    if origin is Annotated:
        return any(isinstance(one, Kind) for one in inner)
    if is_array_annotation(annotation):
        return not annotation.dim_str and not is_key_annotation(annotation)
    return origin is Literal or annotation in _TOLD_AT_ONCE or _is_any_array(annotation)


def _is_named_tuple(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, tuple) and hasattr(annotation, "_fields")


def _is_any_array(annotation: Any) -> bool:
    name = getattr(annotation, "__name__", "").rpartition(".")[2]  # "jaxlib._jax.Array" in some versions
    return name == "Array" and annotation.__module__.startswith("jax")


def fits(value: Any, annotation: Any) -> bool:
    """Tell whether a value is of the kind that an annotation says; True where it does not say.

    Arguments:
        value: What was given.
        annotation: That of its parameter.
    """
    if annotation is None or annotation is type(None):
        return value is None
    if is_traced(value):
        return annotation not in (str, bool) and get_origin(annotation) not in (Mapping, Sequence)
    if is_array_annotation(annotation):
        return is_key_annotation(annotation) or is_array_like(value, annotation)
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in inner)
    if origin is Annotated:
        kinds = [one for one in inner[1:] if isinstance(one, Kind)]
        return fits(value, inner[0]) and all(kind.fits(value) for kind in kinds)
    if origin is not None:
        return _fits_generic(value, origin, inner)
    if annotation in _PLAIN:
        return _PLAIN[annotation](value)
    if isinstance(annotation, type) and not getattr(annotation, "_is_protocol", False):
        return _fits_class(value, annotation)
    return True  # Any, a name that is known to type checkers only, or a protocol


def is_real(value: Any) -> bool:
    """Tell whether a value is one number, also as an array without axes; a bool is none.

    Arguments:
        value: Anything.
    """
    if getattr(value, "ndim", None) == 0 and hasattr(value, "dtype"):
        return is_numbers(value)
    return is_number(value)


def _fits_class(value: Any, kind: type) -> bool:
    if kind.__module__ == "collections.abc":
        return _fits_generic(value, kind, ())
    if _is_any_array(kind):
        return is_array_like(value, None)
    return isinstance(value, kind)


def _fits_generic(value: Any, origin: Any, inner: tuple[Any, ...]) -> bool:
    if origin is Literal:
        return any(type(value) is type(one) and value == one for one in inner)
    if origin is type:
        return isinstance(value, type)
    if origin in (Mapping, dict):
        return isinstance(value, Mapping) and (
            not inner or len(value) > MOST_ITEMS or all(fits(own, inner[1]) for own in value.values())
        )
    if origin is tuple and not (len(inner) == 2 and inner[1] is Ellipsis):
        return _fits_tuple(value, inner)
    if origin in (Sequence, list, tuple):
        return _fits_sequence(value, inner[0] if inner else Any)
    if origin is Iterable:
        return _fits_iterable(value, inner[0] if inner else Any)
    if getattr(origin, "__name__", "") == "Callable":
        return callable(value)
    return isinstance(value, origin) if isinstance(origin, type) else True


def _fits_iterable(value: Any, item: Any) -> bool:
    if item in (int, float) and (isinstance(value, list | tuple) or hasattr(value, "ndim")):
        return _fits_sequence(value, item)
    return hasattr(value, "__iter__") and not isinstance(value, type) and getattr(value, "ndim", 1) > 0


def _fits_tuple(value: Any, inner: tuple[Any, ...]) -> bool:
    if not _is_sequence(value) or isinstance(value, str):
        return False
    return not inner or (
        len(value) == len(inner) and all(fits(own, kind) for own, kind in zip(value, inner, strict=True))
    )


def _fits_sequence(value: Any, item: Any) -> bool:
    if isinstance(value, str):
        return item not in (int, float)
    if not _is_sequence(value):
        return False
    if getattr(value, "ndim", 1) > 1:
        return item is Any or get_origin(item) is Sequence
    if item in (int, float) and hasattr(value, "dtype"):
        return is_array_like(value, None)
    if not isinstance(value, list | tuple) or len(value) > MOST_ITEMS:
        return True
    if item is str:  # names, which may be numbers, become texts
        return not any(isinstance(own, list | dict | set) for own in value)
    return all(fits(own, item) for own in value)


def _is_sequence(value: Any) -> bool:
    """Whether it has items in an order, as a list, an array, or a column of a table."""
    if isinstance(value, type | Mapping | bytes) or not hasattr(value, "__getitem__"):
        return False
    return hasattr(value, "__len__") and getattr(value, "ndim", 1) >= 1


# Of a path in the place of another thing, say, functions have sentences of their own.
_TOLD_AT_ONCE = (None, type(None), Any, int, np.integer, float, bool, str, np.ndarray)
_PLAIN: dict[Any, Callable[[Any], bool]] = {
    Any: lambda value: True,
    int: is_whole,
    np.integer: is_whole,
    float: is_real,
    bool: lambda value: isinstance(value, bool | np.bool_),
    str: lambda value: isinstance(value, str),
    np.ndarray: lambda value: isinstance(value, np.ndarray) or is_array_like(value, None),
    Path: lambda value: isinstance(value, str | Path),
}
