"""What all plots of the lab share: margins, axes, sizes, and drawing many arrays in one message."""

from collections.abc import Iterable
from typing import SupportsFloat

import bqplot as bq
import ipywidgets as w
import numpy as np

WIDEST = 1000.0  # width of a figure in units of its height
MARGIN = {"top": 6, "bottom": 36, "left": 52, "right": 10}


def axis(scale, label: str, *, vertical: bool = False, **options) -> bq.Axis:
    """An axis with a faint grid.

    Its scale needs limits from the start: without any, bqplot cannot draw it at all.
    """
    orientation = "vertical" if vertical else "horizontal"
    offset = "38px" if vertical else "28px"
    options = {"grid_lines": "solid", "label_offset": offset, "tick_format": "~g", **options}
    shown = bq.Axis(scale=scale, label=label, orientation=orientation, **options)
    if "tick_values" not in options and isinstance(scale, bq.LinearScale) and scale.min is not None:
        limit(shown, scale.min, scale.max)
    return shown


def plot(
    marks: Iterable, axes: Iterable, *, height: int, name: str, margin=None, flex: str = "1 1 0%", **options
) -> bq.Figure:
    """A figure that fills the place it is given, which is `height` pixels high at least.

    Where a neighbor in the row is higher it grows. `name` is its style class `cog-plot-<name>`.
    """
    figure = bq.Figure(
        marks=list(marks),
        axes=list(axes),
        fig_margin={**MARGIN, **(margin or {})},
        min_aspect_ratio=1 / WIDEST,  # never narrower than its place: what stands above another shares its
        max_aspect_ratio=WIDEST,  # scale, and with it its width, also where that is a wide screen's
        padding_x=0.02,
        padding_y=0.05,
        display_toolbar=False,
        layout=w.Layout(width="auto", min_width="0", flex=flex, min_height=f"{height}px"),
        **options,
    )
    figure.add_class(f"cog-plot-{name}")
    return figure


def limit(axis_: bq.Axis, low: SupportsFloat, high: SupportsFloat, ticks: int = 5) -> None:
    """Limits of an axis' scale, with about so many ticks at round numbers."""
    scale = axis_.scale
    with scale.hold_sync():
        scale.min, scale.max = float(low), float(high)
    values = round_ticks(float(low), float(high), ticks)
    if axis_.tick_values is None or not np.array_equal(axis_.tick_values, values):
        axis_.tick_values = values


def round_ticks(low: float, high: float, n: int) -> np.ndarray:
    """About `n` multiples of 1, 2, 2.5 or 5 times a power of ten within the limits."""
    rough = (high - low) / max(n, 1)
    power = 10.0 ** np.floor(np.log10(rough))
    step = power * next(m for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    digits = int(max(0, 1 - np.floor(np.log10(step))))
    first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
    return np.round(np.arange(first, last + 1) * step, digits) + 0.0  # no -0


def draw(mark, **arrays) -> None:
    """Set several traits of a mark in one message."""
    with mark.hold_sync():
        for name, value in arrays.items():
            setattr(mark, name, value)


def nothing() -> tuple[np.ndarray, np.ndarray]:
    """x and y of a line that is not seen.

    A line of NaN alone, or one that ends with a NaN, makes bqplot write errors on the JavaScript console.
    """
    return np.zeros(2), np.ones(2)


def empty_line(scales: dict, **options) -> bq.Lines:
    """A line that has nothing to show yet."""
    x, y = nothing()
    return bq.Lines(x=x, y=y, scales=scales, **options)


def more_lines(lines: list[bq.Lines], n: int, scales: dict) -> bool:
    """Make `lines` at least `n` long and empty those beyond; True where new ones have to be put up.

    Lines are kept rather than made anew: a page that is opened while widgets come and go finds some missing.
    """
    is_new = len(lines) < n
    lines += [empty_line(scales, stroke_width=2) for _ in range(n - len(lines))]
    x, y = nothing()
    for unused in lines[n:]:
        draw(unused, x=x, y=y)
    return is_new


def segments(
    x: np.ndarray, low: SupportsFloat | np.ndarray, high: SupportsFloat | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Vertical strokes at `x` from `low` to `high` as one broken line: x and y of it, (3 n - 1,) each."""
    x = np.asarray(x, float)
    if not x.size:
        return nothing()
    gap = np.full(x.shape, np.nan)
    xs = np.stack([x, x, x], axis=1).ravel()
    ends = [np.broadcast_to(np.asarray(end, float), x.shape) for end in (low, high)]
    ys = np.stack([*ends, gap], axis=1).ravel()
    return xs[:-1], ys[:-1]


def nice_range(values: Iterable, *, pad: float = 0.06, least: float = 1e-3) -> tuple[float, float]:
    """Limits of an axis around the finite ones of `values`, never of zero length."""
    arrays = [np.asarray(v, float).ravel() for v in values]
    everything = np.concatenate(arrays) if arrays else np.array([])
    everything = everything[np.isfinite(everything)]
    if not everything.size:
        return 0.0, 1.0
    low, high = float(everything.min()), float(everything.max())
    far = max(abs(low), abs(high))  # beside a large number a small room would be rounded away
    room = max((high - low) * pad, least, 1e-9 * far)
    return low - room, high + room
