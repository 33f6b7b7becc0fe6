"""Experiments: a part of the network is closed, scaled or held, in a copy; what changes is shown at once."""

from functools import partial
from typing import Any

import ipywidgets as w
import numpy as np
import traitlets as t

from cogrnn_lab.analysis import Behavior, PerturbationEffect
from cogrnn_lab.analysis.reading.update_rules import value_limit
from cogrnn_lab.lab.controls.picker import Picker
from cogrnn_lab.lab.engine.aside import AT_WORK, Answer, Aside
from cogrnn_lab.lab.engine.experiment import HOLD, SCALE, Trial, actions_for, along, parts_of, playing
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.conditions import ConditionPlot, Series
from cogrnn_lab.lab.markup import Markup, join, markup
from cogrnn_lab.lab.page.stamp import stamped
from cogrnn_lab.lab.page.style import box, legend_html, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.settings.state import EXPERIMENTS
from cogrnn_lab.lab.twin.expressions import call
from cogrnn_lab.lab.view import View
from cogrnn_lab.palette import PALETTE

HELP = (
    "What a part of the network is for: close, scale or hold it in a copy, and see what becomes of the "
    "predictions along the data, and of how it plays. W stay: how often a won choice is made again; "
    "L shift, LL and so on: how often it is left after these outcomes. The network in training is not "
    "changed."
)
NOTHING = "Pick a latent or a channel to see what the network does without it."
WAITS = "Shown when training pauses, as training has the only core."
BEFORE, AFTER = "#7F7F7F", PALETTE[1]
HEIGHT = 180
CONDITIONS = ("win-stay", "lose-shift", "lost, lost", "won, lost", "lost, won", "won, won")
NAMES = ("W stay", "L shift", "LL", "WL", "LW", "WW")
AXIS = "after wins (W) and losses (L), the latest last"


@register
class ExperimentsPanel(Panel):
    """Experiments: before and after, along the data and as the network plays."""

    name, title, help = "experiments", "Experiments", HELP
    place, tab = 48.0, EXPERIMENTS
    concerns = ("part", "action", "factor", "held", "tab")

    def __init__(self, state):
        super().__init__(state)
        self.along = Aside("cogrnn-lab experiment", lambda: self.ask())
        self.playing = Aside("cogrnn-lab experiment that plays", lambda: self.ask())
        self._figures: tuple[w.Widget, ...] = ()
        self._is_offering = False  # what the widgets pass through then, nobody picked
        self.readout = text("", "cog-dim", "cog-readout-experiments")
        self.words = text("", "cog-said", "cog-words-experiments")
        self.legend = text(
            legend_html([("as it is", BEFORE, "dot"), ("changed", AFTER, "dot")]), "cog-legend"
        )
        self.head = box([], "cog-head")
        self.body = box([], "cog-figures", "cog-halves")
        self.widget = self.frame([self.readout], self.head, self.words, self.legend, self.body)

    def is_for(self, run: LabRun) -> bool:
        """Choices among alternatives."""
        return super().is_for(run) and bool(run.dataset.n_classes)

    def code(self, run: LabRun, view: View) -> str:
        """What the experiment does along the data, by the public API; "" where none is picked."""
        if not self.state.part:
            return ""
        done = self._trial(run).on(run.trainer.model)
        given = {name: value for name in ("channels", "clamp", "lesion") if (value := getattr(done, name))}
        change = call("cl.Perturbation", **given)
        return f"cl.plots.plot_perturbation(cl.perturb(model, {run.scored_name}, {change}))"

    def begin(self, run: LabRun, view: View) -> None:
        """Forget the experiments of the run before."""
        self.along.forget()
        self.playing.forget()

    def draw(self, run: LabRun, view: View) -> None:
        """Ask what the experiment does to the network as it is, and show what is known."""
        if not self.head.children:
            self._make()
        state, trial = self.state, self._trial(run)
        self._offer(view, actions_for(state.part, bool(run.trainer.model.groups)), trial.action)
        has_figures = bool(state.part)
        self.legend.layout.display = "" if has_figures else "none"
        # off the page, not hidden: a figure that is made where it has no size writes errors on the console
        self.body.children = self._figures if has_figures else ()
        if not has_figures:
            self.readout.value, self.words.value = "", NOTHING
            return
        question = (run.id, state.level, trial)
        step, model, data = run.trainer.step_count, run.trainer.model, view.sample
        states, answers = [], []
        for aside, work in ((self.along, along), (self.playing, playing)):
            work = partial(work, model, data, trial)
            states.append(aside.want(question, step, work, view.pace, eager=True))
            answer = aside.of(question)
            if answer is None and states[-1] == AT_WORK:  # until it is there, what a slider showed before
                answer = _of_same_part(aside.answer, question)
            answers.append(answer)
        at_work = AT_WORK if AT_WORK in states else states[0]
        self.readout.value = stamped(answers[0], at_work, step, view.sample_name + " ·", "trying")
        self.show(*answers, waits=AT_WORK not in states)

    def show(self, open_loop: Answer | None, closed_loop: Answer | None, *, waits: bool = False) -> None:
        """Show what is known of the effect along the data, and as the network plays."""
        said = []
        for plot, answer, sentence in (
            (self.predicted, open_loop, _likelihoods), (self.played, closed_loop, _rewards)
        ):  # fmt: skip
            if answer is None:
                plot.show(np.arange(len(NAMES)), [], NAMES, AXIS)
                continue
            if answer.value is None:
                plot.show(np.arange(len(NAMES)), [], NAMES, AXIS)
                said.append(markup("<p>{}</p>", answer.why))
                continue
            effect = answer.value
            said.append(sentence(effect))
            before, after = (_series(name, color, own) for name, color, own in (
                ("as it is", BEFORE, effect.before), ("changed", AFTER, effect.after)))  # fmt: skip
            plot.show(np.arange(len(NAMES)), [before, after], NAMES, AXIS)
        self.words.value = join(said) if said else (WAITS if waits else "")

    def _make(self) -> None:
        """Make the widgets: when the panel is first shown, as a page that opens has many."""
        state = self.state
        self.predicted = ConditionPlot("predicted", 2, HEIGHT, "share of choices")
        self.played = ConditionPlot("played", 2, HEIGHT, "share of choices")
        self.picker = Picker(self._picked, "which part of the network", "cog-pick-part", [("nothing", "")])
        self.action = w.ToggleButtons(
            options=["close", "scale", "hold"], value=state.action,
            tooltips=["pass nothing", "pass a multiple", "keep a latent at a value"],
        )  # fmt: skip
        self.action.observe(self._acted, "value")
        self.factor = w.FloatSlider(
            value=state.factor,
            min=0.0,
            max=2.0,
            step=0.05,
            tooltip="times what it passes",
            readout_format=".2f",
        )
        self.factor.add_class("cog-set-factor")
        t.link((state, "factor"), (self.factor, "value"))
        self.held = w.FloatSlider(
            value=state.held,
            min=-2.0,
            max=2.0,
            step=0.05,
            tooltip="value of the latent",
            readout_format=".2f",
        )
        self.held.add_class("cog-set-held")
        self.held.observe(self._moved, "value")
        self.reset = w.Button(description="Reset", tooltip="undo the experiment")
        self.reset.add_class("cog-small")
        self.reset.add_class("cog-reset-experiment")
        self.reset.on_click(lambda _: self.undo())
        self.head.children = (self.picker.widget, self.action, self.factor, self.held, self.reset)
        parts = [
            w.VBox((w.Label("predicted along the data"), self.predicted.plot)),
            w.VBox((w.Label("as the network plays"), self.played.plot)),
        ]
        self._figures = tuple(parts)

    def _trial(self, run: LabRun) -> Trial:
        """What is picked, as far as it can be done to the part."""
        state, actions = self.state, actions_for(self.state.part, bool(run.trainer.model.groups))
        action = state.action if state.action in actions else actions[0]
        return Trial(state.part, action, state.factor, state.held)

    def undo(self) -> None:
        """Do nothing to the network any more."""
        self.state.set_quietly(part="", action="close", factor=1.0, held=0.0)

    def _offer(self, view: View, actions: tuple[str, ...], action: str) -> None:
        """Offer the parts of the network, and what can be done to the one that is picked."""
        state = self.state
        self.picker.offer([("nothing", ""), *parts_of(view.bottlenecks, view.order, state.part)], state.part)
        self._is_offering = True
        try:
            if tuple(self.action.options) != actions:
                self.action.options = actions  # picks the first one
            self.action.value = action
        finally:
            self._is_offering = False
        shown = {
            self.action: bool(state.part), self.factor: bool(state.part) and action == SCALE,
            self.held: bool(state.part) and action == HOLD, self.reset: bool(state.part),
        }  # fmt: skip
        for widget, is_there in shown.items():
            widget.layout.display = "" if is_there else "none"
        self._limit_held(view)

    def _limit_held(self, view: View) -> None:
        """A latent can be held wherever it can go."""
        reach = round(value_limit(view.run.trainer.model), 2)
        self._is_offering = True
        try:
            with self.held.hold_sync():
                self.held.min, self.held.max = min(-reach, self.held.min), max(reach, self.held.max)
            self.held.value = self.state.held
        finally:
            self._is_offering = False

    def _picked(self, part: str) -> None:
        words = part.split()
        if (
            part and "->" not in words and words[-1].isdigit()
        ):  # a latent is selected in the other figures, too
            self.state.follow = False
            self.state.latent = int(words[-1]) - 1
        self.state.part = part

    def _acted(self, change: Any) -> None:
        if not self._is_offering and change.new is not None:
            self.state.action = change.new

    def _moved(self, change: Any) -> None:
        if not self._is_offering:
            self.state.held = change.new


def _of_same_part(answer: Answer | None, question: Any) -> Answer | None:
    """An answer about the same part of the same network, of which something else was done before."""
    before: Any = None if answer is None else answer.question
    if before is None or before[:2] != question[:2] or before[2].part != question[2].part:
        return None
    return answer


def _series(name: str, color: str, own: Behavior) -> Series:
    """Win-stay and lose-shift, and how often another choice is made after the last two outcomes."""
    rows = {row.condition: row for curve in (own.stay_and_shift, own.switch_by_outcomes)
            for row in curve.table.itertuples()}  # fmt: skip
    value, low, high = (
        np.array([getattr(rows[one], what) for one in CONDITIONS], float) for what in ("value", "low", "high")
    )
    return Series(name, color, value, low, high)


def _likelihoods(effect: PerturbationEffect) -> Markup:
    before, after = effect.likelihood_before, effect.likelihood_after
    numbers = markup("<b>{} → {}</b> ({})", f"{before:.4f}", f"{after:.4f}", f"{after - before:+.4f}")
    notes = " ".join(effect.notes)
    return markup("<p>Likelihood of a choice: {}. {}</p>", numbers, notes)


def _rewards(effect: PerturbationEffect) -> Markup:
    before, after = effect.reward_before, effect.reward_after
    numbers = markup("<b>{} → {}</b> ({})", f"{before:.3f}", f"{after:.3f}", f"{after - before:+.3f}")
    return markup("<p>Mean reward as it plays: {}. {}</p>", numbers, " ".join(effect.notes))
