"""The run loop: takes commands from any thread, trains in short chunks, and never has two runs going."""

import contextlib
import logging
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from cogrnn_lab.lab.engine.drives import Drive
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.training import Phase, Report

EVALUATE_EVERY = 1.0  # seconds between two scorings of the held-out sessions
MOST_STEPS = 256
LOG = logging.getLogger(__name__)

PREPARING, READY, TRAINING, PAUSED, FINISHED, EMPTY = (
    "preparing",
    "ready",
    "training",
    "paused",
    "finished",
    "empty",
)


@runtime_checkable
class Stage(Protocol):
    """Listener to the runner. All of these are called from the drive, one at a time."""

    def plan(self, run: LabRun) -> Phase:
        """The phase of training that comes next, with the steps that are left of it."""
        ...

    def prepared(self, run: LabRun) -> None:
        """A new run is there, not begun."""

    def reported(self, run: LabRun, report: Report) -> None:
        """A chunk was trained."""

    def draw(self, run: LabRun | None, *, all_of_it: bool) -> bool:
        """Draw one thing that is due; True where more is due.

        `all_of_it`: nothing trains, so nothing is put off.
        """
        ...

    def status_changed(self, status: str) -> None:
        """Training began, paused, ended ..."""

    def failed(self, error: Exception, trace: str) -> None:
        """Something went wrong; tell it."""


class Runner:
    """Commands `train`, `pause`, `step`, `prepare`, `do`; what they ask for happens in the drive's turns.

    Every run has an id. Work that was ordered for an earlier run finds that the id has moved on, and does
    nothing.
    """

    def __init__(self, stage: Stage, drive: Drive, clock: Callable[[], float] = time.monotonic):
        self._stage, self.drive, self._clock = stage, drive, clock
        self._lock = threading.RLock()
        self._orders: deque[Callable[[], None]] = deque()
        self._wanted = False  # whether to train
        self._single_steps = 0
        self._is_preparing = self._is_leaving = False
        self._evaluated_at = -1e9
        self._speed: float | None = None
        self.status = EMPTY
        self.run_id = 0
        self.run: LabRun | None = None
        drive.start(self.turn, self._leave)

    # --- commands, from any thread ---------------------------------------------------------------

    def prepare(self, build: Callable[[int], LabRun]) -> int:
        """Stop what is going on and make a new run with `build(run id)`; returns that id."""
        with self._lock:
            if self._is_leaving:
                return self.run_id
            self.run_id += 1
            self._wanted, self._single_steps, self._is_preparing = False, 0, True
            run_id = self.run_id
            self._orders.append(lambda: self._prepare(run_id, build))
        self._set_status(PREPARING)
        self.drive.wake()
        return run_id

    def train(self) -> None:
        """Train until paused or finished; where the run is being prepared, as soon as it is."""
        with self._lock:
            self._wanted = True
        self.drive.wake()

    def pause(self) -> None:
        """Stop after the chunk that is going on."""
        with self._lock:
            self._wanted, self._single_steps = False, 0
        self.drive.wake()

    def step(self, n: int = 1) -> None:
        """`n` single training steps."""
        with self._lock:
            self._single_steps += n
        self.drive.wake()

    def do(self, order: Callable[[], None]) -> None:
        """Do something between two chunks."""
        with self._lock:
            self._orders.append(order)
        self.drive.wake()

    def close(self) -> None:
        """End the drive; returns when nothing runs any more, and what was ordered, as to save, is done."""
        self._leave()
        self.drive.close()
        while self.turn():  # where the drive had none left
            pass

    @property
    def wants_to_train(self) -> bool:
        """Whether training is under way or ordered."""
        return self._wanted or self._single_steps > 0

    @property
    def is_idle(self) -> bool:
        """Nothing is ordered and nothing trains (figures may still be drawn)."""
        return not (self._orders or self._is_preparing or self.wants_to_train)

    @property
    def speed(self) -> float | None:
        """Training steps per second, smoothed; None before the first."""
        return self._speed

    # --- turns, in the drive ---------------------------------------------------------------------

    def turn(self, training: bool = True) -> bool:
        """One order, or one chunk of training and one drawing; True where there is more to do."""
        try:
            with self._lock:
                order = self._orders.popleft() if self._orders else None
            if order is not None:
                order()
                return True
            if self._is_leaving:
                return False
            if training and self.wants_to_train and self.run is not None:
                self._train_chunk(self.run)
                self._draw()
                return True
            if not self.wants_to_train and self.status == TRAINING:  # stopped from outside
                self._set_status(PAUSED)
            return self._draw()
        except Exception as error:  # everything is told, nothing may end the worker
            self._fail(error)
            return True

    def _draw(self) -> bool:
        return not self._is_leaving and self._stage.draw(self.run, all_of_it=not self.wants_to_train)

    def _leave(self) -> None:
        """Neither train nor prepare nor draw from now on, so that soon there is nothing to do any more."""
        with self._lock:
            self.run_id += 1  # what is being prepared, and what waits for it, is stale
            self._is_leaving, self._is_preparing = True, False
            self._wanted, self._single_steps = False, 0

    def _prepare(self, run_id: int, build: Callable[[int], LabRun]) -> None:
        if run_id != self.run_id:
            return
        try:
            run = build(run_id)
        except Exception:
            if self._is_leaving:  # a thread may begin no other any more, or the page is gone
                return
            with self._lock:
                is_newest = run_id == self.run_id
                if is_newest:
                    self._wanted = False
            if is_newest:
                self._set_status(self._resting_status())
                self._is_preparing = False
            raise
        with self._lock:
            if run_id != self.run_id:  # settings changed meanwhile: a newer order is waiting
                return
            self.run, self._speed = run, None
        self._stage.prepared(run)
        self._set_status(READY)
        with self._lock:
            if run_id == self.run_id:
                self._is_preparing = False

    def _train_chunk(self, run: LabRun) -> None:
        trainer, plan = run.trainer, self._stage.plan(run)
        if not plan.steps:
            self._finish()
            return
        self._set_status(TRAINING)
        self._take_settings(run, plan)
        steps = min(self._chunk_length(), plan.steps)
        last_of_phase = steps == plan.steps or bool(self._single_steps)
        evaluate = last_of_phase or self._clock() - self._evaluated_at >= EVALUATE_EVERY
        try:
            report = trainer.advance(steps, evaluate=evaluate)
        except Exception:  # TrainingDiverged, or worse: the trainer still holds the last good model
            with self._lock:
                self._wanted, self._single_steps = False, 0
            self._set_status(PAUSED)
            raise
        if evaluate:
            self._evaluated_at = self._clock()
        self._note_speed(report)
        with self._lock:
            self._single_steps = max(self._single_steps - steps, 0)
            is_left = run.id != self.run_id
        run.note(report)  # also of a run that was left: one that goes on from it shows its curve
        if is_left:
            return
        self._stage.reported(run, report)
        if not self._stage.plan(run).steps:
            self._finish()

    def _take_settings(self, run: LabRun, plan: Phase) -> None:
        """Begin the phase, or take on what was moved since the last chunk, and mark where that was."""
        trainer, step = run.trainer, run.trainer.step_count
        rate = trainer.learning_rate if plan.learning_rate is None else plan.learning_rate
        if trainer.phase != plan.name:
            trainer.begin(plan)
            if step:
                run.curve.boundary = step
        moved = (
            trainer.penalties != plan.penalties
            or trainer.noise != plan.noise
            or trainer.learning_rate != rate
        )
        if moved:
            trainer.penalties, trainer.noise, trainer.learning_rate = plan.penalties, plan.noise, rate
            if step and (not run.curve.marks or run.curve.marks[-1] != step):
                run.curve.marks.append(step)

    def _chunk_length(self) -> int:
        if self._single_steps:
            return min(self._single_steps, MOST_STEPS)
        if self._speed is None:
            return 1
        return max(1, min(round(self._speed * self.drive.chunk_seconds), MOST_STEPS))

    def _note_speed(self, report: Report) -> None:
        speed = report.steps_per_second
        if speed > 0:
            self._speed = speed if self._speed is None else 0.7 * self._speed + 0.3 * speed

    def _finish(self) -> None:
        with self._lock:
            self._wanted, self._single_steps = False, 0
        self._set_status(FINISHED)

    def _resting_status(self) -> str:
        if self.run is None:
            return EMPTY
        return PAUSED if self.run.trainer.step_count else READY

    def _set_status(self, status: str) -> None:
        if status != self.status:
            self.status = status
            self._stage.status_changed(status)

    def _fail(self, error: Exception) -> None:
        if self._is_leaving:  # an order that could not be carried out, and soon no page that could tell it
            LOG.error("%s: %s", type(error).__name__, error)
        trace = "".join(traceback.format_exception(error))
        with contextlib.suppress(Exception):  # the front end is gone: there is nobody left to tell
            self._stage.failed(error, trace)
