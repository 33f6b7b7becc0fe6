"""A page whose kernel or server has gone says so within seconds, and starts anew where it can."""

import os
import signal
import sys
import time

import pytest
from served_page import CELL, STUB, kernel_of, notebook

from tests.browser.conftest import printed_address, serving

pytestmark = pytest.mark.browser


def test_a_page_says_that_its_kernel_and_that_its_server_has_gone(chromium, tmp_path):
    """It said "Training. Move a penalty …" for ever, and its buttons did nothing."""
    saved = "print('<x>'); from IPython.display import HTML; display(HTML("
    saved += "'<select class=cog-saved-runs><option>run 1</option></select>'))"
    path = notebook(tmp_path / "stub.ipynb", f"import time; time.sleep(4)\n{CELL}\n{saved}")
    command = [sys.executable, "-c", STUB, str(path), "127.0.0.1"]
    page = chromium.new_page(bypass_csp=True)
    page.set_default_timeout(30_000)
    with serving(command, tmp_path, printed_address) as url:
        impatient = chromium.new_page(bypass_csp=True)
        impatient.clock.install()
        impatient.goto(url, wait_until="commit")
        impatient.wait_for_selector("#loading")
        impatient.clock.fast_forward(16_000)
        assert "The lab is still being made" in impatient.inner_text("#still-loading")
        assert impatient.locator("#still-loading button").inner_text() == "Reload"
        impatient.close()
        page.goto(url)
        page.wait_for_selector(".cog-saved-runs")
        page.wait_for_function("document.getElementById('rendered_cells').style.display !== 'none'")
        page.wait_for_timeout(2000)
        assert page.locator("#cog-gone").count() == 0
        process, *_ = kernel_of(page.content())
        began = time.monotonic()
        os.kill(process, signal.SIGKILL)
        page.wait_for_selector("#cog-gone")
        assert time.monotonic() - began < 5
        told = page.inner_text("#cog-gone")
        assert told.startswith("The lab has stopped: its Python process has ended")
        assert "Saved runs: run 1." in told
        page.click("#cog-gone button")
        page.wait_for_selector("#cog-gone", state="detached")
        page.wait_for_selector(".cog-saved-runs")
        assert kernel_of(page.content())[0] != process
        page.wait_for_function("document.getElementById('rendered_cells').style.display !== 'none'")
    began = time.monotonic()
    page.wait_for_selector("#cog-gone")
    assert time.monotonic() - began < 5
    assert page.inner_text("#cog-gone").startswith("The server of this page has ended")
    page.close()
