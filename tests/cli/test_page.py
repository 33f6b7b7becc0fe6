"""The lab as a page of its own: one kernel for every visit, from the start of the server to its end."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from tornado.websocket import websocket_connect

from cogrnn_lab.cli import main, page

STUB = """
import signal, sys
from pathlib import Path
# As in a terminal: a test run in the background ignores Ctrl-C, and what it starts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
from cogrnn_lab.cli import page
page.NOTEBOOK = Path(sys.argv[1])
page.serve(port=0, browser=False)
"""

BUFFER = bytes(range(256)) * 8


def notebook(path: Path) -> Path:
    """A notebook that prints its process, its folder and its Python, in place of the lab.

    It also opens a comm, as widgets do, which answers every message with a buffer.
    """
    source = (
        "import comm, os, sys; print('kernel', os.getpid(), os.getcwd(), sys.executable, 'end')\n"
        "echo = comm.create_comm(target_name='none'); print('comm', echo.comm_id)\n"
        f"echo.on_msg(lambda _: echo.send('answer', buffers=[{BUFFER!r}]))"
    )
    cell = {"cell_type": "code", "id": "a", "execution_count": None, "metadata": {}, "outputs": []}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {"cells": [cell | {"source": source}], "metadata": {"kernelspec": kernel}}
    path.write_text(json.dumps(whole | {"nbformat": 4, "nbformat_minor": 5}))
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen, str, Path]]:
    """A server of the stub notebook, its address, and the folder it was started in."""
    folder = tmp_path_factory.mktemp("page")
    stub = notebook(folder / "stub.ipynb")
    here = folder / "here"
    here.mkdir()
    command = [sys.executable, "-c", STUB, str(stub)]
    process = subprocess.Popen(command, cwd=here, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.readline()
    address = re.search(r"http://127\.0\.0\.1:\d+/", said)
    assert address is not None, said
    yield process, address.group(), here
    process.kill()
    process.stdout.close()
    process.wait()


def visit(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.read().decode()


def kernel_of(html: str) -> tuple[int, str, str]:
    found = re.search(r"kernel (\d+) (\S+) (\S+) end", html)
    assert found is not None
    return int(found.group(1)), found.group(2), found.group(3)


def lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_kernel_serves_every_visit_and_outlives_a_closed_tab(server):
    _, address, here = server
    first = visit(address)
    process_id, folder, python = kernel_of(first)
    assert Path(folder) == here  # files of the lab are those of the user's folder
    assert python == sys.executable
    kernel_id = re.search(r'"kernelId": "([\w-]+)"', first)
    assert kernel_id is not None
    closing = urllib.request.Request(f"{address}voila/api/shutdown/{kernel_id.group(1)}", method="POST")
    with urllib.request.urlopen(closing, timeout=10) as answer:
        assert answer.status == 204
    assert visit(address) == first
    assert lives(process_id)


@pytest.mark.parametrize("protocol", ["v1.kernel.websocket.jupyter.org", None])
def test_messages_with_buffers_reach_a_page_of_either_protocol(server, protocol, run_async):
    html = visit(server[1])
    kernel, channel = (
        re.search(pattern, html).group(1) for pattern in (r'"kernelId": "([\w-]+)"', r"comm (\w+)")
    )
    url = f"{server[1].replace('http', 'ws')}api/kernels/{kernel}/channels?session_id=a"
    header = {"msg_id": "1", "msg_type": "comm_msg", "session": "a", "username": "", "version": "5.3"}
    content = {"comm_id": channel, "data": {}}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}

    async def answer() -> bytes:
        socket = await websocket_connect(url, subprotocols=[protocol] if protocol else None)
        if protocol:
            parts = [json.dumps(part).encode() for part in message.values()]
            await socket.write_message(serialize_msg_to_ws_v1(parts, "shell"), binary=True)
        else:
            await socket.write_message(json.dumps(message | {"channel": "shell", "buffers": []}))
        while not (isinstance(said := await socket.read_message(), bytes) and b"answer" in said):
            assert said is not None, "the server closed the connection"
        socket.close()
        while await socket.read_message() is not None:
            pass  # until the server has closed its side too, so that nothing is left open
        return said

    assert run_async(asyncio.wait_for(answer(), 30)).endswith(BUFFER)


def test_the_page_asks_nothing_of_other_machines(server):
    html = re.sub(r"<style.*?</style>", "", visit(server[1]), flags=re.DOTALL)
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', html) == []
    assert "<title>cogrnn_lab</title>" in html


def test_a_visit_after_the_kernel_died_gets_a_new_one(server):
    before, _, _ = kernel_of(visit(server[1]))
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while (after := kernel_of(visit(server[1]))[0]) == before:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert lives(after)


def test_ctrl_c_ends_the_server_and_its_kernel(server):
    process, address, _ = server
    kernel, _, _ = kernel_of(visit(address))
    process.send_signal(signal.SIGINT)
    # Long, for a machine that is busy with other tests: this is about ending at all.
    assert process.wait(60) == 0
    deadline = time.monotonic() + 30
    while lives(kernel):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_port_that_is_taken_is_told_and_never_replaced_silently(capsys):
    with socket.socket() as other:
        other.bind((page.ADDRESS, 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["--port", str(port), "--no-browser"]) == 2
        said = capsys.readouterr().err
    assert f"port {port} is taken" in said
    assert "--port" in said


def test_without_a_wish_the_first_free_port_is_taken(monkeypatch):
    with socket.socket() as other:
        other.bind((page.ADDRESS, 0))
        other.listen()
        taken = other.getsockname()[1]
        monkeypatch.setattr(page, "FIRST_PORT", taken)
        assert taken < page._free_port(None) < taken + 50


def test_followers_get_the_whole_page_also_when_they_come_late(run_async):
    async def pieces(gate: asyncio.Event):
        yield "a"
        await gate.wait()
        yield "b"
        yield "c"

    async def read(rendered: page.RenderedPage) -> list[str]:
        return [piece async for piece in rendered.follow()]

    async def scenario():
        gate = asyncio.Event()
        rendered = page.RenderedPage(pieces(gate))
        early = asyncio.ensure_future(read(rendered))
        await asyncio.sleep(0.01)
        assert not early.done()
        gate.set()
        seen_early = await early
        return seen_early, await read(rendered), rendered.complete

    early, late, complete = run_async(scenario())
    assert early[0] == "a"
    assert "".join(early) == "".join(late) == "abc"
    assert complete


def test_a_page_that_cannot_be_made_says_why_to_every_visit(run_async):
    async def pieces():
        yield "a"
        raise RuntimeError("no kernel")

    async def scenario():
        rendered = page.RenderedPage(pieces())
        for _ in range(2):
            with pytest.raises(RuntimeError, match="no kernel"):
                [piece async for piece in rendered.follow()]
        return rendered.failed

    assert run_async(scenario())
