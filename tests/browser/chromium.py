"""The system's Chromium, headless, as tests and the gallery start it."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Any

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")


def path() -> str | None:
    """Where it is: COGRNN_LAB_BROWSER, else the first found of the usual names."""
    return os.environ.get("COGRNN_LAB_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


@contextlib.contextmanager
def launched() -> Iterator[Any]:
    """A browser until the block ends; raises `FileNotFoundError` where none is installed."""
    from playwright.sync_api import sync_playwright

    executable = path()
    if executable is None:
        raise FileNotFoundError("no Chromium found; install one, or set COGRNN_LAB_BROWSER to its path")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
