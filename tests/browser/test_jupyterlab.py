"""The notebook of the lab in JupyterLab and in Notebook 7: it is run there, trains, and opens a panel."""

import pytest
from playwright.sync_api import TimeoutError as TooLong

from tests.browser.conftest import LabPage

pytestmark = pytest.mark.browser

OURS = ("cog-", "bqplot", "widget")  # what an error of the lab's own would name


def run_the_cell(lab: LabPage) -> None:
    """Run the cell that makes the lab, until that is ready."""
    page = lab.page
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
    lab.wait_for_status("Ready")


def train_a_little(lab: LabPage) -> None:
    """Train for some steps, and go on training."""
    lab.page.wait_for_selector(".cog-plot-update-rule path.line", state="attached")
    lab.page.click("button.cog-train")
    lab.wait_for_step(20)


def pause_without_errors(lab: LabPage) -> None:
    """Pause; the console tells of no error of the lab's own."""
    lab.page.click("button.cog-pause")
    lab.wait_for_status("Paused")
    assert [error for error in lab.errors if any(word in error for word in OURS)] == []


def open_a_panel(lab: LabPage) -> None:
    """Open a panel that was not made before, and see it drawn."""
    page = lab.page
    page.get_by_role("button", name="Phase plane", exact=True).first.click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.cog-plot-phase path.line')]"
        ".some(one => one.getBoundingClientRect().width > 100)"
    )
    page.locator(".cog-plot-phase").scroll_into_view_if_needed()


def test_the_notebook_trains_in_jupyterlab(notebook_page):
    run_the_cell(notebook_page)
    train_a_little(notebook_page)
    notebook_page.screenshot("14-jupyterlab")
    pause_without_errors(notebook_page)


@pytest.mark.slow
def test_a_panel_is_opened_in_jupyterlab(notebook_page):
    if not notebook_page.page.locator("button.cog-train").count():  # where this test runs alone
        run_the_cell(notebook_page)
    notebook_page.page.click("button.cog-train")
    open_a_panel(notebook_page)
    notebook_page.screenshot("14-jupyterlab-panel")
    pause_without_errors(notebook_page)


@pytest.mark.slow
def test_the_notebook_trains_in_notebook_7(notebook_7_page):
    run_the_cell(notebook_7_page)
    train_a_little(notebook_7_page)
    open_a_panel(notebook_7_page)
    notebook_7_page.screenshot("14-notebook-7")
    pause_without_errors(notebook_7_page)
