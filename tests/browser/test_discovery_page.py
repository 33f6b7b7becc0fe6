"""Discovery on the page: equations after training, a path that draws itself, and the network of any level."""

import pytest

pytestmark = pytest.mark.browser

HAS = "([place, words]) => document.querySelector(place)?.innerText.includes(words)"

# Whether a part of the page has been the same at 20 looks in a row.
STANDS_STILL = """where => {
    const now = document.querySelector(where).innerHTML;
    const looks = window.looks?.html === now ? window.looks.count + 1 : 0;
    window.looks = {html: now, count: looks};
    return looks >= 20;
}"""


@pytest.fixture(scope="module", autouse=True)
def small(lab_page):
    """Few sessions, so that everything is compiled and searched in seconds."""
    lab_page.make_small()
    lab_page.page.wait_for_function(HAS, arg=[".cog-count", "40"])
    lab_page.wait_for_status("Ready")


def test_equations_are_searched_when_training_ends(lab_page):
    page = lab_page.page
    assert "Nothing is learned yet" in page.inner_text(".cog-finding")
    page.click("button.cog-train")
    lab_page.wait_for_status("Done")
    page.wait_for_function(HAS, arg=[".cog-readout-equations", "of step 40"])
    page.wait_for_function(HAS, arg=[".cog-fidelity", "Likelihood of held-out sessions"])
    assert page.locator(".cog-numbers .cog-point").count() >= 1
    lab_page.screenshot("50-equations")


def test_the_path_draws_itself_stops_and_a_level_is_shown(lab_page):
    page = lab_page.page
    page.click("button.cog-discover")
    page.wait_for_selector(".cog-plot-trade-off")
    page.wait_for_function(HAS, arg=[".cog-shown-level", "level 1"])  # figures follow the path
    page.click("button.cog-discover")
    lab_page.wait_for_status("Discovery stopped")
    page.wait_for_function(HAS, arg=["button.cog-discover", "Go on"])
    rule = "() => document.querySelector('.cog-plot-update-rule svg').innerHTML"
    # Figures take turns: this one may still be that of level 0, which would then not change any more.
    page.wait_for_function(STANDS_STILL, arg=".cog-plot-update-rule svg", polling=250)
    before = page.evaluate(rule)
    handle = page.locator(".cog-set-level .noUi-handle")
    handle.focus()
    handle.press("ArrowLeft")
    page.wait_for_function(HAS, arg=[".cog-shown-level", "level 0"])
    page.wait_for_function(
        "before => document.querySelector('.cog-plot-update-rule svg').innerHTML !== before", arg=before
    )
    lab_page.screenshot("51-level")


@pytest.mark.parametrize("width", [1000, 1440, 1920])
def test_nothing_is_wider_than_the_page(lab_page, width):
    page = lab_page.page
    page.set_viewport_size({"width": width, "height": 1000})
    page.wait_for_function("w => window.innerWidth === w", arg=width)
    page.wait_for_function("() => document.documentElement.scrollWidth <= window.innerWidth")
    lab_page.screenshot(f"52-found-{width}")
    offline = "ERR_NAME_NOT_RESOLVED"  # Voilà's own
    assert [error for error in lab_page.errors if offline not in error] == []
