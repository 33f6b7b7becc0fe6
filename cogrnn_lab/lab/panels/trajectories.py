"""The latents of one session over its trials, beside its choices, and in the plane of two latents."""

from typing import Any

import bqplot as bq
import ipywidgets as w
import numpy as np
import traitlets as t

from cogrnn_lab import analysis
from cogrnn_lab.lab.controls.picker import Picker, axis_picker, latent_options
from cogrnn_lab.lab.data.session_columns import session_labels
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.choice_ticks import ChoiceTicks
from cogrnn_lab.lab.figures.plot import axis, draw, empty_line, limit, nice_range, plot, segments
from cogrnn_lab.lab.page.first_widgets import FirstRun
from cogrnn_lab.lab.page.style import MARK, beside, box, legend_html, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.settings.state import TRAJECTORIES
from cogrnn_lab.lab.view import View
from cogrnn_lab.palette import PALETTE, REFERENCE

HELP = (
    "The network's latents on a real sequence of choices. Strokes above: choices, tall where rewarded. "
    "Brush trials "
    "in either plot to find them in the other; Play walks through the session."
)
MOST_POINTS = 500  # more points in an SVG scatter are drawn too slowly
TIME = ("#8C6BB1", "#4C7FC4", "#21918c", "#6E9A2F", "#C98500")
UNREWARDED = REFERENCE


@register
class TrajectoriesPanel(Panel):
    """Trajectories of the latents over the trials of one session, and in the plane of two of them."""

    name, title, help = "trajectories", "Trajectories", HELP
    place, tab = 40.0, TRAJECTORIES
    concerns = ("pair", "color", "session", "latent", "tab")

    def __init__(self, state):
        super().__init__(state)
        self.states = np.zeros((0, 1))
        self.session: Any = None
        self._busy = False
        self._build_time_plot()
        self._build_plane()
        self._build_controls()
        state.observe(lambda _: self._show_trial(), "trial")
        state.observe(lambda _: self._show_brushed(), "trials")

    def _build_time_plot(self) -> None:
        self.x, self.y = bq.LinearScale(min=0, max=100), bq.LinearScale(min=-1, max=1)
        self.strip_y = bq.LinearScale(min=0, max=1)
        self.ticks = ChoiceTicks(self.x, self.strip_y, 0.0, 1.0)
        scales = {"x": self.x, "y": self.y}
        self.brushed = empty_line(scales, colors=[MARK], stroke_width=2.5, opacities=[0.7])
        self.lines = empty_line(scales, stroke_width=1.6)
        self.cursor = empty_line(scales, colors=["#D55E00"], stroke_width=1.2)
        self.trials = axis(self.x, "trial")
        self.latent_axis = axis(self.y, "latent", vertical=True, label_offset="42px")
        margin = {"left": 66, "right": 10}
        self.strip_axis = axis(self.strip_y, "", vertical=True, grid_lines="none")
        self.strip = plot(
            [],
            [self.strip_axis],
            height=42,
            name="choices",
            margin={**margin, "top": 4, "bottom": 2},
            flex="0 0 auto",
        )
        self.strip.padding_x = self.strip.padding_y = 0
        self.time_plot = plot(
            [self.brushed, self.lines, self.cursor],
            [self.trials, self.latent_axis],
            height=150,
            name="latents",
            flex="1 1 auto",
            margin={**margin, "top": 2},
        )
        self.time_plot.padding_x = 0
        self.interval = bq.interacts.BrushIntervalSelector(scale=self.x, color="#888888")
        self.interval.observe(self._interval_brushed, "selected")
        self.time_plot.interaction = self.interval

    def _build_plane(self) -> None:
        x, y = bq.LinearScale(min=-1, max=1), bq.LinearScale(min=-1, max=1)
        self.plane_x, self.plane_y = x, y
        scales = {"x": x, "y": y}
        self.path = empty_line(scales, colors=[REFERENCE], stroke_width=0.6)
        self.points = bq.Scatter(
            x=np.array([]), y=np.array([]), scales=scales, default_size=22, stroke_width=0,
            selected_style={"opacity": 1.0}, unselected_style={"opacity": 0.12},
        )  # fmt: skip
        self.here = bq.Scatter(
            x=np.array([]),
            y=np.array([]),
            scales=scales,
            default_size=110,
            colors=["#D55E00"],
            stroke="white",
            stroke_width=1.5,
        )
        self.plane_x_axis, self.plane_y_axis = axis(x, "latent"), axis(y, "latent", vertical=True)
        self.plane = plot(
            [self.path, self.points, self.here],
            [self.plane_x_axis, self.plane_y_axis],
            height=192,
            name="plane",
        )
        self.area = bq.interacts.BrushSelector(x_scale=x, y_scale=y, marks=[self.points], color="#888888")
        self.points.observe(self._points_brushed, "selected")
        self.plane.interaction = self.area

    def _build_controls(self) -> None:
        self.picker = Picker(
            lambda session: self.state.set_quietly(session=session, trial=0, trials=[]),
            "which session is shown",
            "cog-pick-session",
            [("session 1", 0)],
        )
        self.play = w.Play(min=1, max=2, interval=120, show_repeat=False, layout=w.Layout(width="auto"))
        self.slider = w.IntSlider(
            min=1, max=2, readout=False, layout=w.Layout(width="120px"), tooltip="trial"
        )
        w.jslink((self.play, "value"), (self.slider, "value"))
        self.slider.observe(lambda change: setattr(self.state, "trial", change.new - 1), "value")
        self.moment = text("", "cog-dim")
        self.color = w.Dropdown(
            options=["choice", "reward", "time"], value=self.state.color, tooltip="color of the points"
        )
        t.link((self.state, "color"), (self.color, "value"))
        self.across, self.up = (
            axis_picker(self.state, "pair", place, "axis of the plane", "latent") for place in (0, 1)
        )
        self.legend = text("", "cog-legend")
        head = [
            self.picker.widget, self.play, self.slider, self.moment,
            beside("plane", self.across.widget, self.up.widget), beside("color", self.color),
        ]  # fmt: skip
        left = w.VBox((self.strip, self.time_plot), layout=w.Layout(flex="2.1 1 0%", min_width="0"))
        right = box([self.plane], "cog-figures")
        right.layout.flex = "1 1 0%"
        body = box([left, right], "cog-figures", "cog-trajectories")
        self.widget = self.frame(head, body, self.legend)

    def offer(self, names: list[str]) -> None:
        """Names of the sessions that can be picked."""
        options = [(name, i) for i, name in enumerate(names)]
        self.picker.offer(options, min(self.state.session, len(names) - 1))

    def begin(self, run: LabRun, view: View) -> None:
        """Offer the sessions of the run."""
        self.offer(session_labels(run.dataset))

    def draw(self, run: LabRun, view: View) -> None:
        """Run the network through the session that is looked at."""
        index = self.state.session
        states = analysis.latents(run.trainer.model, run.dataset.select([index])).states
        n = int(run.dataset.lengths[index])
        self.show(view.session, np.asarray(states)[0, :n], view.openness, view.order)

    def code(self, run: LabRun, view: View) -> str:
        """The same session by the public API."""
        return f"cl.plots.plot_trajectories(model, dataset, {self.state.session})"

    def make_first(self, first: FirstRun) -> None:
        """Make the marks of two trials."""
        n = first.n_latents
        self.show(first.session, np.zeros((2, n)), np.ones(n), first.order)

    def show(self, session, states: np.ndarray, openness: np.ndarray, order) -> None:
        """`session` a `SessionColumns`, `states` (trials, latents) of it, `openness` (latents,)."""
        is_other = session is not self.session
        self.session, self.states = session, np.asarray(states)
        n = len(self.states)
        if is_other:
            self._show_session(n)
        limit(self.latent_axis, *nice_range([self.states], least=0.05))
        trials = np.arange(1, n + 1)
        colors = [PALETTE[i % len(PALETTE)] for i in range(self.states.shape[1])]
        opacities = [self._opacity(i, float(o)) for i, o in enumerate(openness)]
        draw(self.lines, x=trials, y=self.states.T.copy(), colors=colors, opacities=opacities)
        self._show_pickers(order)
        self._draw_plane()
        self._show_legend(openness, order)
        self._show_trial()

    def _opacity(self, latent: int, openness: float) -> float:
        """Closed latents are faint; beside one that was selected the others are paler."""
        if openness < 0.1:
            return 0.4
        return 1.0 if self.state.follow or latent == self.state.latent else 0.7

    def _show_session(self, n: int) -> None:
        session = self.session
        limit(self.trials, 0, n + 1, ticks=8)
        self.trials.label = session.row
        # one unit per alternative, so that the ticks to be labelled are whole numbers
        self.ticks.low, self.ticks.high = -0.5, session.n_alternatives - 0.5
        self.strip_y.min, self.strip_y.max = self.ticks.low, self.ticks.high
        is_new = (
            self.ticks.draw(session.choices, session.wins, session.n_alternatives)
            if session.clicks is None
            else self.ticks.draw_clicks(session.clicks)
        )
        if is_new:
            self.strip.marks = list(self.ticks.marks)
        names = [str(name)[:9] for name in session.class_names]
        self.strip_axis.tick_values = np.arange(session.n_alternatives)
        self.strip_axis.tick_labels = {str(k): name for k, name in enumerate(names)}
        self.play.max = self.slider.max = max(n, 2)
        self.state.trials = []

    def _draw_plane(self) -> None:
        n_latents = self.states.shape[1]
        a, b = (min(i, n_latents - 1) for i in self.state.pair)
        across, up = self.states[:, a], self.states[:, b]
        for plane_axis, values in ((self.plane_x_axis, across), (self.plane_y_axis, up)):
            limit(plane_axis, *nice_range([values], least=0.05))
        self.plane_x_axis.label, self.plane_y_axis.label = f"latent {a + 1}", f"latent {b + 1}"
        keep = self._kept()
        draw(self.path, x=across.copy(), y=up.copy())
        draw(self.points, x=across[keep], y=up[keep], colors=self._colors()[keep].tolist())

    def _kept(self) -> np.ndarray:
        stride = -(-len(self.states) // MOST_POINTS)
        return np.arange(0, len(self.states), max(stride, 1))

    def _colors(self) -> np.ndarray:
        session, n = self.session, len(self.states)
        if self.state.color == "reward" and session.wins is not None:
            return np.where(session.wins, PALETTE[2], UNREWARDED)
        if self.state.color == "time":
            return np.array(TIME)[np.arange(n) * len(TIME) // max(n, 1)]
        choices = np.asarray(session.choices, int) if session.clicks is None else _sides(session.clicks)
        return np.where(choices >= 0, np.array(PALETTE)[np.maximum(choices, 0) % len(PALETTE)], UNREWARDED)

    def _show_pickers(self, order) -> None:
        for picker, latent in zip((self.across, self.up), self.state.pair, strict=True):
            picker.offer(latent_options(order), latent)

    def _show_legend(self, openness, order) -> None:
        keys = [
            (f"latent {i + 1}", PALETTE[int(i) % len(PALETTE)], "solid") for i in order if openness[i] >= 0.1
        ]
        if self.state.color == "reward" and self.session.rewards is not None:
            keys += [("rewarded", PALETTE[2], "dot"), ("not rewarded", UNREWARDED, "dot")]
        elif self.state.color == "time":
            rows = f"{self.session.row}s"
            keys += [(f"first {rows}", TIME[0], "dot"), (f"last {rows}", TIME[-1], "dot")]
        else:
            names = self.session.class_names
            did = "chose" if self.session.clicks is None else "more clicks"
            keys += [(f"{did} {name}", PALETTE[k % len(PALETTE)], "dot") for k, name in enumerate(names)]
        self.legend.value = legend_html(keys)

    def _show_trial(self) -> None:
        n = len(self.states)
        if not n:
            return
        trial = min(self.state.trial, n - 1)
        if self.slider.value != trial + 1:
            self.slider.value = trial + 1
        a, b = (min(i, self.states.shape[1] - 1) for i in self.state.pair)
        x, y = segments(np.array([trial + 1]), self.y.min, self.y.max)
        draw(self.cursor, x=x, y=y)
        draw(self.here, x=self.states[trial : trial + 1, a], y=self.states[trial : trial + 1, b])
        self.moment.value = f"{self.session.row} {trial + 1} of {n}"

    def _interval_brushed(self, change) -> None:
        if self._busy:
            return
        ends = change.new
        if ends is None or len(ends) != 2:
            self.state.trials = []
        else:
            n = len(self.states)
            self.state.trials = [i for i in range(n) if ends[0] <= i + 1 <= ends[1]]

    def _points_brushed(self, change) -> None:
        if self._busy:
            return
        chosen = [] if change.new is None else [int(i) for i in np.asarray(change.new).ravel()]
        keep = self._kept()
        self.state.trials = [int(keep[i]) for i in chosen if i < len(keep)]

    def _show_brushed(self) -> None:
        chosen = np.array(self.state.trials, int)
        chosen = chosen[chosen < len(self.states)]
        x, y = segments(chosen + 1, self.y.min, self.y.max)
        draw(self.brushed, x=x, y=y)
        among = np.flatnonzero(np.isin(self._kept(), chosen))
        self._busy = True
        try:
            self.points.selected = among if among.size else None
        finally:
            self._busy = False


def _sides(clicks: np.ndarray) -> np.ndarray:
    """On which side there were more clicks in each bin: 0 left, 1 right, -1 none."""
    difference = clicks[:, 1] - clicks[:, 0]
    return np.where(difference == 0, -1, (difference > 0).astype(int))
