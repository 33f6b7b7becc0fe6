"""Server of the lab's page: Voilà with one kernel, and so one lab, for as long as it runs.

Plain Voilà starts a kernel for every visit and ends it when the tab is closed or reloaded. A lab that trains
must outlive its tab, so here one kernel is started with the server, and every visit shows that same lab.
"""

import asyncio
import contextlib
import errno
import secrets
import signal
import socket
import sys
import threading
import webbrowser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tornado.web
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_core.utils import ensure_async, run_sync
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from tornado.httpclient import AsyncHTTPClient
from tornado.ioloop import IOLoop
from tornado.iostream import StreamClosedError
from traitlets.config import Config
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from cogrnn_lab.cli.page_access import (
    Access,
    Guarded,
    KeyHolder,
    Listening,
    NoSuchAddress,
    guarded,
    page_policy,
    with_nonce,
)
from cogrnn_lab.cli.page_pulse import PulseHandler
from cogrnn_lab.cli.rendered_page import WITHOUT_VIEW, RenderedPage
from cogrnn_lab.lab.page.style import start_script

ADDRESS = "127.0.0.1"
FIRST_PORT = 8866
NOTEBOOK = Path(__file__).parent.parent / "lab" / "page.ipynb"
WORKSHOP = Path(__file__).parent.parent / "lab" / "workshop" / "page.ipynb"
TEMPLATE = Path(__file__).parent / "page_template"
KERNEL = Path(__file__).parent / "page_kernel.py"
LARGEST_MESSAGE = (
    512 * 2**20
)  # bytes from the browser, a file to upload above all; tornado's own limit is 10 MiB
PATIENCE = 600  # seconds that a busy machine may take for what it would else be given up for
NOT_ONLY_HERE = (
    "Warning: --ip {ip} opens the lab to the network. Whoever learns the address with its token uses the lab "
    "as you, with the files it reads and writes, and nothing is encrypted on the way. An SSH tunnel to a lab "
    "that was started without --ip is safe."
)


class PortInUse(OSError):
    """Error: the port that was asked for is taken."""


def serve(
    *,
    ip: str = ADDRESS,
    port: int | None = None,
    theme: str = "light",
    browser: bool = True,
    notebook: Path | None = None,
) -> None:
    """Serve the lab, to whoever has its key, until Ctrl-C or SIGTERM.

    Arguments: `ip` to listen on (0.0.0.0: every address), `port` (None: the first free one from 8866),
    `theme` "light" or "dark", `browser` whether to open the page, `notebook` that makes another lab. Raises
    NoSuchAddress, PortInUse.
    """
    listening = Listening(ip)
    settings = _settings(ip, _free_port(port, listening), theme, notebook or NOTEBOOK)
    LabServer.launch_instance([], config=settings, browser=browser, access=Access(listening))


def _settings(ip: str, port: int, theme: str, notebook: Path) -> Config:
    settings = Config()
    # What Voilà is told elsewhere is not meant for the lab, and a voila.py in the folder would be run.
    settings.Voila.config_file_paths = []
    settings.Voila.notebook_path = str(notebook)
    settings.Voila.identity_provider_class = KeyHolder
    settings.Voila.ip = ip
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
    settings.VoilaConfiguration.resources = {
        "metadata": {"name": "cogrnn_lab"},  # the title of the page
        "largest_upload": LARGEST_MESSAGE // 2**20,
    }
    settings.VoilaConfiguration.show_tracebacks = True
    # Notebook 7's own extension, where it is installed, is not for pages: it ends in an error on the console.
    settings.VoilaConfiguration.extension_denylist = ["@jupyter-notebook/lab-extension"]
    settings.MappingKernelManager.root_dir = str(Path.cwd())  # where the lab reads and writes files
    # While no tab is open nobody waits for the figures that go on being drawn: keep none of them.
    settings.MappingKernelManager.buffer_offline_messages = False
    settings.KernelManager.autorestart = False  # a kernel restarted under an open page has no lab in it
    settings.VoilaConfiguration.kernel_spec_manager_class = OwnKernel
    settings.ZMQChannelsWebsocketConnection.limit_rate = False  # the limit drops messages without a word
    # The cell opens a thousand comms: after 4 s, nbclient's own patience, a busy machine has not read all of
    # them, and the page would be left without the lab.
    settings.VoilaExecutor.iopub_timeout = PATIENCE
    settings.VoilaExecutor.raise_on_iopub_timeout = True
    settings.VoilaExecutor.startup_timeout = PATIENCE
    return settings


def _free_port(port: int | None, listening: Listening) -> int:
    candidates = [port] if port is not None else range(FIRST_PORT, FIRST_PORT + 50)
    for candidate in candidates:
        found = _bound(candidate, listening)
        if found is not None:
            return found
    taken = f"port {port} is" if port is not None else f"ports {candidates[0]} to {candidates[-1]} are"
    raise PortInUse(f"{taken} taken or not allowed on {listening.ip}; choose another with --port")


def _bound(port: int, listening: Listening) -> int | None:
    """The port, where it is free on every address that is listened on; for 0 one that is."""
    for family, address in listening.families:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    raise NoSuchAddress(
                        f"{address} is no address of this machine; expected one such as {ADDRESS}, "
                        "or 0.0.0.0 for every one"
                    ) from error
                return None
            port = probe.getsockname()[1]
    return port


class OwnKernel(KernelSpecManager):
    """Kernel specifications with one kernel: this Python's, whatever else is registered for the user."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Give the same kernel for any name."""
        # -P: the script's folder is no place to import from
        launch = [sys.executable, "-P", str(KERNEL), "-f", "{connection_file}", "--log-level=ERROR"]
        return KernelSpec(argv=launch, display_name="cogrnn_lab", language="python")


class LabServer(Voila):
    """Voilà with one page and one kernel, shared by every visit that has the key."""

    def __init__(self, *, browser: bool, access: Access, **kwargs) -> None:
        super().__init__(**kwargs)
        self.browser_wanted = browser
        self.access = access
        self.page: RenderedPage | None = None
        self._choosing_page = asyncio.Lock()

    def setup_template_dirs(self) -> None:
        """Put the page's own template before Voilà's."""
        super().setup_template_dirs()
        self.template_paths.insert(0, str(TEMPLATE))

    def init_settings(self) -> Any:
        """Make Voilà's settings, with the access rules."""
        settings: Any = super().init_settings()
        return settings | {"page_access": self.access}

    def init_handlers(self) -> list[tuple]:
        """Voilà's handlers, with the shared page, and no way for a closing tab to end the kernel.

        Every one of them asks for the key.
        """
        own = {
            TornadoVoilaHandler: SharedPageHandler,
            VoilaShutdownKernelHandler: KeepKernelHandler,
            VoilaKernelWebsocketHandler: AnyProtocolHandler,
        }
        handlers: Any = super().init_handlers()  # its annotation is the traitlets List, which is no iterable
        pulse = (rf"{self.base_url}pulse", PulseHandler, {"kernel_lives": self._kernel_lives})
        kept = [(route, guarded(own.get(handler, handler)), *rest) for route, handler, *rest in handlers]
        return [pulse, *kept]

    def listen(self) -> None:
        """Start the lab with the server rather than with the first visit, and say where it is."""
        loop: Any = IOLoop.current()
        loop.add_callback(self._open)

        def end(*_: Any) -> None:
            # As an exception Ctrl-C may be raised where nobody lets it through, as in a callback of ZeroMQ.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            loop.asyncio_loop.call_soon_threadsafe(loop.stop)

        signal.signal(signal.SIGINT, end)
        super().listen()

    def stop(self) -> None:
        """End the kernel at once: it may be deep in a compiled step, and nobody waits for its answer."""
        run_sync(self.kernel_manager.shutdown_all)(now=True)
        super().stop()

    async def page_for(self, handler: "SharedPageHandler") -> RenderedPage:
        """Give the page to show: the present one, or a new one where that has failed."""
        async with self._choosing_page:
            if self.page is None or not await self._is_of_use(self.page):
                await ensure_async(self.kernel_manager.shutdown_all(now=True))
                self.page = RenderedPage(handler.get_generator(), self._kernel_lives)
            return self.page

    async def _is_of_use(self, page: RenderedPage) -> bool:
        if page.failed:
            return False
        return not page.complete or (page.shows_widgets and await self._kernel_lives())

    async def _kernel_lives(self) -> bool:
        alive = [
            await ensure_async(self.kernel_manager.is_alive(i)) for i in self.kernel_manager.list_kernel_ids()
        ]
        return any(alive)

    async def _open(self) -> None:
        listening = self.access.listening
        address = listening.url(self.port)
        if not listening.local:
            print(NOT_ONLY_HERE.format(ip=listening.ip), file=sys.stderr, flush=True)
        print(f"cogrnn_lab is open at {address}?token={self.access.token} (Ctrl-C ends it)", flush=True)
        here = listening.url(self.port, here=True)
        if self.browser_wanted:
            start = f"{here}?token={self.access.ticket}"
            threading.Thread(target=webbrowser.open, args=(start,), daemon=True).start()
        cookie = self.access.cookie(urlsplit(here).netloc)
        key = {"Cookie": f"{cookie['name']}={cookie['value']}"}
        await AsyncHTTPClient().fetch(here, headers=key, request_timeout=0, raise_error=False)


class SharedPageHandler(Guarded, TornadoVoilaHandler):
    """Handler that shows the running lab and starts it if need be."""

    @tornado.web.authenticated
    async def get(self, path: str | None = None) -> None:
        """Send the page, piece by piece while it is being made; a token in its address becomes a cookie."""
        self.set_header("Cache-Control", "no-store")
        if self.came_with_token:
            self.give_cookie()
        if path:
            self.redirect_to_file(path)
            return
        if self.came_with_token:
            self.redirect(f"/?{self.request.query}" if self.request.query else "/")
            return
        self.set_header("Content-Type", "text/html")
        nonce = secrets.token_urlsafe(16)
        policy = page_policy(self.request.headers["Host"], nonce, start_script())
        self.set_header("Content-Security-Policy", policy)
        with contextlib.suppress(StreamClosedError):  # the visitor left; the page goes on being made
            await self._send(await self.settings["voila"].page_for(self), nonce)

    async def _send(self, page: RenderedPage, nonce: str) -> None:
        async for html in page.follow():
            self.write(with_nonce(html, nonce))
            await self.flush()
        if not page.shows_widgets:
            self.write(with_nonce(WITHOUT_VIEW, nonce))


class KeepKernelHandler(VoilaShutdownKernelHandler):
    """Handler of a closed or reloaded tab, which keeps the kernel running."""

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
