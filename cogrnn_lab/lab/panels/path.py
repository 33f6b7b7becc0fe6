"""A discovery as it goes: what information costs and buys, what closes first, and the networks on the way."""

from copy import copy

import bqplot as bq
import ipywidgets as w
import numpy as np
import traitlets as t

from cogrnn_lab.lab.controls.order_button import order_button
from cogrnn_lab.lab.engine.course import Course
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.plot import axis, draw, limit, nice_range, plot, round_ticks
from cogrnn_lab.lab.markup import Markup, join, markup
from cogrnn_lab.lab.page.style import box, legend_html, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.view import View
from cogrnn_lab.palette import HELD_OUT, PALETTE, REFERENCE

HELP = (
    "Each dot is a level: networks trained at one price of information, each level beginning where the one "
    "before ended. Left: what the choices' likelihood gains by what the latents carry. Right: which latents "
    "close first. Click a dot or move the level, and all figures show that network."
)
CHOSEN_BY = "#009E73"
# Of a line, also where x is logarithmic and points are marked
OUT_OF_SIGHT = {"x": np.ones(2), "y": np.full(2, -9.0)}
IN_TRAINING = "All figures show the network in training."


@register
class PathPanel(Panel):
    """Path: likelihood against bits, openness against the price, and a slider along the levels."""

    name, title, help = "path", "How much must it know?", HELP
    place, every, is_cheap, is_wide = 4.0, 0.1, True, True
    concerns = ("level", "seeds")

    def __init__(self, state):
        super().__init__(state)
        self._make_trade_off()
        self._make_openness()
        self.slider = w.IntSlider(
            min=-1, max=0, value=-1, readout=False, description="level",
            tooltip="level of the path whose network all figures show; at the left end the one in training",
        )  # fmt: skip
        self.slider.add_class("cog-set-level")
        self.slider.observe(self._moved, "value")
        self.shown = text("", "cog-shown-level")
        self.back = w.Button(description="Network in training", tooltip="show it in all figures again")
        self.back.add_class("cog-small")
        self.back.on_click(lambda _: setattr(self.state, "level", -1))
        self.branch = order_button(
            state,
            "branch",
            "Train from here",
            "train on from this network, with the penalties as they are set",
        )
        self._make_keeping()
        self.reason = text("", "cog-reason")
        self.legend, self.latents = text("", "cog-legend"), text("", "cog-legend")
        self.readout = text("", "cog-dim", "cog-readout-path")
        along = box([self.slider, self.shown, self.branch, self.back], "cog-along")
        sides = ((self.trade_off, self.legend), (self.closing, self.latents))
        plots = box([w.VBox(side) for side in sides], "cog-figures", "cog-halves")
        self.widget = self.frame([self.readout], plots, along, self.reason, self.keeping)

    def _make_keeping(self) -> None:
        """What keeps the discovery: its name, and a button for its file and one for its report."""
        tip = "name of the run that the discovery is saved with, and reported under"
        self.run_name = w.Text(continuous_update=False, tooltip=tip)
        t.link((self.state, "run_name"), (self.run_name, "value"))
        save = order_button(
            self.state, "save", "Save", "write the discovery with the run; Load, under Runs, opens both"
        )
        report = order_button(
            self.state,
            "report",
            "Report",
            "write what was found as a page into the run's folder",
        )
        name = box([text("save as", "cog-name"), self.run_name], "cog-row")
        self.keeping = box([name, save, report], "cog-along", "cog-keeping")
        self.keeping.layout.display = "none"

    def _make_trade_off(self) -> None:
        x, y = bq.LinearScale(min=0, max=3), bq.LinearScale(min=0.5, max=0.6)
        scales = {"x": x, "y": y}
        self.lines = {
            "report": _line(scales, colors=[HELD_OUT], stroke_width=1.3),
            "choose": _line(scales, colors=[CHOSEN_BY], stroke_width=1.8),
        }
        self.chosen = _dots(scales, colors=["white"], stroke=CHOSEN_BY, stroke_width=3, default_size=220)
        self.here = _dots(scales, colors=["#D55E00"], stroke="white", stroke_width=1.5, default_size=110)
        self.dots = _dots(
            scales, colors=[CHOSEN_BY], default_size=60, stroke="white",
            tooltip=bq.Tooltip(
                fields=["name", "x", "y"], labels=["level", "bits", "likelihood"], formats=["", ".2f", ".4f"]
            ),
            interactions={"hover": "tooltip"}, display_names=False,
        )  # fmt: skip
        self.dots.on_element_click(self._clicked)
        self.bits_axis = axis(x, "bits per trial that the latents carry")
        self.likelihood_axis = axis(y, "likelihood", vertical=True, tick_format=".3f")
        marks = [*self.lines.values(), self.chosen, self.dots, self.here]
        self.trade_off = plot(marks, [self.bits_axis, self.likelihood_axis], height=190, name="trade-off")

    def _make_openness(self) -> None:
        self.prices = bq.LogScale(min=0.1, max=10.0)
        scales = {"x": self.prices, "y": bq.LinearScale(min=-0.02, max=1.05)}
        self.openness = _line(scales, stroke_width=1.8, marker="circle", marker_size=18)
        self.openness.colors = list(PALETTE)
        self.at_chosen = _line(scales, colors=[REFERENCE], line_style="dashed", stroke_width=1.3)
        self.at_here = _line(scales, colors=["#D55E00"], stroke_width=1.3)
        self.price_axis = axis(self.prices, "price of information (× usual)", tick_format=".2~g")
        self.open_axis = axis(scales["y"], "openness of latents", vertical=True)
        marks = [self.at_chosen, self.at_here, self.openness]
        self.closing = plot(marks, [self.price_axis, self.open_axis], height=190, name="closing")

    def is_for(self, run: LabRun) -> bool:
        """Runs whose data are being discovered, or were."""
        return super().is_for(run) and run.course.state != ""

    def draw(self, run: LabRun, view: View) -> None:
        """Show the discovery of the run as far as it is; nothing is analysed for it."""
        self.show(copy(run.course))  # a level may end meanwhile

    def code(self, run: LabRun, view: View) -> str:
        """The same path by the public API; until it is finished, what makes it."""
        if run.course.found is not None:
            return "cl.plots.plot_path(found.path, found.level)"
        return f"cl.discover(dataset, model=model, seeds={(run.course.options or {}).get('seeds', 3)})"

    def show(self, course: Course) -> None:
        """Show a discovery."""
        self.readout.value = _reading(course)
        self._show_level(course)
        self.keeping.layout.display = "none" if course.found is None else ""
        self.reason.value = "" if course.chosen is None else markup("<b>Chosen.</b> {}", course.chosen.text)
        if not course.levels:
            for mark in (*self.lines.values(), self.openness, self.at_chosen, self.at_here):
                draw(mark, **OUT_OF_SIGHT)
            for dots in (self.chosen, self.here, self.dots):
                draw(dots, x=np.zeros(0), y=np.zeros(0))
            return
        self._draw_trade_off(course)
        self._draw_openness(course)

    def _draw_trade_off(self, course: Course) -> None:
        seeds = [course.seed(i) for i in range(len(course.levels))]
        bits = np.array([float(one.level.bits[s].sum()) for one, s in zip(course.levels, seeds, strict=True)])
        has_bits = bool(np.isfinite(bits).all())
        prices = np.array([one.level.price for one in course.levels])
        x = bits if has_bits else np.log10(prices)
        self.bits_axis.label = "bits per trial that the latents carry" if has_bits else "log10 of the price"
        limit(self.bits_axis, *((0.0, max(float(x.max()) * 1.06, 0.1)) if has_bits else nice_range([x])))
        known = {}
        for sessions, line in self.lines.items():
            own = [one.likelihood.get(sessions) for one in course.levels]
            y = np.array([np.nan if o is None else o[s] for o, s in zip(own, seeds, strict=True)])
            if np.isfinite(y).all():
                known[sessions] = y
                draw(line, x=np.append(x, x[-1]), y=np.append(y, y[-1]))
        limit(self.likelihood_axis, *nice_range(known.values(), least=2e-3))
        y = known["choose"]
        draw(self.dots, x=x, y=y, names=np.array([f"{i}" for i in range(len(x))]))
        at = [] if course.chosen is None else [int(course.chosen)]
        draw(self.chosen, x=x[at], y=y[at])
        here = [self.state.level] if 0 <= self.state.level < len(x) else []
        draw(self.here, x=x[here], y=y[here])
        keys = [("sessions chosen by", CHOSEN_BY, "solid")]
        keys += [("sessions that nothing saw", HELD_OUT, "solid")] if "report" in known else []
        keys += [("shown in all figures", "#D55E00", "dot")] if here else []
        self.legend.value = legend_html(keys)

    def _draw_openness(self, course: Course) -> None:
        """A line for each latent of each seed; the seed that represents the last level is the strong one."""
        last = len(course.levels) - 1
        strong = course.seed(last if course.chosen is None else int(course.chosen))
        prices = np.array([one.level.price for one in course.levels])
        openness = np.stack([one.level.openness for one in course.levels])  # (level, seed, latent)
        n_seeds, n_latents = openness.shape[1:]
        rank = np.argsort(np.argsort(-openness.mean(0), axis=1, kind="stable"), axis=1)  # (seed, latent)
        lines = openness.transpose(1, 2, 0).reshape(n_seeds * n_latents, -1)
        if len(prices) == 1:  # a line has two ends
            prices, lines = prices[[0, 0]] * [1.0, 1.001], lines[:, [0, 0]]
        colors = [PALETTE[i % len(PALETTE)] for i in np.argsort(rank[strong])]  # those of other figures
        is_strong = np.repeat(np.arange(n_seeds) == strong, n_latents)
        shown = [colors[r] if own else REFERENCE for r, own in zip(rank.ravel(), is_strong, strict=True)]
        above = np.argsort(is_strong, kind="stable")  # what comes last covers what is before
        above = above if len(above) > 1 else above[[0, 0]]  # bqplot takes a single row for another form
        draw(self.openness, x=prices, y=lines[above], colors=[shown[i] for i in above])
        with self.prices.hold_sync():
            self.prices.min, self.prices.max = float(prices[0]) / 1.2, float(prices[-1]) * 1.2
        self.price_axis.tick_values = _log_ticks(float(prices[0]) / 1.2, float(prices[-1]) * 1.2)
        order = np.argsort(rank[strong])
        keys = [(f"latent {i + 1}", color, "solid") for i, color in zip(order, colors, strict=True)]
        keys += [("other starts", REFERENCE, "thin")] if n_seeds > 1 else []
        self.latents.value = legend_html(keys)
        for line, level in ((self.at_chosen, course.chosen), (self.at_here, self.state.level)):
            at = -1 if level is None else int(level)
            price = prices[at] if 0 <= at < len(prices) else prices[0] / 1e3
            draw(line, x=np.full(2, price), y=np.array([0.0, 1.05]))

    def _show_level(self, course: Course) -> None:
        n, level = len(course.levels), self.state.level
        self.slider.max = max(n - 1, 0)
        self.slider.value = min(level, n - 1)
        self.slider.disabled = not n
        for button in (self.back, self.branch):
            button.layout.display = "" if 0 <= level < n else "none"
        if not 0 <= level < n:
            self.shown.value = IN_TRAINING if n else ""
            return
        own, seed = course.levels[level], course.seed(level)
        n_latents = int(own.level.n_latents[seed])
        latents = "1 latent counts" if n_latents == 1 else f"{n_latents} latents count"
        self.shown.value = markup(
            "All figures show <b>level {}</b>: price {}, {}, likelihood {} of the sessions chosen by",
            level, f"{own.level.price:.3g}", latents, f"{own.likelihood['choose'][seed]:.4f}",
        )  # fmt: skip

    def _moved(self, change) -> None:
        if change.new != self.state.level:
            self.state.level = change.new

    def _clicked(self, _, content) -> None:
        index = content.get("data", {}).get("index")
        if index is not None:
            self.state.level = int(index)


def _dots(scales: dict, **options) -> bq.Scatter:
    return bq.Scatter(x=np.zeros(0), y=np.zeros(0), scales=scales, **options)


def _line(scales: dict, **options) -> bq.Lines:
    return bq.Lines(scales=scales, **OUT_OF_SIGHT, **options)


def _log_ticks(low: float, high: float) -> np.ndarray:
    """Ones and threes of the powers of ten between the ends; round numbers where there are too few."""
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    ticks = np.sort(np.concatenate([powers, 3 * powers]))
    ticks = ticks[(ticks >= low) & (ticks <= high)]
    if len(ticks) > 8:
        ticks = powers[(powers >= low) & (powers <= high)]
    return ticks if len(ticks) > 1 else round_ticks(low, high, 3)


def _reading(course: Course) -> Markup:
    """Where the discovery stands."""
    n = len(course.levels)
    levels = f"{n} level{'' if n == 1 else 's'}"
    if course.is_at_work:
        return join([markup('<span class="cog-busy"></span>'), f"{levels} · {course.now}"])
    if course.state == "stopped":
        return markup("{} · stopped: Go on takes it up from there", levels)
    return markup("{}", levels if n else "")
