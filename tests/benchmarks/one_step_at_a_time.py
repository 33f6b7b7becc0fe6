"""A training loop of another package, halted between its steps, so that each can be timed from outside.

Standard library only: for the peers' own environments.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any


class OneStepAtATime:
    """Runs `train(self)` in a thread; `train` draws its batches from this iterator, which halts it.

    Arguments: `train`; `batches` that it gets; `ahead` how many of them it draws before its first step.
    """

    def __init__(self, train: Callable[[Iterator[Any]], Any], batches: Iterator[Any], ahead: int):
        self._batches = batches
        self._allowed, self._asked = threading.Semaphore(0), threading.Semaphore(0)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(train,), daemon=True)
        self._thread.start()
        self._asked.acquire()
        self.take(ahead)

    def __iter__(self) -> "OneStepAtATime":
        return self

    def __next__(self) -> Any:
        self._asked.release()
        self._allowed.acquire()
        return next(self._batches)

    def take(self, steps: int = 1) -> None:
        """Let training take so many steps, making their batches included; returns when they are done."""
        self._allowed.release(steps)
        for _ in range(steps):
            self._asked.acquire()
            if self._error is not None:
                raise RuntimeError("training has failed") from self._error

    def _run(self, train: Callable[[Iterator[Any]], Any]) -> None:
        try:
            train(self)
        except BaseException as error:
            self._error = error
        finally:
            self._asked.release(1_000_000)  # whoever waits for a step goes on, and finds the error
