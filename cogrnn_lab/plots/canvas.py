"""Canvas and colors of all figures; the colors can be told apart by color-blind readers."""

from io import BytesIO

import numpy as np
from matplotlib import colormaps, rcParams
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.palette import PALETTE, REFERENCE

# Alternatives have colors of their own, so that nobody takes a choice for a latent
ALTERNATIVES = ("#333333", "#8C6BB1", "#E69F00", "#7F7F7F")
SEQUENTIAL = LinearSegmentedColormap.from_list("openness", ["#F4F7FA", "#9CC3E0", "#2B7BBA", "#08306B"])
DIVERGING = LinearSegmentedColormap.from_list(
    "logit", ["#8C4A00", "#E69F00", "#F7F7F7", "#56B4E9", "#00487A"]
)


CSS_PIXELS_PER_INCH = 96


class Picture(Figure):
    """Figure that a notebook shows as the last line of a cell, whether or not pyplot was imported."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """The picture and the size at which it is shown: that on paper, whatever its resolution."""
        png = BytesIO()
        self.savefig(png, format="png")
        width, height = (round(CSS_PIXELS_PER_INCH * inches) for inches in self.get_size_inches())
        return png.getvalue(), {"width": width, "height": height}


def canvas(
    figure: Figure | SubFigure | None, width: float, height: float
) -> tuple[Figure, Figure | SubFigure]:
    """Give the figure that a plot returns and the area it draws in: `figure`, or a new one (size in inches).

    The object-oriented interface only: no pyplot, hence no window, no global state, and threads may draw.
    """
    if figure is None:
        figure = Picture(figsize=(width, height), layout="constrained", dpi=150)
    return figure.get_figure(root=True), figure


def plain(name: object) -> str:
    """Write a name out of somebody's data so that Matplotlib shows it letter by letter.

    It would set what is between dollar signs as mathematics, or fail to, and leave out of a legend what
    begins with an underscore.
    """
    shown = str(name).replace("$", r"\$")
    return f" {shown}" if shown.startswith("_") else shown


def color(index: int) -> str:
    """Pick the color of the line of this index."""
    return PALETTE[index % len(PALETTE)]


def colors(n: int) -> list[str]:
    """Pick `n` different colors: the palette, or where it is too short shades from dark to light."""
    if n <= len(PALETTE):
        return list(PALETTE[:n])
    return [to_hex(colormaps["viridis"](0.95 * i / (n - 1))) for i in range(n)]


def density_colors() -> LinearSegmentedColormap:
    """Shades for how often something occurs, from the page's own color, white or black, to a blue."""
    page = to_rgb(rcParams["axes.facecolor"])
    strong = "#9CC3E0" if sum(page) > 1.5 else "#1B5A8C"
    return LinearSegmentedColormap.from_list("density", [page, strong])


def bare(axes: Axes) -> Axes:
    """Remove the frame's upper and right side."""
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def used(axes: Axes, values: np.ndarray, density: np.ndarray, hue: str = REFERENCE) -> None:
    """Draw how often each value occurs, along the lower edge and behind everything."""
    height = 0.2 * density / max(float(density.max()), 1e-12)
    axes.fill_between(
        values, 0, height, transform=axes.get_xaxis_transform(), step="mid", color=hue, alpha=0.3,
        linewidth=0, zorder=0,
    )  # fmt: skip


def zero_lines(axes: Axes, *, x: bool = True, y: bool = True) -> None:
    """Draw thin lines through the origin, behind everything."""
    if x:
        axes.axvline(0, color="#CCCCCC", linewidth=0.8, zorder=0)
    if y:
        axes.axhline(0, color="#CCCCCC", linewidth=0.8, zorder=0)
