"""Work beside training: one piece at a time, in a thread, let go of when it is not wanted any more."""

import threading
import traceback
from collections.abc import Callable

from cogrnn_lab.background import BackgroundThread

Check = Callable[[], None]
Work = Callable[[Check], None]


class LetGo(Exception):
    """Raised within work that nobody waits for any more."""


class Beside:
    """A place for one piece of work at a time.

    Work cannot be broken off while it computes: it asks now and then, by the `check` that it is given,
    whether it is still wanted. The next piece begins when the one before has ended; of several that are
    asked for meanwhile, the last.

    Arguments: `name` of the thread; `failed`, called with an exception and its traceback.
    """

    def __init__(self, name: str, failed: Callable[[Exception, str], None]):
        self._name, self._failed = name, failed
        self._lock = threading.Lock()
        self._number = 0
        self._is_done = True
        self._next: tuple[Work, int] | None = None
        self._is_running = False
        self._thread: BackgroundThread | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something is at work that is still wanted."""
        return not self._is_done

    def begin(self, work: Work) -> None:
        """Begin another piece, `work(check)`; what is going on is let go of."""
        with self._lock:
            self._number += 1
            self._is_done = False
            self._next = work, self._number
            if not self._is_running:
                self._is_running = True
                self._thread = BackgroundThread(self._work, (), name=self._name, stop=self.let_go)
                self._thread.start()

    def let_go(self) -> None:
        """Let go of what is going on; returns at once."""
        with self._lock:
            self._number += 1
            self._is_done = True
            self._next = None

    def wait(self, timeout: float = 600.0) -> None:
        """Until no thread is at work any more."""
        if self._thread is not None:
            self._thread.join(timeout)

    def _work(self) -> None:
        """One piece after the other, in one thread however often they are asked for."""
        try:
            while (piece := self._taken()) is not None:
                self._do(*piece)
        except BaseException:
            self._is_running = False
            raise

    def _taken(self) -> tuple[Work, int] | None:
        with self._lock:
            piece, self._next = self._next, None
            self._is_running = piece is not None
            return piece

    def _do(self, work: Work, number: int) -> None:
        def check() -> None:
            if number != self._number:
                raise LetGo

        try:
            check()
            work(check)
        except LetGo:
            return
        except Exception as error:  # told, unless nobody waits for it any more; training goes on
            if number == self._number:
                self._failed(error, "".join(traceback.format_exception(error)))
        finally:  # also where there is nobody left to tell
            self._end(number)

    def _end(self, number: int) -> None:
        with self._lock:
            self._is_done = self._is_done or number == self._number
