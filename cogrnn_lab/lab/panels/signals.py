"""Recorded signals of one session, and what the network predicts of them."""

from collections.abc import Mapping

import bqplot as bq
import numpy as np

from cogrnn_lab import analysis
from cogrnn_lab.lab.controls.picker import Picker
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.plot import axis, draw, empty_line, limit, nice_range, plot
from cogrnn_lab.lab.page.style import box, legend_html, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.settings.state import RECORDED
from cogrnn_lab.lab.view import View
from cogrnn_lab.palette import HELD_OUT, REFERENCE

HELP = (
    "A recorded signal, such as dopamine, on every trial of the session chosen under Trajectories, and the "
    "network's prediction of it from its latents and the present inputs."
)


@register
class SignalsPanel(Panel):
    """Signals: one that was recorded in a session, and its prediction."""

    name, title, help = "signals", "Signals", HELP
    place, tab = 60.0, RECORDED
    concerns = ("session", "tab", "signal")

    def __init__(self, state):
        super().__init__(state)
        x, y = bq.LinearScale(min=0, max=100), bq.LinearScale(min=-1, max=1)
        scales = {"x": x, "y": y}
        self.recorded = empty_line(scales, colors=[REFERENCE], stroke_width=1.2)
        self.predicted = empty_line(scales, colors=[HELD_OUT], stroke_width=1.8)
        self.trials, self.values = axis(x, "trial"), axis(y, "signal", vertical=True)
        self.plot = plot(
            [self.recorded, self.predicted], [self.trials, self.values], height=212, name="signals"
        )
        self.picker = Picker(
            lambda signal: setattr(state, "signal", signal),
            "which recorded signal",
            "cog-pick-signal",
            [("signal 1", 0)],
        )
        self.readout = text("", "cog-dim")
        self.readout.add_class("cog-readout-signals")
        keys = [("recorded", REFERENCE, "solid"), ("predicted", HELD_OUT, "solid")]
        legend = text(legend_html(keys), "cog-legend")
        self.widget = self.frame([self.readout, self.picker.widget], box([self.plot], "cog-figures"), legend)

    def is_for(self, run: LabRun) -> bool:
        """Networks that predict recorded signals."""
        return super().is_for(run) and getattr(run.trainer.model, "n_signals", 0) > 0

    def draw(self, run: LabRun, view: View) -> None:
        """Predict the signals of the session that is looked at, and score them on a sample of sessions."""
        model, index = run.trainer.model, self.state.session
        session = run.dataset.select([index])
        n = int(run.dataset.lengths[index])
        recorded = np.where(session.mask, session.targets, np.nan)[0, :n, 1:]
        predicted = analysis.latents(model, session).signals[0, :n]
        scored = analysis.evaluate(model, view.sample).signals
        if scored is not None:
            self.show(
                recorded,
                predicted,
                list(scored.names),
                scored.r2,
                scored=view.sample_name,
                ceilings=view.sample.generating_r2,
            )

    def code(self, run: LabRun, view: View) -> str:
        """The same signals by the public API."""
        return f"cl.plots.plot_signals(model, dataset, {self.state.session})"

    def show(
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
        signal = min(self.state.signal, len(names) - 1)
        self.picker.offer([(name, i) for i, name in enumerate(shown)], signal)
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
