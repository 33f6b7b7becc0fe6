"""HTML of the lab's page: one run of the notebook, streamed to every visit while it is made and after."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable

# As a key of the output's JSON: where the page only mentions it, in a traceback, its quotes are escaped.
VIEW = '"application/vnd.jupyter.widget-view+json":'
HEARTBEAT = "<script>window.voila_heartbeat()"  # what Voilà sends while it waits
WITHOUT_VIEW = """<script>
document.getElementById("loading")?.remove();
document.getElementById("rendered_cells").style.display = "";
</script>
<p id="without-view" style="padding: 1em; font-family: sans-serif">The lab did not appear. What went wrong is
above, if anything was said. Reload the page to start the lab anew.</p>
"""


class RenderedPage:
    """HTML of one run of the notebook: made once, and read by any number of visits while it is made."""

    def __init__(
        self, pieces: AsyncGenerator[str, None], kernel_lives: Callable[[], Awaitable[bool]] | None = None
    ) -> None:
        self.complete = False
        self.failed = False
        self.shows_widgets = False
        self._pieces: list[str] = []
        self._changed = asyncio.Condition()
        self._kernel_lives = kernel_lives
        self._making = asyncio.ensure_future(self._make(pieces))

    async def _make(self, pieces: AsyncGenerator[str, None]) -> None:
        try:
            async with contextlib.aclosing(pieces):
                async for piece in pieces:
                    self.shows_widgets |= VIEW in piece
                    self._pieces.append(piece)
                    await self._tell()
                    if HEARTBEAT in piece and self._kernel_lives and not await self._kernel_lives():
                        break  # Voilà would wait for ever for a kernel that did not come up
            self.complete = True
        except BaseException:
            self.failed = True
            raise
        finally:
            await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def follow(self) -> AsyncIterator[str]:
        """Yield the page piece by piece; raises the error that ended its making."""
        sent = 0
        while True:
            async with self._changed:
                while sent == len(self._pieces) and not (self.complete or self.failed):
                    await self._changed.wait()
            if sent == len(self._pieces):
                break
            fresh = self._pieces[sent:]
            sent += len(fresh)
            yield "".join(fresh)
        if self.failed:
            await self._making
