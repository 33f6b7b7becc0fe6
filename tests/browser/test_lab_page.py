"""The page of `cogrnn-lab` in a headless Chromium: train, slide, pause, select, upload, save, reload."""

import time

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.browser

# Generous bounds: how long things took is printed, and these only catch what is broken.
USABLE, FIRST_POINT, PAUSE = 120.0, 90.0, 5.0


def measured(lab_page, name: str, seconds: float, record_property) -> float:
    """Note a duration where a person finds it."""
    lab_page.timings[name] = seconds
    record_property(name, seconds)
    return seconds


def test_the_page_is_usable(lab_page, record_property):
    lab_page.page.wait_for_selector("button.cog-train:enabled", timeout=USABLE * 1000)
    assert measured(lab_page, "usable", time.monotonic() - lab_page.started, record_property) < USABLE
    lab_page.screenshot("1-opened")


def test_train_moves_the_loss_curve(lab_page, record_property):
    before = lab_page.curve()
    began = time.monotonic()
    lab_page.page.click("button.cog-train")
    lab_page.wait_for_step(1, FIRST_POINT)
    lab_page.page.wait_for_function(
        "before => JSON.stringify([...document.querySelectorAll('.cog-plot-loss path.line')]"
        ".map(p => p.getAttribute('d') || '')) !== before",
        arg=str(before).replace("'", '"').replace(", ", ","),
        timeout=FIRST_POINT * 1000,
    )
    assert measured(lab_page, "first point", time.monotonic() - began, record_property) < FIRST_POINT
    lab_page.wait_for_step(30)
    assert "Training" in lab_page.status()
    lab_page.screenshot("2-training")


def test_a_slider_moved_while_training_leaves_a_mark(lab_page):
    page = lab_page.page
    lab_page.set_number("warmup-steps", 0)  # penalties set in now
    page.wait_for_function("document.querySelector('.cog-count').innerText.includes('penalized')")
    lab_page.wait_for_step(lab_page.step() + 10)
    before = lab_page.curve()[0]
    handle = page.locator(".cog-set-latent .noUi-handle")
    handle.focus()
    for _ in range(5):
        handle.press("ArrowRight")
    page.wait_for_function(
        "before => document.querySelector('.cog-plot-loss path.line').getAttribute('d') !== before",
        arg=before,
    )
    page.wait_for_function(  # the number beside the slider is set by the kernel
        "document.querySelector('.cog-set-latent input[type=number]').value > 0.003"
    )
    other = page.locator(".cog-set-update-input input[type=number]").input_value()
    assert float(other) == 0.001, "moving one penalty moves no other"
    lab_page.wait_for_step(lab_page.step() + 20)
    lab_page.screenshot("3-slider-moved")


def test_pause(lab_page, record_property):
    began = time.monotonic()
    lab_page.page.click("button.cog-pause")
    lab_page.wait_for_status("Paused")
    assert measured(lab_page, "pause", time.monotonic() - began, record_property) < PAUSE
    step = lab_page.step()
    lab_page.page.click("button.cog-step")
    lab_page.wait_for_step(step + 1)
    assert lab_page.step() == step + 1


def test_a_bottleneck_is_clicked(lab_page):
    page = lab_page.page
    cells = page.locator(
        ".cog-plot-bottleneck-update_latent rect.heatmapcell, "
        ".cog-plot-bottleneck-update_latent g.heatmaprow rect"
    )
    chosen = page.inner_text(".cog-readout-bottlenecks").split(" selected")[0]
    assert cells.count() == 25
    frame = page.locator(".cog-plot-bottleneck-update_latent path.line").first.bounding_box()
    middles = [
        place["y"] + place["height"] / 2 for place in (cells.nth(5 * row).bounding_box() for row in range(5))
    ]
    others = [row for row, y in enumerate(middles) if not frame["y"] < y < frame["y"] + frame["height"]]
    assert len(others) == 4, "the row of the chosen latent is framed"
    cells.nth(5 * others[0] + 2).click()
    page.wait_for_function(
        "chosen => !document.querySelector('.cog-readout-bottlenecks').innerText.startsWith(`${chosen} `)",
        arg=chosen,
    )
    now = page.inner_text(".cog-readout-bottlenecks").split(" selected")[0]
    page.wait_for_function(
        "name => { const s = document.querySelector('select.cog-pick-latent, .cog-pick-latent select');"
        " return s.options[s.selectedIndex].text.replace(/\\s/g, ' ') === name }",
        arg=now,
    )


def test_choice_map_and_bits(lab_page):
    page = lab_page.page
    page.get_by_role("button", name="map", exact=True).click()
    page.wait_for_selector(".cog-plot-choice-map image")
    page.get_by_role("button", name="bits per trial").click()
    page.wait_for_function("document.body.innerText.includes(' bits')")
    lab_page.screenshot("4-map-and-bits")
    page.get_by_role("button", name="curves").click()
    page.get_by_role("button", name="openness").click()
    page.wait_for_selector(".cog-plot-choice-rule")


def test_brushing_and_playing(lab_page):
    page = lab_page.page
    plot = page.locator(".cog-plot-latents")
    plot.scroll_into_view_if_needed()
    area = plot.bounding_box()
    y = area["y"] + area["height"] / 2
    page.mouse.move(area["x"] + 0.4 * area["width"], y)
    page.mouse.down()
    page.mouse.move(area["x"] + 0.6 * area["width"], y, steps=6)
    page.mouse.up()
    page.wait_for_function(
        "[...document.querySelectorAll('.cog-plot-plane .dot')]"
        ".filter(d => parseFloat(d.style.opacity) < 0.5).length > 20",
    )
    lab_page.screenshot("5-brushed")
    page.locator(".cog-trajectories").scroll_into_view_if_needed()
    page.locator(".jupyter-widgets.widget-play button").first.click()
    page.wait_for_function("/trial ([3-9]|\\d\\d+) of/.test(document.body.innerText)")
    page.locator(".jupyter-widgets.widget-play button").first.click()


def test_reloading_shows_the_running_state(lab_page):
    lab_page.page.evaluate("window.scrollTo(0, 0)")
    lab_page.page.click("button.cog-train")
    lab_page.wait_for_step(lab_page.step() + 5)
    step = lab_page.step()
    lab_page.reload()
    lab_page.page.wait_for_selector("button.cog-train")
    lab_page.wait_for_step(step + 1)
    lab_page.page.wait_for_selector(".cog-plot-loss path.line")
    lab_page.page.click("button.cog-pause")
    lab_page.wait_for_status("Paused")


def test_save_and_load(lab_page):
    page = lab_page.page
    page.click("button.cog-save")
    lab_page.wait_for_status("Saved to")
    step = lab_page.step()  # only now: the chunk that ran at the last pause may have been drawn since
    page.click("button.cog-reset")
    lab_page.wait_for_status("Ready")
    assert lab_page.step() == 0
    page.click("button.cog-load")
    lab_page.wait_for_step(step)
    assert lab_page.step() == step


def mice(real_data=None, n_sessions: int = 24) -> bytes:
    """Choices of mice as CSV: some sessions of the real ones where they are present, else made up."""
    if real_data is not None:
        frame = pd.read_csv(real_data / "mouse_dynamic_foraging_bari2019.csv.gz")
        kept = frame[["subject", "session"]].drop_duplicates().iloc[:: len(frame) // 9000].head(n_sessions)
        return frame.merge(kept, on=["subject", "session"]).to_csv(index=False).encode()
    rng = np.random.default_rng(0)
    rows = n_sessions * 100
    frame = pd.DataFrame({"mouse": "<b>M1</b>", "session": np.repeat(np.arange(n_sessions), 100)})
    return frame.assign(choice=rng.integers(0, 2, rows), reward=rng.integers(0, 2, rows)).to_csv().encode()


def upload(lab_page, name: str, content: bytes) -> None:
    page = lab_page.page
    page.evaluate("window.scrollTo(0, 0)")
    page.locator("select.cog-set-source, .cog-set-source select").first.select_option("table (CSV)")
    page.wait_for_selector(".widget-upload")
    with page.expect_file_chooser() as chooser:
        page.click("button.widget-upload, .widget-upload button")
    chooser.value.set_files({"name": name, "mimeType": "text/csv", "buffer": content})


def test_a_broken_table_is_a_sentence(lab_page):
    step = lab_page.step()
    upload(lab_page, "broken.csv", b"session,choice,reward\n1,0,yes\n1,1,0\n")
    lab_page.page.wait_for_selector(".cog-status-error")
    assert "reward" in lab_page.status()
    assert lab_page.step() == step, "the run goes on being there"
    lab_page.page.click(".cog-status button:not(.cog-way-out)")
    lab_page.page.wait_for_function(
        "document.querySelector('.cog-details pre').innerText.includes('Traceback')"
    )
    lab_page.screenshot("6-broken-table")
    lab_page.page.click(".cog-status button:not(.cog-way-out)")


def test_a_code_that_may_be_a_choice_is_decided_before_anything_trains(lab_page):
    rng = np.random.default_rng(0)
    choices, rewards = rng.choice([-1, 0, 1], 240, p=[0.1, 0.5, 0.4]), rng.integers(0, 2, 240)
    frame = pd.DataFrame({"session": np.repeat(np.arange(6), 40), "choice": choices, "reward": rewards})
    upload(lab_page, "codes.csv", frame.to_csv(index=False).encode())
    page = lab_page.page
    lab_page.wait_for_status("can be read in two ways")
    page.wait_for_selector("button.cog-train:disabled")
    assert page.inner_text(".cog-way-1") == "-1 is a missed trial"
    lab_page.screenshot("7-two-readings")
    page.click(".cog-way-1")
    lab_page.wait_for_status("Ready")
    assert page.input_value(".cog-set-missed input, input.cog-set-missed") == "-1"
    told = page.inner_text(".cog-summary")
    assert f"{(choices == -1).sum()} missed trials" in told
    assert "is a win" in told
    page.click("button.cog-train")
    lab_page.wait_for_step(2)
    page.click("button.cog-pause")
    lab_page.wait_for_status("Paused")


def test_mice_are_uploaded_and_trained_on(lab_page, request):
    try:
        content = mice(request.getfixturevalue("real_data"))
    except pytest.skip.Exception:
        content = mice()
    upload(lab_page, "mice <b>.csv", content)
    lab_page.wait_for_status("Ready")
    page = lab_page.page
    page.wait_for_function("document.body.innerText.includes('stay baseline')")
    chosen = page.evaluate(
        "(() => { const s = document.querySelector("
        "'select.cog-set-column-choice, .cog-set-column-choice select');"
        " return s.options[s.selectedIndex].text })()"
    )
    assert chosen == "choice"
    page.click("button.cog-train")
    lab_page.wait_for_step(5)
    lab_page.screenshot("8-mice")
    page.click("button.cog-pause")
    lab_page.wait_for_status("Paused")


@pytest.mark.parametrize("size", [(1280, 800), (1600, 1000), (700, 900)])
def test_nothing_scrolls_sideways(lab_page, size):
    lab_page.page.set_viewport_size({"width": size[0], "height": size[1]})
    lab_page.page.wait_for_function("w => window.innerWidth === w", arg=size[0])
    lab_page.page.evaluate("window.scrollTo(0, 0)")
    wide = lab_page.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
    lab_page.screenshot(f"9-{size[0]}x{size[1]}")
    assert wide <= 0


def test_no_errors_on_the_console(lab_page):
    offline = "ERR_NAME_NOT_RESOLVED"  # what Voilà asks the internet for

    assert [error for error in lab_page.errors if offline not in error] == []
    assert lab_page.lost_connections == 0
