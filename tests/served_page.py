"""A server of a small notebook in place of the lab, with the address and key that it printed."""

import json
import re
import subprocess
import urllib.request
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path

STUB = """
import signal, sys
from pathlib import Path
# As in a terminal: a test run in the background ignores Ctrl-C, and what it starts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
from cogrnn_lab.cli import page
page.NOTEBOOK = Path(sys.argv[1])
page.serve(ip=sys.argv[2], port=0, browser=len(sys.argv) > 3)
"""

BUFFER = bytes(range(256)) * 8
VIEW = "application/vnd.jupyter.widget-view+json"
SHOW = f"display({{'{VIEW}': {{'model_id': 'none', 'version_major': 2}}, 'text/plain': ''}}, raw=True)"

# It prints its process, its folder and its Python, and shows a view as the lab does. It also opens a comm, as
# widgets do, which answers every message with a buffer.
CELL = f"""
import comm, os, sys; print('kernel', os.getpid(), os.getcwd(), sys.executable, 'end')
{SHOW}
echo = comm.create_comm(target_name='none'); print('comm', echo.comm_id)
echo.on_msg(lambda _: echo.send('answer', buffers=[{BUFFER!r}]))
"""


def notebook(path: Path, source: str = CELL) -> Path:
    """A notebook of one cell, in place of the lab."""
    cell = {"cell_type": "code", "id": "a", "execution_count": None, "metadata": {}, "outputs": []}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {"cells": [cell | {"source": source}], "metadata": {"kernelspec": kernel}}
    path.write_text(json.dumps(whole | {"nbformat": 4, "nbformat_minor": 5}))
    return path


@dataclass
class Served:
    """A server that runs, and what it printed."""

    process: subprocess.Popen
    address: str  # without the token
    token: str
    here: Path  # the folder it was started in
    log: Path  # what it wrote to stderr

    def at(self, path: str = "", scheme: str = "http", **query: str) -> str:
        """The address of something on the server, with the token."""
        pairs = "&".join(f"{name}={value}" for name, value in (query | {"token": self.token}).items())
        return f"{self.address.replace('http', scheme)}{path}?{pairs}"

    def visit(self) -> str:
        """The page, as a browser gets it that has no cookie yet."""
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        with urllib.request.build_opener(cookies).open(self.at(), timeout=60) as answer:
            return answer.read().decode()

    def kernel(self) -> tuple[int, str, str]:
        """Process, folder and Python that the page tells of."""
        return kernel_of(self.visit())


def kernel_of(html: str) -> tuple[int, str, str]:
    """Process, folder and Python that a page tells of."""
    found = re.search(r"kernel (\d+) (\S+) (\S+) end", html)
    assert found is not None, html[-2000:]
    return int(found.group(1)), found.group(2), found.group(3)
