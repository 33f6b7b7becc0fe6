"""The notebook of the lab in Voilà, as anybody may serve it: it trains there without our command."""

import pytest

pytestmark = pytest.mark.browser

OURS = ("cog-", "bqplot", "widget")  # what an error of the lab's own would name


def test_the_notebook_trains_in_plain_voila(voila_page):
    page = voila_page.page
    page.wait_for_selector("button.cog-train:enabled")
    voila_page.wait_for_status("Ready")
    page.click("button.cog-train")
    voila_page.wait_for_step(20)
    voila_page.screenshot("15-voila")
    page.click("button.cog-pause")
    voila_page.wait_for_status("Paused")
    assert [error for error in voila_page.errors if any(word in error for word in OURS)] == []
