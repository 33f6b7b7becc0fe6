"""A student at the page of a workshop: two questions, a hint, a name, and a reload."""

import time

import pytest

import cogrnn_lab as cl
from tests.browser.conftest import lab_served, open_page

pytestmark = pytest.mark.browser

HAS = "([place, words]) => document.querySelector(place)?.innerText.includes(words)"

NAMED = """() => [...document.querySelectorAll('.cog-left select, .cog-left input:not([type=hidden])')]
    .every(one => one.ariaLabel || one.labels?.[0]?.innerText.trim())"""


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    return tmp_path_factory.mktemp("room")


@pytest.fixture(scope="module")
def workshop_page(chromium, tmp_path_factory, shots, room):
    started = time.monotonic()
    with lab_served(tmp_path_factory.mktemp("lab"), "workshop", "--room", str(room)) as url:
        lab = open_page(chromium, url, shots, started, show_all=False)
        yield lab
        lab.page.close()


def test_two_questions_are_answered_and_kept(workshop_page, room):
    page = workshop_page.page
    workshop_page.wait_for_status("Ready")
    page.wait_for_function(HAS, arg=[".cog-shown-level", "level 3"])
    page.wait_for_function(HAS, arg=[".cog-readout-workshop", "0 of 14"])
    page.fill(".cog-set-student input", "Ada <b>L.</b>")
    page.press(".cog-set-student input", "Enter")
    page.wait_for_function(HAS, arg=[".cog-kept", "Kept under Ada <b>L.</b>."])
    page.get_by_role("checkbox", name="latent 1").check()
    page.click(".cog-check")
    page.wait_for_function(HAS, arg=[".cog-verdict", "Not yet."])
    page.get_by_role("checkbox", name="latent 3").check()
    page.click(".cog-check")
    page.wait_for_function(HAS, arg=[".cog-verdict", "Right."])
    page.click(".cog-next-question")
    page.wait_for_function(HAS, arg=[".cog-question", "2. A value."])
    page.click(".cog-hint")
    page.get_by_role("radio", name="latent 3").check()
    page.click(".cog-check")
    page.wait_for_function(HAS, arg=[".cog-readout-workshop", "2 of 14"])
    table = cl.workshop_progress(room)
    assert list(table["student"]) == ["Ada <b>L.</b>"]
    assert (table["right"][0], table["open"][0], table["value"][0]) == (2, "right, 2 tries", "right")


@pytest.mark.parametrize("width", [1000, 1440])
def test_nothing_is_wider_than_the_page(workshop_page, width):
    page = workshop_page.page
    page.set_viewport_size({"width": width, "height": 1000})
    page.wait_for_function("w => window.innerWidth === w", arg=width)
    page.wait_for_function("() => document.documentElement.scrollWidth <= window.innerWidth")
    workshop_page.screenshot(f"60-workshop-{width}")


def test_a_reload_shows_the_same_question_and_answers(workshop_page):
    page = workshop_page.page
    workshop_page.reload()
    page.wait_for_function(HAS, arg=[".cog-question", "2. A value."])
    page.wait_for_function(HAS, arg=[".cog-readout-workshop", "2 of 14"])
    assert page.input_value(".cog-set-student input") == "Ada <b>L.</b>"
    page.click(".cog-more-controls")
    page.wait_for_selector(".cog-set-source")
    page.wait_for_function(NAMED)  # the page names fields a moment after they are there
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    found = axe.Axe().run(page, context=".cog-lab", options={"resultTypes": ["violations"]}).response
    grave = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"] for node in one["nodes"]][:2]) for one in grave] == []
    offline = "ERR_NAME_NOT_RESOLVED"  # Voilà's own
    assert [error for error in workshop_page.errors if offline not in error] == []
