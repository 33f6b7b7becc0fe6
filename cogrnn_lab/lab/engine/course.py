"""A discovery of a run's data: its levels as they come, what was chosen, and the network of any level."""

import copy
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import numpy as np

from cogrnn_lab.analysis import Equations
from cogrnn_lab.discovery import ChosenLevel, Discovery, DiscoveryProgress, Level, PathReport, discover
from cogrnn_lab.lab.engine.beside import Beside, Check
from cogrnn_lab.models.description import started_anew

AT_WORK, STOPPED, DONE, FAILED = "at work", "stopped", "done", "failed"


@dataclass(frozen=True, eq=False)
class PathLevel:
    """A level that has ended: its networks, and the likelihood of each kind of sessions for each seed."""

    level: Level
    likelihood: dict[str, np.ndarray]

    @property
    def seed(self) -> int:
        """The seed that represents the level."""
        return self.level.best_seed


@dataclass(frozen=True)
class HeldNetwork:
    """A network in the place of one in training."""

    model: Any
    step_count: int
    stage: int = 0


def held_by(run: Any, network: HeldNetwork) -> Any:
    """The run as if its network were this one."""
    shown: Any = copy.copy(run)
    shown.trainer, shown.held_for = network, run.trainer
    return shown


@dataclass
class Course:
    """The discovery of a run so far.

    Fields:
        levels: The levels that have ended, by ascending price.
        state: "" where there was none, "at work", "stopped", "done" or "failed".
        now: What it did last, in words.
        chosen: The level that the data have chosen.
        equations: The equations of that level.
        found: The whole result.
        options: What `cl.discover` was called with.
        folder: Where its parts are kept, so that it can go on; gone with the run.
        saved_as: Name of the folder within that of a saved run, once it was saved or read; see `storage.py`.
    """

    levels: tuple[PathLevel, ...] = ()
    state: str = ""
    now: str = ""
    chosen: ChosenLevel | None = None
    equations: Equations | None = None
    found: Discovery | None = None
    options: dict[str, Any] | None = None
    folder: Any = None
    saved_as: str = ""

    @classmethod
    def of(cls, found: Discovery, saved_as: str = "") -> "Course":
        """The course of a discovery that is finished, as one that was read from a file."""
        units, levels = found.path.units, found.path.levels
        shown = [
            PathLevel(one, {name: np.exp(-units[name].means(nll)) for name, nll in one.nll.items()})
            for one in levels
        ]
        return cls(
            tuple(shown), DONE, "", found.level, found.equations, found, {"hold_out": found.hold_out},
            saved_as=saved_as,
        )  # fmt: skip

    @property
    def is_begun(self) -> bool:
        """Whether there is a discovery of this run, finished or not."""
        return self.state not in ("", FAILED)

    @property
    def is_at_work(self) -> bool:
        """Whether a discovery is going on."""
        return self.state == AT_WORK

    def seed(self, level: int) -> int:
        """The seed that is shown of a level."""
        if self.chosen is not None and level == int(self.chosen):
            return self.chosen.seed
        return self.levels[level].seed

    def with_network_of(self, run: Any, level: int) -> Any:
        """The run as if its network were that of a level."""
        own = self.levels[level].level
        return held_by(run, HeldNetwork(own.models[self.seed(level)], max(own.n_steps, 1)))

    def note(self, report: PathReport) -> None:
        """Take a level that has ended; one that closed too much is done again under the same number."""
        if report.finished is not None and report.level >= 0:
            own = PathLevel(report.finished, report.likelihood)
            self.levels = (*self.levels[: report.level], own)

    def tell(self, progress: DiscoveryProgress) -> None:
        """Take what the discovery says of itself."""
        self.now = f"{progress.stage}: {progress.text}"
        if progress.chosen is not None:
            self.chosen = progress.chosen
        if progress.equations is not None:
            self.equations = progress.equations


class Discovering:
    """`begin(run)` has `cl.discover` run on the data of a run, or go on with it; `stop()` stops it.

    Arguments: `changed(run)`, called whenever there is something to tell; `failed` as in `Beside`.
    """

    def __init__(self, changed: Callable[[Any], None], failed: Callable[[Exception, str], None]):
        self._changed = changed
        self._run: Any = None
        self.beside = Beside("cogrnn-lab discovery", failed)

    def begin(self, run: Any, **options: Any) -> None:
        """Discover, or go on where the run's discovery was stopped; `options` are those of `cl.discover`."""
        self.stop()
        course = run.course
        if course.state != STOPPED:
            course = run.course = Course(options=options)
            course.folder = tempfile.TemporaryDirectory(prefix="cogrnn-lab-")
        course.state, course.now = AT_WORK, "beginning"
        self._run = run
        self.beside.begin(partial(self._discover, run, course))

    def stop(self) -> None:
        """Stop; the levels that have ended stay, and it can go on from there."""
        self.beside.let_go()
        if self._run is not None and self._run.course.is_at_work:
            self._run.course.state = STOPPED

    def _discover(self, run: Any, course: Course, check: Check) -> None:
        def note(report: PathReport) -> None:
            check()
            course.note(report)

        def tell(progress: DiscoveryProgress) -> None:
            check()
            course.tell(progress)
            self._changed(run)

        try:
            model: Any = started_anew(run.trainer.model, jax.random.key(run.settings["training"]["seed"]))
            found = discover(
                run.dataset, model=model, folder=course.folder.name, callbacks=[note], watch=tell,
                **(course.options or {}),
            )  # fmt: skip
        except Exception:
            check()
            course.state = FAILED
            raise
        check()
        course.found, course.chosen, course.equations = found, found.level, found.equations
        course.state = DONE
        self._changed(run)
