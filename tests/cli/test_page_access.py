"""Who may use the lab's page: a key, a Host and an Origin are asked for by every handler and WebSocket."""

import asyncio
import base64
import hashlib
import re
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from served_page import kernel_of
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.websocket import websocket_connect

from cogrnn_lab.cli import main, page, page_access
from cogrnn_lab.cli.page_access import Access, Guarded, Listening, take_token
from cogrnn_lab.lab.page.style import start_script

PATHS = [
    "",
    "any.png",
    "api/kernels/{kernel}",
    "api/kernels/{kernel}/channels",
    "voila/templates/lab/static/voila.js",
    "voila/static/voila.js",
    "voila/api/themes/@jupyterlab/theme-light-extension/index.css",
    "voila/api/shutdown/{kernel}",
    "voila/labextensions/any.js",
    "voila/files/any.png",
]


class Unfollowed(urllib.request.HTTPRedirectHandler):
    """Leaves a redirection to the test."""

    def redirect_request(self, *_):
        return None


def answer(url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of an answer, whatever it is; no redirection is followed."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, method=method, headers=named)
    try:
        with urllib.request.build_opener(Unfollowed()).open(request, timeout=60) as got:
            return got.status, dict(got.headers), got.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read().decode()


@pytest.fixture(scope="module")
def kernel(server) -> str:
    """The id of the kernel that the page talks to."""
    found = re.search(r'"kernelId": "([\w-]+)"', server.visit())
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_every_address_is_closed_without_the_key(server, kernel, path, method):
    url = server.address + path.format(kernel=kernel)
    assert answer(url, method)[0] == 403
    assert answer(f"{url}?token=", method)[0] == 403
    assert answer(f"{url}?token={'0' * len(server.token)}", method)[0] == 403
    assert answer(url, method, Cookie=f"{cookie_name(server)}=0; token={server.token}")[0] == 403
    assert answer(server.at(path.format(kernel=kernel)), method, Host="evil.example")[0] == 403
    foreign = answer(server.at(path.format(kernel=kernel)), method, Origin="http://evil.example")
    assert foreign[0] == 403


def cookie_name(server) -> str:
    return "cogrnn-lab-" + re.sub(r"[^a-z0-9]", "-", urlsplit(server.address).netloc)


def test_the_key_opens_what_the_page_needs(server, kernel):
    assert answer(server.at(f"api/kernels/{kernel}"))[0] == 200
    for path in PATHS[4:7]:
        assert answer(server.at(path))[0] == 200, path
    assert answer(server.at(f"voila/api/shutdown/{kernel}"), "POST")[0] == 204
    kernel_of(server.visit())


def test_every_handler_asks_for_the_key(monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # a server takes SIGTERM for itself
    access = Access(Listening(page.ADDRESS))
    server = page.LabServer(
        config=page._settings(page.ADDRESS, 0, "light", page.NOTEBOOK), browser=False, access=access
    )
    server.initialize([])
    server.init_settings()
    handlers = [handler for _, handler, *_ in server.init_handlers()]
    assert len(handlers) >= 9
    for handler in handlers:
        assert issubclass(handler, Guarded)
        mro = [kind for kind in handler.__mro__ if "prepare" in vars(kind)]
        assert mro[0] is Guarded, f"{handler.__name__} does something before it asks"


NO_KEY, WRONG_KEY = {"token": ""}, {"token": "0" * 48}


@pytest.mark.parametrize("protocol", ["v1.kernel.websocket.jupyter.org", None])
@pytest.mark.parametrize(
    ("headers", "key"),
    [
        # After DNS rebinding: the page's own name leads here, so its Origin and Host agree.
        ({"Host": "evil.example:{port}", "Origin": "http://evil.example:{port}"}, {}),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, {}),
        ({"Host": "localhost.evil.example:{port}"}, {}),
        ({"Origin": "http://evil.example"}, {}),
        ({"Origin": "http://127.0.0.1:1"}, {}),  # another server's page on this machine
        ({"Origin": "null"}, {}),
        ({}, NO_KEY),
        ({}, WRONG_KEY),
        ({"Origin": "http://127.0.0.1:{port}"}, NO_KEY),
    ],
)
def test_a_stranger_gets_no_websocket(server, kernel, headers, key, protocol, run_async):
    assert connects(server, kernel, headers, key, protocol, run_async) == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_page_gets_its_websocket_by_cookie(server, kernel, host, run_async):
    netloc = f"{host}:{urlsplit(server.address).port}"
    key = answer(server.at(), Host=netloc)[1]["Set-Cookie"].split(";")[0]
    headers = {"Host": netloc, "Origin": f"http://{netloc}", "Cookie": key}
    assert connects(server, kernel, headers, NO_KEY, None, run_async) == 101


def connects(server, kernel: str, headers: dict, key: dict, protocol: str | None, run_async) -> int:
    """The status that an attempt at the kernel's WebSocket ends with."""
    port = urlsplit(server.address).port
    url = server.at(f"api/kernels/{kernel}/channels", "ws", session_id="a")
    if key:
        url = url.replace(f"token={server.token}", f"token={key['token']}")
    filled = {name: value.format(port=port) for name, value in headers.items()}

    async def attempt() -> int:
        try:
            subprotocols = [protocol] if protocol else None
            connection = await websocket_connect(HTTPRequest(url, headers=filled), subprotocols=subprotocols)
        except HTTPClientError as error:
            return error.code
        connection.close()
        while await connection.read_message() is not None:
            pass  # until the server has closed its side too
        return 101

    return run_async(asyncio.wait_for(attempt(), 60))


def test_the_token_becomes_a_cookie_and_leaves_the_address(server):
    status, headers, _ = answer(server.at(theme="dark"))
    assert (status, headers["Location"]) == (302, "/?theme=dark")
    name, *attributes = headers["Set-Cookie"].split("; ")
    assert name.startswith(cookie_name(server) + "=")
    assert server.token not in headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("same-origin", "no-store")
    status, headers, html = answer(server.address, Cookie=name)
    assert (status, headers["Referrer-Policy"]) == (200, "same-origin")
    assert server.token not in html
    assert name.partition("=")[2] not in html
    kernel_of(html)


def directives(headers: dict[str, str]) -> dict[str, list[str]]:
    """The rules of a page, by name."""
    parts = [part.split() for part in headers["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in parts}


def test_the_page_runs_its_own_scripts_only_and_talks_to_its_own_server_only(server):
    key = answer(server.at())[1]["Set-Cookie"].split(";")[0]
    _, headers, html = answer(server.address, Cookie=key)
    rules = directives(headers)
    host = urlsplit(server.address).netloc
    assert rules["default-src"] == ["'none'"]
    assert rules["connect-src"] == ["'self'", f"ws://{host}", f"wss://{host}"]
    own, nonce, *handler = rules["script-src"]
    assert own == "'self'"
    only = base64.b64encode(hashlib.sha256(start_script().encode()).digest()).decode()
    assert handler == ["'unsafe-hashes'", f"'sha256-{only}'"], "the one handler of the lab, to the letter"
    for name in ("base-uri", "form-action"):
        assert rules[name] == ["'none'"]
    assert not any("http" in value or value == "*" for values in rules.values() for value in values)
    scripts = re.findall(r"<script[^>]*>", html)
    assert len(scripts) >= 5
    word = nonce.removeprefix("'nonce-").removesuffix("'")
    marked = f'nonce="{word}"'
    assert all(marked in one for one in scripts), scripts


def test_a_refusal_runs_nothing(server):
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {}):
        status, given, _ = answer(server.address, **headers)
        assert status == 403
        assert given["Content-Type"].startswith("text/plain")
        assert given["X-Content-Type-Options"] == "nosniff"


def test_two_visits_share_no_nonce(server):
    key = answer(server.at())[1]["Set-Cookie"].split(";")[0]
    one, other = (directives(answer(server.address, Cookie=key)[1])["script-src"][1] for _ in range(2))
    assert one.startswith("'nonce-")
    assert one != other
    assert page_access.with_nonce("<script>a</script><scripts>", "word").count("word") == 1


def test_the_key_is_in_no_log(server):
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"X": "y"}):
        answer(server.at("voila/files/any.png"), **headers)
        answer(server.at("voila/static/nothing.js"), **headers)
    said = server.log.read_text()
    assert "403" in said, "the strangers are told of"
    assert server.token not in said


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_the_key_is_not_in_the_environment_of_the_kernel(server):
    process, _, _ = kernel_of(server.visit())
    for told in ("environ", "cmdline"):
        said = Path(f"/proc/{process}/{told}").read_bytes()
        assert server.token.encode() not in said
        assert b"token=" not in said


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere loopback has one address")
def test_a_voila_configuration_in_the_folder_opens_nothing(serve):
    server = serve(files={"voila.json": '{"Voila": {"ip": "0.0.0.0"}}'})
    port = urlsplit(server.address).port
    socket.create_connection(("127.0.0.1", port)).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port))


def test_all_addresses_are_listened_on_only_when_asked_and_with_a_warning(serve):
    server = serve(ip="0.0.0.0")
    assert socket.gethostname() in server.address
    assert "--ip 0.0.0.0 opens the lab to the network" in server.log.read_text()
    here = f"http://127.0.0.1:{urlsplit(server.address).port}/"
    assert answer(here)[0] == 403
    assert answer(f"{here}?token={server.token}", Host="evil.example")[0] == 403
    assert answer(f"{here}?token={server.token}", Host="192.0.2.7:9000")[0] == 302
    assert answer(f"{here}?token={server.token}", Host=socket.gethostname())[0] == 302


@pytest.mark.parametrize(
    ("ip", "said"),
    [
        ("192.0.2.7", "192.0.2.7 is no address of this machine"),
        ("", "it is empty"),
        ("*", "'*' is no address"),
    ],
)
def test_an_address_that_is_not_here_is_refused_with_a_sentence(ip, said, capsys):
    assert main(["--ip", ip, "--no-browser"]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "expected one such as 127.0.0.1" in told


@pytest.mark.parametrize(
    ("ip", "host", "welcome"),
    [
        ("127.0.0.1", "127.0.0.1:8866", True),
        ("127.0.0.1", "localhost:9000", True),  # through a tunnel
        ("127.0.0.1", "LOCALHOST", True),
        ("127.0.0.1", "[::1]:8866", True),
        ("127.0.0.1", "[0:0:0:0:0:0:0:1]:8866", True),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "evil.example", False),
        ("127.0.0.1", "127.0.0.1.evil.example:8866", False),
        ("127.0.0.1", "evil.example@127.0.0.1:8866", False),
        ("127.0.0.1", "127.0.0.1,evil.example", False),
        ("127.0.0.1", "10.0.0.5:8866", False),
        ("127.0.0.1", "0.0.0.0:8866", False),
        ("127.0.0.1", "[::1", False),
        ("0.0.0.0", "10.0.0.5:8866", True),
        ("0.0.0.0", "localhost", True),
        ("0.0.0.0", "evil.example:8866", False),
        ("localhost", "localhost:8866", True),
        ("localhost", "127.0.0.1:8866", True),
    ],
)
def test_the_names_that_a_server_answers_to(ip, host, welcome):
    assert Listening(ip).answers_to(host) is welcome


def asked(uri: str = "/", **headers: str) -> HTTPServerRequest:
    line = RequestStartLine("GET", uri, "HTTP/1.1")
    return HTTPServerRequest(headers=HTTPHeaders({"Host": "127.0.0.1:8866"} | headers), start_line=line)


def test_the_ticket_that_the_process_list_shows_is_good_once():
    access = Access(Listening("127.0.0.1"))
    ticket = access.ticket
    assert ticket != access.token
    assert access.refusal(asked(Host="evil.example"), ticket) is not None
    assert access.refusal(asked(), ticket) is None
    assert access.refusal(asked(), ticket) is not None
    assert access.refusal(asked(), "") is not None
    for _ in range(2):
        assert access.refusal(asked(), access.token) is None


@pytest.mark.skipif(sys.platform == "win32", reason="the browser is a shell script")
def test_the_page_opens_by_itself_with_an_address_that_is_good_once(serve, tmp_path):
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}.part && mv {opened}.part {opened}\n')
    browser.chmod(0o755)
    server = serve(browser=f"{browser} %s")
    deadline = time.monotonic() + 60
    while not opened.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    address = opened.read_text().strip()
    assert address.startswith(f"{server.address}?token=")
    assert server.token not in address, "every user of the machine can read it in the list of processes"
    status, headers, _ = answer(address)
    assert status == 302
    assert answer(address)[0] == 403
    kernel_of(answer(server.address, Cookie=headers["Set-Cookie"].split(";")[0])[2])


def test_no_two_servers_share_a_key():
    one, other = (Access(Listening("127.0.0.1")) for _ in range(2))
    assert len({one.token, one.ticket, other.token, other.ticket}) == 4
    assert len(one.token) >= 40
    assert other.refusal(asked(), one.token) is not None
    assert one.cookie("a:1")["name"] != one.cookie("a:2")["name"]
    assert one.cookie("a:1")["value"] != other.cookie("a:1")["value"]


def test_a_token_is_taken_out_of_the_address():
    request = asked("/a?b=c%20d&token=secret&e=")
    assert take_token(request) == "secret"
    assert (request.uri, request.query) == ("/a?b=c+d&e=", "b=c+d&e=")
    assert "token" not in request.arguments | request.query_arguments
    untouched = asked("/a?b=c%20d")
    assert take_token(untouched) is None
    assert untouched.uri == "/a?b=c%20d"
