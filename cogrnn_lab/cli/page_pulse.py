"""Whether the lab's kernel lives, for a page that asks now and then."""

from collections.abc import Awaitable, Callable

from cogrnn_lab.cli.page_access import Guarded


class PulseHandler(Guarded):
    """Handler that answers 204 while the kernel lives, and 410 once it has gone.

    Arguments:
        kernel_lives: Coroutine function that tells it.
    """

    def initialize(self, kernel_lives: Callable[[], Awaitable[bool]]) -> None:
        """Take what tells whether the kernel lives."""
        self._kernel_lives = kernel_lives

    async def get(self) -> None:
        """Answer."""
        self.set_header("Cache-Control", "no-store")
        self.set_status(204 if await self._kernel_lives() else 410)
        self.finish()
