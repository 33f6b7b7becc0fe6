"""Threads that end before the interpreter does.

A thread that is inside JAX while the interpreter is taken down ends the process with "terminate called" or a
segmentation fault. No compilation can be broken off, so the process has to wait for it.
"""

import atexit
import os
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import jax  # noqa: F401  what JAX does at exit was registered before, and so is done after, what is done here

INTERRUPTED = 130  # the exit code of a command that Ctrl-C has ended

_threads: "weakref.WeakSet[BackgroundThread]" = weakref.WeakSet()


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
    except KeyboardInterrupt:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(INTERRUPTED)  # to go on to the end, with a thread inside JAX, is what crashes
