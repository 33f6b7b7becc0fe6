"""The lab's page served on loopback, and a headless Chromium that looks at it."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import launched, path

# Seconds that any one thing may take before it counts as broken. Waits are for states of the page: on a quiet
# machine they end at once, and a busy one takes the time it needs.
PATIENCE = 240


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(command: list[str], folder: Path, address: Callable[[str], str | None]):
    """Run a server until the block ends; it is stopped by the process that was started here.

    `address` finds where it is, once it is up, from what it has printed; this is what the block gets.
    """
    log = folder / "server.log"
    with log.open("w") as printed:
        server = subprocess.Popen(command, cwd=folder, stdout=printed, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + PATIENCE
        while (found := address(log.read_text())) is None:
            if server.poll() is not None or time.monotonic() > end:
                pytest.fail(f"{command[:3]} did not come up:\n{log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield found
    finally:
        server.terminate()
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def printed_address(printed: str) -> str | None:
    """The address of the lab with its key, once the command has printed it."""
    found = re.search(r"http://\S+\?token=\w+ ", printed)
    return found.group().strip() if found else None


def answering(probe: str, address: str) -> Callable[[str], str | None]:
    """This address, once a request for `probe` is answered."""

    def address_once_up(_: str) -> str | None:
        with contextlib.suppress(OSError), urllib.request.urlopen(probe, timeout=PATIENCE):
            return address

    return address_once_up


@pytest.fixture(scope="session")
def chromium():
    """A Chromium of the system, headless."""
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if path() is None:
        pytest.skip("no Chromium found; install one, or set COGRNN_LAB_BROWSER to its path")
    with launched() as browser:
        yield browser


@dataclass
class LabPage:
    """A page with the lab on it, and what went wrong on its JavaScript console."""

    page: Any
    shots: Path
    started: float
    errors: list[str] = field(default_factory=list)
    lost_connections: int = 0  # to the kernel, while the page stayed
    visits: int = 1
    timings: dict[str, float] = field(default_factory=dict)

    def status(self) -> str:
        """The status line."""
        return self.page.inner_text(".cog-message")

    def wait_for_status(self, words: str, timeout: float = PATIENCE) -> None:
        """Until the status line holds these words."""
        self.page.wait_for_function(
            "words => document.querySelector('.cog-message')?.innerText.includes(words)",
            arg=words,
            timeout=timeout * 1000,
        )

    def make_small(self) -> None:
        """Few sessions and steps, so that everything is compiled, trained and searched in seconds."""
        self.page.wait_for_selector("button.cog-train:enabled", timeout=120_000)
        self.wait_for_status("Ready")
        small = {"n-sessions": 20, "n-trials": 60, "batch-size": 8, "warmup-steps": 20, "steps": 20}
        for name, value in small.items():
            self.set_number(name, value)

    def train_to_the_end(self) -> None:
        """All steps."""
        self.page.click("button.cog-train")
        self.wait_for_status("Done")

    def step(self) -> int:
        """Training steps done, as the top bar says."""
        return int(self.page.inner_text(".cog-count b").replace(",", ""))

    def wait_for_step(self, step: int, timeout: float = PATIENCE) -> None:
        """Until the top bar counts so many steps."""
        self.page.wait_for_function(
            "n => parseInt(document.querySelector('.cog-count b')?.innerText.replace(/,/g, '')) >= n",
            arg=step,
            timeout=timeout * 1000,
        )

    def curve(self, plot: str = "loss") -> list[str]:
        """The drawn paths of a plot's lines, as SVG writes them."""
        return self.page.eval_on_selector_all(
            f".cog-plot-{plot} path.line", "paths => paths.map(p => p.getAttribute('d') || '')"
        )

    def set_number(self, control: str, value: float) -> None:
        """Type a number into a control."""
        box = self.page.locator(f".cog-set-{control} input[type=number], input.cog-set-{control}").last
        box.fill(str(value))
        box.press("Enter")

    def pick(self, control: str, option: str) -> None:
        """Pick an option of a drop-down."""
        places = [f"select.cog-{what}-{control}, .cog-{what}-{control} select" for what in ("set", "pick")]
        self.page.locator(", ".join(places)).first.select_option(option)

    def watch(self, connection: Any) -> None:
        """Note when a connection to the kernel is closed, but for the connections of a page that was left."""
        visit = self.visits

        def closed(_) -> None:
            self.lost_connections += visit == self.visits

        connection.on("close", closed)

    def reload(self) -> None:
        """Load the page anew; whether the browser tells of the connections that this closes varies."""
        self.visits += 1
        self.page.reload()

    def screenshot(self, name: str) -> None:
        """Keep a picture."""
        self.page.screenshot(path=self.shots / f"{name}.png")


@pytest.fixture(scope="session")
def shots(tmp_path_factory) -> Path:
    """Where screenshots go: COGRNN_LAB_SCREENSHOTS keeps them."""
    folder = Path(os.environ.get("COGRNN_LAB_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


# Panels are made when they are first scrolled to; here all are, so that a test may look at any of them.
SHOW_ALL = "setInterval(() => document.querySelectorAll('.cog-later').forEach(one => one.click()), 100)"


def open_page(
    chromium, url: str, shots: Path, started: float, patience: float = PATIENCE, *, show_all: bool = True
) -> LabPage:
    """A new tab on the lab; `patience` in seconds is for each wait on it that names no other."""
    # What a test waits for is told to the page as code, which the page's own policy would refuse.
    page = chromium.new_page(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    page.set_default_timeout(patience * 1000)
    if show_all:
        page.add_init_script(SHOW_ALL)
    lab = LabPage(page, shots, started)
    page.on("pageerror", lambda error: lab.errors.append(f"uncaught: {error}"))
    page.on("console", lambda message: message.type == "error" and lab.errors.append(message.text))
    page.on("websocket", lab.watch)
    page.goto(url)
    return lab


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """What a person would have seen where a test failed: the status line, and a picture."""
    report = (yield).get_result()
    labs = [page for page in item.funcargs.values() if isinstance(page, LabPage)]
    if report.when == "call" and report.failed and labs:
        lab = labs[0]
        with contextlib.suppress(Exception):
            lab.screenshot(f"failed-{item.name}")
            seen = f"{lab.status()}\n{lab.page.inner_text('.cog-count')}\nconsole: {lab.errors[-5:]}"
            report.sections.append(("on the page", f"{seen}\nconnections lost: {lab.lost_connections}"))


@contextlib.contextmanager
def lab_served(folder: Path, *options: str):
    """The page that the command serves, with its own kernel: its address, with the key."""
    command = [sys.executable, "-m", "cogrnn_lab.cli", "--no-browser", "--port", str(free_port()), *options]
    with serving(command, folder, printed_address) as url:
        yield url


@pytest.fixture(scope="module")
def lab_page(chromium, tmp_path_factory, shots):
    """The page that the command serves; the tests of a file share it, in order."""
    started = time.monotonic()
    with lab_served(tmp_path_factory.mktemp("lab")) as url:
        lab = open_page(chromium, url, shots, started)
        yield lab
        lab.page.close()


@contextlib.contextmanager
def notebook_in(chromium, application: str, place: str, folder: Path, repository: Path, shots: Path):
    """The notebook, opened in a Jupyter server of its own; `place` is where that shows notebooks."""
    port = free_port()
    shutil.copy(repository / "notebooks" / "lab.ipynb", folder)
    command = [
        sys.executable, "-m", application, "--no-browser", "--allow-root", f"--ServerApp.port={port}",
        "--ServerApp.ip=127.0.0.1", "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}",
        "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    started = time.monotonic()
    with serving(command, folder, answering(f"{base}/api", f"{base}/{place}/lab.ipynb")) as url:
        lab = open_page(chromium, url, shots, started)
        yield lab
        lab.page.close()


@pytest.fixture(scope="module")
def notebook_page(chromium, tmp_path_factory, repository, shots):
    """The notebook in JupyterLab."""
    folder = tmp_path_factory.mktemp("jupyter")
    with notebook_in(chromium, "jupyterlab", "lab/tree", folder, repository, shots) as lab:
        yield lab


@pytest.fixture(scope="module")
def notebook_7_page(chromium, tmp_path_factory, repository, shots):
    """The notebook in Notebook 7."""
    pytest.importorskip("notebook", minversion="7", reason="Notebook 7 is not installed")
    folder = tmp_path_factory.mktemp("notebook")
    with notebook_in(chromium, "notebook", "notebooks", folder, repository, shots) as lab:
        yield lab


@pytest.fixture(scope="module")
def voila_page(chromium, tmp_path_factory, repository, shots):
    """The notebook of the lab, served by Voilà itself rather than by our command."""
    folder, port = tmp_path_factory.mktemp("voila"), free_port()
    shutil.copy(repository / "notebooks" / "lab.ipynb", folder)
    command = [sys.executable, "-m", "voila", "lab.ipynb", "--no-browser", f"--port={port}"]
    # On a busy machine Voilà would leave the output away after 4 s, as its page says nowhere.
    command.append(f"--VoilaExecutor.iopub_timeout={PATIENCE}")
    base = f"http://127.0.0.1:{port}"
    started = time.monotonic()
    with serving(command, folder, answering(f"{base}/voila/static/voila.js", base)) as url:
        lab = open_page(chromium, url, shots, started)
        yield lab
        lab.page.close()
