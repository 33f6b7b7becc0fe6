"""The learning curves: loss, and normalized likelihood between its reference lines."""

from dataclasses import dataclass, field

import bqplot as bq
import ipywidgets as w
import numpy as np
import traitlets as t

from cogrnn_lab.lab.figures.plot import axis, draw, empty_line, limit, nice_range, nothing, plot, segments
from cogrnn_lab.lab.page.style import HELD_OUT, MARK, REFERENCE, TRAINING, box, legend_html, panel, title

HELP = (
    "Left: the loss that training lowers. Right: how probable the network finds a choice on average "
    "(geometric mean), between guessing and the reference; on a trial task, the fraction of correct trials. "
    "Vertical strokes: a slider moved."
)
MOST_POINTS = 600
CLASSICAL = "#009E73"
OUT_OF_SIGHT = -9.0  # on an axis of likelihoods


@dataclass
class Curve:
    """What has been learned so far, one entry per chunk of training steps."""

    step: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)  # with penalties, nats per choice
    task_loss: list[float] = field(default_factory=list)
    likelihood: list[float] = field(default_factory=list)
    valid_step: list[int] = field(default_factory=list)
    valid_loss: list[float] = field(default_factory=list)
    scored_step: list[int] = field(default_factory=list)
    valid_likelihood: list[float] = field(default_factory=list)
    stages: list[int] = field(default_factory=list)  # of a curriculum, at each check
    marks: list[int] = field(default_factory=list)  # steps at which a slider was moved
    boundary: int | None = None  # step at which the penalties set in
    chance: float | None = None  # normalized likelihood of guessing
    reference: tuple[str, float] | None = (
        None  # name and normalized likelihood of what the network is compared with
    )
    classical: tuple[str, float] | None = None  # the best classical model so far, and its likelihood
    measure: str = "normalized likelihood"  # or the accuracy on fresh trials of a task
    loss_name: str = "loss (nats per choice)"
    has_classical: bool = True  # classical models of choice can be fitted to the same sessions
    of_choices: bool = True  # the loss is that of choices alone, so that it tells their likelihood

    @property
    def compared(self) -> dict[str, tuple[str, float] | None]:
        """What the network is compared with, by its line."""
        return {"reference": self.reference, "classical": self.classical}

    @property
    def is_on_task(self) -> bool:
        """Whether the measure is that of a trial task."""
        return self.measure == "accuracy"

    def add(self, report) -> None:
        """Take one report of the trainer."""
        for check in report.checks:
            if self.stages and self.stages[-1] != check.stage:
                self.marks.append(self.scored_step[-1])
            self.stages.append(check.stage)
            self.score(check.step, check.performance)
        self.step.append(report.step)
        self.loss.append(report.loss)
        self.task_loss.append(report.task_loss)
        self.likelihood.append(report.likelihood)
        if report.valid_loss is not None:
            self.valid_step.append(report.step)
            self.valid_loss.append(report.valid_loss)
            if self.of_choices:
                self.score(report.step, report.valid_likelihood)

    def score(self, step: int, value: float) -> None:
        """Add a value of the measure, on held-out sessions or on fresh trials."""
        self.scored_step.append(step)
        self.valid_likelihood.append(value)


class LearningFigure:
    """Two plots that share the steps."""

    def __init__(self, view):
        self.view = view
        self.curve = Curve()
        steps = bq.LinearScale(min=0, max=100)
        self.steps = steps
        self.loss_scale, self.likelihood_scale = (
            bq.LinearScale(min=0.5, max=0.8),
            bq.LinearScale(min=0.45, max=0.65),
        )
        self.loss_log = bq.LogScale(min=0.5, max=0.8)
        self.loss_lines = self._loss_lines(self.loss_scale)
        self.likelihood_lines = self._likelihood_lines()
        self.loss_axis = axis(self.loss_scale, "loss (nats per choice)", vertical=True)
        self.likelihood_axis = axis(self.likelihood_scale, "normalized likelihood", vertical=True)
        self.loss_steps, self.likelihood_steps = axis(steps, "training step"), axis(steps, "training step")
        self.loss_plot = plot(
            self.loss_lines.values(), [self.loss_steps, self.loss_axis], height=172, name="loss"
        )
        self.likelihood_plot = plot(
            self.likelihood_lines.values(),
            [self.likelihood_steps, self.likelihood_axis],
            height=172,
            name="likelihood",
        )
        self.log = w.Checkbox(
            value=view.log_loss, description="log loss", indent=False, tooltip="logarithmic loss axis"
        )
        t.link((view, "log_loss"), (self.log, "value"))
        self.fits = w.Checkbox(
            value=view.classical, description="classical models", indent=False,
            tooltip="fit classical models to the same sessions, in the background",
        )  # fmt: skip
        self.fits.add_class("cog-set-classical")
        t.link((view, "classical"), (self.fits, "value"))
        view.observe(lambda _: self._use_log(), "log_loss")
        self.legend = w.HTML()
        self.legend.add_class("cog-legend")
        self.readout = w.HTML()
        self.readout.add_class("cog-readout-learning")
        self.widget = panel(
            [title("Learning", HELP), self.readout, self.fits, self.log],
            box([self.loss_plot, self.likelihood_plot], "cog-figures"),
            self.legend,
        )
        self._show_legend()

    def _loss_lines(self, y) -> dict[str, bq.Lines]:
        scales = {"x": self.steps, "y": y}
        return {
            "marks": empty_line(scales, colors=[MARK], stroke_width=1.2, opacities=[0.8]),
            "task_loss": empty_line(scales, colors=[TRAINING], stroke_width=1, opacities=[0.55]),
            "loss": empty_line(scales, colors=[TRAINING], stroke_width=1.8),
            "valid_loss": empty_line(scales, colors=[HELD_OUT], stroke_width=1.8),
        }

    def _likelihood_lines(self) -> dict[str, bq.Lines]:
        scales = {"x": self.steps, "y": self.likelihood_scale}
        dim = {"scales": scales, "colors": [REFERENCE], "stroke_width": 1.3}
        return {
            "chance": empty_line(line_style="dotted", **dim),
            "reference": empty_line(line_style="dashed", **dim),
            "classical": empty_line(scales, line_style="dash_dotted", colors=[CLASSICAL], stroke_width=1.3),
            "likelihood": empty_line(scales, colors=[TRAINING], stroke_width=1.3),
            "valid_likelihood": empty_line(scales, colors=[HELD_OUT], stroke_width=1.8),
        }

    def draw(self, curve: Curve) -> None:
        """Show the curve as it is now."""
        self.curve = curve
        last = max(curve.step[-1] if curve.step else 0, 100)
        last = last if last < 1000 else int(np.ceil(last / 100) * 100)
        for steps_axis in (self.loss_steps, self.likelihood_steps):
            limit(steps_axis, 0, last, ticks=4)
        self.loss_axis.label, self.likelihood_axis.label = curve.loss_name, curve.measure
        self.fits.layout.display = "" if curve.has_classical else "none"
        self._draw_loss()
        self._draw_likelihood()
        self._show_legend()

    def _draw_loss(self) -> None:
        curve, lines = self.curve, self.loss_lines
        step, loss, task_loss = _thinned(curve.step, curve.loss, curve.task_loss)
        valid_step, valid_loss = _thinned(curve.valid_step, curve.valid_loss)
        shown = (
            [_from_settled(loss), _from_settled(task_loss), curve.valid_loss] if curve.step else [[0.5, 0.8]]
        )
        low, high = nice_range(shown, least=5e-3)
        limit(
            self.loss_axis, max(low, 1e-3), high
        )  # ticks of our own: the default ones of a logarithmic axis overlap
        scale = self.loss_axis.scale
        draw(lines["loss"], x=step, y=loss)
        draw(lines["task_loss"], x=step, y=task_loss)
        draw(lines["valid_loss"], x=valid_step, y=valid_loss)
        at = np.array(curve.marks + ([] if curve.boundary is None else [curve.boundary]), float)
        x, y = segments(at, scale.min, scale.max)
        draw(lines["marks"], x=x, y=y)

    def _draw_likelihood(self) -> None:
        curve, lines = self.curve, self.likelihood_lines
        step, likelihood = _thinned(curve.step, curve.likelihood)
        valid_step, valid = _thinned(curve.scored_step, curve.valid_likelihood)
        is_known = curve.of_choices and not curve.is_on_task  # there is no training accuracy
        if not is_known:
            step, likelihood = nothing()
            likelihood = likelihood + OUT_OF_SIGHT
        draw(lines["likelihood"], x=step, y=likelihood)
        draw(lines["valid_likelihood"], x=valid_step, y=valid)
        ends, levels = np.array([0.0, float(self.steps.max)]), []
        known = {name: pair and pair[1] for name, pair in curve.compared.items()}
        for name, level in ({"chance": curve.chance} | known).items():
            draw(lines[name], x=ends, y=np.full(2, OUT_OF_SIGHT if level is None else level))
            if level is not None:
                levels.append(level)
        shown = [levels, curve.valid_likelihood] + ([likelihood] if is_known else [])
        low, high = nice_range(shown if curve.step else [levels], least=4e-3)
        low, high = (0.0, 1.02) if curve.is_on_task else (low, high)
        limit(self.likelihood_axis, low, high)

    def _use_log(self) -> None:
        scale = self.loss_log if self.view.log_loss else self.loss_scale
        self.loss_axis.tick_values = None
        for line in self.loss_lines.values():
            line.scales = {"x": self.steps, "y": scale}
        self.loss_axis.scale = scale
        self._draw_loss()

    def _show_legend(self) -> None:
        curve = self.curve
        keys = [("training, with penalties", TRAINING, "solid"), ("training", TRAINING, "thin")]
        keys += [("fresh trials" if curve.is_on_task else "held out", HELD_OUT, "solid")]
        if curve.chance is not None:
            keys.append((f"chance {curve.chance:.3f}", REFERENCE, "dotted"))
        if curve.reference is not None:
            name, level = curve.reference
            shown = f"{level:g}" if curve.is_on_task else f"{level:.4f}"
            keys.append((f"{name} {shown}", REFERENCE, "dashed"))
        if curve.classical is not None:
            keys.append((f"{curve.classical[0]} {curve.classical[1]:.4f}", CLASSICAL, "dashed"))
        moved = "slider moved, or another stage" if curve.is_on_task else "slider moved"
        keys.append((moved, MARK, "solid"))
        content = legend_html(keys)
        if content != self.legend.value:
            self.legend.value = content
        if curve.is_on_task:
            self.readout.value = _accuracy(curve)
        elif curve.valid_likelihood:
            self.readout.value = f"held-out likelihood <b>{curve.valid_likelihood[-1]:.4f}</b>"
        elif curve.likelihood and curve.of_choices:
            self.readout.value = f"training likelihood <b>{curve.likelihood[-1]:.4f}</b>"
        else:
            self.readout.value = ""


def _accuracy(curve: Curve) -> str:
    if not curve.valid_likelihood:
        return ""
    stage = f"stage {curve.stages[-1] + 1} · " if any(curve.stages) else ""
    return f"{stage}accuracy on fresh trials <b>{curve.valid_likelihood[-1]:.3f}</b>"


def _thinned(*columns: list) -> list[np.ndarray]:
    """At most `MOST_POINTS` entries of each list, the last one always among them."""
    n = len(columns[0])
    if n == 0:
        return [nothing()[0], *(nothing()[1] for _ in columns[1:])]
    stride = -(-n // MOST_POINTS)
    keep = np.arange(n - 1, -1, -stride)[::-1]
    return [np.asarray(column, float)[keep] for column in columns]


def _from_settled(loss: np.ndarray) -> np.ndarray:
    """The part of a penalized loss that should fill the axis.

    The first moments of a phase may be many times higher.
    """
    if loss.size < 8 or not np.isfinite(loss).any():
        return loss
    return loss[loss <= np.nanpercentile(loss, 97)]
