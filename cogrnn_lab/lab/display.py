"""Which figures are out of date, and drawing them a little at a time, from analyses of the model as it is."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import ipywidgets as w
import numpy as np

from cogrnn_lab import analysis
from cogrnn_lab.data import Dataset
from cogrnn_lab.lab.data.session_columns import SessionColumns, session_columns, session_labels
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.bottlenecks import BottlenecksFigure
from cogrnn_lab.lab.figures.choice_rule import ChoiceRuleFigure
from cogrnn_lab.lab.figures.learning import LearningFigure
from cogrnn_lab.lab.figures.signals import SignalsFigure
from cogrnn_lab.lab.figures.subjects import SubjectsFigure
from cogrnn_lab.lab.figures.tabs import Tabs
from cogrnn_lab.lab.figures.trajectories import TrajectoriesFigure
from cogrnn_lab.lab.figures.update_rules import UpdateRulesFigure
from cogrnn_lab.lab.page.pacing import Pacing
from cogrnn_lab.lab.page.style import box
from cogrnn_lab.lab.settings import state
from cogrnn_lab.lab.settings.state import ViewState
from cogrnn_lab.lab.task_display import TaskDisplay

LEARNING, BOTTLENECKS, UPDATE_RULES = "learning", "bottlenecks", "update_rules"
CHOICE_RULE, TRAJECTORIES, SUBJECTS, SIGNALS = "choice_rule", "trajectories", "subjects", "signals"
# Equally old ones are drawn in this order: the first sorts the latents.
ANALYSES = (BOTTLENECKS, UPDATE_RULES, CHOICE_RULE, TRAJECTORIES, SUBJECTS, SIGNALS)
WEIGHTS, ACTIVITY, PSYCHOMETRIC = "weights", "activity", "psychometric"
OF_TASKS = (WEIGHTS, ACTIVITY, PSYCHOMETRIC)  # in the place of the others, where a trial task is trained on
IN_TABS = {TRAJECTORIES: state.TRAJECTORIES, SUBJECTS: state.SUBJECTS, SIGNALS: state.RECORDED}
CURVE_EVERY, ANALYSES_EVERY = 0.1, 1.0  # seconds
SAMPLE = 32  # sessions that the information in bits is measured on

# what has to be drawn again after a change of the view
CONCERNS = {
    "latent": (BOTTLENECKS, UPDATE_RULES, CHOICE_RULE),
    "input": (BOTTLENECKS,),
    "bits": (BOTTLENECKS,),
    "background": (UPDATE_RULES,),
    "pair": (CHOICE_RULE, TRAJECTORIES),
    "choice_map": (CHOICE_RULE,),
    "alternative": (CHOICE_RULE,),
    "color": (TRAJECTORIES,),
    "session": (TRAJECTORIES, SIGNALS),
    "tab": (TRAJECTORIES, SUBJECTS, SIGNALS),
    "subject": (UPDATE_RULES, CHOICE_RULE, SUBJECTS),
    "embedding": (UPDATE_RULES, CHOICE_RULE, SUBJECTS),
    "embedding_pair": (SUBJECTS,),
    "signal": (SIGNALS,),
    "log_loss": (LEARNING,),
    "lesion": OF_TASKS,
    "condition": (ACTIVITY,),
    "difficulty": (PSYCHOMETRIC,),
}


def _at_once(drawing: Callable[[], None]) -> None:
    drawing()


class Display:
    """The figures of the lab.

    `mark` says that something is out of date; `draw` brings one figure up to date.
    """

    def __init__(self, view: ViewState, clock: Callable[[], float] = time.monotonic):
        self.view: Any = view
        self._clock = clock
        self.learning = LearningFigure(view)
        self.bottlenecks = BottlenecksFigure(view)
        self.update_rules = UpdateRulesFigure(view)
        self.choice_rule = ChoiceRuleFigure(view)
        self.trajectories = TrajectoriesFigure(view)
        self.subjects = SubjectsFigure(view)
        self.signals = SignalsFigure(view)
        self.tabs = Tabs(view, {IN_TABS[name]: getattr(self, name).widget for name in IN_TABS})
        self.tasks = TaskDisplay(view)
        self.widget = box([], "cog-right")
        self._of_choices = (self.bottlenecks, self.update_rules, self.choice_rule, self.tabs)
        self._arrange(on_task=False)
        self.pacing = Pacing(clock)
        self._due: set[str] = set()
        self._begun: set[str] = set()  # figures that this run was drawn in
        self._drawn_at: dict[str, float] = dict.fromkeys((LEARNING, *ANALYSES, *OF_TASKS), -1e9)
        self._run: LabRun | None = None
        self._sample: Dataset | None = None
        self._observations: np.ndarray | None = None
        self._session: tuple[int, SessionColumns] | None = None
        self._bottlenecks: Any = None

    @property
    def widgets(self) -> list[w.Widget]:
        """The panels of all figures, also of those that are not up."""
        of_choices = [figure.widget for figure in self._of_choices]
        return [*of_choices, *self.tabs.figures.values(), *self.tasks.widgets]

    def mark(self, *figures: str) -> None:
        """These figures have to be drawn again, at once."""
        for figure in figures:
            self._drawn_at[figure] = -1e9
        self._due.update(figures)

    def mark_trained(self) -> None:
        """The model has changed: everything has to be drawn again, when its time comes."""
        self._due.update((LEARNING, *self._analyses))

    @property
    def _analyses(self) -> tuple[str, ...]:
        """Figures of the present run, the learning curve aside."""
        return ANALYSES if self._run is None or self._run.task is None else OF_TASKS

    def _arrange(self, *, on_task: bool) -> None:
        """Put up the figures of choices, or those of a task."""
        others = self.tasks.widgets if on_task else [figure.widget for figure in self._of_choices]
        children = (self.learning.widget, *others)
        if self.widget.children != children:
            self.widget.children = children

    def show_run(self, run: LabRun) -> None:
        """Another run: forget what belonged to the one before."""
        self._run, self._session, self._bottlenecks = run, None, None
        self._due.clear()
        self._begun.clear()
        self._arrange(on_task=run.task is not None)
        if run.task is not None:
            self.tasks.begin(run.task)
            self.view.lesion = []
            self.mark(LEARNING, *OF_TASKS)
            return
        scored = run.held_out or run.train
        self._sample = scored.select(np.arange(min(SAMPLE, scored.n_sessions)))
        self._observations = analysis.typical_observations(run.train)
        names = session_labels(run.dataset)
        model = run.trainer.model
        n_latents = model.n_latents
        has = {SUBJECTS: _subjects(model) is not None, SIGNALS: getattr(model, "n_signals", 0) > 0}
        self.tabs.offer(tuple(tab for name, tab in IN_TABS.items() if has.get(name, True)))
        self.view.set_quietly(
            follow=True,
            latent=0,
            input=-1,
            background={},
            trials=[],
            trial=0,
            pair=(0, min(1, n_latents - 1)),
            alternative=1,
            subject=0,
            embedding=[],
        )
        if self.view.session >= len(names):
            self.view.session = 0
        self.trajectories.offer(names)
        self.mark(LEARNING, *ANALYSES)

    def draw(self, *, all_of_it: bool, make: Callable[[Callable[[], None]], None] = _at_once) -> bool:
        """Bring one figure up to date; True where another one is due.

        While training, each waits for its time. `make` does what makes widgets, as a figure's first drawing.
        """
        if self._run is None or not self._due:
            return False
        now = self._clock()
        if not all_of_it and not self.pacing.is_ready():
            return False
        # The one that has waited longest comes first, or a slow machine would only ever draw the first.
        analyses = self._analyses
        in_view = [figure for figure in analyses if IN_TABS.get(figure, self.view.tab) == self.view.tab]
        waiting = sorted(in_view, key=lambda figure: self._drawn_at[figure])
        for figure in (LEARNING, *waiting):
            every = CURVE_EVERY if figure == LEARNING else ANALYSES_EVERY
            if figure in self._due and (all_of_it or now - self._drawn_at[figure] >= every):
                self._due.discard(figure)
                self._drawn_at[figure] = now
                drawing = partial(getattr(self, f"_draw_{figure}"), self._run)
                if figure in self._begun:
                    drawing()
                else:
                    make(drawing)
                    self._begun.add(figure)
                self.pacing.note_drawn()
                if figure != LEARNING:  # the curve is cheap: something else may follow in the same turn
                    break
        return all_of_it and bool(self._due & {LEARNING, *in_view})

    def session(self) -> SessionColumns | None:
        """The columns of the session that is looked at."""
        if self._run is None:
            return None
        if self._session is None or self._session[0] != self.view.session:
            self._session = (self.view.session, session_columns(self._run.dataset, self.view.session))
        return self._session[1]

    def _draw_learning(self, run: LabRun) -> None:
        self.learning.draw(run.curve)

    def _draw_weights(self, run: LabRun) -> None:
        self.tasks.draw_weights(run.trainer.model)

    def _draw_activity(self, run: LabRun) -> None:
        self._need_trials(run)
        self.tasks.draw_activity(run.trainer.model)

    def _draw_psychometric(self, run: LabRun) -> None:
        self._need_trials(run)
        self.tasks.draw_psychometric(run.trainer.model)

    def _need_trials(self, run: LabRun) -> None:
        """Trials of the stage that training has reached."""
        if not self.tasks.is_of(run.task):
            self.tasks.begin(run.task)

    def _draw_bottlenecks(self, run: LabRun) -> None:
        self._bottlenecks = analysis.bottlenecks(run.trainer.model, self._sample)
        self.bottlenecks.draw(self._bottlenecks)
        order = self._order(run)
        if self.view.follow and run.trainer.step_count:
            pair = (order[0], order[min(1, len(order) - 1)])
            self.view.set_quietly(latent=order[0], pair=pair)

    def _draw_update_rules(self, run: LabRun) -> None:
        model, latent = run.trainer.model, self._latent(run)
        background = np.zeros(model.n_latents)
        for other, value in self.view.background.items():
            if other < model.n_latents:
                background[other] = value
        rules = analysis.update_rules(
            model,
            [latent],
            subject=self._subject(run),
            observations=self._observations,
            input_names=run.dataset.input_names,
            background=background,
        )
        self.update_rules.draw(rules[latent], model.n_latents, self._order(run))

    def _draw_choice_rule(self, run: LabRun) -> None:
        pair = self._pair(run)
        pair = pair if pair[0] != pair[1] else None
        rule = analysis.choice_rule(run.trainer.model, pair, subject=self._subject(run))
        self.choice_rule.draw(rule, self._openness(run), self._order(run), run.dataset.class_names or ())

    def _draw_trajectories(self, run: LabRun) -> None:
        session, index = self.session(), self.view.session
        states = analysis.latents(run.trainer.model, run.dataset.select([index])).states
        n = int(run.dataset.lengths[index])
        self.trajectories.draw(session, np.asarray(states)[0, :n], self._openness(run), self._order(run))

    def _draw_subjects(self, run: LabRun) -> None:
        subjects = _subjects(run.trainer.model)
        if subjects is not None:
            openness = 1.0 - np.asarray(subjects.subject.sigma)
            names = list(run.dataset.subject_names)
            self.subjects.draw(np.asarray(subjects.embeddings)[: len(names)], openness, names, run.truth)

    def _draw_signals(self, run: LabRun) -> None:
        model, index = run.trainer.model, self.view.session
        if not getattr(model, "n_signals", 0) or self._sample is None:
            return
        session = run.dataset.select([index])
        n = int(run.dataset.lengths[index])
        recorded = np.where(session.mask, session.targets, np.nan)[0, :n, 1:]
        predicted = analysis.latents(model, session).signals[0, :n]
        scored = analysis.evaluate(model, self._sample).signals
        if scored is not None:
            self.signals.draw(
                recorded,
                predicted,
                list(scored.names),
                scored.r2,
                scored="held-out sessions" if run.held_out else "training sessions",
                ceilings=self._sample.generating_r2,
            )

    def _subject(self, run: LabRun) -> Any:
        """Whose rules are shown: an index, an embedding, or None for a network that knows no subjects."""
        subjects = _subjects(run.trainer.model)
        if subjects is None:
            return None
        if len(self.view.embedding) == subjects.embedding_size:
            return np.asarray(self.view.embedding, np.float32)
        return min(self.view.subject, subjects.n_subjects - 1)

    def _latent(self, run: LabRun) -> int:
        return min(self.view.latent, run.trainer.model.n_latents - 1)

    def _pair(self, run: LabRun) -> tuple[int, int]:
        a, b = (min(i, run.trainer.model.n_latents - 1) for i in self.view.pair)
        return a, b

    def _openness(self, run: LabRun) -> np.ndarray:
        self._need_bottlenecks(run)
        return np.asarray(self._bottlenecks.latent_openness)

    def _order(self, run: LabRun) -> list[int]:
        """Latents in the order of the bottlenecks' rows, which all figures share."""
        self._need_bottlenecks(run)
        shown = self.bottlenecks.order
        order = [int(i) for i in self._bottlenecks.latent_order]
        return shown if sorted(shown) == sorted(order) else order

    def _need_bottlenecks(self, run: LabRun) -> None:
        if self._bottlenecks is None:
            self._bottlenecks = analysis.bottlenecks(run.trainer.model, self._sample)


def _subjects(model: Any) -> Any:
    """What the network knows of subjects; None where it knows none."""
    return getattr(model, "subjects", None)
