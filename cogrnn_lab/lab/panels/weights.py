"""The weights between units, sorted by population; a click on a unit lesions it."""

from typing import Any

import bqplot as bq
import ipywidgets as w
import numpy as np

from cogrnn_lab import analysis
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.plot import axis, draw, empty_line, limit, plot, segments
from cogrnn_lab.lab.page.style import box, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.view import View
from cogrnn_lab.models import ConstrainedRNN, VanillaRNN
from cogrnn_lab.palette import HELD_OUT, REFERENCE, TRAINING

HELP = (
    "Recurrent weights: column = unit that sends, row = unit that receives; excitatory is red, inhibitory "
    "blue. Click on a dot above the matrix to lesion that unit (it sends nothing any more); click again to "
    "bring it back. The other figures show the lesioned network at once."
)
DIVERGING = ["#2166ac", "#f7f7f7", "#b2182b"]


@register
class WeightsPanel(Panel):
    """Weights between units as a matrix; a click on a unit's dot lesions it (`view.lesion`)."""

    name, title, help = "weights", "Weights", HELP
    place = 70.0
    concerns = ("lesion",)

    def __init__(self, state):
        super().__init__(state)
        self.order: list[int] = []
        self.names: tuple[str, ...] = ()
        exact = {"min": 0, "max": 50, "allow_padding": False}  # dots above the columns of the matrix
        self.x, self.y = bq.LinearScale(**exact), bq.LinearScale(**exact, reverse=True)
        self.color = bq.ColorScale(min=-1, max=1, mid=0, colors=DIVERGING)
        scales = {"x": self.x, "y": self.y, "color": self.color}
        grid = np.arange(3.0)
        self.cells = bq.HeatMap(x=grid, y=grid, color=np.zeros((2, 2)), scales=scales)
        self.borders = empty_line({"x": self.x, "y": self.y}, colors=[REFERENCE], stroke_width=1)
        self.dots = bq.Scatter(
            x=np.array([0.5]), y=np.array([0.5]), names=np.array([""]), display_names=False,
            scales={"x": self.x, "y": bq.LinearScale(min=0, max=1)}, colors=[TRAINING], default_size=28,
            tooltip=bq.Tooltip(fields=["name"], show_labels=False),
        )  # fmt: skip
        self.dots.on_element_click(self._clicked)
        self.sends, self.receives = axis(self.x, "from unit"), axis(self.y, "to unit", vertical=True)
        self.matrix = plot(
            [self.cells, self.borders], [self.sends, self.receives], height=250, name="weights",
            margin={"top": 8},
        )  # fmt: skip
        self.strip = plot(
            [self.dots], [], height=22, name="units", margin={"top": 4, "bottom": 4},
        )  # fmt: skip
        for figure in (self.matrix, self.strip):
            figure.padding_x = figure.padding_y = 0
        self.clear = w.Button(description="No lesions", tooltip="bring all units back")
        self.clear.add_class("cog-small")
        self.clear.add_class("cog-no-lesions")
        self.clear.on_click(lambda _: setattr(self.state, "lesion", []))
        self.readout = text("", "cog-dim")
        self.readout.add_class("cog-readout-weights")
        plots = [box([one], "cog-figures") for one in (self.strip, self.matrix)]
        plots[0].layout.flex = "0 0 auto"  # of what is left of the panel all is the matrix'
        self.widget = self.frame([self.readout, self.clear], *plots)

    def is_for(self, run: LabRun) -> bool:
        """Networks with one recurrent matrix, on a trial task."""
        model = run.trainer.model
        has_one = isinstance(model, ConstrainedRNN | VanillaRNN) and getattr(model, "n_layers", 1) == 1
        return run.task is not None and has_one

    def draw(self, run: LabRun, view: View) -> None:
        """Read the weights off the network."""
        self.show(analysis.weights(run.trainer.model))

    def code(self, run: LabRun, view: View) -> str:
        """The same weights by the public API."""
        return "cl.plots.plot_weights(model)"

    def show(self, weights: Any) -> None:
        """Show the weights, and which units are lesioned."""
        n = len(weights.order)
        self.order, self.names = [int(unit) for unit in weights.order], weights.names
        largest = float(np.abs(weights.w_rec).max()) or 1.0
        self.color.min, self.color.max = -largest, largest
        edges = np.arange(n + 1.0)
        draw(self.cells, x=edges, y=edges, color=np.asarray(weights.w_rec, float))
        for shown in (self.sends, self.receives):
            limit(shown, 0, n, ticks=5)
        self._draw_borders(weights, n)
        self.draw_lesion()
        sizes = [int((weights.population == i).sum()) for i in range(len(weights.populations))]
        parts = [f"{size} {name}" for size, name in zip(sizes, weights.populations, strict=True)]
        whole = ", ".join(parts) if len(parts) < 3 else f"{n} units in {len(parts)} populations"
        self.readout.value = f"{whole} · largest |weight| {largest:.2f}"

    def draw_lesion(self) -> None:
        """Mark the units that are lesioned."""
        n = len(self.order)
        colors = [HELD_OUT if unit in self.state.lesion else TRAINING for unit in self.order]
        names = [
            f"{name}: lesioned" if unit in self.state.lesion else name
            for name, unit in zip(self.names, self.order, strict=True)
        ]
        draw(
            self.dots, x=np.arange(n) + 0.5, y=np.full(n, 0.5), colors=colors or [TRAINING],
            names=np.array(names),
        )  # fmt: skip
        self.clear.disabled = not self.state.lesion

    def _draw_borders(self, weights: Any, n: int) -> None:
        at = np.flatnonzero(np.diff(weights.population)) + 1.0
        across, down = segments(at, 0.0, n)
        x, y = (across, down)
        if at.size:
            across = np.where(np.isnan(down), np.nan, across)  # a gap has to be one in both directions
            x, y = np.concatenate([across, [np.nan], down]), np.concatenate([down, [np.nan], across])
        draw(self.borders, x=x, y=y)

    def _clicked(self, _, content: dict[str, Any]) -> None:
        place = content.get("data", {}).get("index")
        if place is None:
            return
        unit = self.order[int(place)]
        lesioned = list(self.state.lesion)
        self.state.lesion = sorted(set(lesioned) ^ {unit})
