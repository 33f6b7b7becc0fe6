"""On the page: names that are HTML stay text, and what shares a scale shares it at every width."""

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.browser

CALL = "<img src=x onerror='window.hit=1'>"
N_TRIALS = 200


@pytest.fixture(scope="module", autouse=True)
def small(lab_page):
    """Few sessions, so that a network is compiled and drawn in seconds."""
    lab_page.page.wait_for_selector("button.cog-train:enabled", timeout=120_000)
    lab_page.wait_for_status("Ready")
    lab_page.set_number("n-sessions", 16)
    lab_page.set_number("batch-size", 4)
    lab_page.wait_for_status("Ready")


POSITIONS = """() => {
  const ends = name => {
    const boxes = [...document.querySelectorAll(`.cog-plot-${name} path.line`)]
      .filter(path => (path.getAttribute('d') || '').length > 100)
      .map(path => path.getBoundingClientRect());
    return [Math.min(...boxes.map(box => box.left)), Math.max(...boxes.map(box => box.right))];
  };
  const ticks = [...document.querySelectorAll('.cog-plot-latents g.axis .tick')]
    .filter(tick => tick.textContent === '200')
    .map(tick => tick.querySelector('line').getBoundingClientRect())
    .map(line => (line.left + line.right) / 2);
  return {strokes: ends('choices'), states: ends('latents'), tick: ticks[0]};
}"""


@pytest.mark.parametrize("width", [1000, 1440, 1920, 2560])
def test_choices_stand_above_their_trials_at_every_width(lab_page, width):
    page = lab_page.page
    page.set_viewport_size({"width": width, "height": 1000})
    page.wait_for_function("w => window.innerWidth === w", arg=width)
    page.locator(".cog-trajectories").scroll_into_view_if_needed()
    for _ in range(40):  # figures are laid out anew a moment after their place has changed
        page.wait_for_timeout(500)
        at = page.evaluate(POSITIONS)
        strokes, states, tick = at["strokes"], at["states"], at["tick"]
        off = [abs(strokes[0] - states[0]), abs(strokes[1] - states[1]), abs(strokes[1] - (tick or 0))]
        if strokes[1] - strokes[0] > 250 and max(off) <= 1.0:
            break
    lab_page.screenshot(f"40-trajectories-{width}")
    assert strokes[1] - strokes[0] > 250, "there are strokes"
    assert max(off) <= 1.0, f"pixels off at trial 1, at trial {N_TRIALS} and from its tick: {off}"
    page.evaluate("window.scrollTo(0, 0)")


def hostile() -> bytes:
    """Three alternatives and two subjects, all of whose names would run as HTML."""
    rng = np.random.default_rng(0)
    rows = 8 * 40
    frame = pd.DataFrame(
        {
            "subject": np.repeat([f"{CALL}S1", f"{CALL}S2"], rows // 2),
            "session": np.repeat(np.arange(8), 40),
            "choice": rng.choice([f"{CALL}{name}" for name in "abc"], rows),
            "reward": rng.integers(0, 2, rows),
        }
    )
    return frame.to_csv(index=False).encode()


def upload(lab_page, name: str, content: bytes) -> None:
    page = lab_page.page
    page.evaluate("window.scrollTo(0, 0)")
    lab_page.pick("source", "table (CSV)")
    page.wait_for_selector(".widget-upload", timeout=20_000)
    with page.expect_file_chooser() as chooser:
        page.click("button.widget-upload, .widget-upload button")
    chooser.value.set_files({"name": name, "mimeType": "text/csv", "buffer": content})


def test_a_source_without_data_cannot_be_trained_on(lab_page):
    page = lab_page.page
    page.set_viewport_size({"width": 1280, "height": 800})
    lab_page.pick("source", "table (CSV)")
    lab_page.wait_for_status("Nothing to train on yet")
    page.wait_for_selector("button.cog-train:disabled", timeout=20_000)
    lab_page.screenshot("41-nothing-uploaded")
    upload(lab_page, "broken.csv", b"session,choice,reward\n1,0,yes\n1,1,0\n")
    lab_page.wait_for_status("Nothing to train on: column")
    page.wait_for_selector("button.cog-train:disabled", timeout=20_000)
    lab_page.screenshot("42-refused")


def test_names_that_are_html_stay_text(lab_page):
    page = lab_page.page
    upload(lab_page, f"{CALL}.csv", hostile())
    lab_page.wait_for_status("Ready")
    page.wait_for_selector("button.cog-train:enabled", timeout=20_000)
    lab_page.pick("network", "multisubject DisRNN")
    page.get_by_role("button", name="Subjects", exact=True).wait_for()  # it is the new network's
    lab_page.wait_for_status("Ready")
    shown = (
        "name => [...document.querySelectorAll(name)]"
        r".some(one => one.textContent.replace(/\s/g, ' ').includes('<img src=x onerror'))"
    )
    for place in (".cog-legend", ".cog-readout-bottlenecks", "select"):
        page.wait_for_function(shown, arg=place, timeout=30_000)
    lab_page.screenshot("43-hostile-names")
    page.click("button.cog-train")
    lab_page.wait_for_step(2)
    page.click("button.cog-pause")
    lab_page.wait_for_status("Paused")
    cells = page.locator(".cog-plot-bottleneck-update_input g.heatmaprow rect")
    for k in range(4):  # tooltips
        cells.nth(k).hover()
        page.wait_for_timeout(200)
    lab_page.screenshot("44-hostile-tooltip")
    page.get_by_role("button", name="Subjects", exact=True).click()
    page.wait_for_function(shown, arg=".cog-readout-subjects", timeout=30_000)
    page.locator(".cog-plot-subjects .dot").first.hover()
    page.locator(".cog-plot-subjects").scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    lab_page.screenshot("45-hostile-subjects")
    assert page.evaluate("window.hit") is None
    assert page.evaluate("document.querySelectorAll('img[src=x]').length") == 0
