"""Threads that end before the interpreter does.

A thread that is inside JAX while the interpreter is taken down ends the process with "terminate called" or a
segmentation fault. No compilation can be broken off, so the process has to wait for it. That holds for JAX's
own threads, too: it compiles in one of them, and Ctrl-C ends only the wait for it.
"""

import atexit
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import jax.monitoring  # what JAX does at exit was registered before, and so is done after, what is done here

INTERRUPTED = 130  # the exit code of a command that Ctrl-C has ended
LONGEST_COMPILATION = 300.0  # seconds; a thread of the user's own may compute for ever

_threads: "weakref.WeakSet[BackgroundThread]" = weakref.WeakSet()
_left_compiling = threading.Event()


class BackgroundThread(threading.Thread):
    """A thread that is told to stop, and waited for, when the interpreter ends.

    Arguments: `work` and its `arguments`; `stop`, which is called from the main thread, any number of times,
    and after which `work` returns as soon as it can.
    """

    def __init__(
        self,
        work: Callable[..., None],
        arguments: Sequence[Any] = (),
        *,
        name: str,
        stop: Callable[[], None],
    ):
        # A daemon: the interpreter would wait for any other thread before it calls what tells it to stop.
        super().__init__(target=work, args=tuple(arguments), name=name, daemon=True)
        self.stop = stop
        _threads.add(self)


@atexit.register
def end_background_threads() -> None:
    """Tell all threads to stop, and wait; Ctrl-C meanwhile ends the process at once."""
    try:
        while running := [thread for thread in list(_threads) if thread.is_alive()]:
            for thread in running:
                thread.stop()
            for thread in running:  # one of them may have begun another before it was told
                thread.join()
        if _left_compiling.is_set():
            _wait_until_idle()
    except KeyboardInterrupt:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(INTERRUPTED)  # to go on to the end, with a thread inside JAX, is what crashes


def _note_interruption(event: str, duration_secs: float, **details: str | int) -> None:
    if event.endswith("backend_compile_duration") and isinstance(sys.exception(), KeyboardInterrupt):
        _left_compiling.set()


def _wait_until_idle() -> None:
    """Wait while this process computes: JAX does not say when a compilation that nobody waits for is over."""
    end = time.monotonic() + LONGEST_COMPILATION
    while time.monotonic() < end:
        before = time.process_time()
        time.sleep(0.3)
        if time.process_time() - before < 0.01:
            return


jax.monitoring.register_event_duration_secs_listener(_note_interruption)
