"""Embeddings of the subjects in a plane, one point a subject."""

from typing import Any

import bqplot as bq
import ipywidgets as w
import numpy as np

from cogrnn_lab.analysis.reading.embeddings import embedding_correlation
from cogrnn_lab.lab.controls.picker import Picker, axis_picker
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.plot import axis, draw, limit, nice_range, plot
from cogrnn_lab.lab.page.style import RAMP, box, gradient_html, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.settings.state import SUBJECTS
from cogrnn_lab.lab.view import View, subjects_of
from cogrnn_lab.palette import PALETTE

HELP = (
    "Each subject is a point: the few numbers by which the network tells subjects apart. Click a subject to "
    "see its update and choice rules; drag the ring to see the rules of anybody in between. Simulated "
    "subjects are colored by the parameter in which they truly differ, which the network is not told."
)


@register
class SubjectsPanel(Panel):
    """Subjects: their embeddings in a plane, of which a click selects one."""

    name, title, help = "subjects", "Subjects", HELP
    place, tab = 50.0, SUBJECTS
    concerns = ("tab", "subject", "embedding", "embedding_pair")

    def __init__(self, state):
        super().__init__(state)
        self.embeddings = np.zeros((0, 1))
        x, y = bq.LinearScale(min=-1, max=1), bq.LinearScale(min=-1, max=1)
        self.truth_scale = bq.ColorScale(min=0.0, max=1.0, colors=list(RAMP))
        scales = {"x": x, "y": y}
        self.points = bq.Scatter(
            x=np.array([]),
            y=np.array([]),
            scales={**scales, "color": self.truth_scale},
            default_size=70,
            colors=[PALETTE[0]],
            tooltip=bq.Tooltip(
                fields=["name", "x", "y"], formats=["", ".3f", ".3f"], labels=["subject", "x", "y"]
            ),
            interactions={"hover": "tooltip"},
            display_names=False,
        )  # fmt: skip
        self.points.on_element_click(self._clicked)
        self.ring = bq.Scatter(
            x=np.array([]),
            y=np.array([]),
            scales=scales,
            default_size=260,
            colors=[PALETTE[1]],
            fill=False,
            stroke_width=2.5,
            enable_move=True,
            restrict_x=False,
        )
        self.ring.on_drag_end(self._dragged)
        self.x_axis, self.y_axis = axis(x, "embedding 1"), axis(y, "embedding 2", vertical=True)
        self.plot = plot([self.points, self.ring], [self.x_axis, self.y_axis], height=232, name="subjects")
        self.picker = Picker(self._picked, "whose rules are shown", "cog-pick-subject", [("—", 0)])
        self.across, self.up = (
            axis_picker(state, "embedding_pair", place, "axis of the plane", "embedding") for place in (0, 1)
        )
        self.readout = text("", "cog-dim")
        self.readout.add_class("cog-readout-subjects")
        self.gradient = text()
        self.caption = text("", "cog-dim")
        self.caption.add_class("cog-caption-subjects")
        head = [
            self.gradient, w.Label("subject"), self.picker.widget, w.Label("plane"),
            self.across.widget, self.up.widget,
        ]  # fmt: skip
        figure = box([self.plot], "cog-figures")
        self.widget = self.frame(head, figure, self.readout, self.caption)

    def is_for(self, run: LabRun) -> bool:
        """Networks that tell subjects apart."""
        return super().is_for(run) and subjects_of(run.trainer.model) is not None

    def draw(self, run: LabRun, view: View) -> None:
        """Read the embeddings off the network."""
        subjects, names = subjects_of(run.trainer.model), list(run.dataset.subject_names)
        openness = 1.0 - np.asarray(subjects.subject.sigma)
        self.show(np.asarray(subjects.embeddings)[: len(names)], openness, names, run.truth)

    def code(self, run: LabRun, view: View) -> str:
        """The same map by the public API."""
        return "cl.plots.plot_embeddings(model)"

    def show(
        self,
        embeddings: np.ndarray,
        openness: np.ndarray,
        names: list[str],
        truth: tuple[str, np.ndarray] | None = None,
    ) -> None:
        """Embeddings (subject, dimension), how open each dimension is (dimension,), names of the subjects.

        `truth`: name and values (subject,) of the parameter in which simulated subjects differ.
        """
        self.embeddings = np.asarray(embeddings, float)
        order = [int(i) for i in np.argsort(-np.asarray(openness), kind="stable")]
        self._offer(names, [(f"embedding {i + 1} · {openness[i]:.2f} open", i) for i in order])
        a, b = self._pair()
        across = self.embeddings[:, a]
        up = self.embeddings[:, b] if a != b else np.zeros(len(across))
        for plane_axis, values in ((self.x_axis, across), (self.y_axis, up)):
            limit(plane_axis, *nice_range([values], pad=0.15, least=0.1))
        self.x_axis.label = f"embedding {a + 1}"
        self.y_axis.label = f"embedding {b + 1}" if a != b else ""
        values = None if truth is None else np.asarray(truth[1], float)
        draw(self.points, x=across, y=up, names=np.array([str(name) for name in names]), color=values)
        self._show_truth(truth, order[0])
        self._show_ring(names)

    def _show_truth(self, truth: tuple[str, np.ndarray] | None, most_open: int) -> None:
        """Say what the colors mean, and how the most open dimension follows it."""
        if truth is None:
            self.gradient.value = self.caption.value = ""
            return
        name, values = truth[0].replace("_", " "), np.asarray(truth[1], float)
        with self.truth_scale.hold_sync():
            self.truth_scale.min, self.truth_scale.max = float(values.min()), float(values.max())
        self.gradient.value = gradient_html(f"{name} {values.min():g}", f"{values.max():g}", RAMP)
        self.caption.value = (
            f"rank correlation of embedding {most_open + 1}, the most open, with the true {name}: "
            f"{_in_words(embedding_correlation(self.embeddings[:, most_open], values))} "
            f"({len(values)} subjects)"
        )

    def _offer(self, names: list[str], dimensions: list[tuple[str, int]]) -> None:
        subjects = [(str(name), i) for i, name in enumerate(names)]
        self.picker.offer(subjects, min(self.state.subject, len(names) - 1))
        for picker, dimension in zip((self.across, self.up), self._pair(), strict=True):
            picker.offer(dimensions, dimension)

    def _show_ring(self, names: list[str]) -> None:
        a, b = self._pair()
        free = len(self.state.embedding) == self.embeddings.shape[1]
        chosen = np.asarray(self.state.embedding) if free else self.embeddings[self._subject()]
        draw(self.ring, x=np.array([chosen[a]]), y=np.array([chosen[b] if a != b else 0.0]))
        where = ", ".join(f"{value:.2f}" for value in chosen)
        whose = "an embedding of your own" if free else f"subject {names[self._subject()]}"
        self.readout.value = f"rules shown are those of {whose} ({where})"

    def _pair(self) -> tuple[int, int]:
        last = self.embeddings.shape[1] - 1
        a, b = self.state.embedding_pair
        return min(a, last), min(b, last)

    def _subject(self) -> int:
        return min(self.state.subject, len(self.embeddings) - 1)

    def _clicked(self, _, content: dict[str, Any]) -> None:
        index = content.get("data", {}).get("index")
        if index is not None:
            self.state.set_quietly(subject=int(index), embedding=[])

    def _dragged(self, _, content: dict[str, Any]) -> None:
        point = content.get("point", {})
        if not {"x", "y"} <= set(point):
            return
        embedding = self.embeddings[self._subject()].copy()
        if len(self.state.embedding) == len(embedding):
            embedding = np.asarray(self.state.embedding, float)
        a, b = self._pair()
        embedding[a] = float(point["x"])
        if a != b:
            embedding[b] = float(point["y"])
        self.state.embedding = [float(value) for value in embedding]

    def _picked(self, subject: int) -> None:
        self.state.set_quietly(subject=subject, embedding=[])


def _in_words(correlation: float | None) -> str:
    return "none, as all are the same" if correlation is None else f"{correlation:+.2f}"
