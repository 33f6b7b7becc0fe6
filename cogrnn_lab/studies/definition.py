"""What a study is, kept in its folder, so that another one is not mixed into it."""

import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cogrnn_lab.atomic_files import write_text
from cogrnn_lab.counts import one_line
from cogrnn_lab.schemas import (
    FileError,
    ListOf,
    MapOf,
    Maybe,
    Record,
    Text,
    Whole,
    parsed_json,
    taking_apart,
)
from cogrnn_lab.studies.claims import claimed
from cogrnn_lab.studies.points import POINT

FILE, POINTS, NAME = "study.json", "points", "name"
CLAIM, PAUSE = ".study.claim", 0.02  # seconds before asking again for what another process holds
FORMAT, VERSION = "cogrnn_lab study", 1
LONGEST = 200  # characters of what is told of one setting
MOST_SHOWN = 6  # values of a setting in a sentence
DEFINITION = Record(
    {POINTS: ListOf(POINT)},
    {
        "search": Maybe(Record({"n": Whole(1), "seed": Whole(most=2**63)})),
        NAME: Text(),
        "data": MapOf(Text()),
    },
)


def read_definition(folder: Path) -> dict[str, Any] | None:
    """Read what a folder's study is; None where there is none.

    Raises:
        FileError: The file is damaged or of a newer version.
        ValueError: The folder has other files.
    """
    path = folder / FILE
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{str(folder)!r} is a file; expected the folder of a study")
    if not path.exists():
        if folder.is_dir() and any(not own.name.startswith(".") for own in folder.iterdir()):
            raise ValueError(f"{str(folder)!r} has files but no study ({FILE}); choose another folder")
        return None
    with taking_apart(path):
        found = parsed_json(path.read_bytes())
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise FileError(f"{str(path)!r} is not the definition of a study")
        Whole(1).check(found.get("version"), "its version")
        if found["version"] > VERSION:
            raise FileError(f"{str(path)!r} was written by a newer cogrnn_lab; update it")
        DEFINITION.check(found, "the study")
    return found


def keep_definition(folder: Path, given: Mapping[str, Any]) -> str:
    """Keep what a study is; one that is there may be extended by points, and is not changed otherwise.

    Returns:
        The name of the study, which no other has: it stays, whatever is done with the folder.

    Raises:
        ValueError: The folder holds another study.
    """
    new = json.loads(json.dumps({"format": FORMAT, "version": VERSION, **given}))
    old = read_definition(folder)
    if old is not None:
        check_same(folder, old, new)
        if _text(old) == _text(new | {NAME: old.get(NAME)}) and old.get(NAME):
            return old[NAME]  # as in a folder that may only be read
    while True:
        with claimed(folder / CLAIM) as is_ours:  # of two processes that begin a study one gives it its name
            if is_ours:
                return _kept(folder, new)
        time.sleep(PAUSE)


def _kept(folder: Path, new: dict[str, Any]) -> str:
    old = read_definition(folder) if (folder / FILE).exists() else None
    if old is not None:
        check_same(folder, old, new)
    new[NAME] = (old or {}).get(NAME) or _new_name(folder)
    if old is None or _text(old) != _text(new):
        write_text(folder / FILE, _text(new) + "\n")
    return new[NAME]


def _text(definition: Mapping[str, Any]) -> str:
    """As it is written, in which 1 and 1.0 differ, as they do in the names of runs."""
    return json.dumps(definition, indent=1)


def _new_name(folder: Path) -> str:
    """Name a study after its folder, in letters that logs and file systems take, and apart from others."""
    called = re.sub(r"[^\w.-]+", "_", folder.resolve().name).strip("._") or "study"
    return f"{called[:40]}-{secrets.token_hex(4)}"


def check_same(folder: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Refuse what is not the same study with points added, and say what differs."""
    differing = [
        f"{name} was {_short(old.get(name))}, is {_short(new.get(name))}"
        for name in dict.fromkeys([*new, *old])
        if name not in (POINTS, "search", NAME) and old.get(name) != new.get(name)
    ]
    differing += _search(old.get("search"), new.get("search"))
    if old.get("search") is None or new.get("search") is None:
        differing += _points_left_out(old[POINTS], new[POINTS])
    if differing:
        told = "; ".join(one_line(own, LONGEST) for own in differing)
        raise ValueError(
            f"{str(folder)!r} holds another study: {told}. A study may be extended by "
            "values, and keeps those that it has; give another folder for another study"
        )


def _search(old: Any, new: Any) -> list[str]:
    """A search by a sampler may go on for more trials, and is otherwise the same."""
    if old is None or new is None:
        return [] if old is new else [f"the search was {_short(old)}, is {_short(new)}"]
    found = [
        f"{name} was {_short(old.get(name))}, is {_short(new.get(name))}"
        for name in new
        if name != "n" and old.get(name) != new.get(name)
    ]
    return found + ([f"n_trials was {old['n']}, is {new['n']}"] if new["n"] < old["n"] else [])


def _points_left_out(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[str]:
    if {_key(point) for point in old} <= {_key(point) for point in new}:
        return []
    told = []
    for name in dict.fromkeys(name for point in (*old, *new) for name in point):
        had, has = _values(old, name), _values(new, name)
        gone = [value for value in had if value not in has]
        if gone:
            told.append(f"{name} had {_listed(gone)}, now {_listed(has)}")
    return told or ["some of its combinations are left out"]


def _key(point: Mapping[str, Any]) -> frozenset[tuple[str, Any]]:
    """A point as something that a set can hold, so that many are compared at once; 1 and 1.0 are equal."""
    return frozenset(point.items())


def _values(points: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    return list(dict.fromkeys(json.dumps(point[name]) for point in points if name in point)) or ["none"]


def _listed(values: Sequence[str]) -> str:
    more = [f"and {len(values) - MOST_SHOWN} more"] if len(values) > MOST_SHOWN else []
    return ", ".join([*values[:MOST_SHOWN], *more])


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 200 else f"{text[:200]} ..."
