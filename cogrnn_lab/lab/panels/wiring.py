"""The network's wiring: observations, latents and choice, joined by lines as wide as what they tell."""

from dataclasses import replace
from typing import Any

import bqplot as bq
import numpy as np

from cogrnn_lab import analysis
from cogrnn_lab.analysis.flow.graph import CHOICE, LATENT, OBSERVATION, Node
from cogrnn_lab.analysis.flow.layout import Box, Curve, Layout, Letters, laid_out
from cogrnn_lab.analysis.flow.wiring import Wiring
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.plot import draw, nothing, plot
from cogrnn_lab.lab.markup import Markup, join, markup
from cogrnn_lab.lab.page.first_widgets import FirstRun
from cogrnn_lab.lab.page.style import box, text
from cogrnn_lab.lab.page.widget_versions import INK, PAPER
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.view import View
from cogrnn_lab.palette import PALETTE, REFERENCE

HELP = (
    "What reads what: a line is as wide as the bits per trial it tells, and fades as its channel closes. "
    "What tells nothing is gone. Click a latent to see it in the other figures."
)
# Pixels of the narrowest panel; what is laid out for them is stretched, all but letters and boxes.
WIDTH, HEIGHT = 430.0, 250
LETTERS = Letters(letter=6.0, line=13.0, padding=7.0, gap=30.0)
LATENT_SIZE, BOX_SIZE = (66, 27), (76, 36)
WIDEST = 9.0
WIDTHS = (0.8, 1.8, 3.2, 5.0, 7.0, WIDEST)  # lines of one width are one mark
MOST_LABELS = 12
FAINT_BITS = 0.6  # below which a line begins to fade
FAINTEST, STRONGEST = 0.8, 1.0  # opacity of lines: fainter ones could not be told from the paper
SELECTED, OTHERS = 0.55, 0.18  # of the boxes of latents: darker ones would drown their names


@register
class WiringPanel(Panel):
    """Wiring: a graph of the network, live."""

    name, title, help = "wiring", "Wiring", HELP
    place, is_first = 1.0, True
    concerns = ("latent",)

    def __init__(self, state):
        super().__init__(state)
        self.graph: Wiring | None = None
        self._drawn: list[int] = []  # latents in the order in which they are drawn
        scales = {
            name: bq.LinearScale(min=0.0, max=float(most), allow_padding=False)
            for name, most in (("x", WIDTH), ("y", HEIGHT))
        }
        self.lines = [_line(scales, width) for width in WIDTHS]
        self.latents = _boxes(scales, "ellipse", LATENT_SIZE, colors=[REFERENCE])
        self.latents.on_element_click(self._clicked)
        self.paper = _boxes(scales, "ellipse", LATENT_SIZE, colors=[PAPER], stroke=REFERENCE)
        self.others = _boxes(scales, "rectangle", BOX_SIZE, colors=[PAPER], stroke=REFERENCE)
        self.names = _label(scales, default_size=11)
        self.bits = _label(scales, default_size=10)
        marks = [*self.lines, self.paper, self.others, self.latents, self.names, self.bits]
        margin = {"top": 2, "bottom": 2, "left": 2, "right": 2}
        self.plot = plot(marks, [], height=HEIGHT, name="wiring", margin=margin)
        self.readout = text("", "cog-dim", "cog-readout-wiring")
        self.words = text("", "cog-dim", "cog-words-wiring")
        self.widget = self.frame([self.readout], box([self.plot], "cog-figures"), self.words)

    def is_for(self, run: LabRun) -> bool:
        """Networks with bottlenecks that explain choices."""
        has_bottlenecks = bool(getattr(run.trainer.model, "groups", ()))
        return super().is_for(run) and has_bottlenecks and bool(run.dataset.n_classes)

    def draw(self, run: LabRun, view: View) -> None:
        """Draw the network's graph anew, from the sample of sessions that all panels share."""
        self.show(analysis.wiring(run.trainer.model, view.sample), view.latent)

    def code(self, run: LabRun, view: View) -> str:
        """The same graph by the public API."""
        return f"cl.plots.plot_wiring(cl.wiring(model, {run.scored_name}))"

    def make_first(self, first: FirstRun) -> None:
        """Show the nodes, that nothing joins yet."""
        nodes = [Node(str(name), OBSERVATION, float("nan"), i) for i, name in enumerate(first.input_names)]
        nodes += [Node(f"latent {i + 1}", LATENT, float("nan"), i) for i in range(first.n_latents)]
        nodes.append(Node(CHOICE, CHOICE, float("nan"), -1))
        self.show(Wiring(tuple(nodes), (), (), None, ""), self.state.latent)

    def show(self, graph: Wiring, selected: int) -> None:
        """Show an `analysis.Wiring` and mark a latent."""
        self.graph = graph
        layout = laid_out(graph, WIDTH, float(HEIGHT), LETTERS)
        self._draw_lines(layout)
        self._draw_boxes(layout, selected)
        self.readout.value = "" if graph.mechanism is None else markup("wired as <b>{}</b>", graph.mechanism)
        self.words.value = self._sentences(selected)

    def _draw_lines(self, layout: Layout) -> None:
        """Curves by their width; those of channels that tell little are faint."""
        most = max([curve.edge.bits for curve in layout.curves], default=1.0)
        groups: dict[int, list[int]] = {}
        for i, curve in enumerate(layout.curves):
            wanted = WIDEST * curve.edge.bits / most
            groups.setdefault(int(np.argmin(np.abs(np.array(WIDTHS) - wanted))), []).append(i)
        colors = {node.name: _color(node.index) for node in self._graph.latents}
        for place, line in enumerate(self.lines):
            own = [layout.curves[i] for i in groups.get(place, [])]
            if not own:
                x, y = nothing()
                draw(line, x=x, y=y - 99.0, colors=[REFERENCE], opacities=[0.0])
                continue
            own = own * 2 if len(own) == 1 else own  # bqplot takes a single row for a line of another form
            edges, points = [curve.edge for curve in own], [_from_box_to_box(curve, layout) for curve in own]
            draw(
                line,
                x=np.stack([one[:, 0] for one in points]),
                y=np.stack([one[:, 1] for one in points]),
                colors=[colors.get(e.source, colors.get(e.target, REFERENCE)) for e in edges],
                opacities=[_opacity(e.bits) for e in edges],
            )
        told = sorted(layout.curves, key=lambda curve: -curve.edge.bits)[:MOST_LABELS]
        draw(
            self.bits,
            x=np.array([curve.label[0] for curve in told]),
            y=np.array([curve.label[1] for curve in told]),
            text=np.array([f"{curve.edge.bits:.2f}" for curve in told]),
        )

    def _draw_boxes(self, layout: Layout, selected: int) -> None:
        boxes = list(layout.boxes.values())
        latents = [one for one in boxes if one.node.kind == LATENT]
        others = [one for one in boxes if one.node.kind != LATENT]
        for mark, own in ((self.paper, latents), (self.latents, latents), (self.others, others)):
            x, y = np.array([one.x for one in own]), np.array([one.y for one in own])
            draw(mark, x=x, y=y, rotation=np.full(len(own), 90.0))
        draw(
            self.latents,
            colors=[_color(one.node.index) for one in latents] or [REFERENCE],
            opacities=[SELECTED if one.node.index == selected else OTHERS for one in latents] or [OTHERS],
        )
        self._drawn = [one.node.index for one in latents]
        lines = [line for one in boxes for line in _lines(one)]
        draw(
            self.names,
            x=np.array([x for x, _, _ in lines]),
            y=np.array([y for _, y, _ in lines]),
            text=np.array([words for *_, words in lines]),
        )

    def _sentences(self, selected: int) -> Markup:
        """The selected latent in words, and why the network is known or not: a text twin of the picture."""
        graph = self._graph
        name = next((node.name for node in graph.latents if node.index == selected), None)
        parts = [markup("{}", graph.reason)] if graph.reason else []
        if name is not None and graph.edges:
            edges = (e for e in graph.edges if e.target == name or (e.source, e.target) == (name, CHOICE))
            own = replace(graph, edges=tuple(edges), reason="")
            lines = " · ".join(line for line in own.text.splitlines() if line)
            parts.append(markup("Selected: {}", lines or f"{name}, which is read by other latents only"))
        elif graph.edges:
            parts.append(markup("Selected: latent {}, which tells nothing that varies.", selected + 1))
        return join([markup("<p>{}</p>", part) for part in parts])

    @property
    def _graph(self) -> Wiring:
        assert self.graph is not None, "shown before"
        return self.graph

    def _clicked(self, _: Any, content: dict[str, Any]) -> None:
        index = content.get("data", {}).get("index")
        if index is not None and int(index) < len(self._drawn):
            self.state.follow = False
            self.state.latent = self._drawn[int(index)]


def _from_box_to_box(curve: Curve, layout: Layout) -> np.ndarray:
    """The points of a curve, with the middles of the boxes that it joins: these lie over its ends.

    Boxes keep their size where the panel is wide, so that a curve to their edges would end before them.
    """
    middles = [layout.boxes[name] for name in (curve.edge.source, curve.edge.target)]
    first, last = ([[one.x, one.y]] for one in middles)
    return np.concatenate([first, curve.points, last])


def _opacity(bits: float) -> float:
    return float(np.clip(STRONGEST * bits / FAINT_BITS, FAINTEST, STRONGEST))


def _color(latent: int) -> str:
    return PALETTE[latent % len(PALETTE)]


def _lines(one: Box) -> list[tuple[float, float, str]]:
    """x, y and words of each line of a name."""
    top = one.y + (len(one.lines) - 1) * LETTERS.line / 2
    return [(one.x, top - i * LETTERS.line, words) for i, words in enumerate(one.lines)]


def _line(scales: dict, width: float) -> bq.Lines:
    x, y = nothing()
    return bq.Lines(x=x, y=y - 99.0, scales=scales, stroke_width=width, colors=[REFERENCE], opacities=[0.0])


def _boxes(scales: dict, marker: str, size: tuple[int, int], **options) -> bq.Scatter:
    """Boxes of a size in pixels. Bqplot takes the area, and how much higher than wide: so they are turned."""
    width, height = size
    area = width * height * (np.pi / 4 if marker == "ellipse" else 1.0)
    turned = {**scales, "rotation": bq.LinearScale(min=0.0, max=180.0)}
    return bq.Scatter(
        x=np.zeros(0), y=np.zeros(0), scales=turned, marker=marker, default_size=int(area),
        default_skew=float(np.log10(width / height)), rotation=np.zeros(0), **options,
    )  # fmt: skip


def _label(scales: dict, **options) -> bq.Label:
    return bq.Label(
        x=np.zeros(0), y=np.zeros(0), text=np.zeros(0, str), scales=scales, align="middle", colors=[INK],
        font_weight="normal", y_offset=4, **options,
    )  # fmt: skip
