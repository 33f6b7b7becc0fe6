"""Whether the browser has drawn what it was sent.

A slow one is sent less, instead of falling behind for ever.
"""

import time
from collections.abc import Callable

import ipywidgets as w


class Pacing:
    """A number that the front end sends back: `sent` after a drawing, `echo` once that was handled.

    Where no echo ever came (no front end is open, or one that does not answer) it never holds back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, patience: float = 2.0):
        self._clock, self._patience = clock, patience
        self._sent_at = clock()
        self.sent, self.echo = w.IntText(0), w.IntText(0)
        link = w.jslink((self.sent, "value"), (self.echo, "value"))
        self.widget = w.VBox((self.sent, self.echo))
        self.widget.add_class("cog-hidden")
        self._link = link

    def is_ready(self) -> bool:
        """True where the front end has handled what it was sent, or has stayed silent for too long."""
        silent = self._clock() - self._sent_at > self._patience
        return self.echo.value == 0 or self.echo.value >= self.sent.value or silent

    def note_drawn(self) -> None:
        """Call after sending a drawing."""
        if self.is_ready():
            self._sent_at = self._clock()
            self.sent.value += 1
