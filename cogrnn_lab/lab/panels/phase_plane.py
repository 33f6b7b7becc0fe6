"""The phase plane: how an observation moves the state, where it would rest, and where the session went."""

from typing import Any

import bqplot as bq
import ipywidgets as w
import numpy as np
import traitlets as t

from cogrnn_lab import analysis
from cogrnn_lab.analysis import FixedPoints, VectorField
from cogrnn_lab.lab.controls.picker import Picker, axis_picker
from cogrnn_lab.lab.data.session_columns import SessionColumns
from cogrnn_lab.lab.engine.aside import AT_WORK, Answer, Aside
from cogrnn_lab.lab.engine.beside import Check
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.arrows import arrow_scale, arrows
from cogrnn_lab.lab.figures.plot import axis, draw, empty_line, limit, nothing, plot
from cogrnn_lab.lab.markup import join, markup
from cogrnn_lab.lab.page.stamp import stamped
from cogrnn_lab.lab.page.style import beside, box, legend_html, text
from cogrnn_lab.lab.page.widget_versions import INK, PAPER
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.settings.state import PHASE_PLANE
from cogrnn_lab.lab.twin.expressions import call, literal, literal_subject
from cogrnn_lab.lab.view import View
from cogrnn_lab.palette import PALETTE, REFERENCE

HELP = (
    "Where one observation moves the state, from anywhere in the plane (arrows, pale where the data never "
    "are), where it would settle if it went on (marks), and the states of the session that is looked at."
)
N_POINTS = 13  # arrows along each axis
MOST_POINTS = 500  # more points in an SVG scatter are drawn too slowly
# What a point is: form of the mark, filled or not, and the letter beside its words.
FORMS = {
    "stable": ("circle", True, "●"),
    "marginal": ("square", True, "■"),
    "saddle": ("cross", True, "✚"),
    "unstable": ("circle", False, "○"),
}
OUTSIDE = 0.55  # opacity of points that the data never come near


@register
class PhasePlanePanel(Panel):
    """Phase plane: a vector field, its fixed points, and the session's states."""

    name, title, help = "phase_plane", "Phase plane", HELP
    place, tab = 44.0, PHASE_PLANE
    concerns = ("pair", "components", "observation", "session", "subject", "embedding", "tab")

    def __init__(self, state):
        super().__init__(state)
        self.field: VectorField | None = None
        self.points: FixedPoints | None = None  # those that are drawn, of all observations
        self.states = np.zeros((0, 2))  # of the session, in the plane
        self._arrow_words = ""
        self.aside = Aside("cogrnn-lab fixed points", lambda: self.ask())
        self.readout = text("", "cog-dim", "cog-readout-phase")
        self.body = box([], "cog-figures", "cog-halves")
        self.head = box([], "cog-head", "cog-phase-head")
        self.widget = self.frame([self.head], self.body)

    def is_for(self, run: LabRun) -> bool:
        """Networks that explain choices, with two latents or more."""
        return super().is_for(run) and run.trainer.model.n_latents > 1

    def code(self, run: LabRun, view: View) -> str:
        """The field of every observation, by the public API."""
        a, b = view.pair
        if a == b:
            return ""
        kind = "component" if self.state.components else "latent"
        subject = {} if view.subject is None else {"subject": literal_subject(view.subject)}
        names = literal([f"{kind} {a + 1}", f"{kind} {b + 1}"])
        field = call("cl.vector_field", "model", run.scored_name, names, **subject)
        return f"cl.plots.plot_vector_field({field})"

    def begin(self, run: LabRun, view: View) -> None:
        """Forget the points of the run before."""
        self.aside.forget()
        self.points = None

    def draw(self, run: LabRun, view: View) -> None:
        """Compute the field anew; fixed points are looked for beside training."""
        if not self.body.children:
            self._make()
        model, data = run.trainer.model, view.sample
        self._offer(model.n_latents)
        a, b = view.pair
        if a == b:
            self.readout.value = "Pick two different axes."
            return
        names = [f"component {i + 1}" if self.state.components else i for i in (a, b)]
        along = analysis.latents(model, data)
        try:
            field = analysis.vector_field(
                model, data, names, observations=view.observations, subject=view.subject,
                n_points=N_POINTS, along=along,
            )  # fmt: skip
        except ValueError as error:  # sessions of a single trial, fewer components than were asked for
            self.readout.value = str(error)
            return
        index = self.state.session
        states = np.asarray(analysis.latents(model, run.dataset.select([index])).states)
        self.show(field, states[0, : int(run.dataset.lengths[index])], view.session)
        self._find_points(run, view, along)

    def show(self, field: VectorField, states: np.ndarray, session: SessionColumns) -> None:
        """Show a field, and the `states` (trial, latent) of a session in its plane."""
        self.field, self.states = field, field.axes.project(states)
        labels = list(field.observation_labels)
        self.picker.offer([(words, i) for i, words in enumerate(labels)], self._observation)
        for plane_axis, values, name in zip(self.axes, (field.x, field.y), field.axes.names, strict=True):
            limit(plane_axis, values[0], values[-1])
            plane_axis.label = name
        self._draw_arrows()
        self._draw_session(session)
        self._show_trial()
        self._show_brushed()

    @property
    def _observation(self) -> int:
        n = 1 if self.field is None else len(self.field.observation_labels)
        return min(self.state.observation, n - 1)

    def _make(self) -> None:
        """Make the widgets: when the panel is first shown, as a page that opens has many."""
        scales = {name: bq.LinearScale(min=-1, max=1, allow_padding=False) for name in ("x", "y")}
        self.unused = empty_line(scales, colors=[REFERENCE], stroke_width=0.8)
        self.used = empty_line(scales, colors=[INK], stroke_width=1.2)
        self.path = empty_line(scales, colors=[REFERENCE], stroke_width=0.6)
        self.visits = bq.Scatter(
            x=np.zeros(0), y=np.zeros(0), scales=scales, default_size=20, stroke_width=0,
            selected_style={"opacity": 1.0}, unselected_style={"opacity": 0.12},
        )  # fmt: skip
        self.marks = {name: _mark(scales, *FORMS[name][:2]) for name in FORMS}
        self.here = bq.Scatter(
            x=np.zeros(0), y=np.zeros(0), scales=scales, default_size=110, colors=["#D55E00"], stroke="white",
            stroke_width=1.5,
        )  # fmt: skip
        self.axes = axis(scales["x"], "latent"), axis(scales["y"], "latent", vertical=True)
        marks = [self.unused, self.path, self.visits, self.used, *self.marks.values(), self.here]
        self.plot = plot(marks, self.axes, height=270, name="phase")
        self.picker = Picker(
            lambda i: setattr(self.state, "observation", i), "after which observation",
            "cog-pick-observation", [("observation", 0)],
        )  # fmt: skip
        self.across, self.up = (
            axis_picker(self.state, "pair", place, "axis of the plane", "latent") for place in (0, 1)
        )
        self.components = w.Checkbox(
            value=self.state.components, description="components", indent=False,
            tooltip="principal components of the states instead of latents",
        )  # fmt: skip
        t.link((self.state, "components"), (self.components, "value"))
        self.words, self.legend = text("", "cog-words-phase"), text("", "cog-legend", "cog-legend-column")
        side = w.VBox((self.legend, self.words, self.readout))
        left = box([self.plot], "cog-figures", "cog-phase-plot")
        self.head.children = (
            beside("after", self.picker.widget), beside("plane", self.across.widget, self.up.widget),
            self.components,
        )  # fmt: skip
        self.body.children = (left, side)
        self.state.observe(lambda _: self._show_trial(), "trial")
        self.state.observe(lambda _: self._show_brushed(), "trials")

    def _offer(self, n_latents: int) -> None:
        kind = "component" if self.state.components else "latent"
        options = [(f"{kind} {i + 1}", i) for i in range(n_latents)]
        for picker, place in zip((self.across, self.up), self.state.pair, strict=True):
            picker.offer(options, min(place, n_latents - 1))

    def _draw_arrows(self) -> None:
        field, which = self._field, self._observation
        at = np.stack(np.meshgrid(field.x, field.y, indexing="ij"), -1).reshape(-1, 2)
        change = field.change[which].reshape(-1, 2)
        cell = np.array([np.ptp(field.x), np.ptp(field.y)]) / (N_POINTS - 1)
        scale = arrow_scale(change, cell)
        is_used = field.density.sum(0).ravel() > 0
        for mark, those in ((self.used, is_used), (self.unused, ~is_used)):
            if those.any():
                x, y = arrows(at[those], change[those], cell, scale)
            else:  # off the plane
                x, y = nothing()
                x, y = x + 1e6, y + 1e6
            draw(mark, x=x, y=y)
        share = "true to scale" if scale == 1.0 else f"drawn at {scale:.2g} of the length"
        self._arrow_words = (
            f"Arrows: one trial with “{field.observation_labels[which]}” ({share}); "
            f"{100 * field.share[which]:.0f} % of the trials are such."
        )
        self.words.value = markup("<p>{}</p>", self._arrow_words)

    def _draw_session(self, session: SessionColumns) -> None:
        states, keep = self.states, self._kept()
        draw(self.path, x=states[:, 0].copy(), y=states[:, 1].copy())
        choices = np.asarray(session.choices, int)
        colors = np.array(PALETTE)[np.maximum(choices, 0) % len(PALETTE)]
        colors = np.where(choices >= 0, colors, REFERENCE)
        if len(colors) != len(states):  # time bins of clicks have no choice each
            colors = np.full(len(states), REFERENCE)
        draw(self.visits, x=states[keep, 0], y=states[keep, 1], colors=colors[keep].tolist())
        row = session.row
        keys = [(f"{row}s of session {self.state.session + 1}", REFERENCE, "thin")]
        if len(choices) == len(states) and session.clicks is None:
            keys += [
                (f"chose {name}", PALETTE[k % len(PALETTE)], "dot")
                for k, name in enumerate(session.class_names)
            ]
        self.legend.value = legend_html(keys)

    def _find_points(self, run: LabRun, view: View, along: Any) -> None:
        model, data, subject = run.trainer.model, view.sample, view.subject
        observations = view.observations

        def work(check: Check) -> FixedPoints:
            check()
            return analysis.fixed_points(model, data, observations=observations, subject=subject, along=along)

        whose = tuple(subject.tolist()) if isinstance(subject, np.ndarray) else subject
        question = (run.id, self.state.level, whose)
        state = self.aside.want(question, run.trainer.step_count, work, view.pace)
        self._show_points(self.aside.of(question), state, run.trainer.step_count)

    def _show_points(self, answer: Answer | None, state: str, step: int) -> None:
        self.points = None if answer is None else answer.value
        self.readout.value = stamped(answer, state, step, "points", "looking for fixed points")
        if answer is None and state != AT_WORK:
            self.readout.value = "fixed points are looked for when training pauses"
        self._draw_points()
        words = answer.why if answer is not None and answer.why else self._point_words()
        self.words.value = join(markup("<p>{}</p>", one) for one in (self._arrow_words, words) if one)

    def _draw_points(self) -> None:
        found, field = self.points, self._field
        own = np.zeros(0, int) if found is None else found.of(self._observation)
        for name, mark in self.marks.items():
            mine = [i for i in own if found is not None and found.stability[i] == name]
            if found is None or not mine:
                draw(mark, x=np.zeros(0), y=np.zeros(0))
                continue
            at = field.axes.project(found.states[mine])
            opacities = np.where(found.is_outside[mine], OUTSIDE, 1.0).tolist()
            draw(mark, x=at[:, 0].copy(), y=at[:, 1].copy(), opacities=opacities)

    def _point_words(self) -> str:
        """What happens if the observation goes on, with the form of each kind of point: a text twin."""
        found = self.points
        if found is None:
            return ""
        own = found.of(self._observation)
        there = {found.stability[i] for i in own}
        keys = [f"{FORMS[name][2]} {name}" for name in FORMS if name in there]
        keys += ["pale: the data never come near"] if found.is_outside[own].any() else []
        beyond = int(self._is_beyond(found.states[own]).sum())
        keys += [f"{beyond} beyond these axes"] if beyond else []
        last = f" ({', '.join(keys)})" if keys else ""
        return f"If it went on: {found.sentences[self._observation]}{last}."

    def _is_beyond(self, states: np.ndarray) -> np.ndarray:
        """Which states (state, latent) lie where the axes do not reach."""
        field = self._field
        at = field.axes.project(states)
        ends = np.array([[field.x[0], field.y[0]], [field.x[-1], field.y[-1]]])
        return ((at < ends[0]) | (at > ends[1])).any(-1)

    @property
    def _field(self) -> VectorField:
        assert self.field is not None, "shown before"
        return self.field

    def _kept(self) -> np.ndarray:
        stride = -(-len(self.states) // MOST_POINTS)
        return np.arange(0, len(self.states), max(stride, 1))

    def _show_trial(self) -> None:
        if len(self.states):
            trial = min(self.state.trial, len(self.states) - 1)
            draw(self.here, x=self.states[trial : trial + 1, 0], y=self.states[trial : trial + 1, 1])

    def _show_brushed(self) -> None:
        among = np.flatnonzero(np.isin(self._kept(), self.state.trials))
        self.visits.selected = among if among.size else None


def _mark(scales: dict, form: str, is_filled: bool) -> bq.Scatter:
    return bq.Scatter(
        x=np.zeros(0), y=np.zeros(0), scales=scales, marker=form, default_size=95, colors=[INK],
        fill=is_filled, stroke=PAPER if is_filled else INK, stroke_width=1.6,
    )  # fmt: skip
