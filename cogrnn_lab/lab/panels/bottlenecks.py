"""The bottlenecks as matrices side by side: one row per latent, the most open on top."""

from typing import Any

import bqplot as bq
import ipywidgets as w
import numpy as np
import traitlets as t
from bqplot.traits import array_dimension_bounds, array_serialization
from traittypes import Array

from cogrnn_lab import analysis
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.plot import draw, empty_line, plot
from cogrnn_lab.lab.page.first_widgets import FirstRun
from cogrnn_lab.lab.page.style import SEQUENTIAL, box, gradient_html, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.view import View
from cogrnn_lab.models.group_names import group_name

HELP = (
    "How far every channel is open: dark passes information, pale is closed. One row per latent, the "
    "most open on "
    "top. Click a cell to see that latent in the other figures."
)
MEASURES = [("openness", False), ("bits per trial", True)]
HEIGHT, TOP, BOTTOM = 182, 4, 62
ROOM = 14  # letters of a name
HEADING, COLUMN = 38, 11  # pixels: room for the longest word of a heading, for a column


@register
class BottlenecksPanel(Panel):
    """Bottlenecks: a `GridHeatMap` for each group, with shared rows and one color scale."""

    name, title, help = "bottlenecks", "Bottlenecks", HELP
    place = 10.0  # before the others, as it sorts the latents
    concerns = ("latent", "input", "bits")

    def __init__(self, state):
        super().__init__(state)
        self.result: Any = None
        self.bits: dict[str, np.ndarray] = {}  # {group: bits of its channels}, once they were asked for
        self.order: list[int] = []
        self.color = bq.ColorScale(min=0.0, max=1.0, colors=list(SEQUENTIAL))
        self.matrices: dict[str, Matrix] = {}
        self.row = box([], "cog-figures")
        self.measure = w.ToggleButtons(
            options=MEASURES,
            value=state.bits,
            tooltips=["1 − σ", "what a channel tells, not its price"],
        )
        t.link((state, "bits"), (self.measure, "value"))
        self.readout = text("", "cog-dim")
        self.readout.add_class("cog-readout-bottlenecks")
        self.gradient = text()
        self.widget = self.frame([self.gradient, self.measure], self.row, self.readout, tip_left=True)
        state.observe(lambda _: self._show_selection(), ["latent", "input"])

    def draw(self, run: LabRun, view: View) -> None:
        """Measure the bottlenecks anew; until something is picked, select what is most open."""
        result = view.measure_bottlenecks()
        wanted = self.state.bits and bool(result.groups)
        self.bits = analysis.channel_information(run.trainer.model, view.sample) if wanted else {}
        self.show(result, view.order)
        if self.state.follow and run.trainer.step_count:
            first, second = self.order[0], self.order[min(1, len(self.order) - 1)]
            self.state.set_quietly(latent=first, pair=(first, second))

    def code(self, run: LabRun, view: View) -> str:
        """The same channels by the public API."""
        if self._shows_bits:
            return f"cl.channel_information(model, {run.scored_name})"
        return f"cl.plots.plot_bottlenecks(cl.bottlenecks(model, {run.scored_name}))"

    def make_first(self, first: FirstRun) -> None:
        """Make the matrices of the network's groups."""
        result = analysis.bottlenecks(first.model, input_names=first.input_names)
        self.show(result, [int(i) for i in result.latent_order])

    def show(self, result, order: list[int]) -> None:
        """Show an `analysis.Bottlenecks`, its latents in this order."""
        if result is None:
            return
        self.result, self.order = result, order
        self.measure.layout.display = "" if result.groups else "none"
        if not result.groups:
            self._show_none(len(self.order))
            return
        values = {name: self._values(group) for name, group in result.groups.items()}
        top = 1.0
        if self._shows_bits:
            top = max([float(np.nanmax(v)) for v in values.values() if v.size] + [1e-3])
        self.color.max = top
        unit = "bits" if self._shows_bits else "open"
        self.gradient.value = gradient_html("0", f"{top:.2g} {unit}", SEQUENTIAL)
        if {n: g.from_names for n, g in result.groups.items()} != {
            n: m.from_names for n, m in self.matrices.items()
        }:
            self._lay_out(result, values)
        for name, matrix in self.matrices.items():
            matrix.draw(values[name], self.order)
        self._show_selection()

    def _show_none(self, n_latents: int) -> None:
        self.matrices, self.row.children, self.gradient.value = {}, (), ""
        self.readout.value = (
            f"This kind of network has no bottlenecks: all of its {n_latents} units are open."
        )

    def _values(self, group) -> np.ndarray:
        """(from, to): openness, or mutual information in bits per trial."""
        if self._shows_bits:
            return self.bits[group.name].reshape(group.openness.shape)
        return np.asarray(group.openness)

    @property
    def _shows_bits(self) -> bool:
        return self.state.bits and bool(self.bits)

    def _lay_out(self, result, values) -> None:
        self.matrices = {}
        latent_names = list(result.latent_names)
        for name, group in result.groups.items():
            self.matrices[name] = Matrix(group, latent_names, self.color, first=not self.matrices)
            self.matrices[name].on_click(self._select)
        self.row.children = tuple(matrix.widget for matrix in self.matrices.values())

    def _select(self, latent: int | None, source: str | None) -> None:
        names = (
            list(self.result.groups["update_input"].from_names)
            if "update_input" in self.result.groups
            else []
        )
        if source in names:
            self.state.input = names.index(source)
        if latent is not None:
            self.state.follow = False
            self.state.latent = latent

    def _show_selection(self) -> None:
        if self.result is None or not self.result.groups or self.state.latent not in self.order:
            return
        position = self.order.index(self.state.latent)
        for matrix in self.matrices.values():
            matrix.mark_row(position)
        self.readout.value = self._sentence()

    def _sentence(self) -> str:
        """The selected latent's row in words: a text twin of the picture."""
        groups, latent = self.result.groups, self.state.latent
        parts = [f"latent {latent + 1} selected: {groups['latent'].openness[latent, 0]:.2f} open"]
        reads = []
        for name in ("update_subject", "update_input", "update_latent"):
            if name in groups:
                column = np.asarray(groups[name].openness)[:, latent]
                reads += [groups[name].from_names[i] for i in np.flatnonzero(column > 0.1)]
        parts.append("reads " + (", ".join(map(str, reads)) if reads else "nothing"))
        if "choice_latent" in groups:
            parts.append(f"to choice {np.asarray(groups['choice_latent'].openness)[latent, 0]:.2f}")
        return " · ".join(parts)


class TwoDimensionalGrid(bq.GridHeatMap):
    """A `GridHeatMap` that stays two-dimensional with a single column.

    Bqplot squeezes the axis away and then fails.
    """

    color: Any = Array(np.zeros((1, 1))).tag(  # pyright: ignore[reportArgumentType]
        sync=True, scaled=True, rtype="Color", atype="bqplot.ColorAxis", **array_serialization
    ).valid(array_dimension_bounds(2, 2))  # fmt: skip


class Matrix:
    """One bottleneck group, latents down, sources across."""

    def __init__(self, group, latent_names: list[str], color: bq.ColorScale, *, first: bool):
        self.from_names = group.from_names
        self.transposed = (
            list(group.to_names) == latent_names
        )  # what enters the latents: rows are where it goes
        self.by_latent = self.transposed or list(group.from_names) == latent_names
        self.latent_names = latent_names
        rows = group.to_names if self.transposed else group.from_names
        columns = group.from_names if self.transposed else group.to_names
        self.rows, self.columns = [str(r) for r in rows], short_names(columns)
        if not self.by_latent:
            self.rows = short_names(self.rows)
        self.sources = [str(c) for c in columns]
        self.row_scale = bq.OrdinalScale(
            domain=self.rows[::-1]
        )  # the first row of the domain is drawn lowest
        column_scale = bq.OrdinalScale(domain=self.columns)
        n_rows, n_columns = len(self.rows), len(self.columns)
        self.mark = TwoDimensionalGrid(
            color=np.zeros((n_rows, n_columns)),
            scales={"row": self.row_scale, "column": column_scale, "color": color},
            stroke="rgba(128,128,128,0.35)",
            opacity=1.0,
            tooltip=bq.Tooltip(
                fields=["row", "column", "color"],
                labels=["to" if self.transposed else "from", "channel", "value"],
                formats=["", "", ".3f"],
            ),
            interactions={"hover": "tooltip"},
        )  # fmt: skip
        self.mark.row, self.mark.column = (
            self.rows,
            self.columns,
        )  # after the color, whose shape they are checked with
        self.frame = empty_line(colors=["#D55E00"], stroke_width=2,
            scales={"x": bq.LinearScale(min=0, max=1), "y": bq.LinearScale(min=0, max=n_rows)},
        )  # fmt: skip
        axes = self._axes(column_scale, first=first)
        long_labels = n_columns > 1 and max(map(len, self.columns)) > 3
        left = 52 if first else 26 if long_labels else 4
        if not self.by_latent:
            left = 12 + 6 * max(map(len, self.rows))
        margin = {"top": TOP, "bottom": BOTTOM, "left": left, "right": 4}
        figure = plot(
            [self.mark, self.frame], axes, height=HEIGHT, name=f"bottleneck-{group.name}", margin=margin
        )
        figure.padding_x = figure.padding_y = 0
        heading = text(group_name(group.name).heading, "cog-dim", "cog-heading")
        heading.layout.padding = f"0 0 0 {left}px"
        self.widget = w.VBox((heading, figure))
        self.widget.layout.flex = f"{n_columns} 1 {left + max(HEADING, COLUMN * n_columns)}px"
        self.widget.layout.min_width = "0"
        self._callback = None
        self.mark.on_element_click(self._clicked)

    def _axes(self, column_scale: bq.OrdinalScale, *, first: bool) -> list[bq.Axis]:
        """Make axes; a single column is named by the heading, and rows of latents by the first matrix."""
        axes = []
        if len(self.columns) > 1:
            slanted = {"tick_rotate": -50, "tick_style": {"text-anchor": "end"}}
            axes.append(bq.Axis(scale=column_scale, grid_lines="none", **slanted))
        if first or not self.by_latent:
            axes.append(bq.Axis(scale=self.row_scale, orientation="vertical", grid_lines="none"))
        return axes

    def on_click(self, callback) -> None:
        """`callback(latent or None, source name)` when a cell is clicked."""
        self._callback = callback

    def draw(self, values: np.ndarray, order: list[int]) -> None:
        """Values (from, to), rows in this order of latents."""
        by_row = values.T if self.transposed else values
        rows = self.rows
        if self.by_latent:
            by_row, rows = by_row[order], [self.rows[i] for i in order]
        if rows[::-1] != list(self.row_scale.domain or []):
            self.row_scale.domain = rows[::-1]
        draw(self.mark, row=rows, color=np.array(by_row, float))

    def mark_row(self, position: int) -> None:
        """Frame the row of the selected latent, counted from the top."""
        if self.by_latent:
            top = len(self.rows) - position
            draw(
                self.frame,
                x=np.array([0, 1, 1, 0, 0.0]),
                y=np.array([top, top, top - 1, top - 1, top], float),
            )

    def _clicked(self, _, content) -> None:
        data = content.get("data", {})
        row = data.get("row")
        column = data.get("column")
        source = self.sources[self.columns.index(column)] if column in self.columns else None
        latent = self.latent_names.index(row) if self.by_latent and row in self.latent_names else None
        if self._callback:
            self._callback(latent, source)


def short_names(names) -> list[str]:
    """Names have little room: "previous choice" is "prev. choice", "latent 3" "z3", "embedding 1" "e1".

    No two are the same: the rows and columns of a matrix are told apart by their names.
    """
    shown: list[str] = []
    for number, name in enumerate(map(_abbreviated, names), start=1):
        short = name if len(name) <= ROOM else name[: ROOM - 1] + "…"
        shown.append(short if short not in shown else f"{name[: ROOM - 3]}… {number}")
    return shown


def _abbreviated(name: str) -> str:
    name = str(name).replace("previous choice = ", "prev. = ").replace("previous", "prev.")
    for word, letter in (("latent ", "z"), ("embedding ", "e")):
        if name.startswith(word):
            return letter + name.removeprefix(word)
    return name
