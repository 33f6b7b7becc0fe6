"""Behavior: how the network plays the task itself, beside the data and what it is compared with."""

from functools import partial
from typing import Any

import ipywidgets as w
import numpy as np

from cogrnn_lab.analysis import Behavior, BehaviorCurve
from cogrnn_lab.lab.controls.picker import Picker
from cogrnn_lab.lab.engine.aside import AT_WORK, Answer, Aside
from cogrnn_lab.lab.engine.playing import DATA, EQUATIONS, NETWORK, compared_with, play, sessions_to_play
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.conditions import ConditionPlot, Series
from cogrnn_lab.lab.markup import join, markup
from cogrnn_lab.lab.page.stamp import stamped
from cogrnn_lab.lab.page.style import box, legend_html, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.settings.state import BEHAVIOR
from cogrnn_lab.lab.view import View
from cogrnn_lab.palette import PALETTE

HELP = (
    "Whether the network behaves like the data when it plays by itself, on the same task. Strokes are 95 % "
    "intervals, from sessions drawn anew."
)
WAITS = "The network plays when training pauses, as training has the only core."
MORE = "Tick “classical models” (Learning) to have the best of them play, too."
COLORS = {DATA: "#7F7F7F", NETWORK: PALETTE[1], EQUATIONS: PALETTE[3]}
OTHER = PALETTE[0]
MOST = 4  # sources
HEIGHT = 190
# Curves by name, in the order in which they are offered: what they are called, and their x axis.
CURVES = {
    "around block switches": ("chosen around block switches", "trials from the switch"),
    "switch by outcomes": ("switches after outcomes", "last outcomes, the latest last (W won, L lost)"),
    "switch by run": ("switches after a run", "choices of the same in a row"),
    "run lengths": ("lengths of runs", "choices of the same in a row"),
    "choice words": ("series of choices", "three choices"),
}
TERMS = {"choice x reward": "weight of a reward", "choice": "weight of a choice"}


@register
class BehaviorPanel(Panel):
    """Behavior: win-stay and lose-shift, a curve, and the history regression."""

    name, title, help = "behavior", "Behavior", HELP
    place, tab = 46.0, BEHAVIOR
    concerns = ("behavior_curve", "history_term", "classical", "tab")

    def __init__(self, state):
        super().__init__(state)
        self.aside = Aside("cogrnn-lab behavior", lambda: self.ask())
        self._known: dict[str, tuple[Any, Behavior]] = {}
        self._sessions: Any = None
        self.readout = text("", "cog-dim", "cog-readout-behavior")
        self.legend = text("", "cog-legend")
        self.words = text("", "cog-dim", "cog-said")
        self.body = box([], "cog-figures", "cog-halves")
        self.widget = self.frame([self.readout], self.legend, self.body, self.words)

    def is_for(self, run: LabRun) -> bool:
        """Choices among alternatives."""
        return super().is_for(run) and bool(run.dataset.n_classes)

    def code(self, run: LabRun, view: View) -> str:
        """The network as it plays beside the data, by the public API."""
        return f'cl.plots.plot_behavior(cl.compare_behavior({run.scored_name}, {{"network": model}}))'

    def begin(self, run: LabRun, view: View) -> None:
        """Forget what was played in the run before."""
        self.aside.forget()
        self._known, self._sessions = {}, None

    def draw(self, run: LabRun, view: View) -> None:
        """Ask for the behavior of the network as it is, and show what is known."""
        if not self.body.children:
            self._make()
        if self._sessions is None:
            self._sessions = sessions_to_play(run)
        sessions, words = self._sessions
        level, step = self.state.level, run.trainer.step_count
        others = compared_with(run, level)
        question = (run.id, level, tuple(others), id(others.get(EQUATIONS)), id(run.best_fit))
        work = partial(play, run.trainer.model, sessions, words, others, self._known)
        state = self.aside.want(question, step, work, view.pace)
        answer = self.aside.of(question) or self._earlier(run, level)
        self._show_state(answer, state, step)
        if answer is not None and answer.value is not None:
            self.show(answer.value)
        elif answer is not None:
            self.words.value = answer.why

    def show(self, played: Any) -> None:
        """Show a `Played`."""
        behaviors = played.behaviors
        colors = {name: COLORS.get(name, OTHER) for name in behaviors}
        kinds = {name: "dot" if name == DATA else "solid" for name in behaviors}
        keys = [(name if name == DATA else f"{name} plays", colors[name], kinds[name]) for name in behaviors]
        self.legend.value = legend_html(keys)
        firsts = {name: own.stay_and_shift for name, own in behaviors.items()}
        self.stay.show(np.arange(2), _series(firsts, colors), ("win-stay", "lose-shift"))
        self._show_curve(behaviors, colors)
        self._show_history(behaviors, colors)
        said = [*played.why, played.text]
        if not set(behaviors) - {DATA, NETWORK, EQUATIONS}:
            said.append(MORE)
        self.words.value = join(markup("<p>{}</p>", one) for one in said if one)

    def _make(self) -> None:
        """Make the widgets: when the panel is first shown, as a page that opens has many."""
        self.stay = ConditionPlot("stay", MOST, HEIGHT, "share of choices")
        self.curve = ConditionPlot("behavior-curve", MOST, HEIGHT, "share of choices")
        self.history = ConditionPlot("history", MOST, HEIGHT, "log odds")
        self.curve_picker = Picker(
            lambda name: setattr(self.state, "behavior_curve", name), "which curve", "cog-pick-curve",
            [(words, name) for name, (words, _) in CURVES.items()],
        )  # fmt: skip
        self.term_picker = Picker(
            lambda name: setattr(self.state, "history_term", name), "which weights", "cog-pick-term",
            [(f"history: {words}", name) for name, words in TERMS.items()],
        )  # fmt: skip
        heads = (w.Label("after a win, and a loss"), self.curve_picker.widget, self.term_picker.widget)
        plots = (self.stay, self.curve, self.history)
        parts = [w.VBox((box([head], "cog-head"), one.plot)) for head, one in zip(heads, plots, strict=True)]
        parts[0].add_class("cog-narrow")
        self.body.children = tuple(parts)

    def _show_state(self, answer: Answer | None, state: str, step: int) -> None:
        sessions = "" if answer is None or answer.value is None else answer.value.sessions
        self.readout.value = stamped(answer, state, step, f"{sessions} ·", "playing")
        if answer is None and state != AT_WORK:
            self.words.value = WAITS

    def _earlier(self, run: LabRun, level: int) -> Answer | None:
        """What is known of the same network while more than before is compared with it."""
        known: Any = self.aside.answer
        return known if known is not None and known.question[:2] == (run.id, level) else None

    def _show_curve(self, behaviors: dict[str, Behavior], colors: dict[str, str]) -> None:
        by_name = {name: {one.name: one for one in own.curves} for name, own in behaviors.items()}
        there = [name for name in CURVES if name in by_name[DATA]]
        picked = self.state.behavior_curve if self.state.behavior_curve in there else there[0]
        self.curve_picker.offer([(CURVES[name][0], name) for name in there], picked)
        curves = {name: own[picked] for name, own in by_name.items() if picked in own}
        names = None
        if picked in ("switch by outcomes", "choice words"):
            names = [_short(one) for one in curves[DATA].conditions]
        joined = names is None
        self.curve.show(curves[DATA].x, _series(curves, colors, joined=joined), names, CURVES[picked][1])

    def _show_history(self, behaviors: dict[str, Behavior], colors: dict[str, str]) -> None:
        weights = {name: own.history for name, own in behaviors.items() if own.history is not None}
        there = [term for term in TERMS if any(len(one.places(term)) for one in weights.values())]
        if not there:
            self.history.show(np.arange(1, 3), [], None, "trials back")
            return
        picked = self.state.history_term if self.state.history_term in there else there[0]
        self.term_picker.offer([(f"history: {TERMS[term]}", term) for term in there], picked)
        series, lags = [], np.arange(1, 3)
        for name, one in weights.items():
            own = one.places(picked)
            if len(own):
                lags = one.lags[own]
                parts = (one.value[own], one.low[own], one.high[own])
                series.append(Series(name, colors[name], *parts, is_joined=name != DATA))
        self.history.show(lags, series, None, "trials back")


def _series(
    curves: dict[str, BehaviorCurve], colors: dict[str, str], *, joined: bool = False
) -> list[Series]:
    return [
        Series(name, colors[name], one.value, one.low, one.high, joined and name != DATA)
        for name, one in curves.items()
    ]


def _short(condition: str) -> str:
    """Outcomes by their first letters: "lost, won" is "LW"; words of alternatives as they are."""
    parts = condition.split(", ")
    return "".join(part[0].upper() for part in parts) if set(parts) <= {"lost", "won"} else condition
