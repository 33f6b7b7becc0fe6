"""Pruning curve: what is left of the likelihood as channels are closed, the least open first."""

from functools import partial

import numpy as np

from cogrnn_lab.analysis import PruningCurve
from cogrnn_lab.lab.controls.picker import Picker
from cogrnn_lab.lab.engine.aside import Aside
from cogrnn_lab.lab.engine.pruning import pruned, sessions_of
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.falling import FallingPlot
from cogrnn_lab.lab.markup import Markup, join, markup
from cogrnn_lab.lab.page.stamp import in_its_place, stamped
from cogrnn_lab.lab.page.style import box, legend_html, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.settings.state import PRUNING
from cogrnn_lab.lab.view import View
from cogrnn_lab.palette import HELD_OUT, REFERENCE

HELP = (
    "How many channels the network needs: they are closed one after the other in a copy, and each gives its "
    "mean from then on. The ring is the last point before the likelihood is lower than at first beyond doubt "
    "(95 % of sessions drawn anew); strokes are 95 % intervals."
)
ORDERS = (("least open first", "openness"), ("least bits first", "bits"))
WHAT = {
    "openness": "channels closed, the least open first",
    "bits": "channels closed, those of least bits first",
}
HEIGHT = 200
# Channels that are named: those that cost most, where it is at least this share of all that can be lost.
MOST_NAMES, LEAST_COST = 5, 0.04


@register
class PruningPanel(Panel):
    """Pruning curve: likelihood against how many channels are closed."""

    name, title, help = "pruning", "Pruning curve", HELP
    place, tab = 49.0, PRUNING
    concerns = ("pruning_order", "tab")

    def __init__(self, state):
        super().__init__(state)
        self.aside = Aside("cogrnn-lab pruning", lambda: self.ask())
        self._sessions = None
        self.readout = text("", "cog-dim", "cog-readout-pruning")
        self.order = Picker(
            lambda order: setattr(state, "pruning_order", order), "in which order", "cog-pick-order", ORDERS
        )
        keys = [("network", HELD_OUT, "solid"), ("chance", REFERENCE, "dashed")]
        self.legend = text(legend_html(keys), "cog-legend")
        self.words = text("", "cog-said", "cog-words-pruning")
        self.body = box([], "cog-figures")
        head = [self.readout, self.order.widget]
        self.widget = self.frame(head, self.legend, self.body, self.words)

    def is_for(self, run: LabRun) -> bool:
        """Networks with bottlenecks that explain choices."""
        has_bottlenecks = bool(getattr(run.trainer.model, "groups", ()))
        return super().is_for(run) and has_bottlenecks and bool(run.dataset.n_classes)

    def code(self, run: LabRun, view: View) -> str:
        """The same curve by the public API, of all sessions."""
        scored = "" if run.held_out is None else f", {run.scored_name}"
        order = "" if self.state.pruning_order == ORDERS[0][1] else f', order="{self.state.pruning_order}"'
        return f"cl.plots.plot_pruning_curve(cl.pruning_curve(model, train{scored}{order}))"

    def begin(self, run: LabRun, view: View) -> None:
        """Forget the curve of the run before."""
        self.aside.forget()
        self._sessions = None

    def draw(self, run: LabRun, view: View) -> None:
        """Ask for the curve of the network as it is, and show what is known."""
        if not self.body.children:  # made when the panel is first shown, as a page that opens has many
            self.falling = FallingPlot("pruning", HELD_OUT, HEIGHT, "likelihood")
            self.body.children = (self.falling.plot,)
        if self._sessions is None:
            self._sessions = sessions_of(run)
        dataset, scored, words = self._sessions
        order, step = self.state.pruning_order, run.trainer.step_count
        self.order.offer(ORDERS, order)
        question = (run.id, self.state.level, order)
        work = partial(pruned, run.trainer.model, dataset, scored, order)
        state = self.aside.want(question, step, work, view.pace)
        answer = self.aside.of(question)
        self.readout.value = stamped(answer, state, step, f"{words} ·", "closing channels")
        if answer is None or answer.value is None:
            self.words.value = in_its_place(answer, state)
        else:
            self.show(answer.value)

    def show(self, curve: PruningCurve) -> None:
        """Show a `PruningCurve`."""
        low, high = curve.interval.T
        self.falling.show(curve.likelihood, low, high, curve.n_spare, curve.chance, WHAT[curve.order])
        self.words.value = join([_needed(curve), _costly(curve)])


def _needed(curve: PruningCurve) -> Markup:
    n, spare = len(curve.closed), curve.n_spare
    whole, left = (f"{curve.likelihood[i]:.4f}" for i in (0, spare))
    chance = markup("chance is {}", f"{curve.chance:.4f}")
    if not spare:
        words = (
            "<p><b>None of {} channels</b> can be closed at no clear cost: likelihood of a choice {}; {}.</p>"
        )
        return markup(words, n, whole, chance)
    return markup(
        "<p><b>{} of {} channels</b> can be closed at no clear cost: likelihood of a choice {} with all, {} "
        "with the other {}; {}.</p>",
        spare, n, whole, left, n - spare, chance,
    )  # fmt: skip


def _costly(curve: PruningCurve) -> Markup | str:
    """The channels that cost most, in the order in which they are closed."""
    cost = -np.diff(curve.likelihood)
    total = max(float(np.ptp(curve.likelihood)), 1e-9)
    named = sorted(int(i) for i in np.argsort(-cost)[:MOST_NAMES] if cost[i] > LEAST_COST * total)
    if not named:
        return ""
    told = ", ".join(f"{curve.closed[i]} (the {_nth(i + 1)}, −{cost[i]:.4f})" for i in named)
    return markup("<p>It falls most as these close: {}.</p>", told)


def _nth(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
