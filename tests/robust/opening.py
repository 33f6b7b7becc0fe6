"""What a page is sent when it opens and when panels are made, and how long it takes to be there.

Messages of kernels are binary frames: how many parts, where each begins, then the parts.
"""

import json
import logging
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.browser.chromium import launched
from tests.browser.conftest import lab_served

log = logging.getLogger(__name__)

FULL = 8  # traits in an update from which it is a whole state
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
READY = "document.querySelector('.cog-message')?.innerText.includes('Ready')"
QUIET = 4000  # milliseconds, after which what was to come has come
PANELS = ("Phase plane", "Behavior", "Experiments")


class Received:
    """Messages that the page got, by kind."""

    def __init__(self):
        self.bytes, self.messages = Counter[str](), Counter[str]()

    def take(self, frame: str | bytes) -> None:
        """Count a frame of a WebSocket."""
        kind = _kind(frame) if isinstance(frame, bytes) else "text"
        self.messages[kind] += 1
        self.bytes[kind] += len(frame)

    def say(self, what: str) -> None:
        """Log what came since the last time."""
        sizes = {kind: round(size / 1024) for kind, size in self.bytes.most_common()}
        n, size = sum(self.messages.values()), sum(self.bytes.values()) / 1024
        log.info("%s: %d messages, %.0f KiB; %s; KiB: %s", what, n, size, dict(self.messages), sizes)
        self.bytes.clear()
        self.messages.clear()


def main(given: Any, here: Path) -> list[str]:
    """Open a page, and log it."""
    del given
    with launched() as browser:
        begin = time.monotonic()
        with lab_served(here) as url:
            log.info("the address is printed after %.1f s", time.monotonic() - begin)
            return _opened(browser, url, begin)


def _opened(browser: Any, url: str, begin: float) -> list[str]:
    received = Received()
    page = browser.new_page(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    page.set_default_timeout(240_000)
    page.on("websocket", lambda socket: socket.on("framereceived", received.take))
    asked = time.monotonic()
    page.goto(url)
    page.wait_for_selector("button.cog-train:enabled")
    page.wait_for_function(READY)
    ready = time.monotonic()
    painted = asked - begin + page.evaluate(PAINT) / 1000
    log.info("after the command: first paint %.1f s, ready %.1f s", painted, ready - begin)
    page.wait_for_timeout(QUIET)
    received.say("opened")
    log.info("the document has %.0f KiB", len(page.content()) / 1024)
    while page.locator(".cog-later").count():
        page.locator(".cog-later").first.evaluate("place => place.scrollIntoView()")
        page.wait_for_timeout(QUIET / 2)
        received.say("scrolled")
    for name in PANELS:
        page.get_by_role("button", name=name, exact=True).first.click()
        page.wait_for_timeout(QUIET / 2)
        received.say(name)
    page.reload()
    page.wait_for_selector("button.cog-train:enabled")
    page.wait_for_timeout(QUIET)
    received.say("opened again")
    return []


def _kind(frame: bytes) -> str:
    """The kind of a message of the kernel."""
    n = int.from_bytes(frame[:8], "little")
    at = [int.from_bytes(frame[8 * i : 8 * i + 8], "little") for i in range(1, n + 1)]
    kind = json.loads(frame[at[1] : at[2]])["msg_type"]
    if kind != "comm_msg":
        return kind
    data = json.loads(frame[at[4] : at[5]])["data"]
    is_whole = len(data.get("state", ())) >= FULL
    return f"{data.get('method', kind)}{' of all' if is_whole else ''}"
