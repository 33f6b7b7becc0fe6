"""Spoiled files of every kind: each is read, or refused in one sentence that names it, within seconds."""

import random
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .kinds import KINDS, Kind
from .mutations import JSON
from .words import say

LONGEST = 10.0  # seconds that a file may take
LONGEST_SENTENCE = 900  # characters
# What no reading of a file may do. That a folder is made, or a file in it swept, is no harm.
FORBIDDEN = (
    "pickle.find_class", "os.system", "subprocess.Popen", "socket.connect", "os.remove", "os.rename",
    "shutil.rmtree", "os.exec", "os.posix_spawn", "ctypes.dlopen",
)  # fmt: skip


@dataclass
class Tried:
    """What came of the spoiled files of a kind.

    Fields:
        kind: Name of the kind.
        read: How many were read all the same.
        refused: How many were refused in a sentence of ours.
        faults: What went wrong, with how often.
        slowest: Seconds that the slowest took.
    """

    kind: str
    read: int = 0
    refused: int = 0
    faults: Counter = field(default_factory=Counter)
    slowest: float = 0.0

    @property
    def n(self) -> int:
        return self.read + self.refused + self.faults.total()

    def __str__(self) -> str:
        return (
            f"{self.kind}: {self.n} spoiled, {self.refused} refused in a sentence, {self.read} read, "
            f"{self.faults.total()} faults; the slowest took {self.slowest:.1f} s"
        )


class TooLong(BaseException):
    """Raised where reading takes longer than it may; no `except Exception` stops it."""


def try_kind(kind: Kind, n: int, seed: int = 0) -> Tried:
    """Spoil files of a kind `n` times, and read each."""
    rng, tried = random.Random(f"{kind.name} {seed}"), Tried(kind.name)
    with tempfile.TemporaryDirectory() as place, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(place).resolve()
        files = list(kind.make(folder))
        whole = {file: file.read_bytes() for file in files}
        kind.read(folder)  # and what has to be imported and compiled is
        for _ in range(n):
            file = rng.choice(files)
            how = rng.choice(JSON if file.suffix == ".json" else kind.mutations)
            file.write_bytes(how(whole[file], rng))
            _note(tried, kind, folder, how.__name__)
            file.write_bytes(whole[file])
        kind.read(folder)
    return tried


def _note(tried: Tried, kind: Kind, folder: Path, how: str) -> None:
    began = time.perf_counter()
    try:
        with limited(), _watched() as done:
            kind.read(folder)
        done = [what for what in done if not kind.extends or kind.extends not in what]
        if done:
            tried.faults[f"{how}: it did {done[0]}"] += 1
        else:
            tried.read += 1
    except TooLong:
        tried.faults[f"{how}: took longer than {LONGEST:g} s"] += 1
    except (ValueError, FileNotFoundError) as error:
        fault = fault_of(error)
        if fault:
            tried.faults[f"{how}: {fault}"] += 1
        else:
            tried.refused += 1
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        tried.faults[f"{how}: {type(error).__name__} at {where}: {str(error)[:80]}"] += 1
    tried.slowest = max(tried.slowest, time.perf_counter() - began)


def fault_of(error: Exception) -> str:
    """What is wrong with a refusal: it is not raised by us, or is not one sentence."""
    frames = traceback.extract_tb(error.__traceback__)
    last = Path(frames[-1].filename)
    if "cogrnn_lab" not in last.parts or not str(frames[-1].line).startswith("raise"):
        return f"{type(error).__name__} of {last.name}:{frames[-1].lineno}: {str(error)[:80]}"
    text = str(error)
    if not text or "\n" in text or len(text) > LONGEST_SENTENCE:
        return f"no sentence, from {last.name}:{frames[-1].lineno}: {text[:100]!r}"
    return ""


@contextmanager
def limited(seconds: float = LONGEST) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


_watching: list[list[str]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching:
        writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        if event in FORBIDDEN or (writes and "compil" not in str(arguments[0])):
            _watching[-1].append(f"{event} {str(arguments)[:100]}")


sys.addaudithook(_hook)


@contextmanager
def _watched() -> Iterator[list[str]]:
    """Notes of what Python's audit events tell that no reading of a file may do."""
    done: list[str] = []
    _watching.append(done)
    try:
        yield done
    finally:
        _watching.pop()


def main(n: int, seed: int, only: list[str]) -> int:
    """Try every kind, or those named; the number of faults."""
    faults = 0
    for kind in KINDS:
        if only and kind.name not in only:
            continue
        tried = try_kind(kind, n, seed)
        say(tried)
        for fault, times in tried.faults.most_common():
            say(f"    {times} × {fault}")
        faults += tried.faults.total()
    return faults
