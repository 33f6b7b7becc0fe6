"""Recorded signals of one session, and what the network predicts of them."""

from collections.abc import Mapping

import bqplot as bq
import ipywidgets as w
import numpy as np
import traitlets as t

from cogrnn_lab.lab.figures.plot import axis, draw, empty_line, limit, nice_range, plot
from cogrnn_lab.lab.page.style import HELD_OUT, REFERENCE, box, legend_html, panel, text, title

HELP = (
    "A recorded signal, such as dopamine, on every trial of the session chosen under Trajectories, and the "
    "network's prediction of it from its latents and the present inputs."
)


class SignalsFigure:
    """`draw(recorded, predicted, names, r2)` shows one of the signals."""

    def __init__(self, view):
        self.view = view
        x, y = bq.LinearScale(min=0, max=100), bq.LinearScale(min=-1, max=1)
        scales = {"x": x, "y": y}
        self.recorded = empty_line(scales, colors=[REFERENCE], stroke_width=1.2)
        self.predicted = empty_line(scales, colors=[HELD_OUT], stroke_width=1.8)
        self.trials, self.values = axis(x, "trial"), axis(y, "signal", vertical=True)
        self.plot = plot(
            [self.recorded, self.predicted], [self.trials, self.values], height=212, name="signals"
        )
        self.picker = w.Dropdown(options=[("signal 1", 0)], tooltip="which recorded signal")
        self.picker.add_class("cog-pick-signal")
        self.picker.value = 0
        t.link((view, "signal"), (self.picker, "value"))
        self.readout = text("", "cog-dim")
        self.readout.add_class("cog-readout-signals")
        legend = w.HTML(legend_html([("recorded", REFERENCE, "solid"), ("predicted", HELD_OUT, "solid")]))
        legend.add_class("cog-legend")
        self.widget = panel(
            [title("Signals", HELP), self.readout, self.picker],
            box([self.plot], "cog-figures"),
            legend,
            classes=("cog-wide",),
        )

    def draw(
        self,
        recorded: np.ndarray,
        predicted: np.ndarray,
        names: list[str],
        r2: np.ndarray,
        *,
        scored: str = "held-out sessions",
        ceilings: Mapping[str, float] | None = None,
    ) -> None:
        """`recorded` (NaN where missing) and `predicted` (trial, signal) of a session.

        `r2` (signal,) on the sessions that `scored` names, and the highest possible where known, by name.
        """
        shown = [str(name).replace("_", " ") for name in names]
        options = [(name, i) for i, name in enumerate(shown)]
        if list(self.picker.options) != options:
            self.picker.options = options
        signal = min(self.view.signal, len(names) - 1)
        trials = np.arange(1, len(recorded) + 1)
        limit(self.trials, 0, len(recorded) + 1, ticks=8)
        limit(self.values, *nice_range([recorded[:, signal], predicted[:, signal]], least=0.05))
        self.values.label = shown[signal]
        known = np.isfinite(recorded[:, signal])
        draw(self.recorded, x=trials[known], y=recorded[known, signal])
        draw(self.predicted, x=trials, y=predicted[:, signal])
        highest = (ceilings or {}).get(str(names[signal]))
        bound = "" if highest is None else f" · at most {highest:.3f}, for its noise"
        self.readout.value = f"R² on {scored} {r2[signal]:.3f}{bound}"
