"""Where a training run is among its phases, and the file from which an interrupted one goes on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import numpy as np

from cogrnn_lab.atomic_files import delete, told_if_impossible
from cogrnn_lab.fingerprints import digest
from cogrnn_lab.models.description import describe_model
from cogrnn_lab.schemas import Anything, FileError, MapOf, Maybe, Number, Record, Whole, taking_apart
from cogrnn_lab.training.archive import (
    Header,
    offered,
    previous_of,
    read_archive,
    tree_arrays,
    tree_from_arrays,
    write_archive,
)
from cogrnn_lab.training.checkpoint import TRAINER, restored_trainer, trainer_archive
from cogrnn_lab.training.freezing import trained_part
from cogrnn_lab.training.phases import Phase
from cogrnn_lab.training.report import Report
from cogrnn_lab.training.watching.known_again import known_again
from cogrnn_lab.training.watching.patience import BestNetwork

if TYPE_CHECKING:
    from cogrnn_lab.training.trainer import Trainer

# Letters in which a task is told, where two are not the same.
LONGEST_TASK = 300
# Content of the file: a trainer's, which `Trainer.load` reads, with the course beside it.
CONTENT, COURSE, BEST = "trainer", "course", "best"
KEPT = Record(
    {
        **TRAINER.needed,
        COURSE: Record(
            {
                "phase": Whole(),
                "taken": Whole(),
                "ended": Record({}, {"best_step": Whole()}),
                "definition": MapOf(Anything()),
                "best": Maybe(Record({"loss": Number(), "step": Whole()})),
            }
        ),
    },
    TRAINER.further,
)


class Course:
    """Phases that a trainer goes through, each to its end or until its patience has run out.

    Arguments:
        trainer: The trainer, at the start of its run.
        phases: The phases.
        report_every: Steps between reports.
        patience: As in `fit`.

    Fields:
        trainer: The trainer.
        phase: Number of the phase that is under way, from 0.
        taken: Steps taken in it.
        ended: What the settings of the run tell of its end.
    """

    def __init__(
        self, trainer: "Trainer", phases: Sequence[Phase], report_every: int, patience: int | None = None
    ):
        self.trainer, self.phases = trainer, tuple(phases)
        self.report_every, self.patience = report_every, patience
        self.phase = self.taken = 0
        self.ended: dict[str, Any] = {}
        self.best: BestNetwork | None = None

    def reports(self, keep: Callable[[], Any] = lambda: None) -> Iterator[Report]:
        """Train, from where the course is to its end.

        Arguments:
            keep: Called after every report and at the end of every phase.

        Yields:
            A `Report` after every `report_every` steps.
        """
        while self.phase < len(self.phases):
            phase = self.phases[self.phase]
            if self.taken == 0:
                self.trainer.begin(phase)
                self.best = None if self.patience is None else BestNetwork(self.patience)
            for report in self.trainer.run(phase.steps - self.taken, self.report_every):
                self.taken += report.n_steps
                yield report
                if self.best is not None and self.best.look(report, self.trainer):
                    break
                if self.taken < phase.steps:
                    keep()
            self.ended |= self.gone_back()
            self.phase, self.taken = self.phase + 1, 0
            keep()

    def gone_back(self) -> dict[str, Any]:
        """Go back to the best network of the phase, where one is kept, and tell its step."""
        best, self.best = self.best, None
        return {} if best is None else best.gone_back(self.trainer)


class CourseFile:
    """File that keeps a course, so that it goes on from there to the bit.

    Arguments:
        path: The file; ".npz" is appended to one without an ending.
        definition: All on which the run depends, as JSON takes it; another one in the file is refused.
    """

    def __init__(self, path: str | Path, definition: Mapping[str, Any]):
        path = Path(path)
        self.path = path if path.suffix else path.with_suffix(".npz")
        self.definition = _plain(definition)

    def keep(self, course: Course) -> None:
        """Write the course as it is now, atomically."""
        header, arrays = trainer_archive(course.trainer)
        told: dict[str, Any] = {
            "phase": course.phase,
            "taken": course.taken,
            "ended": course.ended,
            "definition": self.definition,
            "best": None,
        }
        if course.best is not None and course.best.model is not None:
            told["best"] = {"loss": course.best.loss, "step": course.best.step}
            arrays |= tree_arrays(BEST, course.best.model)
        with told_if_impossible(self.path, "the run", "training goes on, and the next report tries again"):
            write_archive(self.path, header | {COURSE: told}, arrays, keep_previous=True)
            if course.phase == len(course.phases):
                delete([previous_of(self.path)])

    def delete(self) -> None:
        """Delete it, and the one before it; both may be missing."""
        if self.path.parent.is_dir():
            delete([self.path, previous_of(self.path)])

    def take_up(self, course: Course, train: Any, valid: Any, own: Mapping[str, Any]) -> None:
        """Put a course at its start where the file has it; without a file it stays there.

        Arguments:
            course: The course.
            train: Training data of its trainer.
            valid: Held-out data of its trainer.
            own: `optimizer`, `loss` and `freeze`, which no file can hold.

        Raises:
            ValueError: The file holds another run, or something else.
        """
        if not self.path.exists():
            return
        header, arrays = self._read()
        told = header.get(COURSE)
        if told is None:
            raise FileError(
                f"{str(self.path)!r} holds a trainer that no fit(..., checkpoint=...) has written; "
                "cl.Trainer.load reads it. Give another file as checkpoint"
            )
        kept = told["definition"]
        differing = [
            name + _both(kept.get(name), self.definition[name])
            for name in self.definition
            if kept.get(name) != self.definition[name]
        ]
        if differing:
            raise ValueError(
                f"{str(self.path)!r} holds a run with another {', '.join(differing)}; give the same "
                "arguments to go on with it, or another file for a new run"
            )
        new = course.trainer
        kind = type(new.model)
        course.trainer = restored_trainer(type(new), header, arrays, train, valid, kind=kind, **own)
        new.close()
        with taking_apart(header):
            course.phase, course.taken = _within(course, told)
            course.ended = dict(told["ended"])
            if course.patience is not None and course.taken:
                course.best = BestNetwork(course.patience)
                if told["best"] is not None:
                    course.best.loss, course.best.step = told["best"]["loss"], told["best"]["step"]
                    course.best.model = tree_from_arrays(BEST, course.trainer.model, arrays)

    def _read(self) -> tuple[Header, dict[str, np.ndarray]]:
        """What the file holds; where it is damaged, the one before it is offered."""
        try:
            header, arrays = read_archive(self.path, CONTENT)
            with taking_apart(header):
                (TRAINER if COURSE not in header else KEPT).check(header, "its header")
            return header, arrays
        except FileError as error:
            raise FileError(f"{error}{offered(self.path, self._step)}") from error

    def _step(self, path: Path) -> str:
        """What the file before holds, in words."""
        header, _ = read_archive(path, CONTENT, schema=KEPT)
        return f"step {header['step']:,}"


def _within(course: Course, told: Mapping[str, Any]) -> tuple[int, int]:
    """Phase and steps of a course in a file, which the phases must have."""
    phase, taken = told["phase"], told["taken"]
    if phase > len(course.phases) or (phase == len(course.phases) and taken):
        raise FileError(f"it is in phase {phase} of {len(course.phases)}")
    if phase < len(course.phases) and taken > course.phases[phase].steps:
        raise FileError(f"it has taken {taken} of {course.phases[phase].steps} steps")
    return phase, taken


def _both(old: Any, new: Any) -> str:
    """Two tasks, in brackets; of data sets there is no more to say than that they differ."""
    has_task = any(isinstance(one, str) and "(" in one for one in (old, new))
    if not has_task:
        return ""
    old, new = str(old), str(new)
    apart = next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    return f" (it was {_around(old, apart)}, is {_around(new, apart)})"


def _around(text: str, place: int) -> str:
    """A text's beginning and what is around a place in it, where it has more than a few hundred letters."""
    if len(text) <= LONGEST_TASK:
        return text
    start = max(0, place - LONGEST_TASK // 2)
    head = f"{text[:60]} ... " if start > 60 else text[:start]
    rest = text[start : start + LONGEST_TASK]
    return f"{head}{rest}{' ...' if start + LONGEST_TASK < len(text) else ''}"


def definition_of(course: Course, train: Any, valid: Any) -> dict[str, Any]:
    """Tell all on which a run depends, but for functions of the user's own.

    Raises:
        ValueError: The training data are a generator, which gives every batch once.
    """
    if isinstance(train, Iterator):
        raise ValueError(
            "a generator gives every batch once, so that a run on it can't be taken up again; leave "
            "checkpoint out, or make a cl.Task of what it yields"
        )
    trainer = course.trainer
    return {
        "model": describe_model(trainer.model),
        "weights": digest(*jax.tree.leaves(eqx.filter(trainer.model, eqx.is_array))),
        "trained": digest(*jax.tree.leaves(trained_part(trainer.model, trainer.setup.freeze))),
        "data": known_again(train),
        "valid": known_again(valid),
        "phases": [_phase(phase) for phase in course.phases],
        "report_every": course.report_every,
        "patience": course.patience,
        "seed": trainer.seed,
        "batch_size": trainer.batch_size,
        "learning_rate": trainer.learning_rate,
        "max_grad_norm": trainer.max_grad_norm,
        "keep_at": sorted(trainer.keep_at),
    }


def _phase(phase: Phase) -> dict[str, Any]:
    return {
        "steps": phase.steps,
        "penalties": phase.penalties.as_dict(),
        "noise": phase.noise,
        "learning_rate": phase.learning_rate,
        "name": phase.name,
    }


def _plain(value: Any) -> Any:
    """As JSON gives it back."""
    if isinstance(value, Mapping):
        return {key: _plain(own) for key, own in value.items()}
    return [_plain(own) for own in value] if isinstance(value, list | tuple) else value
