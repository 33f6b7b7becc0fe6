"""Networks and sources of other kinds on the page: subjects, a recorded signal, and tasks made of trials."""

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def small(lab_page):
    """Few short sessions, so that networks are compiled and trained in seconds."""
    lab_page.page.wait_for_selector("button.cog-train:enabled")
    lab_page.wait_for_status("Ready")
    for control, value in {"n-sessions": 60, "n-trials": 50, "batch-size": 16, "warmup-steps": 40}.items():
        lab_page.set_number(control, value)


def train(lab_page, steps: int, shot: str) -> None:
    """Start afresh, train so many steps, keep a picture while it trains, and pause."""
    page = lab_page.page
    page.evaluate("window.scrollTo(0, 0)")
    lab_page.wait_for_status("Ready")
    page.click("button.cog-train")
    lab_page.wait_for_step(steps)
    lab_page.screenshot(shot)
    page.click("button.cog-pause")
    lab_page.wait_for_status("Paused")


def wait_until_changed(lab_page, plot: str, before: list[str]) -> None:
    """Until the lines of a plot are others."""
    lab_page.page.wait_for_function(
        "([plot, before]) => JSON.stringify([...document.querySelectorAll(`.cog-plot-${plot} path.line`)]"
        ".map(p => p.getAttribute('d') || '')) !== JSON.stringify(before)",
        arg=[plot, before],
    )


def wait_for_text(lab_page, selector: str, pattern: str) -> str:
    """The text of an element, once it matches."""
    lab_page.page.wait_for_function(
        "([selector, pattern]) =>"
        " new RegExp(pattern).test(document.querySelector(selector)?.innerText || '')",
        arg=[selector, pattern],
    )
    return lab_page.page.inner_text(selector)


def test_subjects_that_differ_have_a_place_and_rules_each(lab_page):
    page = lab_page.page
    lab_page.set_number("n-subjects", 6)
    page.wait_for_selector(".cog-set-varied", state="visible")
    lab_page.pick("network", "multisubject DisRNN")
    page.wait_for_selector(".cog-set-subject", state="visible")
    train(lab_page, 60, "20-multisubject-training")
    page.get_by_role("button", name="Subjects", exact=True).click()
    dots = page.locator(".cog-plot-subjects .dot")
    page.wait_for_function("document.querySelectorAll('.cog-plot-subjects .dot').length > 6")
    shown = wait_for_text(lab_page, ".cog-readout-subjects", "rules shown")
    assert "subject 0" in shown
    before = lab_page.curve("update-rule")
    dots.nth(4).scroll_into_view_if_needed()
    place = dots.nth(4).bounding_box()
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    wait_for_text(lab_page, ".cog-readout-subjects", "subject 4")
    wait_until_changed(lab_page, "update-rule", before)
    lab_page.screenshot("21-subject-clicked")


def test_a_recorded_signal_is_predicted(lab_page):
    page = lab_page.page
    lab_page.set_number("n-subjects", 1)
    lab_page.pick("signal", "reward prediction error")
    lab_page.pick("network", "neuro DisRNN")
    page.click("button.cog-reset")
    page.wait_for_selector(".cog-set-neural", state="visible")
    train(lab_page, 60, "22-neuro-training")
    page.get_by_role("button", name="Signals", exact=True).click()
    wait_for_text(lab_page, ".cog-readout-signals", "R²")
    page.wait_for_function(
        "[...document.querySelectorAll('.cog-plot-signals path.line')]"
        ".every(line => (line.getAttribute('d') || '').length > 300)"
    )
    page.locator(".cog-plot-signals").scroll_into_view_if_needed()
    lab_page.screenshot("23-signals")


def test_a_task_is_trained_on_and_a_unit_is_lesioned(lab_page):
    page = lab_page.page
    page.evaluate("window.scrollTo(0, 0)")
    lab_page.pick("source", "trial task")
    lab_page.set_number("dt", 50)
    lab_page.set_number("batch-size", 64)
    page.click("button.cog-reset")
    page.wait_for_selector(".cog-plot-weights")
    lab_page.wait_for_status("The network is now a constrained RNN")
    train(lab_page, 1000, "24-task-training")
    accuracy = wait_for_text(lab_page, ".cog-readout-learning", "accuracy on fresh trials")
    assert float(accuracy.split()[-1]) > 0.75
    wait_for_text(lab_page, ".cog-readout-weights", "40 excitatory, 10 inhibitory")
    lab_page.pick("condition", "coherence")
    page.wait_for_function("document.querySelectorAll('.cog-plot-activity path.line').length >= 4")
    whole = wait_for_text(lab_page, ".cog-readout-psychometric", "correct")
    assert "lesioned" not in whole
    page.locator(".cog-plot-psychometric").scroll_into_view_if_needed()
    lab_page.screenshot("25-task-trained")
    before = lab_page.curve("activity")
    page.locator(".cog-plot-units .dot").nth(3).click()
    wait_for_text(lab_page, ".cog-readout-psychometric", "lesioned")
    wait_until_changed(lab_page, "activity", before)
    lab_page.screenshot("26-lesioned")
    page.click("button.cog-no-lesions")
    wait_for_text(lab_page, ".cog-readout-psychometric", "^(?!.*lesioned)")


def test_areas_are_seen_in_the_weights(lab_page):
    lab_page.page.evaluate("window.scrollTo(0, 0)")
    lab_page.set_number("areas", 2)
    lab_page.page.click("button.cog-reset")
    wait_for_text(lab_page, ".cog-readout-weights", "50 units in 4 populations")
    lab_page.screenshot("26-areas")
    lab_page.set_number("areas", 1)


def test_another_task_is_learned_in_two_stages(lab_page):
    page = lab_page.page
    page.evaluate("window.scrollTo(0, 0)")
    lab_page.pick("task", "go / no-go")
    page.wait_for_selector(".cog-set-p-go")
    lab_page.set_number("dt", 50)
    lab_page.set_number("cue", 300)
    page.click("button.cog-add-stage")
    wait_for_text(lab_page, ".cog-stages", "1\\.")
    lab_page.set_number("cue", 200)
    page.click("button.cog-add-stage")
    wait_for_text(lab_page, ".cog-stages", "2\\. cue 200")
    lab_page.set_number("advance", 0.8)
    page.click("button.cog-reset")
    page.wait_for_function("document.body.innerText.includes('next stage 0.8')")
    lab_page.wait_for_status("Ready")
    page.click("button.cog-train")
    lab_page.wait_for_step(25)
    lab_page.screenshot("27-stages-training")
    wait_for_text(lab_page, ".cog-readout-learning", "stage 2")
    lab_page.wait_for_status("the last stage is passed")
    page.wait_for_function(  # what it has become in the end is drawn, too
        "parseFloat(document.querySelector('.cog-readout-psychometric').innerText.split(' ')[1]) > 0.7",
    )
    lab_page.screenshot("28-second-stage")


def test_clicks_are_weighed(lab_page):
    page = lab_page.page
    page.evaluate("window.scrollTo(0, 0)")
    lab_page.pick("source", "Poisson clicks")
    page.wait_for_selector(".cog-set-n-click-trials")
    lab_page.set_number("n-click-trials", 300)
    page.click("button.cog-reset")
    page.wait_for_selector(".cog-plot-clicks")
    lab_page.wait_for_status("The network is now a DisRNN")
    train(lab_page, 60, "29-clicks-training")
    page.wait_for_function("document.body.innerText.includes('generating model 0.')")
    strokes = page.locator(".cog-plot-clicks path.line").evaluate_all(
        "paths => paths.filter(p => (p.getAttribute('d') || '').length > 40).length"
    )
    assert strokes == 2, "clicks on both sides"
    page.wait_for_function("document.querySelector('.cog-trajectories').textContent.includes('time bin')")
    page.locator(".cog-trajectories").scroll_into_view_if_needed()
    lab_page.screenshot("30-clicks-trajectories")


def test_no_errors_on_the_console(lab_page):
    offline = "ERR_NAME_NOT_RESOLVED"  # what Voilà asks the internet for

    assert [error for error in lab_page.errors if offline not in error] == []
    assert lab_page.lost_connections == 0
