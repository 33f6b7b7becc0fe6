"""What is looked at in the present run, shared by all panels."""

from typing import Any

import numpy as np

from cogrnn_lab import analysis
from cogrnn_lab.analysis.scoring.session_sample import session_sample
from cogrnn_lab.data import Dataset
from cogrnn_lab.lab.data.session_columns import SessionColumns, session_columns
from cogrnn_lab.lab.engine.aside import Pace
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.settings.state import ViewState
from cogrnn_lab.lab.task_trials import TaskTrials

SAMPLE = 32  # sessions that the information in bits is measured on
OUT_OF_ORDER = 0.05  # by which a row must be less open than one below before the rows are sorted anew


class View:
    """The selections of a `ViewState`, limited to what the present run has.

    What several panels need is worked out once: the bottlenecks (`bottlenecks`, `order`, `openness`), the
    session on show, a sample of sessions, and on a trial task the fresh trials.
    """

    def __init__(self, state: ViewState):
        self.state: Any = state
        self._order: list[int] = []  # kept from run to run, as rows that jump can't be read
        self._run: LabRun | None = None
        self.pace = Pace()
        self._forget()
        self.state.observe(self._latent_selected, "latent")

    def _forget(self) -> None:
        self._bottlenecks: Any = None
        self._session: tuple[int, SessionColumns] | None = None
        self._sample: Dataset | None = None
        self._observations: np.ndarray | None = None
        self._trials: TaskTrials | None = None

    def begin(self, run: LabRun) -> None:
        """Take on another run; the selections of the one before are gone."""
        self._run = run
        self._forget()
        model = run.trainer.model
        n_latents, subjects = model.n_latents, subjects_of(model)
        self.state.offer("level", range(-1, 0))
        self.state.offer("step", (-1,))
        self.state.set_quietly(
            follow=True,
            latent=0,
            input=-1,
            background={},
            trials=[],
            trial=0,
            pair=(0, min(1, n_latents - 1)),
            part="",
            action="close",
            factor=1.0,
            held=0.0,
            components=not model.groups and n_latents > 2,
            alternative=1,
            subject=0,
            embedding=[],
            lesion=[],
            revealed=False,
        )
        self.state.offer("latent", range(n_latents))
        self.state.offer("subject", range(1 if subjects is None else subjects.n_subjects))
        if run.task is None:
            self.state.offer("session", range(run.dataset.n_sessions))
            self.state.offer("alternative", range(1, max(run.dataset.n_classes or 2, 2)))
            self.state.offer("signal", range(max(getattr(model, "n_signals", 0), 1)))
            self.state.offer("observation", range(len(self.observations)), 0)

    def _latent_selected(self, change: Any) -> None:
        """A latent that a person selects is one of the two that span the planes, beside the one before."""
        across, up = self.state.pair
        spans_components = self.state.components  # the pair counts components then, which nobody picked
        if not (self.state.follow or spans_components) and change.new not in (across, up):
            self.state.pair = (change.new, across)

    def picture(self, run: LabRun) -> None:
        """Show another network of the same kind and data; the selections stay."""
        self._run, self._bottlenecks = run, None

    @property
    def network_code(self) -> str:
        """Code that takes the network that is shown, "" where that is the one in training."""
        course, level, step = self.run.course, self.state.level, self.state.step
        if 0 <= level < len(course.levels):
            return f"model = found.path.levels[{level}].models[{course.seed(level)}]"
        return f"model = trainer.kept[{step}]" if step >= 0 else ""

    @property
    def run(self) -> LabRun:
        """The present run."""
        if self._run is None:
            raise ValueError("there is no run yet; a panel is drawn only where there is one")
        return self._run

    @property
    def latent(self) -> int:
        """The selected latent."""
        return min(self.state.latent, self.run.trainer.model.n_latents - 1)

    @property
    def pair(self) -> tuple[int, int]:
        """The two latents that span the planes."""
        a, b = (min(i, self.run.trainer.model.n_latents - 1) for i in self.state.pair)
        return a, b

    @property
    def subject(self) -> Any:
        """Whose rules are shown: an index, an embedding, or None for a network that knows no subjects."""
        subjects = subjects_of(self.run.trainer.model)
        if subjects is None:
            return None
        if len(self.state.embedding) == subjects.embedding_size:
            return np.asarray(self.state.embedding, np.float32)
        return min(self.state.subject, subjects.n_subjects - 1)

    @property
    def session(self) -> SessionColumns:
        """The columns of the session that is looked at; the same object until another one is."""
        if self._session is None or self._session[0] != self.state.session:
            self._session = (self.state.session, session_columns(self.run.dataset, self.state.session))
        return self._session[1]

    @property
    def sample(self) -> Dataset:
        """At most `SAMPLE` of the scored sessions, of all subjects alike."""
        if self._sample is None:
            self._sample = session_sample(self.run.scored, SAMPLE)
        return self._sample

    @property
    def sample_name(self) -> str:
        """The sample in words."""
        kind = "held-out" if self.run.held_out is not None else "training"
        n, of = self.sample.n_sessions, self.run.scored.n_sessions
        return f"{kind} sessions" if n == of else f"{n} of {of} {kind} sessions"

    @property
    def observations(self) -> np.ndarray:
        """Typical observations of the training sessions, which the update rules are of."""
        if self._observations is None:
            self._observations = analysis.typical_observations(self.run.train)
        return self._observations

    @property
    def trials(self) -> TaskTrials:
        """Fresh trials of the task of the stage that training has reached."""
        task = self.run.task
        if self._trials is None or self._trials.task is not task:
            self._trials = TaskTrials(task)
        return self._trials

    @property
    def bottlenecks(self) -> Any:
        """The `analysis.Bottlenecks` as of the last `measure_bottlenecks`."""
        return self.measure_bottlenecks() if self._bottlenecks is None else self._bottlenecks

    @property
    def order(self) -> list[int]:
        """The latents, the most open first, in the order of the bottlenecks' rows, which all panels share."""
        if self._bottlenecks is None:
            self.measure_bottlenecks()
        return self._order

    @property
    def openness(self) -> np.ndarray:
        """Measure how open each latent is, (latent,)."""
        return np.asarray(self.bottlenecks.latent_openness)

    def measure_bottlenecks(self) -> Any:
        """Analyse the bottlenecks of the network as it is now."""
        self._bottlenecks = analysis.bottlenecks(self.run.trainer.model, self.sample)
        self._order = steady_order(self._order, self._bottlenecks)
        return self._bottlenecks


def steady_order(shown: list[int], result: Any) -> list[int]:
    """Order latents by openness; as `shown` unless that is clearly out of order."""
    new = [int(i) for i in result.latent_order]
    if sorted(new) != sorted(shown):
        return new
    openness = np.asarray(result.latent_openness)[shown]
    most_below = np.maximum.accumulate(openness[::-1])[::-1]
    return new if (most_below - openness > OUT_OF_ORDER).any() else shown


def subjects_of(model: Any) -> Any:
    """Return what the network knows of subjects, None where it knows none."""
    return getattr(model, "subjects", None)
