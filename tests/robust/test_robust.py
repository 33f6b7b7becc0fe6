"""The lab after treatment that nobody would give it; `python -m tests.robust` does it for longer."""

import time
from types import SimpleNamespace

import pytest

from tests.browser import chromium as system
from tests.browser.conftest import lab_served, open_page

from . import clicks, threads

pytestmark = pytest.mark.slow


@pytest.mark.browser
def test_random_clicks_leave_a_lab_that_trains(tmp_path):
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if system.path() is None:
        pytest.skip("no Chromium found; install one, or set COGRNN_LAB_BROWSER to its path")
    with system.launched() as browser, lab_served(tmp_path) as url:
        lab = open_page(browser, url, tmp_path, time.monotonic(), show_all=False)
        lab.make_small()
        assert clicks.clicked(lab, 5.0, seed=1) == []


def test_orders_from_many_threads_leave_a_lab_that_trains(tmp_path):
    assert threads.main(SimpleNamespace(n=400, seed=1), tmp_path) == []
