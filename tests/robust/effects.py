"""How long each of twelve controls takes until its effect is seen, while the network trains."""

import logging
import statistics
import time
from pathlib import Path
from typing import Any

from tests.browser.chromium import launched
from tests.browser.conftest import LabPage, lab_served, open_page

log = logging.getLogger(__name__)

REPEATS = 7
USUAL = 250.0  # milliseconds of the median
# Milliseconds from an action to a change of what is read.
EFFECT = """async ([act, read]) => {
  const seen = new Function(`return ${read}`), before = String(seen()), begin = performance.now()
  new Function(act)()
  while (performance.now() - begin < 5000) {
    await new Promise(requestAnimationFrame)
    if (String(seen()) !== before) return performance.now() - begin
  }
  return null
}"""


def text(css: str) -> str:
    """What is written there."""
    return f"document.querySelector('.cog-lab {css}')?.textContent"


def key(css: str) -> str:
    """Press a slider's arrow key, to and fro."""
    return (
        f"const one = document.querySelector('.cog-lab {css} .noUi-handle'); window.cogKey = !window.cogKey;"
        "one.dispatchEvent(new KeyboardEvent('keydown', {key: window.cogKey ? 'ArrowRight' : 'ArrowLeft',"
        " bubbles: true}))"
    )


def other(css: str) -> str:
    """Pick the next option of a drop-down."""
    return (
        f"const one = document.querySelector('.cog-lab {css}');"
        "one.selectedIndex = (one.selectedIndex + 1) % one.options.length;"
        "one.dispatchEvent(new Event('change', {bubbles: true}))"
    )


def press(words: str) -> str:
    """Press a button of these words that is not pressed yet."""
    return (
        "[...document.querySelectorAll('.cog-lab button')].find(one =>"
        f" [{words}].includes(one.textContent.trim()) && !one.matches('.mod-active, [disabled]')).click()"
    )


TRAJECTORIES = ".cog-panel:has(.cog-plot-latents) .cog-head"
NUMBER = "input[type=number]"
LINES = "[...document.querySelectorAll('.cog-plot-choices path.line')].map(one => one.getAttribute('d'))"
CONTROLS = {
    "latent of the update rule": (other(".cog-pick-latent select"), text(".cog-plot-update-rule .axislabel")),
    "openness / bits per trial": (press("'openness', 'bits per trial'"), text(".cog-readout-bottlenecks")),
    "curves / map": (
        press("'curves', 'map'"),
        "!!document.querySelector('.cog-plot-choice-map')?.getBoundingClientRect().width",
    ),
    "session": (other(".cog-pick-session select"), LINES),
    "color of points": (other(".cog-head select[title*=color], .cog-head [title*=color] select"), "LEGEND"),
    "trial": (key(TRAJECTORIES), text(TRAJECTORIES)),
    "tab": (
        press("'Trajectories', 'Experiments'"),
        "!!document.querySelector('.cog-plot-latents')?.getBoundingClientRect().width",
    ),
    "price of latents": (key(".cog-set-latent"), f"document.querySelector('.cog-set-latent {NUMBER}').value"),
    "β for all": (
        key(".cog-set-beta"),
        f"document.querySelector('.cog-set-update-input {NUMBER}').value",
    ),
    "training steps": (
        "const one = document.querySelector('.cog-set-steps input, input.cog-set-steps');"
        "one.value = 30000 + Math.floor(5000 * Math.random());"
        "one.dispatchEvent(new Event('input', {bubbles: true}));"
        "one.dispatchEvent(new Event('change', {bubbles: true}))",
        text(".cog-count") + ".split('·')[0].split('/')[1]",
    ),
    "Pause": (press("'Pause'"), text(".cog-message")),
    "Train": (press("'Train'"), text(".cog-message")),
}


def main(given: Any, here: Path) -> list[str]:
    """Measure each control, and say which are slow."""
    del given
    with launched() as browser, lab_served(here) as url:
        lab = open_page(browser, url, here, time.monotonic())
        lab.page.wait_for_selector("button.cog-train:enabled")
        lab.wait_for_status("Ready")
        lab.set_number("steps", 30_000)
        lab.page.click("button.cog-train")
        lab.wait_for_step(30)
        return measured(lab)


def measured(lab: LabPage) -> list[str]:
    """The median and the worst of each control, in milliseconds; those that were slow or without effect."""
    faults, medians = [], []
    for name, (act, read) in CONTROLS.items():
        took, missed = [], 0
        for _ in range(REPEATS):
            if name in ("Pause", "Train"):  # each needs what the other does
                _put(lab, "Paused" if name == "Train" else "Training")
            read = text(".cog-trajectories ~ .cog-legend") if read == "LEGEND" else read
            try:
                one = lab.page.evaluate(EFFECT, [act, read])
            except Exception as error:  # whatever it is, it is a finding
                faults.append(f"{name}: {str(error)[:200]}")
                break
            missed += one is None
            took += [one] if one is not None else []
            lab.page.wait_for_timeout(300)
        if took:
            medians.append(statistics.median(took))
            log.info("| %s | %.0f | %.0f |", name, medians[-1], max(took))
        faults += [f"{name}: no effect {missed} times of {REPEATS}"] if missed else []
    whole = statistics.median(medians)
    log.info("| median of all | %.0f | |", whole)
    return [
        *faults,
        *([f"the median is {whole:.0f} ms, expected {USUAL:.0f} at most"] if whole > USUAL else []),
    ]


def _put(lab: LabPage, status: str) -> None:
    if status not in lab.status():
        lab.page.click("button.cog-pause" if status == "Paused" else "button.cog-train")
        lab.wait_for_status(status)
