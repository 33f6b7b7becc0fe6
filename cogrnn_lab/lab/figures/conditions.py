"""Values of several sources under conditions, each with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import bqplot as bq
import numpy as np

from cogrnn_lab.lab.figures.plot import (
    MARGIN,
    axis,
    draw,
    empty_line,
    limit,
    nice_range,
    nothing,
    plot,
    segments,
)

SPREAD, NARROW = 0.36, 0.12  # of the room of a condition: where the sources stand side by side; with lines


@dataclass(frozen=True)
class Series:
    """A source: `value`, `low` and `high` (condition,), NaN where unknown; `is_joined` by a line."""

    name: str
    color: str
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    is_joined: bool = False


class ConditionPlot:
    """A figure of conditions along x, for at most so many sources.

    Arguments: `name` of the plot; `most` sources; `height` in pixels; `label` of the y axis; `least` room
    above and below what is shown; `room`: pixels at the left for numbers of more than four characters.
    """

    def __init__(self, name: str, most: int, height: int, label: str, least: float = 0.02, *, room: int = 0):
        self._least = least
        self.x, self.y = bq.LinearScale(min=0, max=1), bq.LinearScale(min=0, max=1)
        scales = {"x": self.x, "y": self.y}
        self.bars = [empty_line(scales, stroke_width=1.4) for _ in range(most)]
        self.lines = [empty_line(scales, stroke_width=1.8) for _ in range(most)]
        self.points = [
            bq.Scatter(x=np.zeros(0), y=np.zeros(0), scales=scales, default_size=26, stroke_width=0)
            for _ in range(most)
        ]
        self.zero = empty_line(scales, colors=["#8a8a8a"], stroke_width=1, line_style="dotted")
        self.x_axis = axis(self.x, "", grid_lines="none", label_offset="30px")
        self.y_axis = axis(self.y, label, vertical=True, label_offset=f"{40 + room}px")
        marks = [self.zero, *self.bars, *self.lines, *self.points]
        margin = {"left": MARGIN["left"] + room}
        self.plot = plot(marks, [self.x_axis, self.y_axis], height=height, name=name, margin=margin)

    def show(
        self, x: np.ndarray, series: Sequence[Series], names: Sequence[str] | None = None, label: str = ""
    ) -> None:
        """Show series at `x` (condition,), whose `names` stand below where they are no numbers."""
        x = np.asarray(x, float)
        self._show_x(x, names, label)
        ends = [part for one in series for part in (one.value, one.low, one.high)]
        low, high = nice_range(ends, least=self._least)
        limit(self.y_axis, low, high)
        at_zero = (x[[0, -1]], np.zeros(2)) if low < 0 < high and len(x) > 1 else nothing()
        draw(self.zero, x=at_zero[0], y=at_zero[1])
        step = float(np.diff(x).min()) if len(x) > 1 else 1.0
        spread = NARROW if any(one.is_joined for one in series) else SPREAD
        for place, marks in enumerate(zip(self.lines, self.bars, self.points, strict=True)):
            if place < len(series):
                shift = spread * step * (place - (len(series) - 1) / 2) / max(len(series) - 1, 1)
                _show_series(marks, x + shift, series[place])
            else:
                _show_nothing(marks)

    def _show_x(self, x: np.ndarray, names: Sequence[str] | None, label: str) -> None:
        """The labels first, and by themselves: a page moves ticks with the labels that it has by then."""
        self.x_axis.label = label
        labels = None
        if names is not None:
            labels = {f"{place:g}": str(name) for place, name in zip(x, names, strict=True)}
        if self.x_axis.tick_labels != labels:
            self.x_axis.tick_labels = labels
        if labels is None:
            limit(self.x_axis, x[0] - 0.5, x[-1] + 0.5, ticks=min(len(x), 6))
            return
        with self.x.hold_sync():
            self.x.min, self.x.max = float(x[0]) - 0.5, float(x[-1]) + 0.5
        if not np.array_equal(self.x_axis.tick_values, x):
            self.x_axis.tick_values = x


def _show_series(marks: tuple, x: np.ndarray, series: Series) -> None:
    line, bars, points = marks
    known = np.isfinite(series.value)
    reach = known & np.isfinite(series.low) & np.isfinite(series.high)
    value = np.asarray(series.value, float)
    across, up = segments(x[reach], series.low[reach], series.high[reach])
    draw(bars, x=across, y=up, colors=[series.color])
    draw(points, x=x[known], y=value[known], colors=[series.color])
    joined = (x[known], value[known]) if series.is_joined and known.sum() > 1 else nothing()
    draw(line, x=joined[0], y=joined[1], colors=[series.color])


def _show_nothing(marks: tuple) -> None:
    line, bars, points = marks
    for one in (line, bars):
        x, y = nothing()
        draw(one, x=x, y=y)
    draw(points, x=np.zeros(0), y=np.zeros(0))
