"""What a file may hold: descriptions of JSON against which it is checked before anything is made of it."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

DEEPEST = 40  # levels of nested JSON; what this package writes has ten at most
LARGEST = 2**63  # of whole numbers
LONGEST_TOLD = 200  # characters of an error of other code in a sentence of ours


class FileError(ValueError):
    """Error: a file is damaged, not of this package or of a newer one, or is not the one that was meant."""


@runtime_checkable
class Schema(Protocol):
    """Description of one value of JSON."""

    def check(self, value: Any, where: str) -> None:
        """Raise a `FileError` that names the place `where` the value is another."""


@dataclass(frozen=True)
class Anything:
    """Schema of a value that is read by nobody, or checked by whoever takes it."""

    def check(self, value: Any, where: str) -> None:
        """Let everything pass."""


@dataclass(frozen=True)
class Plain:
    """Schema of a number, a text, true, false or null."""

    def check(self, value: Any, where: str) -> None:
        """Refuse lists and names with values."""
        if isinstance(value, list | tuple | Mapping):
            raise _other(value, where, "one value")


@dataclass(frozen=True)
class Flag:
    """Schema of true or false."""

    def check(self, value: Any, where: str) -> None:
        """Refuse all else."""
        if not isinstance(value, bool):
            raise _other(value, where, "true or false")


@dataclass(frozen=True)
class Whole:
    """Schema of a whole number from `least` to `most`."""

    least: int = 0
    most: int = 2**31 - 1

    def check(self, value: Any, where: str) -> None:
        """Refuse all else."""
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise _other(value, where, f"a whole number from {self.least} to {self.most}")


@dataclass(frozen=True)
class Number:
    """Schema of a number; one that is not finite only where `finite` is False."""

    finite: bool = False

    def check(self, value: Any, where: str) -> None:
        """Refuse all else."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _other(value, where, "a number")
        # a whole number of more digits than a float has is told by no float
        is_too_long = isinstance(value, int) and abs(value) > LARGEST
        if is_too_long or (self.finite and not math.isfinite(value)):
            raise _other(value, where, "a finite number")


@dataclass(frozen=True)
class Text:
    """Schema of a text; one of `options` where there are any."""

    options: tuple[str, ...] = ()

    def check(self, value: Any, where: str) -> None:
        """Refuse all else."""
        if not isinstance(value, str) or (self.options and value not in self.options):
            raise _other(value, where, f"one of {', '.join(self.options)}" if self.options else "a text")


@dataclass(frozen=True)
class ListOf:
    """Schema of a list with items of one kind, of exactly `length` where it is given."""

    item: Schema
    length: int | None = None

    def check(self, value: Any, where: str) -> None:
        """Refuse all else."""
        if not isinstance(value, list | tuple):
            raise _other(value, where, "a list")
        if self.length is not None and len(value) != self.length:
            raise FileError(f"{where} has {len(value)} items, expected {self.length}")
        for i, own in enumerate(value):
            self.item.check(own, f"{where}[{i}]")


@dataclass(frozen=True)
class MapOf:
    """Schema of names, each with a value of one kind."""

    item: Schema

    def check(self, value: Any, where: str) -> None:
        """Refuse all else."""
        _check_mapping(value, where)
        for name, own in value.items():
            self.item.check(own, f"{where}.{name:.40}")


@dataclass(frozen=True)
class Maybe:
    """Schema of a value that may be null."""

    schema: Schema

    def check(self, value: Any, where: str) -> None:
        """Refuse what is neither."""
        if value is not None:
            self.schema.check(value, where)


@dataclass(frozen=True)
class Record:
    """Schema of named values.

    Arguments: `needed` must be there, `further` may be; `closed`: nothing else may be there.
    """

    needed: Mapping[str, Schema]
    further: Mapping[str, Schema] = field(default_factory=dict)
    closed: bool = False

    def check(self, value: Any, where: str) -> None:
        """Refuse all else."""
        _check_mapping(value, where)
        for name, schema in self.needed.items():
            if name not in value:
                raise FileError(f"{where} lacks {name!r}")
            schema.check(value[name], f"{where}.{name}")
        for name, schema in self.further.items():
            if name in value:
                schema.check(value[name], f"{where}.{name}")
        strangers = set(value) - set(self.needed) - set(self.further)
        if self.closed and strangers:
            raise FileError(f"{where} has {min(strangers):.40}, which is not known here")


def parsed_json(text: str | bytes) -> Any:
    """Read JSON that is nested no deeper than `DEEPEST` levels; `FileError` where it is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileError(f"it holds no JSON that can be read ({type(error).__name__})") from error
    level = [found]
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _items(value)]
        if not level:
            return found
    raise FileError(f"its JSON is nested deeper than {DEEPEST} levels")


def read_json(path: Path, schema: Schema, what: str) -> Any:
    """Read a file of JSON, `what` in words; `FileError` where it is not as the schema says."""
    with taking_apart(path):
        found = parsed_json(path.read_bytes())
        schema.check(found, what)
        return found


@contextmanager
def taking_apart(file: Any) -> Iterator[None]:
    """Name the file in whatever goes wrong while its content is taken apart.

    What is known to be possible is checked before; here the rest is caught, so that no content of a file ends
    in an error of other code. A `FileError` within keeps its sentence and gets the name of the file.

    Arguments:
        file: Path of the file, or what `read_archive` gave of it.

    Raises:
        FileError: Anything was raised within.
    """
    name = repr(str(getattr(file, "file", file if isinstance(file, str | Path) else "the file")))
    try:
        yield
    except FileNotFoundError:
        raise
    except FileError as error:
        if name in str(error):
            raise
        raise FileError(f"{name} cannot be read: {error}") from error
    except MemoryError as error:
        raise FileError(f"{name} needs more memory than there is, or is damaged") from error
    except OSError as error:
        raise FileError(f"{name} cannot be read: {error.strerror or type(error).__name__}") from error
    except Exception as error:
        told = " ".join(str(error).split())[:LONGEST_TOLD]
        raise FileError(f"{name} is damaged ({type(error).__name__}: {told})") from error


def _items(value: Any) -> Sequence[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def _check_mapping(value: Any, where: str) -> None:
    if not isinstance(value, Mapping):
        raise _other(value, where, "names with values")


def _other(value: Any, where: str, expected: str) -> FileError:
    return FileError(f"{where} is {_said(value)}, expected {expected}")


def _said(value: Any) -> str:
    if value is None or isinstance(value, list | tuple | Mapping):
        return (
            "null" if value is None else "a list" if isinstance(value, list | tuple) else "names with values"
        )
    if isinstance(value, int) and abs(value) > LARGEST:  # Python refuses to write some of them out
        return "a number of many digits"
    return repr(value)[:40]
