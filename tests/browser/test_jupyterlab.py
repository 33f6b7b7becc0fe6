"""The notebook of the lab in JupyterLab: it is run there, and trains."""

import pytest
from playwright.sync_api import TimeoutError as TooLong

pytestmark = pytest.mark.browser

OURS = ("cog-", "bqplot", "widget")  # what an error of the lab's own would name


def test_the_notebook_trains_in_jupyterlab(notebook_page):
    page = notebook_page.page
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    # A kernel is asked for where the notebook names none, or where the cell is run before there is one.
    accept, train = ".jp-Dialog button.jp-mod-accept", ".jp-OutputArea button.cog-train:enabled"
    page.add_locator_handler(page.locator(accept), lambda button: button.click())
    started = '.jp-InputPrompt:text-matches("[*0-9]")'
    for _ in range(8):  # a key that is pressed before the notebook listens is lost
        page.locator(".jp-Notebook .jp-CodeCell .cm-content", has_text="cl.Lab()").click()
        page.keyboard.press("Control+Enter")
        try:
            page.wait_for_selector(f"{accept}, {started}", timeout=20_000)
            break
        except TooLong:
            continue
    page.wait_for_selector(f"{accept}, {train}")
    if page.locator(accept).count():
        page.click(accept)
    page.wait_for_selector(train)
    notebook_page.wait_for_status("Ready")
    page.wait_for_selector(".cog-plot-update-rule path.line", state="attached")
    page.click("button.cog-train")
    notebook_page.wait_for_step(20)
    notebook_page.screenshot("14-jupyterlab")
    page.click("button.cog-pause")
    notebook_page.wait_for_status("Paused")
    assert [error for error in notebook_page.errors if any(word in error for word in OURS)] == []
