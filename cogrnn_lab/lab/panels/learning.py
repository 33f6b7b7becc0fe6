"""The learning curves: loss, and normalized likelihood between its reference lines."""

from typing import Any

import bqplot as bq
import ipywidgets as w
import numpy as np
import traitlets as t

from cogrnn_lab.lab.controls.moments import Moments
from cogrnn_lab.lab.engine.curve import Curve
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.plot import axis, draw, empty_line, limit, nice_range, nothing, plot, segments
from cogrnn_lab.lab.markup import markup
from cogrnn_lab.lab.page.first_widgets import FirstRun
from cogrnn_lab.lab.page.style import MARK, box, legend_html, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.view import View
from cogrnn_lab.palette import HELD_OUT, REFERENCE, TRAINING

HELP = (
    "Left: the loss that training lowers. Right: how probable the network finds a choice on average "
    "(geometric mean), between guessing and the reference; on a trial task, the fraction of correct trials. "
    "Vertical strokes: a slider moved."
)
MOST_POINTS = 600
CLASSICAL = "#009E73"
NOT_BEGUN = "Train draws the curves of this network here, while it trains."
OF_DISCOVERY = (
    "Discover trains networks of its own, which “How much must it know?” compares. "
    "This network was not trained; Train draws its curves here."
)
OUT_OF_SIGHT = -9.0  # on an axis of likelihoods
FAR_ABOVE = 1e6  # on that of losses too, which may be logarithmic


@register
class LearningPanel(Panel):
    """Learning curves: two plots that share the steps."""

    name, title, help = "learning", "Learning", HELP
    place, every, is_cheap = 6.0, 0.1, True
    concerns = ("log_loss", "classical", "step")

    def __init__(self, state):
        super().__init__(state)
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
            value=state.log_loss, description="log loss", indent=False, tooltip="logarithmic loss axis"
        )
        t.link((state, "log_loss"), (self.log, "value"))
        self.fits = w.Checkbox(
            value=state.classical, description="classical models", indent=False,
            tooltip="fit classical models to the same sessions, in the background",
        )  # fmt: skip
        self.fits.add_class("cog-set-classical")
        t.link((state, "classical"), (self.fits, "value"))
        state.observe(lambda _: self._use_log(), "log_loss")
        self.legend = text("", "cog-legend")
        self.readout = text("", "cog-readout-learning")
        self.words = text("", "cog-dim", "cog-words-learning")
        self.moments = Moments(state)
        plots = box([self.loss_plot, self.likelihood_plot], "cog-figures")
        head = [self.readout, self.fits, self.log]
        self.widget = self.frame(head, self.words, plots, self.legend, self.moments.widget)
        self._show_legend()

    def _loss_lines(self, y) -> dict[str, bq.Lines]:
        scales = {"x": self.steps, "y": y}
        return {
            "marks": empty_line(scales, colors=[MARK], stroke_width=1.2),
            "before": empty_line(scales, colors=[TRAINING], stroke_width=1.3, line_style="dotted"),
            "valid_before": empty_line(scales, colors=[HELD_OUT], stroke_width=1.3, line_style="dotted"),
            "task_loss": empty_line(scales, colors=[TRAINING], stroke_width=1),
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
            "before": empty_line(scales, colors=[TRAINING], stroke_width=1.3, line_style="dotted"),
            "valid_before": empty_line(scales, colors=[HELD_OUT], stroke_width=1.3, line_style="dotted"),
            "likelihood": empty_line(scales, colors=[TRAINING], stroke_width=1.3),
            "valid_likelihood": empty_line(scales, colors=[HELD_OUT], stroke_width=1.8),
        }

    def is_for(self, run: LabRun) -> bool:
        """Every run has a curve."""
        return True

    def draw(self, run: LabRun, view: View) -> None:
        """Show the run's curve; nothing is analysed for it."""
        self.show(run.curve)
        self._say_what_to_do(run)
        self.moments.show(run.present)

    def code(self, run: LabRun, view: View) -> str:
        """The same curves by the public API."""
        return "cl.plots.plot_learning(run)"

    def make_first(self, first: FirstRun) -> None:
        """Show a curve without a point."""
        self.show(Curve())

    def show(self, curve: Curve) -> None:
        """Show the curve as it is now."""
        self.curve = curve
        last = max([100, *(one.last_step for one in (curve, *curve.before))])
        last = last if last < 1000 else int(np.ceil(last / 100) * 100)
        for steps_axis in (self.loss_steps, self.likelihood_steps):
            limit(steps_axis, 0, last, ticks=4)
        self.loss_axis.label, self.likelihood_axis.label = curve.loss_name, curve.measure
        self.fits.layout.display = "" if curve.has_classical else "none"
        self._draw_loss()
        self._draw_likelihood()
        self._show_legend()

    def _say_what_to_do(self, run: LabRun) -> None:
        """Why there is no curve yet, and what draws one."""
        has_curve = run.curve.step or run.curve.before
        words = OF_DISCOVERY if run.course.is_begun else NOT_BEGUN
        self.words.value = "" if has_curve else words

    def _draw_loss(self) -> None:
        curve, lines = self.curve, self.loss_lines
        step, loss, task_loss = _thinned(curve.at(curve.step), curve.loss, curve.task_loss)
        valid_step, valid_loss = _thinned(curve.at(curve.valid_step), curve.valid_loss)
        shown: list[Any] = [[0.5, 0.8]]
        if curve.step:
            shown = [_from_settled(loss), _from_settled(task_loss), curve.valid_loss]
        shown += (
            self._draw_before(lines, "step", "loss"),
            self._draw_before(lines, "valid_step", "valid_loss"),
        )
        low, high = nice_range(shown, least=5e-3)
        limit(
            self.loss_axis, max(low, 1e-3), high
        )  # ticks of our own: the default ones of a logarithmic axis overlap
        scale = self.loss_axis.scale
        draw(lines["loss"], x=step, y=loss)
        draw(lines["task_loss"], x=step, y=task_loss)
        draw(lines["valid_loss"], x=valid_step, y=valid_loss)
        at = np.array(curve.at(curve.marks + ([] if curve.boundary is None else [curve.boundary])), float)
        x, y = segments(at, scale.min, scale.max)
        draw(lines["marks"], x=x, y=y)

    def _draw_likelihood(self) -> None:
        curve, lines = self.curve, self.likelihood_lines
        step, likelihood = _thinned(curve.at(curve.step), curve.likelihood)
        valid_step, valid = _thinned(curve.at(curve.scored_step), curve.valid_likelihood)
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
        before = [self._draw_before(lines, "scored_step", "valid_likelihood")]
        before += [self._draw_before(lines, "step", "likelihood", is_shown=is_known)]
        shown = [levels, curve.valid_likelihood] + ([likelihood] if is_known else [])
        low, high = nice_range([*(shown if curve.step else [levels]), *before], least=4e-3)
        low, high = (0.0, 1.02) if curve.is_on_task else (low, high)
        limit(self.likelihood_axis, low, high)

    def _draw_before(self, lines: dict, steps: str, values: str, *, is_shown: bool = True) -> np.ndarray:
        """Draw the curves of the runs before as one broken line; what is shown of it."""
        line = lines["before" if steps == "step" else "valid_before"]
        xs, ys = [], []
        for one in self.curve.before if is_shown else ():
            x, y = _thinned(one.at(getattr(one, steps)), getattr(one, values))
            if getattr(one, steps):
                xs += [x, [x[-1]]]
                ys += [y, [np.nan]]
        if not xs:
            x, y = nothing()
            draw(line, x=x, y=y * FAR_ABOVE)
            return np.zeros(0)
        x, y = np.concatenate(xs)[:-1], np.concatenate(ys)[:-1]
        draw(line, x=x, y=y)
        return _from_settled(y[np.isfinite(y)])

    def _use_log(self) -> None:
        scale = self.loss_log if self.state.log_loss else self.loss_scale
        self.loss_axis.tick_values = None
        for line in self.loss_lines.values():
            line.scales = {"x": self.steps, "y": scale}
        self.loss_axis.scale = scale
        self._draw_loss()

    def _show_legend(self) -> None:
        curve = self.curve
        keys = [("training, with penalties", TRAINING, "solid"), ("training", TRAINING, "thin")]
        keys += [("fresh trials" if curve.is_on_task else "held out", HELD_OUT, "solid")]
        if curve.before:
            keys.append((curve.before_words, TRAINING, "dotted"))
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
            self.readout.value = markup("held out <b>{}</b>", f"{curve.valid_likelihood[-1]:.4f}")
        elif curve.likelihood and curve.of_choices:
            self.readout.value = markup("training likelihood <b>{}</b>", f"{curve.likelihood[-1]:.4f}")
        else:
            self.readout.value = ""


def _accuracy(curve: Curve) -> str:
    if not curve.valid_likelihood:
        return ""
    stage = f"stage {curve.stages[-1] + 1} · " if any(curve.stages) else ""
    return markup("{}accuracy on fresh trials <b>{}</b>", stage, f"{curve.valid_likelihood[-1]:.3f}")


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
