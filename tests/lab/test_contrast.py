"""Lines, dots and keys of the lab can be told from the page, light or dark: a contrast of 3 at least."""

import re

import bqplot as bq
import pytest
from ipywidgets.widgets import widget as every

from cogrnn_lab.lab.page.style import MARK, RAMP
from cogrnn_lab.lab.panels.trajectories import TIME
from cogrnn_lab.palette import PALETTE, REFERENCE

PAPERS = ("#ffffff", "#212121")  # of panels in JupyterLab's themes
LEAST = 3.0  # of graphics, by WCAG 2.2
LEAST_OF_WIDE = 2.3  # of the wiring's lines: that they are wide tells more than their color


def parts_of(color: str) -> list[float]:
    return [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def luminance(parts: list[float]) -> float:
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(color: str, paper: str, opacity: float = 1.0) -> float:
    seen = [opacity * a + (1 - opacity) * b for a, b in zip(parts_of(color), parts_of(paper), strict=True)]
    low, high = sorted((luminance(seen), luminance(parts_of(paper))))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("paper", PAPERS)
def test_colors_of_figures_are_seen_on_every_page(paper):
    for color in {*PALETTE, *RAMP, *TIME, MARK, REFERENCE}:
        assert contrast(color, paper) >= LEAST, color


@pytest.mark.parametrize("paper", PAPERS)
def test_lines_and_dots_of_the_lab_are_seen_on_every_page(make_lab, paper):
    """Those of before, of choices without a reward, of other starts and the like were pale."""
    before = set(every._instances)  # those of other labs
    lab = make_lab()
    wiring = lab.display["wiring"]
    wide = wiring.lines
    behind = [lab.display["trajectories"].brushed, wiring.latents]  # bands and boxes behind other marks
    found = 0
    for name, mark in list(every._instances.items()):
        if name in before or not isinstance(mark, bq.Lines | bq.Scatter) or mark in behind:
            continue
        opacities = list(getattr(mark, "opacities", ())) or [getattr(mark, "default_opacities", [1.0])[0]]
        for i, color in enumerate(mark.colors):
            opacity = opacities[min(i, len(opacities) - 1)]
            if re.fullmatch(r"#[0-9a-fA-F]{6}", color) and opacity > 0:
                found += 1
                least = LEAST_OF_WIDE if mark in wide else LEAST
                assert contrast(color, paper, opacity) >= least, (color, opacity, mark)
    assert found > 60
