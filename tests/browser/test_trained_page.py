"""Panels of a trained network on the page: those that have work done beside training, and the wiring.

The first are made when their tab is opened, and filled by it. One page serves all: to serve, compile and
train takes longer than all that is looked at.
"""

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def trained(lab_page):
    """A few steps on a few sessions."""
    lab_page.make_small()
    lab_page.train_to_the_end()


def open_tab(lab_page, name: str, place: str, words: str) -> None:
    """Open a tab, and wait until these words are in a place of it."""
    lab_page.page.locator(".cog-tabs button", has_text=name).click()
    wait_for(lab_page, place, words)


def wait_for(lab_page, place: str, words: str) -> None:
    lab_page.page.wait_for_function(
        "([place, words]) => [...document.querySelectorAll(place)].some(e => e.innerText.includes(words))",
        arg=[place, words],
    )


def test_the_phase_plane_has_arrows_and_what_becomes_of_an_observation_that_goes_on(lab_page):
    open_tab(lab_page, "Phase plane", ".cog-words-phase", "If it went on: choice 0, unrewarded")
    arrows = lab_page.curve("phase")
    assert any(path.count("M") > 20 for path in arrows), "heads and shafts, apart from each other"
    lab_page.pick("observation", "choice 1, rewarded")
    wait_for(lab_page, ".cog-words-phase", "If it went on: choice 1, rewarded")
    assert lab_page.curve("phase") != arrows
    lab_page.screenshot("70-phase-plane")


def test_the_network_plays_beside_the_data(lab_page):
    open_tab(lab_page, "Behavior", ".cog-readout-behavior", "of step 40")
    lab_page.page.wait_for_function(  # histories, not numbers
        "() => { const labels = [...document.querySelectorAll('.cog-plot-behavior-curve .axis text')]"
        ".map(e => e.textContent); return ['LLL', 'WWW'].every(own => labels.includes(own)) }"
    )
    lab_page.screenshot("71-behavior")


def test_what_the_network_is_worth_beside_the_agent_and_channel_by_channel(lab_page):
    open_tab(lab_page, "Advantage", ".cog-words-advantage", "nats per choice")
    lab_page.page.wait_for_function(
        "() => { const labels = [...document.querySelectorAll('.cog-plot-advantage-each .axis text')]"
        ".map(e => e.textContent); return ['WW', 'L′L'].every(own => labels.includes(own)) }"
    )
    lab_page.screenshot("74-advantage")
    open_tab(lab_page, "Pruning", ".cog-words-pruning", "can be closed at no clear cost")
    assert len(lab_page.curve("pruning")) > 1
    lab_page.screenshot("75-pruning")


def test_a_latent_is_closed_and_the_story_told(lab_page):
    page = lab_page.page
    open_tab(lab_page, "Experiments", ".cog-words-experiments", "Pick a latent or a channel")
    lab_page.pick("part", "latent 1")
    wait_for(lab_page, ".cog-words-experiments", "Likelihood of a choice")
    wait_for(lab_page, ".cog-words-experiments", "Mean reward as it plays")
    lab_page.screenshot("72-experiments")
    page.click("button.cog-reset-experiment")
    wait_for(lab_page, ".cog-words-experiments", "Pick a latent or a channel")
    page.click("button.cog-order-explain")
    wait_for(lab_page, ".cog-story", "The story of step 40")
    page.click("button.cog-order-save_report")
    lab_page.wait_for_status("The report is in")
    lab_page.screenshot("73-story")
    assert lab_page.errors == []


@pytest.mark.parametrize("width", [1000, 1440])
def test_the_graph_is_drawn_within_its_panel(lab_page, width):
    page = lab_page.page
    page.evaluate("window.scrollTo(0, 0)")
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
