"""How the selected latent changes on a trial: its change against its value, one line per observation."""

import bqplot as bq
import ipywidgets as w
import numpy as np

from cogrnn_lab.lab.figures.plot import axis, draw, limit, more_lines, nice_range, plot
from cogrnn_lab.lab.page.style import PALETTE, REFERENCE, box, legend_html, panel, title

HELP = (
    "The rule that the network found for this latent: how much one trial changes it (up or down), from "
    "each value, for "
    "every observation. Sliders hold the other latents that the rule depends on."
)
STYLES = ("solid", "dashed", "dotted", "dash_dotted")
LEGEND_STYLES = {"dash_dotted": "dotted"}
MOST_LINES = 12
CLICKS = "clicks in the bin"


class UpdateRulesFigure:
    """Lines per observation, a picker of the latent, sliders for the latents that its rule depends on."""

    def __init__(self, view):
        self.view = view
        self.x, self.y = bq.LinearScale(min=-2, max=2), bq.LinearScale(min=-1, max=1)
        self.zero = bq.Lines(
            x=[-2, 2], y=[0, 0], scales={"x": self.x, "y": self.y}, colors=[REFERENCE], stroke_width=1,
            line_style="dotted",
        )  # fmt: skip
        self.lines: list[bq.Lines] = []
        self.x_axis = axis(self.x, "latent")
        self.y_axis = axis(self.y, "change per trial", vertical=True)
        self.plot = plot([self.zero], [self.x_axis, self.y_axis], height=190, name="update-rule")
        self.picker = w.Dropdown(options=[("latent 1", 0)], value=0, tooltip="which latent's rule")
        self.picker.add_class("cog-pick-latent")
        self.picker.observe(self._picked, "value")
        self.legend = w.HTML()
        self.legend.add_class("cog-legend")
        self.legend.add_class("cog-legend-column")
        self.sliders: dict[int, w.FloatSlider] = {}
        self.shown: list[int] = []  # latents whose sliders are shown
        self._rows: dict[int, w.Widget] = {}
        self._depends = w.HTML()
        self._depends.add_class("cog-dim")
        self.background = w.VBox()
        side = w.VBox((self.legend, self.background), layout=w.Layout(flex="0 0 150px", min_width="0"))
        self.widget = panel([title("Update rule", HELP), self.picker], box([self.plot, side], "cog-figures"))
        self._busy = False

    def draw(self, rule, n_latents: int, order) -> None:
        """Show an `analysis.UpdateRule` with the other latents where the sliders hold them."""
        self._show_picker(rule.latent, n_latents, order)
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
        self.legend.value = f"<i>{after}</i><br>" + legend_html(keys)
        self._show_sliders(rule.conditioning, float(rule.values[-1]))

    def _make_lines(self, n: int) -> None:
        """At least `n` lines; those too many show nothing, but stay (`more_lines` tells why)."""
        scales = {"x": self.x, "y": self.y}
        if more_lines(self.lines, n, scales):
            self.plot.marks = [self.zero, *self.lines]

    def _show_picker(self, latent: int, n_latents: int, order) -> None:
        options = [(f"latent {i + 1}", int(i)) for i in order]
        self._busy = True
        try:
            if list(self.picker.options) != options:
                self.picker.options = options
            self.picker.value = latent
        finally:
            self._busy = False

    def _picked(self, change) -> None:
        if not self._busy and change.new is not None:
            self.view.follow = False
            self.view.latent = change.new

    def _show_sliders(self, conditioning, limit: float) -> None:
        for latent, slider in self.sliders.items():  # set from Python, or by a new run
            slider.value = self.view.background.get(latent, 0.0)
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
        self._depends.value = "<b>depends on</b>" if wanted else "depends on no other latent"
        self.background.children = (self._depends, *(self._rows[latent] for latent in wanted))

    def _slider(self, latent: int, limit: float) -> w.FloatSlider:
        value = min(max(self.view.background.get(latent, 0.0), -limit), limit)
        tip = f"value at which latent {latent + 1} is held"
        slider = w.FloatSlider(
            min=-limit, max=limit, step=0.05, value=value, readout_format=".1f", tooltip=tip
        )
        slider.add_class(f"cog-background-{latent + 1}")

        def hold(change):
            self.view.background = {**self.view.background, latent: change.new}

        slider.observe(hold, "value")
        return slider


def _heading(labels: list[str]) -> str:
    if any("previous " in label for label in labels):
        return "after previous trial"
    return CLICKS if any(" clicks " in label for label in labels) else "observation"


def _short(label: str) -> str:
    """What the heading need not repeat is left out: there is little room."""
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
