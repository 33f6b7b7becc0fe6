"""The wiring on the page: drawn while it trains, at any width, and a click on a latent."""

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def trained(lab_page):
    """A few steps on a few sessions."""
    lab_page.make_small()
    lab_page.train_to_the_end()


@pytest.mark.parametrize("width", [1000, 1440])
def test_the_graph_is_drawn_within_its_panel(lab_page, width):
    page = lab_page.page
    page.set_viewport_size({"width": width, "height": 1000})
    page.wait_for_function(
        "() => document.querySelector('.cog-words-wiring')?.innerText.includes('choice ←')"
    )
    plot = page.locator(".cog-plot-wiring").first.bounding_box()
    words = page.locator(".cog-plot-wiring text").all()
    assert any("latent" in (word.text_content() or "") for word in words)
    for word in words:
        place = word.bounding_box()
        if place is not None and word.text_content():
            assert plot["x"] - 1 <= place["x"], word.text_content()
            assert place["x"] + place["width"] <= plot["x"] + plot["width"] + 1, word.text_content()
    page.locator(".cog-plot-wiring").scroll_into_view_if_needed()
    lab_page.screenshot(f"60-wiring-{width}")


def test_a_click_on_a_latent_selects_it(lab_page):
    page = lab_page.page
    label = page.locator(".cog-plot-wiring text", has_text="latent 2").first
    place = label.bounding_box()
    page.mouse.click(place["x"] + place["width"] / 2 + 26, place["y"] + place["height"] / 2)
    page.wait_for_function(
        "() => document.querySelector('.cog-readout-bottlenecks')?.innerText.includes('latent 2 selected')"
    )
    lab_page.screenshot("61-wiring-clicked")
