"""Advantage: by how much the network predicts better than another model, and after which histories."""

from functools import partial
from typing import Any

import ipywidgets as w
import numpy as np
import pandas as pd

from cogrnn_lab.analysis import LikelihoodAdvantage
from cogrnn_lab.lab.controls.picker import Picker
from cogrnn_lab.lab.engine.advantage import advantage, names_with, rivals_of
from cogrnn_lab.lab.engine.aside import Aside
from cogrnn_lab.lab.engine.playing import sessions_to_play
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.conditions import ConditionPlot, Series
from cogrnn_lab.lab.markup import join, markup
from cogrnn_lab.lab.page.stamp import in_its_place, stamped
from cogrnn_lab.lab.page.style import box, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.settings.state import ADVANTAGE
from cogrnn_lab.lab.twin.expressions import call
from cogrnn_lab.lab.view import View
from cogrnn_lab.palette import PALETTE

HELP = (
    "Where one model predicts choices better than another: above 0 the network does, below 0 the other. "
    "Strokes are 95 % intervals, from sessions drawn anew."
)
NONE = (
    "There is nothing yet to compare the network with. Tick “classical models” (Learning), or wait for the "
    "equations."
)
MORE = "With “classical models” ticked (Learning), the best of them can be picked, too."
WAYS = (("by outcomes", "history"), ("by run length", "run length"), ("by time in the session", "position"))
AXES = {
    "history": "last two outcomes (W won, L lost; ′ with another choice)",
    "run length": "choices of the same in a row before",
    "position": "fifth of the session",
}
HEIGHT = 200
LEAST = 1e-4  # nats of room around what is shown
ROOM = 20  # pixels that "-0.0002" takes more than "-0.2"


@register
class AdvantagePanel(Panel):
    """Advantage: the parts of it that follow each history, and the advantage of a choice after it."""

    name, title, help = "advantage", "Advantage", HELP
    place, tab = 47.0, ADVANTAGE
    concerns = ("rival", "advantage_by", "classical", "tab")

    def __init__(self, state):
        super().__init__(state)
        self.aside = Aside("cogrnn-lab advantage", lambda: self.ask())
        self._sessions: Any = None
        self.readout = text("", "cog-dim", "cog-readout-advantage")
        self.rival = Picker(
            lambda name: setattr(state, "rival", name), "compared with which model", "cog-pick-rival"
        )
        self.by = Picker(
            lambda by: setattr(state, "advantage_by", by), "by what came before", "cog-pick-by", WAYS
        )
        self.words = text("", "cog-said", "cog-words-advantage")
        self.body = box([], "cog-figures", "cog-halves")
        head = [self.readout, self.rival.widget, self.by.widget]
        self.widget = self.frame(head, self.body, self.words)
        self._figures: tuple[w.Widget, ...] = ()

    def is_for(self, run: LabRun) -> bool:
        """Choices among alternatives."""
        return super().is_for(run) and bool(run.dataset.n_classes)

    def code(self, run: LabRun, view: View) -> str:
        """The same comparison by the public API; "" where there is no other model yet."""
        rivals = rivals_of(run, self.state.level)
        if not rivals:
            return ""
        picked = self._picked(rivals)
        by = {} if self.state.advantage_by == WAYS[0][1] else {"by": self.state.advantage_by}
        found = call(
            "cl.likelihood_advantage", run.scored_name, "model", rivals[picked][1],
            names=names_with(picked), **by,
        )  # fmt: skip
        return f"cl.plots.plot_likelihood_advantage({found})"

    def begin(self, run: LabRun, view: View) -> None:
        """Forget the comparisons of the run before."""
        self.aside.forget()
        self._sessions = None

    def draw(self, run: LabRun, view: View) -> None:
        """Ask for the advantage of the network as it is, and show what is known."""
        if not self._figures:
            self._make()
        level, step, by = self.state.level, run.trainer.step_count, self.state.advantage_by
        rivals = rivals_of(run, level)
        has_rivals = bool(rivals)
        self.rival.widget.layout.display = self.by.widget.layout.display = "" if has_rivals else "none"
        self.body.children = self._figures if has_rivals else ()
        if not has_rivals:
            self.readout.value, self.words.value = "", NONE
            return
        picked = self._picked(rivals)
        self.rival.offer([(f"against the {name}", name) for name in rivals], picked)
        self.by.offer(WAYS, by)
        if self._sessions is None:
            self._sessions = sessions_to_play(run)
        sessions, words = self._sessions
        rival = rivals[picked][0]
        question = (run.id, level, picked, id(rival), by)
        work = partial(advantage, run.trainer.model, rival, picked, sessions, by)
        state = self.aside.want(question, step, work, view.pace)
        answer = self.aside.of(question)
        self.readout.value = stamped(answer, state, step, f"{words} ·", "comparing")
        if answer is None or answer.value is None:
            self.words.value = in_its_place(answer, state)
        else:
            offers_more = run.curve.has_classical and run.best_fit is None
            self.show(answer.value, is_alone=offers_more and len(rivals) == 1)

    def show(self, found: LikelihoodAdvantage, *, is_alone: bool = False) -> None:
        """Show a `LikelihoodAdvantage`; `is_alone`: classical models would be another to be picked."""
        table = in_order(found)
        names = [short(one, found.by) for one in table["history"]]
        for plot, value, low, high in (
            (self.parts, "contribution", "contribution_low", "contribution_high"),
            (self.each, "advantage", "low", "high"),
        ):
            columns = (table[one].to_numpy(float) for one in (value, low, high))
            plot.show(np.arange(len(table)), [Series(value, PALETTE[1], *columns)], names, AXES[found.by])
        said = [found.text[0].upper() + found.text[1:], _largest(found)] + ([MORE] if is_alone else [])
        self.words.value = join(markup("<p>{}</p>", one) for one in said if one)

    def _make(self) -> None:
        """Make the figures: when the panel is first shown, as a page that opens has many."""
        self.parts = ConditionPlot("advantage-parts", 1, HEIGHT, "nats of the total", LEAST, room=ROOM)
        self.each = ConditionPlot("advantage-each", 1, HEIGHT, "nats per such choice", LEAST, room=ROOM)
        heads = ("what each adds to the advantage of a choice", "advantage of a choice after it")
        plots = (self.parts, self.each)
        self._figures = tuple(
            w.VBox((w.Label(head), one.plot)) for head, one in zip(heads, plots, strict=True)
        )

    def _picked(self, rivals: dict[str, Any]) -> str:
        """The model that is picked, as far as it is there."""
        return self.state.rival if self.state.rival in rivals else next(iter(rivals))


def in_order(found: LikelihoodAdvantage) -> pd.DataFrame:
    """The rows as they stand along x: those of outcomes that add most first, others as they follow."""
    table = found.table
    return table if found.by == WAYS[0][1] else table.sort_values("history", key=lambda own: own.map(_place))


def _place(name: str) -> int:
    """The number in a name such as "3 in a row" or "fifth 2 of the session"; 0 of one without."""
    digits = [int(word) for word in name.split() if word.isdigit()]
    return digits[0] if digits else 0


def short(history: str, by: str) -> str:
    """A name for a tick: "won elsewhere, lost" is "W′L", "8 or more" is "8+"."""
    place = _place(history)
    if by != WAYS[0][1] and place:
        return f"{place}+" if history.endswith("or more") else str(place)
    parts = history.split(", ")
    if not all(part.split()[0] in ("won", "lost") for part in parts):
        return "–"  # no known past
    return "".join(part[0].upper() + ("′" if part.endswith("elsewhere") else "") for part in parts)


def _largest(found: LikelihoodAdvantage, most: int = 3) -> str:
    """The largest parts in words, which stand beside the figure for those who do not see it."""
    rows = [
        f"{row['history']} {row['contribution']:+.4f} ({100 * row['share']:.0f} % of choices)"
        for row in found.table.head(most).to_dict("records")
    ]
    return f"Largest parts, in nats of the total: {'; '.join(rows)}."
