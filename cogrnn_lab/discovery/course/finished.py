"""What a discovery has finished, kept in a folder, so that it goes on from there when it was interrupted."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from cogrnn_lab.atomic_files import told_if_impossible
from cogrnn_lab.discovery.parts import Parts
from cogrnn_lab.fingerprints import digest, fingerprint
from cogrnn_lab.schemas import Anything, FileError, MapOf, Record
from cogrnn_lab.tasks.agents.agent_parameters import as_agent
from cogrnn_lab.training.archive import read_archive, write_archive

Part = tuple[dict[str, Any], dict[str, np.ndarray]]
PARTS = "parts"
# Packages whose classes and functions stay as they are under their names.
KNOWN = ("cogrnn_lab", "equinox", "jax", "jaxlib", "numpy", "builtins", "collections", "abc", "typing")

TOLD = ("choice", "reward", "p_choice", "foregone", "second_state", "second_choice")


def key_of(*told: Any) -> str:
    """A short text that differs where one of these differs; arrays count by what they hold."""
    # each text ends, so that 16 and 10 are not 161 and 0
    return digest(*(own if isinstance(own, np.ndarray) else np.array(f"{own}\n") for own in told))


def key_of_parts(parts: Parts) -> str:
    """A short text that differs between discoveries from different choices."""
    told = []
    for part in parts.named.values():
        columns = [np.asarray(part.columns[name], float) for name in TOLD if name in part.columns]
        offered = [] if part.action_mask is None else [np.asarray(part.action_mask)]
        names = part.input_names, part.class_names, part.subject_names
        told += [fingerprint(part), *names, *columns, *offered, part.outcomes]
    return key_of(*told)


def key_of_agent(agent: Any) -> tuple[Any, ...] | None:
    """What tells an agent of the package from others, for `key_of`: its numbers and its classes.

    None of an agent with code of one's own, whose fit is not kept: what it does depends on functions, globals
    and closures that may be others under the same names when the discovery goes on.
    """
    made = as_agent(agent)
    within = list(_within(made))
    kinds = dict.fromkeys(kind for one in within for kind in type(one).__mro__)
    functions = [one for one in within if callable(one) and not is_dataclass(one)]
    if not all(map(_is_known, [*kinds, *functions])):
        return None
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in kinds if is_dataclass(kind))
    arrays = (np.asarray(leaf) for leaf in jax.tree.leaves(made) if np.ndim(leaf))
    return (repr(made), *names, *arrays)


def _within(value: Any) -> Iterator[Any]:
    """A value and all that is in its fields and items."""
    yield value
    if is_dataclass(value):
        inner = [getattr(value, own.name, None) for own in fields(value)]
    elif isinstance(value, Mapping):
        inner = list(value.values())
    else:
        inner = list(value) if isinstance(value, list | tuple) else []
    for one in inner:
        yield from _within(one)


def _is_known(kind: Any) -> bool:
    return (getattr(kind, "__module__", None) or "").split(".")[0] in KNOWN


class Finished:
    """Parts of a discovery by all that they depend on: what is found under the same name is the same.

    Arguments: `folder` of the discovery; None keeps nothing.
    """

    def __init__(self, folder: Path | None):
        self._folder = None if folder is None else folder / PARTS

    def file(self, name: str, key: str) -> Path | None:
        """The file of a part that depends on `key` (a digest); None where nothing is kept."""
        return None if self._folder is None else self._folder / f"{name}-{key}.npz"

    def part(self, name: str, key: str | None, make: Callable[[], Part]) -> Part:
        """What was made and kept before, or what `make` gives: a header as JSON takes it, and arrays.

        Without a key it is made, and not kept.
        """
        file = None if key is None else self.file(name, key)
        if file is not None and file.exists():
            return self._kept(file, name)
        header, arrays = make()
        if file is not None:
            with told_if_impossible(file, f"the part {name!r} of the discovery", "it goes on without"):
                write_archive(file, {"content": name, "part": header}, arrays)
        return header, arrays

    def _kept(self, file: Path, name: str) -> Part:
        try:
            header, arrays = read_archive(file, name, schema=Record({"part": MapOf(Anything())}))
        except FileError as error:
            raise FileError(f"{error}; delete it, and this part is made again") from error
        return header["part"], arrays
