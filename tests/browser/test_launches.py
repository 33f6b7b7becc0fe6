"""The page is there at every launch, also on a machine that is busy with other things.

`COGRNN_LAB_LAUNCHES=50 pytest -m slow --log-cli-level=INFO tests/browser/test_launches.py`: fifty launches.
`COGRNN_LAB_BUSY` says how many processes keep the machine busy beside them, two for every core unless told.
"""

import logging
import multiprocessing
import os
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar

import numpy as np
import pytest
from browser.conftest import lab_served, open_page
from served_page import VIEW

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(0)]  # as long as the launches take

log = logging.getLogger(__name__)

LAUNCHES = int(os.environ.get("COGRNN_LAB_LAUNCHES", "3"))
BUSY = int(os.environ.get("COGRNN_LAB_BUSY", 2 * (os.cpu_count() or 1)))
SIDE_BY_SIDE = 4  # labs that start at the same time, each of which finds the machine busy with the others


def keep_busy() -> None:
    """Compute for ever."""
    matrix = np.random.default_rng(0).normal(size=(300, 300))
    while True:
        np.linalg.svd(matrix)


@pytest.fixture
def busy_machine() -> Iterator[None]:
    """Processes that compute while the test runs."""
    spawning = multiprocessing.get_context("spawn")
    others = [spawning.Process(target=keep_busy, daemon=True) for _ in range(BUSY)]
    for other in others:
        other.start()
    yield
    for other in others:
        other.terminate()
        other.join()


def test_no_launch_is_blank_on_a_busy_machine(
    chromium, busy_machine, tmp_path_factory, shots, record_property
):
    seconds, blank = [], []
    for launch in range(LAUNCHES):
        started = time.monotonic()
        with lab_served(tmp_path_factory.mktemp("launch")) as url:
            lab = open_page(chromium, url, shots, started, patience=1200)
            # Either the lab or the sentence that it did not appear, or the end of patience.
            lab.page.wait_for_selector("button.cog-train:enabled, #without-view", state="attached")
            if lab.page.locator("button.cog-train").count() == 0:
                blank.append(launch)
                lab.screenshot(f"blank-{launch}")
            seconds.append(time.monotonic() - started)
            lab.page.close()
        log.info("launch %d of %d: %.0f s, %d blank", launch + 1, LAUNCHES, seconds[-1], len(blank))
    record_property("seconds", seconds)
    assert len(seconds) == LAUNCHES
    assert blank == []


def test_no_page_is_made_without_the_lab_while_others_start(tmp_path_factory):
    def launch(number: int) -> bool:
        """Whether the widgets are on the page, as the server sends it to its first visitor."""
        started = time.monotonic()
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        with lab_served(folders[number]) as url, urllib.request.build_opener(cookies).open(url) as page:
            html = page.read().decode()
        shown = f'"{VIEW}":' in html and "without-view" not in html
        log.info("page %d of %d: %.0f s, %s", number + 1, LAUNCHES, time.monotonic() - started, shown)
        return shown

    folders = [tmp_path_factory.mktemp("launch") for _ in range(LAUNCHES)]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        assert list(threads.map(launch, range(LAUNCHES))) == [True] * LAUNCHES
