"""Processes that are killed while they save: what is read then is what was there, or what was saved."""

import os
import random
import signal
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jax
import numpy as np

import cogrnn_lab as cl
from cogrnn_lab.atomic_files import write_text
from cogrnn_lab.lab.engine.kept.storage import RunFolder
from cogrnn_lab.studies.definition import keep_definition, read_definition
from cogrnn_lab.training.archive import previous_of, read_archive
from cogrnn_lab.training.watching.course import CourseFile, definition_of

from .kinds import course, data, discovery, lab_run, trained
from .words import say

LONGEST = 0.06  # seconds until a kill, in which a child saves several times


@dataclass(frozen=True)
class Saved:
    """Kind of what is saved.

    Fields:
        name: Its name.
        saves: Two functions of a folder that save two things under the same name.
        marks: Function of the folder: what every part of it says of which of the two it is, 0 or 1.
        left: Names of the files that stay.
    """

    name: str
    saves: tuple[Callable[[Path], Any], Callable[[Path], Any]]
    marks: Callable[[Path], set[int]]
    left: tuple[str, ...]


@dataclass
class Tried:
    """What came of the kills.

    Fields:
        name: Name of the kind.
        n: Kills.
        torn: How many of them came in the midst of writing.
        seen: What was read after how many.
        lost: What went wrong, with how often.
    """

    name: str
    n: int = 0
    torn: int = 0
    seen: Counter = field(default_factory=Counter)
    lost: Counter = field(default_factory=Counter)

    def __str__(self) -> str:
        seen = " and ".join(str(self.seen[mark]) for mark in (0, 1))
        return (
            f"{self.name}: {self.n} kills, {self.torn} in the midst of writing; then the one and the other "
            f"were read {seen} times; {self.lost.total()} lost"
        )


def networks() -> tuple[cl.DisRNN, cl.DisRNN]:
    """Two networks that differ in every number that is drawn."""
    make = lambda key: cl.DisRNN(2, 2, 40, update_width=40, key=jax.random.key(key))  # noqa: E731
    return make(0), make(1)


def mark_of(model: Any, pair: tuple[Any, Any]) -> int:
    """Which of two networks it is."""
    leaves = [jax.tree.leaves(one) for one in (model, *pair)]
    own = [all(map(np.array_equal, leaves[0], others)) for others in leaves[1:]]
    return own.index(True) if sum(own) == 1 else 2


def saved_runs() -> Saved:
    pair = networks()
    runs = [cl.Run(model, (), {"seed": i, "batch_size": 1}) for i, model in enumerate(pair)]

    def marks(folder: Path) -> set[int]:
        run = cl.load(folder / "r.npz")
        return {run.settings["seed"], mark_of(run.model, pair)}

    return Saved("run", tuple((lambda f, r=r: r.save(f / "r.npz")) for r in runs), marks, ("r.npz",))


def saved_networks() -> Saved:
    pair = networks()
    saves = tuple((lambda f, m=m: cl.save_network(m, f / "n.npz")) for m in pair)
    return Saved("network", saves, lambda f: {mark_of(cl.load_network(f / "n.npz"), pair)}, ("n.npz",))


def saved_trainers() -> Saved:
    one, other = trained(), trained()
    other.advance(2)

    def marks(folder: Path) -> set[int]:
        trainer = cl.Trainer.load(folder / "t.npz", *data())
        return {int(trainer.step_count > 2), len(trainer.history) - 1}

    saves = (lambda f: one.save(f / "t.npz"), lambda f: other.save(f / "t.npz"))
    return Saved("trainer", saves, marks, ("t.npz",))


def saved_checkpoints() -> Saved:
    early, late = course(), course()
    next(iter(early.reports()))
    reports = iter(late.reports())
    next(reports), next(reports)
    definition = definition_of(course(), *data())
    saves = tuple((lambda f, c=c: CourseFile(f / "c.npz", definition).keep(c)) for c in (early, late))

    def marks(folder: Path) -> set[int]:
        found = course()
        CourseFile(folder / "c.npz", definition).take_up(found, *data(), {})
        before = previous_of(folder / "c.npz")
        if before.exists():
            read_archive(before, "trainer")  # it is whole as well
        return {found.taken // 2 - 1, found.trainer.step_count // 2 - 1}

    return Saved("checkpoint of fit", saves, marks, ("c.npz", "c.previous.npz"))


def saved_discoveries() -> Saved:
    pair = [marked_discovery(0), marked_discovery(1)]

    def marks(folder: Path) -> set[int]:
        found = cl.load_discovery(folder)
        model = mark_of(found.path.warm_up.models[0], tuple(one.path.warm_up.models[0] for one in pair))
        assert found.equations is not None
        return {int(found.sentences[0]), model, int(found.equations.mechanism)}

    files = ("path", "path.other", "equations", "equations.other", "findings")
    saves = tuple((lambda f, d=d: d.save(f)) for d in pair)
    return Saved("discovery", saves, marks, tuple(f"{name}.npz" for name in files))


def marked_discovery(i: int) -> cl.Discovery:
    """A discovery of which every part tells its number."""
    made = discovery()
    model = cl.DisRNN(2, 2, 3, update_width=2, update_depth=1, choice_depth=0, key=jax.random.key(i))
    levels = [replace(one, models=(model, model)) for one in (made.path.warm_up, *made.path.levels)]
    path = replace(made.path, warm_up=levels[0], levels=tuple(levels[1:]))
    assert made.equations is not None
    told = replace(made.equations, text=f"{i}\n", mechanism=str(i))
    return replace(made, path=path, sentences=(str(i),), equations=told)


def saved_equations() -> Saved:
    told = [marked_discovery(i).equations for i in (0, 1)]
    saves = tuple((lambda f, e=e: e.save(f / "e.npz")) for e in told)
    return Saved("equations", saves, lambda f: {int(cl.load_equations(f / "e.npz").mechanism)}, ("e.npz",))


def saved_lab_runs() -> Saved:
    runs = [lab_run(), lab_run()]
    for i, run in enumerate(runs):
        run.curve.marks = [i]
        run.settings["training"]["seed"] = i
    saves = tuple((lambda f, r=r: RunFolder(f).save("run", r)) for r in runs)

    def marks(folder: Path) -> set[int]:
        saved = RunFolder(folder).open("run")
        return {*saved.marks, saved.settings["training"]["seed"]}

    return Saved("lab run", saves, marks, ("run",))


def saved_definitions() -> Saved:
    """A study that is extended again and again; the second is the first with points added."""

    def extend(folder: Path) -> None:
        old = read_definition(folder)
        points = [] if old is None else old["points"]
        keep_definition(folder, {"points": [*points, {"steps": len(points)}]})

    def marks(folder: Path) -> set[int]:
        found = read_definition(folder)
        return {
            0 if found and [p["steps"] for p in found["points"]] == list(range(len(found["points"]))) else 2
        }

    return Saved("study", (extend, extend), marks, ("study.json", ".study.claim"))


def saved_reports() -> Saved:
    texts = ["0\n" * 100_000, "1\n" * 100_000]
    saves = tuple((lambda f, t=t: write_text(f / "report.md", t)) for t in texts)
    marks = lambda f: set(map(int, (f / "report.md").read_text().split()))  # noqa: E731
    return Saved("report", saves, marks, ("report.md",))


KINDS = (
    saved_networks, saved_runs, saved_trainers, saved_checkpoints, saved_discoveries, saved_equations,
    saved_lab_runs, saved_definitions, saved_reports,
)  # fmt: skip


def try_kind(make: Callable[[], Saved], n: int, seed: int = 0) -> Tried:
    """Kill a process `n` times while it saves one thing over the other."""
    kind = make()
    rng, tried = random.Random(f"{kind.name} {seed}"), Tried(kind.name)
    with tempfile.TemporaryDirectory() as place, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(place).resolve()
        for save in kind.saves:
            save(folder)
        kind.marks(folder)
        for _ in range(n):
            _kill(kind, folder, rng)
            tried.n += 1
            tried.torn += any(path.name.endswith(".partial") for path in folder.rglob("*"))
            try:
                found = kind.marks(folder)
            except Exception as error:
                tried.lost[f"{type(error).__name__}: {str(error)[:200]}"] += 1
                continue
            if len(found) != 1 or not found <= {0, 1}:
                tried.lost[f"mixed: {found}"] += 1
            else:
                tried.seen.update(found)
        for save in kind.saves:  # what the last kill left is swept
            save(folder)
        left = {path.name for path in folder.iterdir()} - set(kind.left)
        if left:
            tried.lost[f"left behind: {sorted(left)}"] += 1
    return tried


def _kill(kind: Saved, folder: Path, rng: random.Random) -> None:
    child = os.fork()
    if child == 0:
        try:
            while True:
                for save in kind.saves:
                    save(folder)
        finally:
            os._exit(1)
    time.sleep(rng.uniform(0, LONGEST))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def main(n: int, seed: int, only: list[str]) -> int:
    """Kill `n` times in all, over all kinds; how much was lost."""
    lost = 0
    for make in KINDS:
        if only and make.__name__.removeprefix("saved_") not in only:
            continue
        tried = try_kind(make, -(-n // len(KINDS)), seed)
        say(tried)
        for fault, times in tried.lost.most_common():
            say(f"    {times} × {fault}")
        lost += tried.lost.total()
    return lost
