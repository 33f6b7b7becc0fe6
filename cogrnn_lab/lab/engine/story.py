"""The story of what was found, told beside training when somebody asks for it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cogrnn_lab.analysis.scoring.session_sample import session_sample
from cogrnn_lab.discovery import Explanation, explain
from cogrnn_lab.lab.engine.beside import Beside, Check, LetGo

MOST_TRIALS = 20_000  # along which it is told, which keeps it to seconds


@dataclass(frozen=True)
class Told:
    """A story that was told.

    Fields:
        step: Training steps that the network had taken; None where it is that of the discovery.
        level: The level of the discovery that it is of, -1: none, the network in training.
        explanation: What `cl.explain` says; None where it says nothing.
        why: Why it says nothing.
        sessions: What the sessions are along which it is told, in words.
    """

    step: int | None
    level: int
    explanation: Explanation | None
    why: str
    sessions: str

    @property
    def of(self) -> str:
        """Which network it is of, in words."""
        if self.step is None:
            return "the discovery"
        return f"step {self.step}" if self.level < 0 else f"level {self.level}"


@dataclass
class Story:
    """The story of a run that was `told` last, and what is worked out `now`, "" for nothing."""

    told: Told | None = None
    now: str = ""


class Telling:
    """`begin(run, level)` tells what a run's network does; `stop()` ends that.

    Arguments: `changed(run)`, called whenever there is something to show; `failed` as in `Beside`.
    """

    def __init__(self, changed: Callable[[Any], None], failed: Callable[[Exception, str], None]):
        self._changed = changed
        self._run: Any = None
        self.beside = Beside("cogrnn-lab story", failed)
        self.writing = Beside("cogrnn-lab report", failed)

    def begin(self, run: Any, level: int, earlier: Any = None) -> None:
        """Tell the story of the network in training (`level` -1), or of that of a level of the discovery.

        Arguments: `earlier`, the run with the network of an earlier step in the place of its own, where that
        is shown.
        """
        self.stop()
        self._run = run
        run.story.now = "beginning"
        found, step = _subject(run, level) if earlier is None else _network_of(earlier)
        self.beside.begin(lambda check: self._tell(run, found, step, level, check))

    def stop(self) -> None:
        """Tell no further; a story that was told before stays."""
        self.beside.let_go()
        if self._run is not None:
            self._run.story.now = ""

    def write(self, explanation: Explanation, folder: Path, written: Callable[[Path], None]) -> None:
        """Write the report of a story, and call `written` with its path."""
        self.writing.begin(lambda check: written(explanation.report(folder)))

    def _tell(self, run: Any, found: Any, step: int | None, level: int, check: Check) -> None:
        def watch(words: str) -> None:
            check()
            run.story.now = words
            try:
                check()  # again, as it may have been stopped in between
            except LetGo:
                run.story.now = ""
                raise
            self._changed(run)

        data = run.dataset if step is None else run.scored
        mean = max(float(data.lengths.mean()), 1.0)
        some = session_sample(data, max(2, int(MOST_TRIALS / mean)))
        sessions = f"{some.n_sessions} of {data.n_sessions} sessions" if some is not data else "all sessions"
        if step is not None:
            sessions += " that are held out" if run.held_out is not None else " trained on"
        try:
            told = Told(step, level, explain(found, some, watch=watch), "", sessions)
        except ValueError as error:  # what cannot be told of these data is said by the analyses
            check()
            told = Told(step, level, None, str(error), sessions)
        except Exception:
            check()  # nobody is told of an error in what nobody waits for
            run.story.now = ""
            raise
        check()
        run.story.told, run.story.now = told, ""
        self._changed(run)


def _subject(run: Any, level: int) -> tuple[Any, int | None]:
    """What is explained: the discovery where its own level is looked at, else a network and its step."""
    course = run.course
    if course.found is not None and level in (-1, int(course.chosen)):
        return course.found, None
    return _network_of(course.with_network_of(run, level) if 0 <= level < len(course.levels) else run)


def _network_of(shown: Any) -> tuple[Any, int]:
    return shown.trainer.model, shown.trainer.step_count
