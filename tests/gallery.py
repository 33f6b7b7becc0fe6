"""Pictures of the lab's page at many sizes, light and dark, plain and zoomed.

`python -m tests.gallery FOLDER` takes them. Each picture is one that somebody should look at:
what is cut off, unreadable or empty is a fault.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from tests.browser.chromium import launched
from tests.browser.conftest import lab_served

WIDTHS = {900: 1000, 1280: 800, 1920: 1080}  # and heights of the window in pixels
ZOOMS = (100, 150)  # per cent
THEMES = ("light", "dark")
HIGHEST = 8000  # pixels of a picture
COUNT = "document.querySelector('.cog-count b')"
LONGEST = 240_000  # milliseconds that any one thing may take


def pictures(folder: Path, themes: tuple[str, ...], widths: dict[int, int], zooms: tuple[int, ...]) -> None:
    """Take all pictures, of a network in training, in one page for each theme."""
    folder.mkdir(parents=True, exist_ok=True)
    for theme in themes:
        with (
            launched() as browser,
            tempfile.TemporaryDirectory() as here,
            lab_served(Path(here), "--theme", theme) as url,
        ):
            _of_theme(browser, url, theme, folder, widths, zooms)


def _of_theme(browser: Any, url: str, theme: str, folder: Path, widths: dict[int, int], zooms: Any) -> None:
    for zoom in zooms:  # of a browser: the style sheet has fewer pixels, and each of them is larger
        scale = zoom / 100
        page = browser.new_page(
            viewport={"width": 1280, "height": 800}, device_scale_factor=scale, bypass_csp=True
        )
        page.set_default_timeout(LONGEST)
        page.goto(url)
        page.wait_for_selector("button.cog-train:enabled, button.cog-pause:enabled")
        page.screenshot(path=folder / f"opened-{zoom}-{theme}.png")
        if page.locator("button.cog-train:enabled").count():
            page.click("button.cog-train")
        page.wait_for_function(f"parseInt({COUNT}.innerText.replace(/,/g, '')) > 60")
        for width, height in widths.items():
            inside = {"width": round(width / scale), "height": round(height / scale)}
            page.set_viewport_size(inside)
            page.wait_for_timeout(800)  # figures follow the window within half a second
            page.screenshot(path=folder / f"{width}-{zoom}-{theme}.png")
            _unrolled(page, inside, folder / f"{width}-{zoom}-{theme}-whole.png")
            print(f"{width} px at {zoom} %, {theme}", flush=True)  # noqa: T201
        page.close()


def _unrolled(page: Any, inside: dict[str, int], path: Path) -> None:
    """A picture of the whole page, in a window as high as that; what is made when first seen is made then."""
    for _ in range(3):  # the page grows while its panels are made
        height = page.evaluate(
            "Math.ceil(document.querySelector('.cog-lab').getBoundingClientRect().height) + 40"
        )
        page.set_viewport_size({**inside, "height": min(height, HIGHEST)})
        page.wait_for_timeout(1500)
    page.screenshot(path=path)
    page.set_viewport_size(inside)


def main() -> None:
    """Take the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--theme", choices=THEMES, action="append", help="one theme only (default: both)")
    parser.add_argument("--width", type=int, action="append", help="other widths, in pixels")
    parser.add_argument("--zoom", type=int, action="append", help="other zooms, in per cent")
    given = parser.parse_args()
    widths = {width: WIDTHS.get(width, width * 5 // 8) for width in given.width or WIDTHS}
    pictures(given.folder, tuple(given.theme or THEMES), widths, tuple(given.zoom or ZOOMS))


if __name__ == "__main__":
    main()
