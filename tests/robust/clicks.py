"""Random actions on the page: any control that a person can reach, in any order, much faster than one could.

Afterwards there must be no error on the console, no sentence of another library, and a lab that trains.
"""

import logging
import re
import time
from pathlib import Path
from typing import Any

from tests.browser.chromium import launched
from tests.browser.conftest import LabPage, lab_served, open_page

log = logging.getLogger(__name__)

# Acts once every few milliseconds for some seconds; from a seed, so that a run can be had again. Left out are
# what leaves the page (files, downloads) and sizes that would compile for minutes.
ACT = """async ([seconds, seed]) => {
  let state = seed >>> 0 || 1
  const random = () => {  // xorshift
    state ^= state << 13; state >>>= 0; state ^= state >>> 17; state ^= state << 5; state >>>= 0
    return state / 2 ** 32
  }
  const pick = list => list[Math.floor(random() * list.length)]
  const isSeen = one => one.getClientRects().length > 0
  const all = css => [...document.querySelectorAll(`.cog-lab ${css}`)].filter(isSeen)
  const buttons = () => all('button:not([disabled])').filter(one =>
    !one.closest('.cog-store, .cog-keeping, .widget-upload') && !/Get|Report|Save|Load/.test(one.textContent))
  const order = name => () => all(`.cog-${name}:not([disabled])`)
  const actions = [  // how often, what, and what is done to it
    [3, order('train'), one => one.click()],
    [2, order('pause'), one => one.click()],
    [1, order('step'), one => one.click()],
    [0.4, order('reset'), one => one.click()],
    [0.4, order('discover'), one => one.click()],
    [6, buttons, one => one.click()],
    [4, () => all('.cog-head select, .cog-along select, .cog-halves select'), one => {
      one.selectedIndex = Math.floor(random() * one.options.length)
      one.dispatchEvent(new Event('change', {bubbles: true}))
    }],
    [2, () => all('input[type=checkbox]'), one => one.click()],
    [8, () => all('.noUi-handle'), one => one.dispatchEvent(new KeyboardEvent('keydown',
      {key: pick(['ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End']), bubbles: true}))],
    [2, () => ['batch-size', 'steps', 'warmup-steps', 'seed'].flatMap(one => all(`.cog-set-${one} input`)),
      one => {
        one.value = pick(['1', '8', '16', '40', '', '-3', '1e9', 'x'])
        one.dispatchEvent(new Event('input', {bubbles: true}))
        one.dispatchEvent(new Event('change', {bubbles: true}))
      }],
    [3, () => all('.bqplot .dot, .bqplot .element, .bqplot .heatmapcell, .bqplot rect'),
      one => one.dispatchEvent(new MouseEvent('click', {bubbles: true}))],
    [1, () => [document.scrollingElement], one => window.scrollTo(0, random() * one.scrollHeight)],
  ]
  const total = actions.reduce((sum, [weight]) => sum + weight, 0), end = performance.now() + 1000 * seconds
  let done = 0
  while (performance.now() < end) {
    let at = random() * total
    const [, find, act] = actions.find(([weight]) => (at -= weight) < 0)
    const found = find()
    if (found.length) { act(pick(found)); done++ }
    await new Promise(ended => setTimeout(ended, 5))
  }
  return done
}"""
FOREIGN = re.compile(r"Traceback|\b[A-Z]\w+(Error|Exception|Warning)\b|0x[0-9a-f]{6}|<class")
NOT_OURS = "ERR_NAME_NOT_RESOLVED"
OURS_AGAIN = 240.0  # seconds in which the lab has done what was asked of it


def main(given: Any, here: Path) -> list[str]:
    """Click for some seconds, and say what is wrong afterwards."""
    with launched() as browser, lab_served(here) as url:
        lab = open_page(browser, url, here, time.monotonic(), show_all=False)
        lab.make_small()
        kernels = kernel_memory(here)
        faults = clicked(lab, given.seconds, given.seed)
        log.info("memory of the kernel: %s MiB before, %s MiB after", kernels, kernel_memory(here))
    return faults


def clicked(lab: LabPage, seconds: float, seed: int) -> list[str]:
    """Act at random for some seconds; what is wrong with the lab afterwards."""
    lab.page.evaluate("window.confirm = window.alert = () => true")
    told = lab.page.evaluate_handle(
        """() => {
          const told = new Set(), line = document.querySelector('.cog-message')
          new MutationObserver(() => told.add(line.innerText)).observe(line, {childList: true, subtree: true})
          return told
        }"""
    )
    done = lab.page.evaluate(ACT, [seconds, seed])
    log.info("%d actions in %.0f s", done, seconds)
    faults = [f"it acted {done} times only"] if done < 10 * seconds else []
    sentences = told.evaluate("told => [...told]")
    log.info("%d sentences in the status line", len(sentences))
    faults += [f"told: {one}" for one in sentences if FOREIGN.search(one)]
    faults += _still_works(lab)
    faults += [f"console: {error}" for error in lab.errors if NOT_OURS not in error]
    faults += ["a connection to the kernel was lost"] * bool(lab.lost_connections)
    return faults


def _still_works(lab: LabPage) -> list[str]:
    """Put the lab to rest, set it up as at first, train, and pause: each must be seen to happen."""
    page, begin = lab.page, time.monotonic()
    page.set_default_timeout(OURS_AGAIN * 1000)
    at = "resting"
    try:
        page.evaluate("window.scrollTo(0, 0)")
        resting = "!document.querySelector('.cog-pause:enabled')"
        page.wait_for_function(
            f"{resting} || (document.querySelector('.cog-pause').click(), false)", polling=1000
        )
        log.info("at rest after %.1f s", time.monotonic() - begin)
        at = "resetting"
        lab.pick("source", "simulated agent")
        for name, value in {"batch-size": 8, "warmup-steps": 20, "steps": 2000, "seed": 0}.items():
            lab.set_number(name, value)
        page.click("button.cog-reset")
        lab.wait_for_status("Ready", OURS_AGAIN)
        at = "training"
        page.click("button.cog-train")
        lab.wait_for_step(5)
        at = "pausing"
        page.click("button.cog-pause")
        lab.wait_for_status("Paused")
        page.wait_for_selector("button.cog-train:enabled")
        page.wait_for_selector("button.cog-pause:disabled")
    except Exception as error:  # whatever it is, it is a finding
        return [f"{at} failed ({lab.status()}): {str(error)[:300]}"]
    log.info("it trained and paused again after %.1f s", time.monotonic() - begin)
    return []


def kernel_memory(here: Path) -> list[int]:
    """Resident memory, in MiB, of the kernels that were started below this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
            is_ours = (process / "cwd").resolve() == here.resolve() and "ipykernel" in command
            status = (process / "status").read_text() if is_ours else ""
        except OSError:
            continue
        found += [int(size) // 1024 for size in re.findall(r"VmRSS:\s+(\d+)", status)]
    return found
