"""What a discovery has finished, kept in a folder, so that it goes on from there when it was interrupted."""

import inspect
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

import jax
import numpy as np

from cogrnn_lab.discovery.parts import Parts
from cogrnn_lab.fingerprints import digest, fingerprint
from cogrnn_lab.tasks.agents.agent_parameters import as_agent
from cogrnn_lab.tasks.agents.parameter_fields import agents_within
from cogrnn_lab.training.archive import read_archive, write_archive

Part = tuple[dict[str, Any], dict[str, np.ndarray]]
PARTS = "parts"

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


def key_of_agent(agent: Any) -> tuple[Any, ...]:
    """What tells an agent from others, for `key_of`: its numbers, its classes, and the code of one's own.

    A class that was written anew under the same name, as in a notebook cell, is another one.
    """
    made = as_agent(agent)
    kinds = dict.fromkeys(kind for one in agents_within(made) for kind in type(one).__mro__)
    own = [
        kind for kind in kinds if kind.__module__.split(".")[0] not in ("cogrnn_lab", "equinox", "builtins")
    ]
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in kinds)
    arrays = (np.asarray(leaf) for leaf in jax.tree.leaves(made) if np.ndim(leaf))
    return (repr(made), *names, *map(_code_of_class, own), *arrays)


def _code_of_class(kind: type) -> str:
    """What the methods of a class do; source is not kept of classes in notebooks, and compiled code is."""
    told = []
    for name in sorted(vars(kind)):
        method = getattr(kind, name, None)
        method = method.fget if isinstance(method, property) else method
        code = getattr(inspect.unwrap(method), "__code__", None) if callable(method) else None
        told += [] if code is None else [name, _code(code)]
    return "\n".join(told)


def _code(code: CodeType) -> str:
    """Instructions, names and constants, without the place where they were written."""
    constants = []
    for one in code.co_consts:
        plain = sorted(map(repr, one)) if isinstance(one, frozenset) else one
        constants.append(_code(one) if isinstance(one, CodeType) else repr(plain))
    return f"{code.co_code.hex()} {code.co_names} {code.co_varnames} {constants}"


class Finished:
    """Parts of a discovery by all that they depend on: what is found under the same name is the same.

    Arguments: `folder` of the discovery; None keeps nothing.
    """

    def __init__(self, folder: Path | None):
        self._folder = None if folder is None else folder / PARTS

    def file(self, name: str, key: str) -> Path | None:
        """The file of a part that depends on `key` (a digest); None where nothing is kept."""
        return None if self._folder is None else self._folder / f"{name}-{key}.npz"

    def part(self, name: str, key: str, make: Callable[[], Part]) -> Part:
        """What was made and kept before, or what `make` gives: a header as JSON takes it, and arrays."""
        file = self.file(name, key)
        if file is not None and file.exists():
            header, arrays = read_archive(file, name)
            return header["part"], arrays
        header, arrays = make()
        if file is not None:
            write_archive(file, {"content": name, "part": header}, arrays)
        return header, arrays
