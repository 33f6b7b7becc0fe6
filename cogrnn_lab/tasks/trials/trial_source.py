"""Batches of a NumPy task, made ahead of training by a thread."""

import copy
import threading
import weakref
from collections import deque
from typing import Any

import numpy as np

from cogrnn_lab.argument_words import told
from cogrnn_lab.background import BackgroundThread
from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import TrialArrays
from cogrnn_lab.tasks.trials.numpy_trial import Interrupted, made_trial, stacked_trials
from cogrnn_lab.tasks.trials.trial_batch import TaskBatch
from cogrnn_lab.tasks.trials.trial_checks import check_batch_values


class TrialSource:
    """Supply of batches of a `NumpyTask` in the order of training steps, made in the background.

    One thread makes batches from the first request on; compiled training leaves Python free, so both run at
    the same time. `close`, the end of a `with` block, or the end of the source itself ends the thread.

    Arguments:
        task: The task; later changes of its attributes have no effect.
        seed: The batch of step s depends on the seed, s and the batch size alone (its trial i not even on the
            size), however batches are requested.
        ahead: How many batches beyond the last request are made in advance; by default as many as it had.

    Raises:
        ValueError: Where the task cannot be trained on, when the source is made.
        RuntimeError: Where the task fails later, with the parameters of the trial, when that batch is
            requested.
    """

    def __init__(self, task: Any, seed: int = 0, *, ahead: int | None = None):
        self.seed = checked_count(seed, "seed", least=0)
        self.ahead = None if ahead is None else checked_count(ahead, "ahead", least=0)
        if not callable(getattr(task, "trial_parameters", None)):
            raise TypeError(f"task is {told(task)}; expected a cl.NumpyTask, such as cl.neurogym_task(name).")
        task.check()
        self.task = task
        self._line = _Line(copy.copy(task), self.seed)
        self._thread: BackgroundThread | None = None
        self._end = weakref.finalize(self, _Line.close, self._line)

    def batches(self, n_batches: int, batch_size: int, start_step: int) -> TrialArrays:
        """Take the batches of successive steps.

        Waits for those that are not made yet; then the next ones are begun.

        Arguments:
            n_batches: Number of steps, 1 or more.
            batch_size: Trials of each batch.
            start_step: The first step.

        Returns:
            Arrays (batch, trial, ...).
        """
        n_batches = checked_count(n_batches, "n_batches")
        self.prefetch(n_batches, batch_size, start_step)
        made = self._line.take(start_step, n_batches, n_batches if self.ahead is None else self.ahead)
        n_trials, n_steps = made[0].inputs.shape[:2]
        host: dict[str, Any] = {
            "inputs": np.stack([batch.inputs for batch in made]),
            "targets": np.stack([batch.targets for batch in made]),
            "mask": np.stack([batch.mask for batch in made]),
            "valid": np.ones((n_batches, n_trials, n_steps), bool),
            "subject": np.zeros((n_batches, n_trials), np.int32),
        }
        return TrialArrays(**host, action_mask=None)

    def prefetch(self, n_batches: int, batch_size: int, start_step: int) -> None:
        """Begin to make batches without waiting, such as while a training step is compiled.

        Arguments:
            n_batches: Number of steps, 1 or more.
            batch_size: Trials of each batch.
            start_step: The first step.
        """
        n_batches = checked_count(n_batches, "n_batches")
        batch_size = checked_count(batch_size, "batch_size")
        checked_count(start_step, "start_step", least=0)
        if not self._end.alive:
            raise RuntimeError("this source of trials is closed; make a new one with task.source(seed).")
        self._line.ask(start_step, n_batches, batch_size)
        if self._thread is None:
            line = self._line
            thread = BackgroundThread(line.work, name="cogrnn_lab trials", stop=line.close)
            thread.start()
            self._thread = thread  # only now: `close`, called meanwhile, cannot join one that has not begun

    def close(self) -> None:
        """End the thread; a second call does nothing."""
        self._end()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def __enter__(self) -> "TrialSource":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Line:
    """State shared by consumer and thread, without a reference to the source, so that the source can end."""

    def __init__(self, task: Any, seed: int):
        self.task, self.seed = task, seed
        self.changed = threading.Condition()
        self.made: deque[TaskBatch] = deque()
        self.first = 0  # step of the first batch in `made`
        self.until = 0  # first step that nobody needs yet
        self.batch_size = 0
        self.asked = 0  # grows whenever what was made, or is being made, is of no more use
        self.failure: Exception | None = None  # at the step after those that are made
        self.closed = False

    def ask(self, start: int, n_batches: int, batch_size: int) -> None:
        with self.changed:
            next_step = self.first + len(self.made)
            if batch_size != self.batch_size or not self.first <= start <= next_step:
                self.made.clear()
                self.first, self.batch_size, self.failure = start, batch_size, None
                self.asked += 1
            while self.first < start:
                self.made.popleft()
                self.first += 1
            self.until = start + n_batches
            self.changed.notify_all()

    def take(self, start: int, n_batches: int, ahead: int) -> list[TaskBatch]:
        with self.changed:
            self.changed.wait_for(lambda: len(self.made) >= n_batches or self.failure or self.closed)
            if len(self.made) < n_batches:
                if self.failure:
                    raise self.failure
                raise RuntimeError("the source of trials was closed while training waited for it.")
            batches = [self.made.popleft() for _ in range(n_batches)]
            self.first = start + n_batches
            self.until = self.first + ahead
            self.changed.notify_all()
            return batches

    def close(self) -> None:
        with self.changed:
            self.closed = True
            self.made.clear()
            self.changed.notify_all()

    def work(self) -> None:
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.closed or self._is_due())
                if self.closed:
                    return
                asked, step = self.asked, self.first + len(self.made)
            made: TaskBatch | Exception | None
            try:
                made = self._batch(step, asked)
            except Interrupted:
                continue
            except Exception as error:
                made = error
            with self.changed:
                if self.asked == asked and not self.closed:
                    if isinstance(made, Exception):
                        self.failure = made
                    else:
                        self.made.append(made)
                    self.changed.notify_all()

    def _is_due(self) -> bool:
        return self.failure is None and self.first + len(self.made) < self.until

    def _batch(self, step: int, asked: int) -> TaskBatch:
        def wanted() -> bool:
            return self.asked == asked and not self.closed

        trials = []
        for i in range(self.batch_size):
            if not wanted():
                raise Interrupted
            seed = np.random.SeedSequence(self.seed, spawn_key=(step, i))
            trials.append(made_trial(self.task, seed, f"trial {i} of step {step}", wanted))
        batch = stacked_trials(self.task, trials)
        check_batch_values(self.task, batch)
        return batch
