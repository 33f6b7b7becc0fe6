"""A number that falls step by step, with its interval, and a level to compare it with."""

import bqplot as bq
import numpy as np

from cogrnn_lab.lab.figures.plot import axis, draw, empty_line, limit, nice_range, nothing, plot, segments
from cogrnn_lab.palette import REFERENCE


class FallingPlot:
    """A figure of `n + 1` values at 0 to n, one of them ringed.

    Arguments: `name` of the plot; `color`; `height` in pixels; `label` of the y axis.
    """

    def __init__(self, name: str, color: str, height: int, label: str):
        self.x, self.y = bq.LinearScale(min=0, max=1), bq.LinearScale(min=0, max=1)
        scales = {"x": self.x, "y": self.y}
        self.level = empty_line(scales, colors=[REFERENCE], stroke_width=1, line_style="dashed")
        self.bars = empty_line(scales, colors=[color], stroke_width=1.4, opacities=[0.6])
        self.line = empty_line(scales, colors=[color], stroke_width=1.8)
        self.points = bq.Scatter(
            x=np.zeros(0), y=np.zeros(0), scales=scales, colors=[color], default_size=22, stroke_width=0
        )
        self.ring = bq.Scatter(
            x=np.zeros(0), y=np.zeros(0), scales=scales, colors=[color], fill=False, default_size=160,
            stroke_width=1.8,
        )  # fmt: skip
        self.x_axis = axis(self.x, "", grid_lines="none")
        self.y_axis = axis(self.y, label, vertical=True, label_offset="42px")
        marks = [self.level, self.bars, self.line, self.points, self.ring]
        self.plot = plot(marks, [self.x_axis, self.y_axis], height=height, name=name)

    def show(
        self, values: np.ndarray, low: np.ndarray, high: np.ndarray, ringed: int, level: float, label: str
    ) -> None:
        """Show `values` (point,) between `low` and `high`, which are NaN where unknown."""
        x = np.arange(len(values), dtype=float)
        self.x_axis.label = label
        limit(self.x_axis, -0.5, max(x[-1], 1.0) + 0.5, ticks=6)
        limit(self.y_axis, *nice_range([values, low, high, [level]], least=0.005))
        reach = np.isfinite(low) & np.isfinite(high)
        across, up = segments(x[reach], low[reach], high[reach])
        joined = (x, values) if len(x) > 1 else nothing()
        draw(self.bars, x=across, y=up)
        draw(self.line, x=joined[0], y=joined[1])
        draw(self.points, x=x, y=np.asarray(values, float))
        draw(self.ring, x=x[[ringed]], y=np.asarray(values, float)[[ringed]])
        draw(self.level, x=np.array([-0.5, max(x[-1], 1.0) + 0.5]), y=np.full(2, float(level)))
