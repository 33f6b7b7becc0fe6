"""The lab as a page of its own: one kernel for every visit, from the start of the server to its end."""

import asyncio
import json
import os
import re
import signal
import socket
import struct
import sys
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from served_page import BUFFER, CELL, SHOW, VIEW, kernel_of
from tornado.websocket import websocket_connect

from cogrnn_lab.cli import main, page
from cogrnn_lab.cli.page_access import Listening
from cogrnn_lab.cli.rendered_page import HEARTBEAT


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def without_nonce(html: str) -> str:
    """A page but for what differs in every visit."""
    bare = re.sub(r' nonce="[\w-]+"', "", html)
    assert bare != html
    return bare


def test_one_kernel_serves_every_visit_and_outlives_a_closed_tab(server):
    first = server.visit()
    process_id, folder, python = kernel_of(first)
    assert Path(folder) == server.here  # files of the lab are those of the user's folder
    assert python == sys.executable
    kernel_id = re.search(r'"kernelId": "([\w-]+)"', first)
    assert kernel_id is not None
    closing = urllib.request.Request(server.at(f"voila/api/shutdown/{kernel_id.group(1)}"), method="POST")
    with urllib.request.urlopen(closing, timeout=10) as answer:
        assert answer.status == 204
    assert without_nonce(server.visit()) == without_nonce(first)
    assert lives(process_id)


@pytest.mark.parametrize("protocol", ["v1.kernel.websocket.jupyter.org", None])
def test_messages_with_buffers_reach_a_page_of_either_protocol(server, protocol, run_async):
    html = server.visit()
    kernel, channel = (
        re.search(pattern, html).group(1) for pattern in (r'"kernelId": "([\w-]+)"', r"comm (\w+)")
    )
    url = server.at(f"api/kernels/{kernel}/channels", "ws", session_id="a")
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
    html = re.sub(r"<style.*?</style>", "", server.visit(), flags=re.DOTALL)
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', html) == []
    assert "<title>cogrnn_lab</title>" in html


def test_a_visit_after_the_kernel_died_gets_a_new_one(server):
    before, _, _ = server.kernel()
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while (after := server.kernel()[0]) == before:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert lives(after)


def test_ctrl_c_ends_the_server_and_its_kernel(server):
    kernel, _, _ = server.kernel()
    server.process.send_signal(signal.SIGINT)
    # Long, for a machine that is busy with other tests: this is about ending at all.
    assert server.process.wait(60) == 0
    deadline = time.monotonic() + 30
    while lives(kernel):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_output_that_comes_long_after_the_reply_is_on_the_page(serve):
    # As on a busy machine: the reply is there, and what the cell said is read seconds later.
    late = (
        "import sys, time; sys.stdout.flush_timeout = sys.stderr.flush_timeout = 0\n"
        "get_ipython().kernel.iopub_thread.schedule(lambda: time.sleep(6))\n"
    )
    html = serve(late + CELL).visit()
    assert f'"{VIEW}":' in html
    assert "did not appear" not in html


@pytest.mark.skipif(sys.platform == "win32", reason="processes are not stopped there")
def test_nothing_is_lost_of_what_a_kernel_says_to_a_server_that_has_no_time_to_listen(serve):
    # The kernel stops the server, opens more comms than ZeroMQ keeps by default, and lets the server go on.
    flood = (
        "import comm, os, signal, time\n"
        "os.kill(os.getppid(), signal.SIGSTOP)\n"
        "kept = [comm.create_comm(target_name='none', data={'x': 'y' * 3000}) for _ in range(8000)]\n"
        "time.sleep(1)\n"
        "os.kill(os.getppid(), signal.SIGCONT)\n"
    )
    html = serve(flood + SHOW).visit()
    assert f'"{VIEW}":' in html
    assert "did not appear" not in html


def test_a_page_without_the_widgets_is_never_kept(serve):
    # Blank in its first two kernels, of which the server's own visit, that starts the lab, may see one.
    third_time = (
        "import os, sys; print('kernel', os.getpid(), os.getcwd(), sys.executable, 'end')\n"
        "open('seen', 'a').write('x')\n"
        f"if len(open('seen').read()) > 2:\n    {SHOW}\n"
    )
    server = serve(third_time)
    blank = []
    while 'id="without-view"' in (html := server.visit()):
        assert len(blank) < 2
        blank.append(kernel_of(html)[0])
    assert blank
    assert len({*blank, kernel_of(html)[0]}) == len(blank) + 1
    assert not any(map(lives, blank))
    assert without_nonce(server.visit()) == without_nonce(html)


def test_a_visitor_who_leaves_while_the_page_is_made_leaves_no_traceback(serve):
    wait = "import os, time\nwhile not os.path.exists('go'):\n    time.sleep(0.05)\n"
    server = serve(wait + CELL)
    where = urlsplit(server.address)
    with socket.create_connection((where.hostname, where.port)) as visitor:
        cookie = urllib.request.HTTPCookieProcessor(CookieJar())
        asked = urllib.request.build_opener(cookie, NoRedirect())
        with pytest.raises(urllib.error.HTTPError) as redirect:
            asked.open(server.at(), timeout=60)
        key = redirect.value.headers["Set-Cookie"].split(";")[0]
        redirect.value.close()
        visitor.sendall(f"GET / HTTP/1.1\r\nHost: {where.netloc}\r\nCookie: {key}\r\n\r\n".encode())
        assert visitor.recv(4096).startswith(b"HTTP/1.1 200")
        # Gone at once, rather than at leisure: the server's next word is answered by a reset.
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    (server.here / "go").touch()
    kernel_of(server.visit())
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(60) == 0
    assert "Traceback" not in server.log.read_text()
    assert "StreamClosedError" not in server.log.read_text()


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
        assert taken < page._free_port(None, Listening(page.ADDRESS)) < taken + 50


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
        await rendered.follow().__anext__()  # the first piece is there, and the second waits at the gate
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


def test_a_kernel_that_does_not_come_up_is_not_waited_for_for_ever(run_async):
    async def pieces():
        while True:
            yield f"{HEARTBEAT}</script>"

    async def ended() -> bool:
        return False

    async def scenario():
        rendered = page.RenderedPage(pieces(), ended)
        read = [piece async for piece in rendered.follow()]
        return read, rendered.complete, rendered.shows_widgets

    assert run_async(asyncio.wait_for(scenario(), 30)) == ([f"{HEARTBEAT}</script>"], True, False)
