"""The moving picture of the README: the lab, from Train to what was found.

`python docs/record_discovery.py` drives the lab in a headless Chromium and writes `docs/discovery.gif`,
and its last picture as `docs/lab.png`. It needs the extra `test`, and takes some minutes.
"""

import argparse
import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from tests.browser.chromium import launched  # noqa: E402
from tests.browser.conftest import lab_served  # noqa: E402

SIZE = {"width": 1280, "height": 860}  # of the window, in pixels
WIDTH = 1000  # of the moving picture
EVERY = 40  # training steps between two pictures
SHOWN, LAST = 120, 4000  # milliseconds that a picture is shown, and the last one
COLORS = 128
LARGEST = 2_000_000  # bytes
LONGEST = 240_000  # milliseconds that any one thing may take
COUNT = "parseInt(document.querySelector('.cog-count b').innerText.replace(/,/g, ''))"
HAS_EQUATIONS = "/of step [0-9]/.test(document.body.innerText) && !/searching/.test(document.body.innerText)"
SAYS = "words => document.querySelector('.cog-message').innerText.includes(words)"


def record(url: str, browser: Any) -> list[Image.Image]:
    """Pictures of the page while it trains, the last one when it is done."""
    page = browser.new_page(viewport=SIZE, bypass_csp=True)
    page.set_default_timeout(LONGEST)
    page.goto(url)
    page.wait_for_selector("button.cog-train:enabled")
    page.wait_for_function(SAYS, arg="Ready")
    pictures = [picture(page)]
    page.click("button.cog-train")
    page.wait_for_function(f"{COUNT} > 0")
    while "Done" not in page.inner_text(".cog-message"):
        step = page.evaluate(COUNT)
        pictures.append(picture(page))
        page.wait_for_function(
            f"n => {COUNT} >= n || document.querySelector('.cog-message').innerText.includes('Done')",
            arg=step + EVERY,
        )
    page.wait_for_function(HAS_EQUATIONS)
    page.wait_for_timeout(2000)  # figures follow within a second
    return [*pictures, picture(page)]


def picture(page: Any) -> Image.Image:
    """What the window shows."""
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def write_moving(pictures: list[Image.Image], path: Path) -> None:
    """A GIF of all pictures, in colors that all of them share, so that what stays the same costs nothing."""
    height = round(WIDTH * SIZE["height"] / SIZE["width"])
    small = [one.resize((WIDTH, height), Image.Resampling.LANCZOS) for one in pictures]
    shared = Image.new("RGB", (WIDTH, 3 * height))
    for place, one in enumerate((small[0], small[len(small) // 2], small[-1])):
        shared.paste(one, (0, place * height))
    palette = shared.quantize(COLORS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    indexed = [one.quantize(palette=palette, dither=Image.Dither.NONE) for one in small]
    durations = [SHOWN] * (len(indexed) - 1) + [LAST]
    indexed[0].save(path, save_all=True, append_images=indexed[1:], duration=durations, loop=0, optimize=True)


def main() -> None:
    """Record, and refuse to leave a file that is too large for a page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=HERE, help="where the pictures go (docs)")
    folder = parser.parse_args().folder
    with launched() as browser, tempfile.TemporaryDirectory() as here, lab_served(Path(here)) as url:
        pictures = record(url, browser)
    moving = folder / "discovery.gif"
    write_moving(pictures, moving)
    pictures[-1].save(folder / "lab.png", optimize=True)
    size = moving.stat().st_size
    print(f"{len(pictures)} pictures, {size / 1e6:.2f} MB: {moving}")  # noqa: T201
    if size > LARGEST:
        sys.exit(f"a moving picture of more than {LARGEST / 1e6:g} MB keeps readers waiting; take fewer")


if __name__ == "__main__":
    main()
