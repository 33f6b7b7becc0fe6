"""Activity of all units: trajectories of conditions in the plane of two principal components."""

from typing import Any

import bqplot as bq
import ipywidgets as w
import numpy as np

from cogrnn_lab import analysis
from cogrnn_lab.analysis.dynamics.conditions import conditions_by
from cogrnn_lab.lab.controls.parameter_picker import ParameterPicker
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.plot import axis, draw, limit, more_lines, nice_range, plot
from cogrnn_lab.lab.page.style import RAMP, box, legend_html, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.twin.expressions import call, literal
from cogrnn_lab.lab.view import View
from cogrnn_lab.palette import REFERENCE

HELP = (
    "The activity of all units, averaged over the trials of a condition, along the two directions in which "
    "it varies most (principal components). Every line is a condition from the start of a trial (dot) to "
    "its end."
)


@register
class ActivityPanel(Panel):
    """Activity of all units: a trajectory for each condition of the trials."""

    name, title, help = "activity", "Activity", HELP
    place = 80.0
    concerns = ("lesion", "condition")

    def __init__(self, state):
        super().__init__(state)
        self.scales = {"x": bq.LinearScale(min=-1, max=1), "y": bq.LinearScale(min=-1, max=1)}
        self.across = axis(self.scales["x"], "component 1")
        self.up = axis(self.scales["y"], "component 2", vertical=True)
        self.lines: list[bq.Lines] = []
        self.start = bq.Scatter(
            x=np.zeros(1), y=np.zeros(1), scales=self.scales, colors=[REFERENCE], default_size=36
        )
        self.plot = plot([self.start], [self.across, self.up], height=250, name="activity")
        self.picker = ParameterPicker(state, "condition", "what the conditions differ in")
        self.legend = text("", "cog-legend")
        self.readout = text("", "cog-dim")
        self.readout.add_class("cog-readout-activity")
        head = [self.readout, w.Label("by"), self.picker.widget]
        self.widget = self.frame(head, box([self.plot], "cog-figures"), self.legend)

    def is_for(self, run: LabRun) -> bool:
        """Trial tasks."""
        return run.task is not None

    def begin(self, run: LabRun, view: View) -> None:
        """Offer the parameters of the trials by which they can be sorted."""
        self.picker.follow(view.trials)

    def draw(self, run: LabRun, view: View) -> None:
        """Average the activity on fresh trials over conditions."""
        self.picker.follow(view.trials)
        states = np.asarray(view.trials.run(run.trainer.model, self.state.lesion).states)
        name, parameters = self.state.condition, view.trials.batch.parameters
        conditions = conditions_by(parameters[name] if name in parameters else np.zeros(len(states)))
        components = analysis.activity_pca(states, min(2, states.shape[-1]))
        means = analysis.condition_averages(components.projections, conditions.index).means
        if means.shape[-1] == 1:
            means = np.concatenate([means, np.zeros_like(means)], axis=-1)
        shown = f"mean {name}" if conditions.is_binned else name
        labels = [condition_label(shown, float(f"{value:.3g}")) for value in conditions.values]
        labels = labels if name in parameters else ["all trials"]
        self.show(means, labels, np.resize(np.append(components.explained, 0.0), 2))

    def code(self, run: LabRun, view: View) -> str:
        """The same lines through the space of components, by the public API."""
        name, states = self.state.condition, "cl.rollout(model, batch.inputs).states"
        if not view.trials.names:
            return f"cl.activity_pca({states})"
        by = f"batch.parameters[{literal(name)}]"
        if not view.trials.has_few_values(name):
            return f"cl.plots.plot_tuning({call('cl.tuning', states, by, n_bins=8)})"
        averages = call("cl.condition_averages", states, by)
        return f"cl.plots.plot_condition_trajectories({averages}, cl.activity_pca({states}))"

    def show(self, means: np.ndarray, labels: list[str], explained: np.ndarray) -> None:
        """Trajectories (condition, time, 2), a label for each, and the variance that each axis explains."""
        if more_lines(self.lines, len(means), self.scales):
            self.plot.marks = [*self.lines, self.start]
        colors = ramp(len(means))
        for line, points, color in zip(self.lines, means, colors, strict=False):
            draw(line, x=points[:, 0], y=points[:, 1], colors=[color])
        draw(self.start, x=means[:, 0, 0], y=means[:, 0, 1])
        for shown, k in ((self.across, 0), (self.up, 1)):
            limit(shown, *nice_range([means[..., k]], pad=0.08, least=1e-3))
            shown.label = f"component {k + 1} ({explained[k]:.0%} of the variance)"
        self.legend.value = legend_html(
            [(label, color, "solid") for label, color in zip(labels, colors, strict=True)]
        )
        self.readout.value = f"{explained.sum():.0%} in this plane"


def ramp(n: int) -> list[str]:
    """`n` colors along the ramp."""
    stops = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in RAMP], float)
    at = np.linspace(0, len(RAMP) - 1, n) if n > 1 else np.zeros(n)
    mixed = [np.array([np.interp(x, np.arange(len(RAMP)), stops[:, c]) for c in range(3)]) for x in at]
    return ["#" + "".join(f"{round(v):02x}" for v in rgb) for rgb in mixed]


def with_unit(name: str) -> str:
    """A parameter of trials in words, times with their unit."""
    is_time = name.rsplit("_", 1)[-1] in ("time", "duration", "dur", "delay", "interval")
    return f"{name.replace('_', ' ')} (ms)" if is_time else name.replace("_", " ")


def condition_label(name: str, value: Any) -> str:
    """A condition in words."""
    return f"{name.replace('_', ' ')} {value:g}" if isinstance(value, float | int) else str(value)
