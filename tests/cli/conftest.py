"""Servers of a small notebook in place of the lab."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from served_page import CELL, STUB, Served, notebook


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """Starts a server of a notebook with this cell, in a folder with these files.

    `browser` is the command of one that is to open the page.
    """
    started: list[subprocess.Popen] = []

    def start(
        source: str = CELL,
        ip: str = "127.0.0.1",
        files: dict[str, str] | None = None,
        browser: str | None = None,
    ) -> Served:
        folder = tmp_path_factory.mktemp("page")
        here, log = folder / "here", folder / "log"
        here.mkdir()
        for name, text in (files or {}).items():
            (here / name).write_text(text)
        command = [sys.executable, "-c", STUB, str(notebook(folder / "stub.ipynb", source)), ip]
        environment = os.environ | ({"BROWSER": browser} if browser else {})
        command += ["open"] if browser else []
        with log.open("w") as stderr:
            process = subprocess.Popen(
                command, cwd=here, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment
            )
        started.append(process)
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"(http://\S+:\d+/)\?token=(\w+) ", said)
        assert found is not None, said + log.read_text()
        return Served(process, found.group(1), found.group(2), here, log)

    yield start
    for process in started:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture(scope="module")
def server(serve) -> Served:
    """A server of the small notebook; a file of tests shares it."""
    return serve()
