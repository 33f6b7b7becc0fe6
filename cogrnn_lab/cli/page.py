"""The lab as a page of its own: a Voilà server on loopback that keeps one lab for as long as it runs.

Plain Voilà starts a kernel for every visit and ends it when the tab is closed or reloaded. A lab that trains
must outlive its tab, so here one kernel is started with the server, and every visit shows that same lab.
"""

import asyncio
import socket
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import tornado.web
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_core.utils import ensure_async, run_sync
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from tornado.httpclient import AsyncHTTPClient
from tornado.ioloop import IOLoop
from traitlets.config import Config
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

ADDRESS = "127.0.0.1"
FIRST_PORT = 8866
NOTEBOOK = Path(__file__).parent.parent / "lab" / "page.ipynb"
TEMPLATE = Path(__file__).parent / "page_template"
LARGEST_MESSAGE = (
    512 * 2**20
)  # bytes from the browser, a file to upload above all; tornado's own limit is 10 MiB


class PortInUse(OSError):
    """The port that was asked for is taken."""


def serve(*, port: int | None = None, theme: str = "light", browser: bool = True) -> None:
    """Serve the lab until Ctrl-C or SIGTERM.

    Arguments: `port` on loopback (None: the first free one from 8866), `theme` "light" or "dark", `browser`
    whether to open the page. Raises PortInUse.
    """
    LabServer.launch_instance([], config=_settings(_free_port(port), theme), browser=browser)


def _settings(port: int, theme: str) -> Config:
    settings = Config()
    settings.Voila.notebook_path = str(NOTEBOOK)
    settings.Voila.ip = ADDRESS
    settings.Voila.port = port
    settings.Voila.port_retries = 0
    settings.Voila.open_browser = False
    settings.Voila.log_level = "ERROR"
    settings.Voila.tornado_settings = {
        "websocket_max_message_size": LARGEST_MESSAGE,
        # No pings: a machine too busy to answer in time would be cut off, and loopback needs none.
        "ws_ping_interval": 0,
    }
    settings.VoilaConfiguration.theme = theme
    settings.VoilaConfiguration.resources = {"metadata": {"name": "cogrnn_lab"}}  # the title of the page
    settings.VoilaConfiguration.show_tracebacks = True
    settings.MappingKernelManager.root_dir = str(Path.cwd())  # where the lab reads and writes files
    # While no tab is open nobody waits for the figures that go on being drawn: keep none of them.
    settings.MappingKernelManager.buffer_offline_messages = False
    settings.KernelManager.autorestart = False  # a kernel restarted under an open page has no lab in it
    settings.VoilaConfiguration.kernel_spec_manager_class = OwnKernel
    settings.ZMQChannelsWebsocketConnection.limit_rate = False  # the limit drops messages without a word
    return settings


def _free_port(port: int | None) -> int:
    candidates = [port] if port is not None else range(FIRST_PORT, FIRST_PORT + 50)
    for candidate in candidates:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ADDRESS, candidate))
            except OSError:
                continue
            return probe.getsockname()[1]
    taken = f"port {port} is" if port is not None else f"ports {candidates[0]} to {candidates[-1]} are"
    raise PortInUse(f"{taken} taken or not allowed on {ADDRESS}; choose another with --port")


class OwnKernel(KernelSpecManager):
    """Knows one kernel: this very Python's, whatever else is registered for the user."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The same kernel for any name."""
        launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=ERROR"]
        return KernelSpec(argv=launch, display_name="cogrnn_lab", language="python")


class LabServer(Voila):
    """Voilà with one page and one kernel, shared by every visit."""

    def __init__(self, *, browser: bool, **kwargs) -> None:
        super().__init__(**kwargs)
        self.browser_wanted = browser
        self.page: RenderedPage | None = None

    def setup_template_dirs(self) -> None:
        """Put the page's own template before Voilà's."""
        super().setup_template_dirs()
        self.template_paths.insert(0, str(TEMPLATE))

    def init_handlers(self) -> list[tuple]:
        """Voilà's handlers, with the shared page, and no way for a closing tab to end the kernel."""
        own = {
            TornadoVoilaHandler: SharedPageHandler,
            VoilaShutdownKernelHandler: KeepKernelHandler,
            VoilaKernelWebsocketHandler: AnyProtocolHandler,
        }
        handlers: Any = super().init_handlers()  # its annotation is the traitlets List, which is no iterable
        return [(route, own.get(handler, handler), *rest) for route, handler, *rest in handlers]

    def listen(self) -> None:
        """Start the lab with the server rather than with the first visit, and say where it is."""
        IOLoop.current().add_callback(self._open)
        super().listen()

    def stop(self) -> None:
        """End the kernel at once: it may be deep in a compiled step, and nobody waits for its answer."""
        run_sync(self.kernel_manager.shutdown_all)(now=True)
        super().stop()

    async def page_for(self, handler: "SharedPageHandler") -> "RenderedPage":
        """The page to show: the one there is, or a new one where there is none or its kernel has died."""
        if self.page is None or self.page.failed or (self.page.complete and not await self._kernel_lives()):
            self.page = RenderedPage(handler.get_generator())
        return self.page

    async def _kernel_lives(self) -> bool:
        alive = [
            await ensure_async(self.kernel_manager.is_alive(i)) for i in self.kernel_manager.list_kernel_ids()
        ]
        return any(alive)

    async def _open(self) -> None:
        print(f"cogrnn_lab is open at {self.connection_url} (Ctrl-C ends it)", flush=True)
        if self.browser_wanted:
            threading.Thread(target=webbrowser.open, args=(self.connection_url,), daemon=True).start()
        await AsyncHTTPClient().fetch(self.connection_url, request_timeout=0, raise_error=False)


class SharedPageHandler(TornadoVoilaHandler):
    """Shows the lab that runs, starting it if need be."""

    @tornado.web.authenticated
    async def get(self, path: str | None = None) -> None:
        """Send the page, piece by piece while it is being made."""
        if path:
            self.redirect_to_file(path)
            return
        self.set_header("Content-Type", "text/html")
        self.set_header("Cache-Control", "no-store")
        page = await self.settings["voila"].page_for(self)
        async for html in page.follow():
            self.write(html)
            await self.flush()


class KeepKernelHandler(VoilaShutdownKernelHandler):
    """Hears that a tab was closed or reloaded, and lets the lab run on."""

    def check_xsrf_cookie(self) -> None:
        """Nothing is done here that another site could misuse, and Voilà's page sends no token."""

    @tornado.web.authenticated
    async def post(self, kernel_id: str) -> None:
        """Answer that all is well."""
        self.set_status(204)
        self.finish()


class AnyProtocolHandler(VoilaKernelWebsocketHandler):
    """Passes on what the kernel says, whichever of Jupyter's two protocols the page speaks.

    A page that has lost its connection falls back on the older one. Voilà takes every binary message for one
    of the newer, and reads a number of parts from it that fills the memory.
    """

    def write_message(self, message: Any, binary: bool = False) -> Any:
        """Voilà hides the source of cells from the newer protocol; in the older one it may be seen."""
        if self.selected_subprotocol:
            return super().write_message(message, binary)
        return KernelWebsocketHandler.write_message(self, message, binary)


class RenderedPage:
    """The HTML of one run of the notebook: made once, and read by any number of visits while it is made."""

    def __init__(self, pieces: AsyncIterator[str]) -> None:
        self.complete = False
        self.failed = False
        self._pieces: list[str] = []
        self._changed = asyncio.Condition()
        self._making = asyncio.ensure_future(self._make(pieces))

    async def _make(self, pieces: AsyncIterator[str]) -> None:
        try:
            async for piece in pieces:
                self._pieces.append(piece)
                await self._tell()
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
        """The page from its first piece to its last; raises what ended the making of it."""
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
