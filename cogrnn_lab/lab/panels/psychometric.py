"""How well the network does the task, by difficulty, whole and lesioned."""

from typing import Any

import bqplot as bq
import ipywidgets as w
import numpy as np

from cogrnn_lab import analysis
from cogrnn_lab.lab.controls.parameter_picker import ParameterPicker
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.plot import axis, draw, empty_line, limit, nice_range, nothing, plot
from cogrnn_lab.lab.page.style import box, legend_html, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.panels.activity import with_unit
from cogrnn_lab.lab.task_trials import TaskTrials
from cogrnn_lab.lab.twin.expressions import Code, call, literal
from cogrnn_lab.lab.view import View
from cogrnn_lab.palette import HELD_OUT, TRAINING

HELP = (
    "Fraction of correct choices on fresh trials against a parameter of the trials, with 95 % intervals, "
    "without the network's own noise (the learning curve is with it). After a lesion, orange is the network "
    "without the lesioned units."
)

BINS = 5  # of a parameter with many values


@register
class PsychometricPanel(Panel):
    """Behavior by difficulty: psychometric curves; of a task without alternatives, the accuracy alone."""

    name, title, help = "psychometric", "Behavior", HELP
    place = 90.0
    concerns = ("lesion", "difficulty")

    def __init__(self, state):
        super().__init__(state)
        self.whole: Any = None
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
        self.picker = ParameterPicker(state, "difficulty", "what trials differ in")
        self.legend = text(legend, "cog-legend")
        head = [self.readout, w.Label("by"), self.picker.widget]
        self.widget = self.frame(head, box([self.plot], "cog-figures"), self.legend)

    def is_for(self, run: LabRun) -> bool:
        """Trial tasks."""
        return run.task is not None

    def begin(self, run: LabRun, view: View) -> None:
        """Offer the parameters of the trials by which they can be sorted."""
        self.picker.follow(view.trials)

    def draw(self, run: LabRun, view: View) -> None:
        """Score the network on fresh trials, whole, and lesioned where units are."""
        self.picker.follow(view.trials)
        model, lesion = run.trainer.model, self.state.lesion
        whole, performance = self._behavior(view.trials, model, [])
        lesioned = self._behavior(view.trials, model, lesion) if lesion else (None, None)
        self.show(whole, lesioned[0], performance, lesioned[1])

    def _behavior(self, trials: TaskTrials, model: Any, lesion: list[int]) -> tuple[Any, float]:
        outputs, by = np.asarray(trials.run(model, lesion).outputs), self.state.difficulty
        performance = float(np.nanmean(np.asarray(trials.task.accuracy(outputs, trials.batch), float)))
        if by not in trials.batch.parameters:  # the trials are all alike
            return None, performance
        n_bins = None if trials.has_few_values(by) else BINS
        try:
            curve = analysis.psychometric_curve(trials.batch, outputs, by, task=trials.task, n_bins=n_bins)
        except ValueError:  # a task without alternatives, such as one that reproduces an interval
            curve = None
        return curve, performance

    def code(self, run: LabRun, view: View) -> str:
        """The same curve, of the whole network, by the public API."""
        by = self.state.difficulty
        if self.whole is None:
            return "task.accuracy(cl.rollout(model, batch.inputs).outputs, batch)"
        bins = {} if view.trials.has_few_values(by) else {"n_bins": BINS}
        outputs = "cl.rollout(model, batch.inputs).outputs"
        curve = call("cl.psychometric_curve", "batch", outputs, literal(by), task=Code("task"), **bins)
        return f"cl.plots.plot_psychometric({curve})"

    def show(self, whole: Any, lesioned: Any, performance: float, lesioned_performance: float | None) -> None:
        """Curves (None: there is none) and mean performance on the same trials."""
        self.whole = whole
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
