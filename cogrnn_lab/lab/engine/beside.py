"""Work beside training: one piece at a time, in a thread, let go of when it is not wanted any more."""

import threading
import traceback
from collections.abc import Callable

from cogrnn_lab.background import BackgroundThread

Check = Callable[[], None]


class LetGo(Exception):
    """Raised within work that nobody waits for any more."""


class Beside:
    """A place for one piece of work at a time.

    Work cannot be broken off while it computes: it asks now and then, by the `check` that it is given,
    whether it is still wanted. The next piece begins when the one before has ended.

    Arguments: `name` of the thread; `failed`, called with an exception and its traceback.
    """

    def __init__(self, name: str, failed: Callable[[Exception, str], None]):
        self._name, self._failed = name, failed
        self._lock = threading.Lock()
        self._number = 0
        self._is_done = True
        self._thread: BackgroundThread | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something is at work that is still wanted."""
        return not self._is_done

    def begin(self, work: Callable[[Check], None]) -> None:
        """Begin another piece, `work(check)`; what is going on is let go of."""
        with self._lock:
            self._number += 1
            self._is_done = False
            before, number = self._thread, self._number
            self._thread = BackgroundThread(
                self._work, (work, number, before), name=self._name, stop=self.let_go
            )
            self._thread.start()

    def let_go(self) -> None:
        """Let go of what is going on; returns at once."""
        with self._lock:
            self._number += 1
            self._is_done = True

    def wait(self, timeout: float = 600.0) -> None:
        """Until no thread is at work any more."""
        if self._thread is not None:
            self._thread.join(timeout)

    def _work(self, work: Callable[[Check], None], number: int, before: BackgroundThread | None) -> None:
        def check() -> None:
            if number != self._number:
                raise LetGo

        if before is not None:
            before.join()
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
