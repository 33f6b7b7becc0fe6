"""Figure of a network's wiring: observations on the left, latents in the middle, the choice on the right."""

import textwrap
from typing import Any

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import FancyBboxPatch

from cogrnn_lab.analysis import Wiring
from cogrnn_lab.analysis.flow.graph import CHOICE, LATENT, SIGNALS
from cogrnn_lab.analysis.flow.layout import Box, Curve, Layout, Letters, laid_out
from cogrnn_lab.palette import REFERENCE
from cogrnn_lab.plots.canvas import canvas, color, plain

WIDTH, ROW, ABOVE, BELOW = 3.4, 0.74, 0.2, 0.34  # inches: a column of a paper, a row, title and note
LETTERS = Letters(letter=0.056, line=0.125, padding=0.07, gap=0.03)
FONT = 7.0
THICKEST, PLAIN_LINE = 6.0, 1.4  # points
ALL_ALIKE = "#8a8a8a"
MOST_LABELS = 18


def plot_wiring(wiring: Any, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw the graph of a network: lines as wide as what they tell, with the bits per trial written on them.

    An arrow raises its target, a bar lowers it, a dot does one or the other, depending on the trial; a latent
    that moves the choice is turned so that it favors the last alternative. Below is the strategy that is
    wired and updated alike, where there is one, and what is closed.

    Arguments:
        wiring: Result of `cl.wiring`, a `Wiring`.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: `wiring` is something else.
    """
    if not isinstance(wiring, Wiring):
        raise TypeError(
            f"got a {type(wiring).__name__}, expected a Wiring, as cl.wiring(model, dataset) makes it"
        )
    rows = max([len(wiring.latents), len(wiring.of_kind("observation")) + len(wiring.of_kind("subject")), 1])
    whole, area = canvas(figure, WIDTH, ABOVE + BELOW + ROW * rows)
    if figure is None:
        whole.set_layout_engine("none")  # everything has its place
    axes = area.add_axes((0.0, 0.0, 1.0, 1.0))
    dpi = whole.dpi
    width, height = float(area.bbox.width / dpi), float(area.bbox.height / dpi)
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    axes.set_axis_off()
    title = textwrap.fill(plain(wiring.mechanism or "no strategy that is known"), 48)
    layout = laid_out(wiring, width, height - ABOVE - BELOW - 0.13 * title.count("\n"), LETTERS)
    _draw(axes, wiring, layout, below=BELOW)
    axes.text(width / 2, height - 0.04, title, ha="center", va="top", fontsize=FONT + 1)
    axes.text(width / 2, 0.04, _note(wiring), ha="center", va="bottom", fontsize=FONT - 1, color=REFERENCE)
    return whole


def _draw(axes: Axes, wiring: Wiring, layout: Layout, below: float) -> None:
    colors = {node.name: color(node.index) for node in wiring.latents}
    most = max([edge.bits for edge in wiring.edges if np.isfinite(edge.bits)], default=1.0)
    labelled = {edge for edge in wiring.edges[:MOST_LABELS] if np.isfinite(edge.bits)}  # those that tell most
    for curve in layout.curves:
        edge = curve.edge
        own = colors.get(edge.source, colors.get(edge.target, ALL_ALIKE))
        _line(axes, curve, own, most, below, is_labelled=edge in labelled)
    for box in layout.boxes.values():
        _box(axes, box, colors.get(box.node.name), below)


def _line(axes: Axes, curve: Curve, own: str, most: float, below: float, *, is_labelled: bool) -> None:
    edge, points = curve.edge, curve.points + np.array([0.0, below])
    thick = max(THICKEST * edge.bits / most, 0.7) if np.isfinite(edge.bits) else PLAIN_LINE
    axes.plot(*points.T, color=own, linewidth=thick, alpha=0.7, solid_capstyle="butt", zorder=1)
    _head(axes, points, edge.sign, own, 3.2 + 0.75 * thick)
    if is_labelled:
        x, y = curve.label
        axes.text(
            x, y + below, f"{edge.bits:.2f}", fontsize=FONT - 1, ha="center", va="center", zorder=4,
            bbox={
                "facecolor": axes.figure.get_facecolor(), "edgecolor": "none", "alpha": 0.8,
                "boxstyle": "round,pad=0.12",
            },
        )  # fmt: skip


def _head(axes: Axes, points: np.ndarray, sign: str, own: str, size: float) -> None:
    """How an edge ends: an arrow raises, a bar lowers, a dot does either."""
    (x, y), (dx, dy) = points[-1], points[-1] - points[-2]
    angle = float(np.degrees(np.arctan2(dy, dx)))
    marker: Any = {"-": (2, 1, angle), "±": "o"}.get(sign, (3, 0, angle - 90))
    size = {"-": 1.5, "±": 0.8}.get(sign, 1.2) * size
    axes.plot(
        x, y, marker=marker, markersize=size, color=own, markeredgecolor=own,
        markeredgewidth=1.6 if sign == "-" else 0.0, zorder=3,
    )  # fmt: skip


def _box(axes: Axes, box: Box, own: str | None, below: float) -> None:
    text, paper = rcParams["text.color"], axes.figure.get_facecolor()
    kind = box.node.kind
    is_end = kind in (CHOICE, SIGNALS)
    axes.add_patch(
        FancyBboxPatch(
            (box.x - box.width / 2, box.y + below - box.height / 2), box.width, box.height,
            boxstyle=f"round,pad=0,rounding_size={0.45 * box.height if kind == LATENT else 0.05}",
            facecolor=text if is_end else paper, edgecolor=own or (text if is_end else REFERENCE),
            linewidth=1.6 if kind == LATENT else 0.8, zorder=3,
        )
    )  # fmt: skip
    axes.text(
        box.x, box.y + below, "\n".join(map(plain, box.lines)), ha="center", va="center", fontsize=FONT,
        color=paper if is_end else text, linespacing=1.05, zorder=5,
    )  # fmt: skip


def _note(wiring: Wiring) -> str:
    known = any(np.isfinite(edge.bits) for edge in wiring.edges)
    parts = ["bits per trial" if known else "", "arrow raises, bar lowers, dot: either"]
    lines = ["; ".join(part for part in parts if part)]
    if wiring.closed:
        closed = ", ".join(map(plain, wiring.closed))
        n = len(wiring.closed)
        lines.append(f"closed: {closed}" if len(closed) < 60 else f"{n} inputs and latents are closed")
    return "\n".join(lines)
