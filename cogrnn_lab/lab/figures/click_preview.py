"""One trial of clicks: those on the left and on the right as strokes, and how it ended."""

import html

import bqplot as bq
import numpy as np

from cogrnn_lab.lab.figures.choice_ticks import ChoiceTicks
from cogrnn_lab.lab.figures.plot import axis, limit, plot
from cogrnn_lab.lab.page.style import PALETTE, legend_html

SIDES = ("left", "right")


class ClickPreview:
    """A small plot with a band for each side. `draw` takes a `SessionColumns` with clicks."""

    def __init__(self):
        self.x, self.y = bq.LinearScale(min=0, max=100), bq.LinearScale(min=-0.5, max=1.5)
        self.ticks = ChoiceTicks(self.x, self.y, -0.5, 1.5)
        self.bins = axis(self.x, "time bin", label_offset="24px")
        sides = axis(self.y, "", vertical=True, tick_values=np.arange(2), grid_lines="none")
        sides.tick_labels = {str(k): side for k, side in enumerate(SIDES)}
        margin = {"left": 36, "bottom": 30, "top": 2, "right": 6}
        self.plot = plot([], [self.bins, sides], height=88, name="clicks", margin=margin)
        self.plot.padding_y = 0

    def draw(self, trial) -> str:
        """Show a trial; returns the legend, which says how it ended, as HTML."""
        limit(self.bins, 0, len(trial.clicks) + 1)
        if self.ticks.draw_clicks(trial.clicks):
            self.plot.marks = list(self.ticks.marks)
        n_left, n_right = (int(n) for n in trial.clicks.sum(0))
        made = [k for k in trial.choices if k >= 0]
        ended = f"chose {trial.class_names[made[-1]]}" if made else "no choice"
        keys = [
            (f"{n} {side}", PALETTE[k], "solid")
            for k, (n, side) in enumerate(zip((n_left, n_right), SIDES, strict=True))
        ]
        return f"clicks: {legend_html(keys)}<b>{html.escape(ended)}</b>"
