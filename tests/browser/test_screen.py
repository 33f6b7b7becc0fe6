"""The page at every size, light and dark: no holes, figures in register, panels made when seen, and names."""

import time

import pytest

from tests.browser.conftest import LabPage, lab_served, open_page

pytestmark = pytest.mark.browser

SOON = 25_000  # milliseconds for what the page does once it is there
SIZES = [(900, 1000), (1280, 800), (1440, 900), (1920, 1080), (2560, 1440)]

# Rows of panels: how much of the width each leaves free, by how much heights differ, what is empty within.
ROWS = """() => {
    const right = document.querySelector('.cog-right'), width = right.clientWidth, rows = {}
    for (const one of right.children) {
        const place = one.getBoundingClientRect()
        ;(rows[Math.round(place.top)] ||= []).push(place)
    }
    const free = [...right.querySelectorAll('.cog-panel')].map(panel => {
        const inside = [...panel.children].map(one => one.getBoundingClientRect()).filter(one => one.height)
        const low = Math.max(...inside.map(one => one.bottom)), place = panel.getBoundingClientRect()
        return [panel.querySelector('.cog-title').innerText, place.bottom - low, place.height]
    })
    return {rows: Object.values(rows).map(row => ({
        left: width - row.reduce((sum, one) => sum + one.width, 0) - 8 * (row.length - 1),
        uneven: Math.max(...row.map(one => one.height)) - Math.min(...row.map(one => one.height)),
    })), free}
}"""

# Where the first and the last trial stand: in the strip of choices, and on the axis below it.
ENDS = """() => ['choices', 'latents'].map(name => {
    const lines = [...document.querySelectorAll(`.cog-plot-${name} path.line`)]
    const places = lines.map(line => line.getBoundingClientRect()).filter(one => one.height > 3)
    return [Math.min(...places.map(one => one.left)), Math.max(...places.map(one => one.right))]
})"""

DRAWN = """() => [...document.querySelectorAll('.cog-plot-latents path.line')]
    .some(line => line.getBoundingClientRect().width > 200)"""

FOCUS = """() => {
    const one = document.activeElement, style = getComputedStyle(one)
    const area = one.closest('.cog-bar, .cog-left, .cog-right')?.className.match(/cog-(bar|left|right)/)?.[1]
    return [area, style.outlineStyle, parseFloat(style.outlineWidth)]
}"""

LUMINANCE = """selector => {
    const color = getComputedStyle(document.querySelector(selector)).backgroundColor
    const parts = color.match(/[\\d.]+/g).map(Number)
    return parts.length > 3 && parts[3] === 0 ? null : (parts[0] + parts[1] + parts[2]) / 765
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where a lab is served, with its key."""
    with lab_served(tmp_path_factory.mktemp("screen")) as url:
        yield url


@pytest.fixture(scope="module")
def page(chromium, address, shots):
    """A page that shows what a person would see, and no panel that was not scrolled to."""
    lab = open_page(chromium, address, shots, time.monotonic(), show_all=False)
    lab.page.wait_for_selector("button.cog-train:enabled")
    lab.wait_for_status("Ready")  # before, places are laid out anew and the one scrolled to may be gone
    lab.page.set_default_timeout(SOON)
    yield lab
    lab.page.close()


@pytest.fixture(scope="module")
def dark(chromium, tmp_path_factory, shots):
    """The same with --theme dark."""
    with lab_served(tmp_path_factory.mktemp("dark"), "--theme", "dark") as url:
        lab = open_page(chromium, url, shots, time.monotonic())
        lab.page.wait_for_selector("button.cog-train:enabled")
        yield lab
        lab.page.close()


def resized(lab: LabPage, width: int, height: int) -> None:
    """Until figures have followed the window."""
    lab.page.set_viewport_size({"width": width, "height": height})
    lab.page.wait_for_function("w => window.innerWidth === w", arg=width)
    lab.page.wait_for_timeout(700)  # bqplot waits for 300 ms without a change


def test_a_panel_is_made_when_it_is_scrolled_to(page):
    assert page.page.locator(".cog-plot-wiring").count(), "it stands at the top"
    later = page.page.locator(".cog-later")
    assert later.count() >= 1
    last = later.last
    title = last.inner_text().split("\n")[0]
    assert title == "Trajectories"
    assert page.page.locator(".cog-plot-latents").count() == 0
    last.evaluate("place => place.scrollIntoView()")  # at once: the place may be the panel's the moment after
    page.page.wait_for_function(DRAWN)
    page.page.wait_for_function("document.querySelectorAll('.cog-later').length === 0")


def test_the_policy_of_the_page_lets_its_script_run(chromium, address, page):
    own = chromium.new_page()
    own.set_default_timeout(SOON)
    own.goto(address)
    own.wait_for_selector(".bqplot.figure[role=img]")
    own.close()


def test_what_was_html_on_the_page_would_run_nothing(chromium, address, page):
    """A second wall behind the first: HTML that is not the page's own runs nothing."""
    own = chromium.new_page()
    own.set_default_timeout(SOON)
    own.goto(address)
    own.wait_for_selector("button.cog-train:enabled")
    own.evaluate(
        """() => {
          window.refused = [];
          const note = event => window.refused.push(event.effectiveDirective);
          document.addEventListener('securitypolicyviolation', note);
          const own = document.createElement('script');
          own.textContent = 'window.hit = 2';
          document.body.append(own);
          document.body.insertAdjacentHTML('beforeend', "<img class='by-hand' src=x onerror='window.hit=1'>");
          return fetch('http://192.0.2.1/').catch(() => null);
        }"""
    )
    for _ in range(100):
        if own.evaluate("window.refused.length") >= 3:
            break
        own.wait_for_timeout(200)
    assert set(own.evaluate("window.refused")) == {"script-src-elem", "script-src-attr", "connect-src"}
    assert own.evaluate("window.hit") is None
    own.close()


@pytest.mark.parametrize("size", SIZES)
def test_no_place_is_empty_at_any_size(page, size):
    resized(page, *size)
    seen = page.page.evaluate(ROWS)
    page.screenshot(f"70-{size[0]}")
    assert len(seen["rows"]) >= 2
    for row in seen["rows"]:
        assert abs(row["left"]) <= 4, row
        assert row["uneven"] <= 1, row
    for title, free, height in seen["free"]:
        assert free <= max(0.35 * height, 24), (title, free, height)
    wide = page.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    # figures follow the window one after the other, and those out of view when they are scrolled to
    page.page.locator(".cog-plot-latents").scroll_into_view_if_needed()
    page.page.wait_for_function(
        f"""() => {{
          const [strip, axis] = ({ENDS})()
          return strip.every((end, i) => Math.abs(end - axis[i]) <= 1.5) && strip[1] - strip[0] > 250
        }}"""
    )


def test_the_top_bar_stays_in_view(page):
    resized(page, 1280, 800)
    page.page.locator(".cog-plot-latents").scroll_into_view_if_needed()
    page.page.mouse.wheel(0, 3000)
    page.page.wait_for_timeout(300)
    place = page.page.locator("button.cog-train").bounding_box()
    assert 0 <= place["y"] < 60
    assert page.page.locator(".cog-plot-wiring").first.bounding_box()["y"] < 0, "the page was scrolled"


def test_controls_are_in_a_drawer_where_it_is_narrow(page):
    resized(page, 1000, 800)
    left, figure = page.page.locator(".cog-left"), page.page.locator(".cog-plot-wiring").first
    assert not left.is_visible()
    before = figure.bounding_box()
    page.page.locator(".cog-drawer-button").focus()
    page.page.keyboard.press("Enter")
    left.wait_for(state="visible")
    assert figure.bounding_box()["width"] == before["width"], "it opens over the figures"
    place = left.bounding_box()
    assert place["y"] + place["height"] <= 801
    page.screenshot("71-drawer")
    page.page.locator(".cog-left input").first.focus()
    page.page.keyboard.press("Escape")
    left.wait_for(state="hidden")
    resized(page, 1280, 800)
    assert left.is_visible()


def test_the_keyboard_reaches_everything_in_order_and_focus_is_seen(page):
    page.page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.page.locator(".cog-train").focus()
    reached = []
    for _ in range(60):
        page.page.keyboard.press("Tab")
        reached.append(page.page.evaluate(FOCUS))
    areas = [area for area, *_ in reached if area]
    assert list(dict.fromkeys(areas)) == ["bar", "left", "right"]
    assert areas == sorted(areas, key=["bar", "left", "right"].index), "no area is left and entered again"
    unseen = [one for one in reached if one[0] and (one[1] == "none" or one[2] < 1)]
    assert unseen == []


def test_a_file_that_is_too_large_for_the_server_is_not_sent(page):
    """The connection was cut, and the page stood still without a word."""
    resized(page, 1280, 800)
    page.page.evaluate("document.body.dataset.cogLargest = 0.001")
    page.page.locator("select.cog-set-source, .cog-set-source select").first.select_option("table (CSV)")
    for content, refused in ((b"choice,reward\n" * 200, True), (b"a,b\n1,2\n", False)):
        with page.page.expect_file_chooser() as chooser:
            page.page.click("button.widget-upload, .widget-upload button")
        chooser.value.set_files({"name": "large.csv", "mimeType": "text/csv", "buffer": content})
        if refused:
            page.page.wait_for_selector(".cog-refused")
            told = page.page.inner_text(".cog-refused")
            assert told.startswith("large.csv has 1 MB, and this page can send 1 MB. Compress it (.gz)")
            assert "large.csv" not in page.status(), "it did not reach the kernel"
    page.page.wait_for_selector(".cog-status-error, .cog-message:has-text('large.csv')")
    assert page.page.locator(".cog-refused").count() == 0
    page.page.locator("select.cog-set-source, .cog-set-source select").first.select_option("simulated agent")
    page.page.wait_for_selector(".cog-of-before", state="detached")  # figures are pale without data


def findings(lab: LabPage) -> list[str]:
    """What axe finds serious or critical in the lab's own markup."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    found = axe.Axe().run(lab.page, context=".cog-lab", options={"resultTypes": ["violations"]}).response
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:150]} {node['failureSummary'][:200]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def test_axe_finds_nothing_serious(page):
    resized(page, 1280, 800)
    page.page.wait_for_function("document.querySelector('.bqplot.figure[aria-label]')")
    assert findings(page) == []
    told = page.page.locator(".cog-plot-loss").get_attribute("aria-label")
    assert told.startswith("Learning: ")
    assert "against training step" in told


def test_dark_is_dark_and_legible(dark):
    dark.page.wait_for_function(DRAWN)
    for selector in ("body", ".cog-panel", ".cog-left select", ".cog-bar"):
        assert dark.page.evaluate(LUMINANCE, selector) < 0.25, selector
    dark.screenshot("72-dark")
    inks = dark.page.evaluate(
        """() => ['loss .axislabel', 'loss .tick text', 'wiring text'].map(one =>
            getComputedStyle(document.querySelector(`.cog-plot-${one}`)).fill
                .match(/[\\d.]+/g).slice(0, 3).map(Number))"""
    )
    for red, green, blue in inks:
        assert min(red, green, blue) > 0.6 * (255 if max(red, green, blue) > 1 else 1)
    assert findings(dark) == []
