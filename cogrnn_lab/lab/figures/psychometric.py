"""How well the network does the task, by difficulty, whole and lesioned."""

from typing import Any

import bqplot as bq
import ipywidgets as w
import numpy as np
import traitlets as t

from cogrnn_lab.lab.figures.activity import with_unit
from cogrnn_lab.lab.figures.plot import axis, draw, empty_line, limit, nice_range, nothing, plot
from cogrnn_lab.lab.page.style import HELD_OUT, TRAINING, box, legend_html, panel, text, title

HELP = (
    "Fraction of correct choices on fresh trials against a parameter of the trials, with 95 % intervals, "
    "without the network's own noise (the learning curve is with it). After a lesion, orange is the network "
    "without the lesioned units."
)


class PsychometricFigure:
    """`draw(whole, lesioned, ...)` shows `PsychometricCurve`s; without alternatives, the accuracy alone."""

    def __init__(self, view):
        self.scales = {"x": bq.LinearScale(min=0, max=1), "y": bq.LinearScale(min=0, max=1.02)}
        self.across = axis(self.scales["x"], "coherence")
        self.up = axis(self.scales["y"], "fraction correct", vertical=True)
        self.marks = {
            name: self._marks(color) for name, color in (("whole", TRAINING), ("lesioned", HELD_OUT))
        }
        every = [mark for group in self.marks.values() for mark in group]
        self.plot = plot(every, [self.across, self.up], height=210, name="psychometric")
        self.readout = text("", "cog-dim")
        self.readout.add_class("cog-readout-psychometric")
        legend = legend_html([("whole", TRAINING, "solid"), ("lesioned", HELD_OUT, "solid")])
        self.picker = w.Dropdown(options=[("", "")], value="", tooltip="what trials differ in")
        self.picker.add_class("cog-pick-difficulty")
        t.link((view, "difficulty"), (self.picker, "value"))
        self.legend = w.HTML(legend)
        self.legend.add_class("cog-legend")
        self.widget = panel(
            [title("Behavior", HELP), self.readout, w.Label("by"), self.picker],
            box([self.plot], "cog-figures"),
            self.legend,
        )

    def offer(self, parameters: list[str], chosen: str) -> None:
        """Parameters of trials by which they can be sorted."""
        self.picker.options = [(name.replace("_", " "), name) for name in parameters] or [("", "")]
        self.picker.value = chosen

    def draw(self, whole: Any, lesioned: Any, performance: float, lesioned_performance: float | None) -> None:
        """Curves (None: there is none) and mean performance on the same trials."""
        self._draw_curve("whole", whole)
        self._draw_curve("lesioned", lesioned)
        if whole is not None:
            self.across.label = with_unit(whole.by)
            low, high = nice_range([whole.levels], pad=0.08, least=0.02)
            limit(self.across, low, high)
        limit(self.up, 0.0, 1.02)
        words = f"noiseless: {performance:.3f} correct"
        if lesioned_performance is not None:
            words += f" · lesioned {lesioned_performance:.3f}"
        self.readout.value = words

    def _draw_curve(self, name: str, curve: Any) -> None:
        line, points, bars = self.marks[name]
        if curve is None:
            x, y = nothing()
            draw(line, x=x, y=y - 5.0)
            draw(points, x=x, y=y - 5.0)
            draw(bars, x=x, y=y - 5.0)
            return
        fraction = curve.n_chosen / np.maximum(curve.n, 1)
        draw(line, x=curve.levels, y=fraction)
        draw(points, x=curve.levels, y=fraction)
        gap = np.full(len(curve.levels), np.nan)
        x = np.stack([curve.levels, curve.levels, gap], 1).ravel()[:-1]
        y = np.stack([curve.lower, curve.upper, gap], 1).ravel()[:-1]
        draw(bars, x=x, y=y)

    def _marks(self, color: str) -> tuple[bq.Lines, bq.Scatter, bq.Lines]:
        x, y = nothing()
        points = bq.Scatter(x=x, y=y - 5.0, scales=self.scales, colors=[color], default_size=40)
        bars = empty_line(self.scales, colors=[color], stroke_width=1.2)
        return empty_line(self.scales, colors=[color], stroke_width=1.5), points, bars
