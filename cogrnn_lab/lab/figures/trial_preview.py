"""One trial of a task: what the network is shown, and what it should answer when."""

from typing import Any

import bqplot as bq
import ipywidgets as w
import numpy as np

from cogrnn_lab.lab.figures.plot import axis, draw, empty_line, limit, more_lines, nice_range, plot, segments
from cogrnn_lab.lab.markup import Markup, markup
from cogrnn_lab.lab.page.style import legend_html
from cogrnn_lab.palette import PALETTE, REFERENCE

MOST_LINES = 8


class TrialPreview:
    """Two small plots above each other: stimulus, and target, shaded where it counts."""

    def __init__(self):
        self.x = bq.LinearScale(min=0, max=2000)
        self.time = axis(self.x, "time (ms)", label_offset="24px")
        self.panes = {name: self._pane(name) for name in ("stimulus", "target")}
        layout = w.Layout(display="block", flex="1 1 0%", min_width="0")
        self.widget = w.Box([pane["plot"] for pane in self.panes.values()], layout=layout)

    def draw(self, trial: Any, times: np.ndarray, input_names: tuple, target_names: tuple) -> Markup:
        """Show a `Trial` at its `times` (ms); returns the legend as HTML."""
        limit(self.time, 0.0, float(times[-1] + times[-1] / max(len(times) - 1, 1)), ticks=4)
        mask = np.any(np.asarray(trial.mask, bool), axis=-1).reshape(-1)
        targets = np.where(np.asarray(trial.mask, bool), np.asarray(trial.targets, float), np.nan)
        self._draw_pane("stimulus", times, np.asarray(trial.inputs, float), np.zeros_like(mask))
        self._draw_pane("target", times, targets, mask)
        parts = [
            legend_html([(str(name), color(k), "solid") for k, name in enumerate(names[:MOST_LINES])])
            for names in (input_names, target_names)
        ]
        return markup("stimulus: {}<br>target: {}", *parts)

    def _pane(self, name: str) -> dict[str, Any]:
        y = bq.LinearScale(min=-0.1, max=1.1)
        values = axis(y, name, vertical=True, label_offset="28px")
        counts = empty_line({"x": self.x, "y": y}, colors=[REFERENCE], stroke_width=0.8)
        margin = {"left": 36, "bottom": 30 if name == "target" else 6, "top": 2, "right": 14}
        axes = [values, self.time] if name == "target" else [values]
        shown = plot(
            [counts], axes, height=74 if name == "target" else 50, name=f"trial-{name}", margin=margin
        )
        return {"plot": shown, "axis": values, "scale": y, "counts": counts, "lines": []}

    def _draw_pane(self, name: str, times: np.ndarray, values: np.ndarray, counted: np.ndarray) -> None:
        pane = self.panes[name]
        n = min(values.shape[1], MOST_LINES)
        if more_lines(pane["lines"], n, {"x": self.x, "y": pane["scale"]}):
            for k, line in enumerate(pane["lines"]):
                line.colors, line.stroke_width = [color(k)], 1.3
            pane["plot"].marks = [pane["counts"], *pane["lines"]]
        low, high = nice_range([values], pad=0.1, least=0.1)
        limit(pane["axis"], low, high, ticks=3)
        draw_counts(pane["counts"], times, counted, low, high)
        for k in range(n):
            known = np.isfinite(values[:, k])
            x, y = (times[known], values[known, k]) if known.any() else (np.zeros(2), np.full(2, low - 1.0))
            draw(pane["lines"][k], x=x, y=y)


def draw_counts(mark: bq.Lines, times: np.ndarray, counted: np.ndarray, low: float, high: float) -> None:
    """Faint strokes at the times that count."""
    x, y = segments(times[counted], low, high)
    draw(mark, x=x, y=y)


def color(k: int) -> str:
    """Color of the k-th channel."""
    return PALETTE[k % len(PALETTE)]
