"""How the selected latent changes on a trial: its change against its value, one line per observation."""

from typing import Any

import bqplot as bq
import ipywidgets as w
import numpy as np

from cogrnn_lab import analysis
from cogrnn_lab.analysis.reading.agent_rule import TrueRule, true_rule
from cogrnn_lab.analysis.reading.observations import all_binary_observations, observation_labels
from cogrnn_lab.analysis.reading.update_rules import UpdateRule
from cogrnn_lab.lab.controls.picker import Picker, latent_options
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.plot import axis, draw, limit, more_lines, nice_range, nothing, plot
from cogrnn_lab.lab.markup import Markup, markup
from cogrnn_lab.lab.page.first_widgets import FirstRun
from cogrnn_lab.lab.page.style import box, legend_html, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.settings.state import MYSTERY
from cogrnn_lab.lab.twin.expressions import Code, call, literal_subject
from cogrnn_lab.lab.view import View
from cogrnn_lab.palette import PALETTE, REFERENCE
from cogrnn_lab.tasks import mystery_agent

HELP = (
    "The rule that the network found for this latent: how much one trial changes it (up or down), from "
    "each value, for "
    "every observation. Sliders hold the other latents that the rule depends on."
)
STYLES = ("solid", "dashed", "dotted", "dash_dotted")
LEGEND_STYLES = {"dash_dotted": "dotted"}
MOST_LINES = 12
CLICKS = "clicks in the bin"


@register
class UpdateRulesPanel(Panel):
    """Update rules: a line for each observation, and sliders for the latents that the rule depends on."""

    name, title, help = "update_rules", "Update rule", HELP
    place = 20.0
    concerns = ("latent", "background", "subject", "embedding", "revealed")

    def __init__(self, state):
        super().__init__(state)
        self.x, self.y = bq.LinearScale(min=-2, max=2), bq.LinearScale(min=-1, max=1)
        self.zero = bq.Lines(
            x=[-2, 2], y=[0, 0], scales={"x": self.x, "y": self.y}, colors=[REFERENCE], stroke_width=1,
            line_style="dotted",
        )  # fmt: skip
        self.lines: list[bq.Lines] = []
        self.x_axis = axis(self.x, "latent")
        self.y_axis = axis(self.y, "change per trial", vertical=True)
        x, y = nothing()
        self.truth = bq.Lines(
            x=x,
            y=y,
            scales={"x": self.x, "y": self.y},
            line_style="dashed",
            stroke_width=1.3,
        )
        self.truth_words = text("", "cog-dim", "cog-truth")
        self.plot = plot([self.zero, self.truth], [self.x_axis, self.y_axis], height=190, name="update-rule")
        self.picker = Picker(self._picked, "which latent's rule", "cog-pick-latent", [("latent 1", 0)])
        self.legend = text("", "cog-legend", "cog-legend-column")
        self.sliders: dict[int, w.FloatSlider] = {}
        self.shown: list[int] = []  # latents whose sliders are shown
        self._rows: dict[int, w.Widget] = {}
        self._depends = text("", "cog-dim")
        self.background = w.VBox()
        side = w.VBox(
            (self.legend, self.truth_words, self.background), layout=w.Layout(flex="0 0 150px", min_width="0")
        )
        self.widget = self.frame([self.picker.widget], box([self.plot, side], "cog-figures"))

    def draw(self, run: LabRun, view: View) -> None:
        """Probe the rule of the selected latent, for the subject that is looked at."""
        model, latent = run.trainer.model, view.latent
        background = np.zeros(model.n_latents)
        for other, value in self.state.background.items():
            if other < model.n_latents:
                background[other] = value
        rules = analysis.update_rules(
            model,
            [latent],
            subject=view.subject,
            observations=view.observations,
            input_names=run.dataset.input_names,
            background=background,
        )
        self.show(rules[latent], view.order)
        self._show_truth(run, view, rules[latent])

    def code(self, run: LabRun, view: View) -> str:
        """Update rules of the selected latent, by the public API."""
        keywords: dict[str, Any] = {"observations": Code("cl.typical_observations(train)")}
        if view.subject is not None:
            keywords["subject"] = literal_subject(view.subject)
        if self.state.background:
            n = run.trainer.model.n_latents
            keywords["background"] = [float(self.state.background.get(i, 0.0)) for i in range(n)]
        rules = call("cl.update_rules", "model", f'["latent {view.latent + 1}"]', **keywords)
        return f"cl.plots.plot_update_rules({rules})"

    def make_first(self, first: FirstRun) -> None:
        """Make a line for each observation and a slider for each other latent."""
        names, ends = first.input_names, first.ends
        seen = all_binary_observations(len(names))
        others = tuple(range(1, first.n_latents))
        labels = observation_labels(seen, names, np.ones(len(names), bool))
        base = np.zeros((len(seen), 2))
        curves = np.zeros((len(others), 1, *base.shape))
        rule = UpdateRule(0, ends, seen, labels, base, others, np.zeros(1), curves)
        self.show(rule, first.order)

    def show(self, rule, order) -> None:
        """Show an `analysis.UpdateRule` with the other latents where the sliders hold them."""
        self.picker.offer(latent_options(order), rule.latent)
        labels = [str(label) for label in rule.observation_labels][:MOST_LINES]
        self._make_lines(len(labels))
        limit(self.x_axis, rule.values[0], rule.values[-1])
        base = np.asarray(rule.base)[: len(labels)]
        limit(self.y_axis, *nice_range([base, [0.0]], least=0.02))
        row = "time bin" if _heading(labels) == CLICKS else "trial"
        self.x_axis.label = f"latent {rule.latent + 1} before the {row}"
        self.y_axis.label = "change"
        keys = []
        for i, (line, label) in enumerate(zip(self.lines, labels, strict=False)):
            color, style = _looks(rule.observations, i)
            draw(line, x=np.asarray(rule.values), y=base[i], colors=[color], line_style=style)
            keys.append((_short(label), color, LEGEND_STYLES.get(style, style)))
        after = _heading(labels)
        self.legend.value = markup("<i>{}</i><br>{}", after, legend_html(keys))
        self._show_sliders(rule.conditioning, float(rule.values[-1]))

    def _show_truth(self, run: LabRun, view: View, rule: UpdateRule) -> None:
        """Draw the rules of a mystery agent that was revealed over those that the network found."""
        x, y = nothing()
        self.truth_words.value = ""
        if self.state.revealed and run.settings["data"]["source"] == MYSTERY:
            agent = mystery_agent(run.settings["data"]["mystery"]).reveal().agent()
            true = true_rule(agent, run.trainer.model, view.sample, rule.latent, rule)
            self.truth_words.value = _follows(true)
            if true.change is not None:
                x, y = np.asarray(rule.values), true.change
                limit(self.y_axis, *nice_range([rule.base, y[np.isfinite(y)], [0.0]], least=0.02))
        colors = [_looks(rule.observations, i)[0] for i in range(len(rule.observations))]
        draw(self.truth, x=x, y=y, colors=colors)

    def _make_lines(self, n: int) -> None:
        """At least `n` lines; those too many show nothing, but stay (`more_lines` tells why)."""
        scales = {"x": self.x, "y": self.y}
        if more_lines(self.lines, n, scales):
            self.plot.marks = [self.zero, *self.lines, self.truth]

    def _picked(self, latent: int) -> None:
        self.state.follow = False
        self.state.latent = latent

    def _show_sliders(self, conditioning, limit: float) -> None:
        for latent, slider in self.sliders.items():  # set from Python, or by a new run
            slider.min, slider.max = -limit, limit
            slider.value = self.state.background.get(latent, 0.0)
        wanted = [int(i) for i in conditioning]
        if wanted == self.shown and self.background.children:
            return
        self.shown = wanted
        for latent in wanted:
            if latent not in self.sliders:
                self.sliders[latent] = self._slider(latent, limit)
                self._rows[latent] = box(
                    (w.Label(f"latent {latent + 1}"), self.sliders[latent]), "cog-slider-row"
                )
        self._depends.value = Markup("<b>depends on</b>") if wanted else "depends on no other latent"
        self.background.children = (self._depends, *(self._rows[latent] for latent in wanted))

    def _slider(self, latent: int, limit: float) -> w.FloatSlider:
        value = min(max(self.state.background.get(latent, 0.0), -limit), limit)
        tip = f"value at which latent {latent + 1} is held"
        slider = w.FloatSlider(
            min=-limit, max=limit, step=0.05, value=value, readout_format=".1f", tooltip=tip
        )
        slider.add_class(f"cog-background-{latent + 1}")

        def hold(change):
            self.state.background = {**self.state.background, latent: change.new}

        slider.observe(hold, "value")
        return slider


def _follows(true: TrueRule) -> str:
    """What the dashed lines are."""
    if true.change is None:
        return "This latent does not follow the agent's state, so that its rule is not drawn."
    return f"dashed: the agent's own rule; its state explains {true.share:.0%} of this latent"


def _heading(labels: list[str]) -> str:
    if any("previous " in label for label in labels):
        return "after previous trial"
    return CLICKS if any(" clicks " in label for label in labels) else "observation"


def _short(label: str) -> str:
    """Shorten a label by the words that its heading says: there is little room."""
    return label.replace("previous ", "").replace(" clicks ", " ")


def _looks(observations, i: int) -> tuple[str, str]:
    """Color by the first input, line style by the rest.

    With two alternatives, choice by color and reward by stroke.
    """
    seen = np.asarray(observations)
    if seen.ndim != 2 or seen.shape[1] < 2 or len(seen) > MOST_LINES:
        return PALETTE[i % len(PALETTE)], "solid"
    rows = [tuple(row) for row in seen[:, :-1]]
    firsts = list(dict.fromkeys(rows))
    lasts = sorted(set(seen[:, -1]), reverse=True)
    if len(lasts) > len(STYLES) or len(firsts) > len(PALETTE):
        return PALETTE[i % len(PALETTE)], "solid"
    return PALETTE[firsts.index(rows[i])], STYLES[lasts.index(seen[i, -1])]
