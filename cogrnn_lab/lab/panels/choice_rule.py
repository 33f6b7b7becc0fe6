"""How the latents drive choice: logit against each open latent, or a map over two of them."""

import bqplot as bq
import ipywidgets as w
import numpy as np
import traitlets as t

from cogrnn_lab import analysis
from cogrnn_lab.analysis.reading.choice_rule import ChoiceRule
from cogrnn_lab.lab.controls.picker import Picker, axis_picker, latent_options
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.plot import axis, draw, limit, more_lines, nice_range, plot
from cogrnn_lab.lab.page.first_widgets import FirstRun
from cogrnn_lab.lab.page.style import box, legend_html, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.twin.expressions import call, literal_subject
from cogrnn_lab.lab.view import View
from cogrnn_lab.palette import PALETTE, REFERENCE

HELP = (
    "Preference (logit) for an alternative against the first one, as each latent is moved alone with "
    "the others at 0; "
    "or as a map over two latents: orange prefers the alternative, blue the first."
)
DIVERGING = ["#0b4f8a", "#6ba3cf", "#f3f3f3", "#e5a06a", "#a84300"]
ROOM = 16  # letters of a name beside the axis
CLOSED = 0.1  # a latent less open than this is left out of the curves


@register
class ChoiceRulePanel(Panel):
    """Choice rule: curves and a map, of which a switch shows one."""

    name, title, help = "choice_rule", "Choice rule", HELP
    place = 30.0
    concerns = ("latent", "pair", "choice_map", "alternative", "subject", "embedding")

    def __init__(self, state):
        super().__init__(state)
        self.x, self.y = bq.LinearScale(min=-2, max=2), bq.LinearScale(min=-1, max=1)
        self.lines: list[bq.Lines] = []
        self.zero = bq.Lines(
            x=[-2, 2], y=[0, 0], scales={"x": self.x, "y": self.y}, colors=[REFERENCE], stroke_width=1,
            line_style="dotted",
        )  # fmt: skip
        self.x_axis, self.y_axis = axis(self.x, "latent"), axis(self.y, "logit", vertical=True)
        self.curves = plot([self.zero], [self.x_axis, self.y_axis], height=190, name="choice-rule")
        self.map = ChoiceMap(state)
        self.legend = text("", "cog-legend", "cog-legend-column")
        self.mode = w.ToggleButtons(options=[("curves", False), ("map", True)], value=state.choice_map)
        t.link((state, "choice_map"), (self.mode, "value"))
        self.alternative = Picker(
            lambda k: setattr(state, "alternative", k),
            "which alternative the map compares with the first",
            options=[("", 1)],
        )
        self.body = box([], "cog-figures")
        side = w.VBox((self.legend,), layout=w.Layout(flex="0 0 110px", min_width="0"))
        self._curve_body, self._map_body = (self.curves, side), (self.map.widget,)
        self.widget = self.frame([self.alternative.widget, self.mode], self.body, tip_left=True)
        self._show_mode()

    def draw(self, run: LabRun, view: View) -> None:
        """Probe the choice rule, over two latents where the map is on show."""
        pair = view.pair if view.pair[0] != view.pair[1] else None
        rule = analysis.choice_rule(run.trainer.model, pair, subject=view.subject)
        self.show(rule, view.openness, view.order, run.dataset.class_names or ())

    def code(self, run: LabRun, view: View) -> str:
        """The same rule by the public API."""
        a, b = view.pair
        pair = [f'["latent {a + 1}", "latent {b + 1}"]'] if a != b else []
        subject = {} if view.subject is None else {"subject": literal_subject(view.subject)}
        return f"cl.plots.plot_choice_rule({call('cl.choice_rule', 'model', *pair, **subject)})"

    def make_first(self, first: FirstRun) -> None:
        """Make a curve for each latent."""
        n = first.n_latents
        logits = np.zeros((n, len(first.class_names) - 1, 2))
        rule = ChoiceRule(first.ends, logits, None, None)
        self.show(rule, np.ones(n), first.order, first.class_names)

    def show(self, rule, openness, order, names=()) -> None:
        """Show an `analysis.ChoiceRule`.

        `openness` (L,) and `order` of the latents, `names` of the alternatives.
        """
        self._show_mode()
        n_alternatives = rule.logits.shape[1] + 1
        names = [str(n) for n in names] or [f"{i}" for i in range(n_alternatives)]
        options = [(f"{names[k]} against {names[0]}", k) for k in range(1, n_alternatives)]
        self.alternative.offer(options, min(self.state.alternative, n_alternatives - 1))
        self.alternative.widget.layout.display = (
            "" if n_alternatives > 2 and self.state.choice_map else "none"
        )
        if self.state.choice_map:
            self.map.draw(rule, min(self.state.alternative, n_alternatives - 1), order)
        else:
            self._draw_curves(rule, openness, order, names)

    def _draw_curves(self, rule, openness, order, names) -> None:
        logits, values = np.asarray(rule.logits), np.asarray(rule.values)
        if logits.shape[1] == 1:
            shown = [i for i in order if openness[i] >= CLOSED] or [order[0]]
            curves = [(f"latent {i + 1}", logits[i, 0], PALETTE[i % len(PALETTE)]) for i in shown]
            self.x_axis.label = "value of the latent"
        else:
            latent = min(self.state.latent, len(logits) - 1)
            curves = [
                (f"{names[k + 1]}", row, PALETTE[k % len(PALETTE)]) for k, row in enumerate(logits[latent])
            ]
            self.x_axis.label = f"latent {latent + 1}"
        short = [name if len(name) <= ROOM else f"{name[: ROOM - 1]}…" for name in names]  # or it is cut off
        self.y_axis.label = f"logit against {short[0]}" if logits.shape[1] > 1 else f"logit of {short[1]}"
        if more_lines(self.lines, len(curves), {"x": self.x, "y": self.y}):
            self.curves.marks = [self.zero, *self.lines]
        limit(self.x_axis, values[0], values[-1])
        limit(self.y_axis, *nice_range([*(curve[1] for curve in curves), [0.0]], least=0.1))
        for line, (_, logit, color) in zip(self.lines, curves, strict=False):
            draw(line, x=values, y=logit, colors=[color])
        self.legend.value = legend_html([(label, color, "solid") for label, _, color in curves])

    def _show_mode(self) -> None:
        body = self._map_body if self.state.choice_map else self._curve_body
        if self.body.children != body:
            self.body.children = body


class ChoiceMap:
    """Logit over two latents as an image."""

    def __init__(self, state):
        self.state = state
        x, y = (
            bq.LinearScale(min=-2, max=2, allow_padding=False),
            bq.LinearScale(min=-2, max=2, allow_padding=False),
        )
        self.color = bq.ColorScale(colors=DIVERGING, min=-1.0, max=1.0)
        grid = np.linspace(-2, 2, 3)
        self.image = bq.HeatMap(
            x=grid, y=grid, color=np.zeros((3, 3)), scales={"x": x, "y": y, "color": self.color}
        )
        self.x_axis, self.y_axis = axis(x, "latent"), axis(y, "latent", vertical=True)
        self.color_axis = bq.ColorAxis(
            scale=self.color,
            orientation="vertical",
            side="right",
            tick_format=".2g",
            tick_values=np.array([-1.0, 0.0, 1.0]),
        )
        axes = [self.x_axis, self.y_axis, self.color_axis]
        self.plot = plot([self.image], axes, height=190, name="choice-map", margin={"right": 90})
        self.plot.padding_x = self.plot.padding_y = 0
        self.first, self.second = (
            axis_picker(state, "pair", place, "axis of the map", "latent", layout=w.Layout(width="80px"))
            for place in (0, 1)
        )
        side = w.VBox(
            (w.Label("across"), self.first.widget, w.Label("up"), self.second.widget),
            layout=w.Layout(flex="0 0 84px"),
        )
        self.widget = box([self.plot, side], "cog-figures")
        self.widget.layout.flex = "1 1 0%"

    def draw(self, rule, alternative: int, order) -> None:
        """`rule.pair_logits` of one alternative; the first latent of the pair goes across."""
        if rule.pair_logits is None:
            return
        a, b = rule.pair
        for picker, latent in ((self.first, a), (self.second, b)):
            picker.offer(latent_options(order), int(latent))
        logit = np.asarray(rule.pair_logits)[alternative - 1]
        strongest = max(float(np.abs(logit).max()), 0.1)
        self.color.min, self.color.max = -strongest, strongest
        self.color_axis.tick_values = np.array([-strongest, 0.0, strongest])
        self.x_axis.label, self.y_axis.label = f"latent {a + 1}", f"latent {b + 1}"
        values = np.asarray(rule.values)
        for axis_ in (self.x_axis, self.y_axis):
            limit(axis_, values[0], values[-1])
        draw(
            self.image, x=values, y=values, color=logit.T
        )  # the image's rows run up, along the second latent
