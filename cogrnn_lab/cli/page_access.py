"""Access to the lab's page: by its key, and by a name or address that the server was started with.

Every user of the machine reaches a port on loopback, and so does every web site that the user visits: by a
request from its page, or by a name of its own that it lets point to this machine (DNS rebinding). So each
request, also for a WebSocket or a style sheet, is asked for its Host, its Origin and the key first of all.
"""

import base64
import hashlib
import hmac
import ipaddress
import re
import secrets
import socket
from typing import Any
from urllib.parse import parse_qsl, urlencode

import tornado.web
from jupyter_server.auth.identity import IdentityProvider, User
from tornado.httputil import HTTPServerRequest

LOOPBACK = ("127.0.0.1", "localhost", "::1")
NO_KEY = (
    "This page opens with its key only: use the whole address that cogrnn-lab printed when it was started, "
    "from http:// to the last character after ?token=\n"
)


class NoSuchAddress(OSError):
    """Error: the address to listen on is none of this machine's."""


class Listening:
    """The address that the server listens on, and the names it may be called by.

    Arguments: `ip`, an address or name of this machine; 0.0.0.0 or :: for all it has. Raises NoSuchAddress.
    """

    def __init__(self, ip: str) -> None:
        try:
            if not ip:
                raise OSError("it is empty")
            found = socket.getaddrinfo(ip, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NoSuchAddress(
                f"--ip {ip!r} is no address of this machine ({error}); expected one such as 127.0.0.1, "
                "or 0.0.0.0 for every one"
            ) from error
        self.ip = ip
        self.families = [(family, str(where[0])) for family, *_, where in found]
        addresses = [ipaddress.ip_address(where.partition("%")[0]) for _, where in self.families]
        self.everywhere = any(address.is_unspecified for address in addresses)
        self.local = all(address.is_loopback for address in addresses)
        self.names = {ip.lower(), *map(str, addresses)}
        if self.local or self.everywhere:
            self.names.update(LOOPBACK)
        if self.everywhere:
            self.names.update(name.lower() for name in (socket.gethostname(), socket.getfqdn()))

    def url(self, port: int, *, here: bool = False) -> str:
        """Give the address of the page; `here`: one by which this machine itself reaches it."""
        host = self.ip
        if self.everywhere:
            host = ("::1" if ":" in self.ip else "127.0.0.1") if here else socket.gethostname()
        return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    def answers_to(self, host: str) -> bool:
        """Tell whether a Host header names this server; any port will do, for tunnels."""
        parts = re.fullmatch(r"(\[[^\[\]]+\]|[^:\[\]]+)(:\d+)?", host)
        if parts is None:
            return False
        name = parts[1].strip("[]").lower()
        try:
            name = str(ipaddress.ip_address(name))
        except ValueError:
            return name in self.names
        # A rebound name is a name: where all addresses are listened on, any address in figures is honest.
        return self.everywhere or name in self.names


class Access:
    """The key of one server, made at random when it starts.

    `token` is for the printed address and stays good. The address that a browser is started with can be read
    by every user of the machine in the list of processes, so the token in it, `ticket`, is good only once.
    """

    def __init__(self, listening: Listening) -> None:
        self.listening = listening
        self.token = secrets.token_hex(24)
        self.ticket = secrets.token_hex(24)
        self._cookie = secrets.token_urlsafe(32)

    def cookie(self, host: str) -> dict[str, str]:
        """Give name and value of the cookie for visits by this Host: browsers share cookies between ports."""
        return {"name": "cogrnn-lab-" + re.sub(r"[^a-z0-9]", "-", host.lower()), "value": self._cookie}

    def refusal(self, request: HTTPServerRequest, token: str | None) -> str | None:
        """Give the reason to refuse a request, or None. A ticket is spent by this."""
        host = request.headers.get("Host", "")
        if not self.listening.answers_to(host):
            names = ", ".join(sorted(self.listening.names))
            return (
                f"This server does not answer to the name {host!r}, only to: {names}. "
                "`cogrnn-lab --ip` gives it another.\n"
            )
        origin = request.headers.get("Origin", request.headers.get("Sec-Websocket-Origin"))
        if origin is not None and origin.lower() not in (f"http://{host}".lower(), f"https://{host}".lower()):
            return f"A page of {origin!r} may not use this server.\n"
        return None if self._has_key(request, host, token) else NO_KEY

    def _has_key(self, request: HTTPServerRequest, host: str, token: str | None) -> bool:
        expected = self.cookie(host)
        carried = request.cookies.get(expected["name"])
        if carried is not None and _same(carried.value, expected["value"]):
            return True
        if token is None:
            return False
        if self.ticket and _same(token, self.ticket):
            self.ticket = ""
            return True
        return _same(token, self.token)


def _same(given: str, expected: str) -> bool:
    """Compare in a time that tells nothing about where two keys differ."""
    return hmac.compare_digest(given.encode(), expected.encode())


def take_token(request: HTTPServerRequest) -> str | None:
    """Take the token out of a request's address, so that no log, environment or redirection can tell it."""
    given = [value for name, value in parse_qsl(request.query, keep_blank_values=True) if name == "token"]
    if not given:
        return None
    kept = [pair for pair in parse_qsl(request.query, keep_blank_values=True) if pair[0] != "token"]
    request.query = urlencode(kept)
    request.uri = f"{request.path}?{request.query}" if kept else request.path
    for arguments in (request.arguments, request.query_arguments):
        arguments.pop("token", None)
    return given[-1]


def page_policy(host: str, nonce: str, handler: str = "") -> str:
    """Content-Security-Policy of the page: its own files, its WebSocket, and no code that is not its own.

    A name that reached the page as HTML would run nothing, and nothing on the page can load from, or send to,
    another server. Styles are set on elements by every widget.

    Arguments: `host`, the Host by which the page was asked for, checked before; `nonce` of its own scripts;
    `handler`, the one event handler that a widget's HTML may have, to the letter.
    """
    own = f" 'unsafe-hashes' '{_hash_of(handler)}'" if handler else ""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'{own}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self' ws://{host} wss://{host}",  # older browsers do not count ws as 'self'
            "frame-ancestors 'self'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash_of(handler: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(handler.encode()).digest()).decode()}"


def with_nonce(html: str, nonce: str) -> str:
    """Mark the scripts of the page's template as its own; what a cell puts out is JSON in it, or escaped."""
    return re.sub(r"<script(?=[\s>])", f'<script nonce="{nonce}"', html)


class Guarded(tornado.web.RequestHandler):
    """Handler that asks for the key before anything else."""

    has_key = False
    came_with_token = False

    def prepare(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse whoever lacks the key, in a sentence."""
        access: Access = self.settings["page_access"]
        token = take_token(self.request)
        refusal = access.refusal(self.request, token)
        self.set_header("Referrer-Policy", "same-origin")
        if refusal is not None:
            self.set_status(403)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            tornado.web.RequestHandler.finish(self, refusal)  # Jupyter's would call it JSON
            return None
        self.has_key, self.came_with_token = True, token is not None
        return super().prepare(*args, **kwargs)

    def give_cookie(self) -> None:
        """Spare the browser the token from now on; the cookie ends with the browser's session."""
        cookie = self.settings["page_access"].cookie(self.request.headers["Host"])
        # Lax, not strict: the address may be followed from a terminal that is a web page itself.
        self.set_cookie(**cookie, httponly=True, samesite="Lax")


def guarded(handler: type) -> type:
    """Make a handler ask for the key first."""
    return handler if issubclass(handler, Guarded) else type(handler.__name__, (Guarded, handler), {})


class KeyHolder(IdentityProvider):
    """Identity for Jupyter's handlers: a request with the key is the user's, and no other is."""

    def get_user(self, handler: tornado.web.RequestHandler) -> User | None:
        """Give the user of a request that had the key, else None."""
        return User("user") if getattr(handler, "has_key", False) else None

    def is_token_authenticated(self, handler: tornado.web.RequestHandler) -> bool:
        """Never: that would spare a request Jupyter's own checks of its origin."""
        return False

    def get_handlers(self) -> list[tuple[str, object]]:
        """None: there is nothing to log in to."""
        return []
