"""What turns the runner's crank.

A worker thread, the main event loop where threads can't draw, or the caller.
"""

import asyncio
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Protocol, runtime_checkable

# One short piece of work; returns True where there is more. With `training=False` only what is not training.
Turn = Callable[..., bool]

# Seconds without an answer, after which a cell must be running on the main thread: to tell a page the state
# of all widgets, which is what must be waited for, takes that thread a second on a busy machine.
MAIN_IS_BUSY = 2.0


@runtime_checkable
class Drive(Protocol):
    """Calls `turn` again and again while it says that there is more, and after every `wake`."""

    chunk_seconds: float  # how long one turn of training should take

    def start(self, turn: Turn) -> None:
        """Take on the work."""

    def wake(self) -> None:
        """Look for work now; callable from any thread."""

    def on_main(self, make: Callable[[], None]) -> None:
        """Do on the main thread what makes widgets.

        A page that is being opened asks, there, for the state of all widgets. One that is made meanwhile, by
        another thread, would be named in the state of its parent and be missing.
        """

    def close(self) -> None:
        """End; returns when no turn is going on."""


class ThreadDrive:
    """One worker thread. There is never a second one, so no two runs can be trained at once."""

    chunk_seconds = 0.12

    def __init__(self):
        self._awake = threading.Event()
        self._closed = False
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:  # a script: there is no page
            self._loop = None
        self._main_is_busy = False  # it was waited for in vain, and has not answered since
        self._thread: threading.Thread | None = None

    def start(self, turn: Turn) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._work, args=(turn,), name="cogrnn-lab", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Wake the thread up."""
        self._awake.set()

    def on_main(self, make: Callable[[], None]) -> None:
        """Hand it to the main loop and wait; where that is busy (a cell runs) nobody asks: do it here.

        A long cell is waited for once.
        """
        if self._loop is None or self._closed:
            make()
            return
        claimed, made = threading.Lock(), Future()

        def claim() -> None:
            if claimed.acquire(blocking=False):
                try:
                    made.set_result(make())
                except BaseException as error:
                    made.set_exception(error)

        def answer() -> None:
            self._main_is_busy = False
            claim()

        self._loop.call_soon_threadsafe(answer)
        try:
            made.result(0.0 if self._main_is_busy else MAIN_IS_BUSY)
        except FutureTimeout:
            self._main_is_busy = not claimed.locked()
            claim()
            made.result()

    def close(self) -> None:
        """End the thread after its current turn."""
        self._closed = True
        self._awake.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def _work(self, turn: Turn) -> None:
        while not self._closed:
            self._awake.wait()
            self._awake.clear()
            while not self._closed and turn():
                pass


class CooperativeDrive:
    """Short turns on the main event loop, for front ends that show nothing that a thread sends (Colab)."""

    chunk_seconds = 0.04

    def __init__(self, pause: float = 0.005):
        self._pause = pause  # what the loop gets for everything else, between two turns
        self._task: asyncio.Task | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._again = False

    def start(self, turn: Turn) -> None:
        """Remember the work; it begins with the first `wake`."""
        self._turn = turn

    def wake(self) -> None:
        """Begin a task on the loop unless one is under way."""
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:  # another thread, such as that of a download
            if self._loop is None:
                raise
            self._loop.call_soon_threadsafe(self.wake)
            return
        self._again = True
        if self._closed or (self._task is not None and not self._task.done()):
            return
        self._task = asyncio.ensure_future(self._work())

    def on_main(self, make: Callable[[], None]) -> None:
        """It is on the main loop already."""
        make()

    def close(self) -> None:
        """End before the next turn."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()

    async def _work(self) -> None:
        while self._again and not self._closed:
            self._again = False
            while not self._closed and self._turn():
                await asyncio.sleep(self._pause)


class InlineDrive:
    """The caller turns the crank: `wake` does at once what is not training, `turn(n)` trains n chunks."""

    chunk_seconds = 0.12

    def __init__(self):
        self._turn: Turn | None = None
        self._busy = False

    def start(self, turn: Turn) -> None:
        """Remember the work."""
        self._turn = turn

    def wake(self) -> None:
        """Do everything that is due except training. Within a turn: nothing, the turn goes on with it."""
        self._crank(lambda turn: self._exhaust(turn))

    def turn(self, n: int = 1) -> None:
        """`n` turns with training, then everything else that is due."""

        def work(turn: Turn) -> None:
            for _ in range(n):
                turn(training=True)
            self._exhaust(turn)

        self._crank(work)

    def on_main(self, make: Callable[[], None]) -> None:
        """At once."""
        make()

    def close(self) -> None:
        """Forget the work."""
        self._turn = None

    def _crank(self, work: Callable[[Turn], None]) -> None:
        if self._busy or self._turn is None:
            return
        self._busy = True
        try:
            work(self._turn)
        finally:
            self._busy = False

    @staticmethod
    def _exhaust(turn: Turn) -> None:
        while turn(training=False):
            pass


def choose_drive(name: str = "auto") -> Drive:
    """ "thread", "cooperative" or "inline"; "auto" takes a thread, except in Colab."""
    drives = {"thread": ThreadDrive, "cooperative": CooperativeDrive, "inline": InlineDrive}
    if name == "auto":
        name = "cooperative" if "google.colab" in sys.modules else "thread"
    if name not in drives:
        raise ValueError(f'runner="{name}"; expected auto, {", ".join(drives)}')
    return drives[name]()
