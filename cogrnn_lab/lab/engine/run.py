"""One run of the lab: its data, its trainer, and what it has learned so far."""

import inspect
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import equinox as eqx
import jax
import numpy as np

from cogrnn_lab.analysis import evaluate
from cogrnn_lab.analysis.scoring.baseline import stay_baselines
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.outcomes import tells_rewards
from cogrnn_lab.data.splits import default_way, fitted_by, in_words, is_of_strangers
from cogrnn_lab.lab.data.sources import generating_agent, is_of_clicks, true_parameter
from cogrnn_lab.lab.data.table import Table
from cogrnn_lab.lab.engine.branch import KEPT_STEPS, Branch
from cogrnn_lab.lab.engine.course import Course
from cogrnn_lab.lab.engine.curve import Curve
from cogrnn_lab.lab.engine.explanation import Explanation
from cogrnn_lab.lab.engine.story import Story
from cogrnn_lab.lab.settings.state import AUTOMATIC, SIMULATED, TASK, DataState, LabState
from cogrnn_lab.models import n_parameters
from cogrnn_lab.tasks import Task
from cogrnn_lab.training import Curriculum, Report, Trainer

CHECK_EVERY, CHECKED_TRIALS = 25, 256


@dataclass
class LabRun:
    """The run that one press of Reset makes. `settings` are those of the lab that it was made from.

    On a trial task, `curriculum` is what is trained on, and `dataset` some of its trials to look at. `truth`
    is the parameter in which simulated subjects differ, with its value in each. `explanation` holds the
    equations of the network, `course` the discovery of these data, `best_fit` the best of the classical
    models that were fitted, with its name, `story` what was told of a network. `branch` tells from which
    network of another run this one goes on, None where it began with an untrained one.
    """

    id: int
    dataset: Dataset
    train: Dataset
    held_out: Dataset | None
    trainer: Trainer
    settings: dict[str, Any]
    table: Table | None = None
    curriculum: Curriculum | None = None
    truth: tuple[str, np.ndarray] | None = None
    curve: Curve = field(default_factory=Curve)
    explanation: Explanation = field(default_factory=Explanation)
    course: Course = field(default_factory=Course)
    branch: Branch | None = None
    held_for: Any = None  # the trainer in whose place `trainer` is a network to be looked at
    best_fit: tuple[str, Any] | None = None
    story: Story = field(default_factory=Story)

    @property
    def task(self) -> Task | None:
        """The trial task of the present stage; None where choices are trained on."""
        return None if self.curriculum is None else self.curriculum.stages[self.trainer.stage]

    @property
    def present(self) -> Any:
        """The trainer, also where another network is looked at."""
        return self.trainer if self.held_for is None else self.held_for

    @property
    def kept_steps(self) -> list[int]:
        """Steps whose networks were kept, before the present one."""
        return [step for step in sorted(self.trainer.kept) if step < self.trainer.step_count]

    @property
    def scored(self) -> Dataset:
        """The sessions that the network is scored on: held-out ones, where there are any."""
        return self.train if self.held_out is None else self.held_out

    @property
    def scored_name(self) -> str:
        """What these sessions are called in code."""
        return "train" if self.held_out is None else "held_out"

    @property
    def held_out_words(self) -> str:
        """What is held out, where that is not whole sessions of each subject; else ""."""
        if self.held_out is None:
            return ""
        whole_sessions = self.train.n_sessions + self.held_out.n_sessions == self.dataset.n_sessions
        if whole_sessions and not is_of_strangers(self.train, self.held_out):
            return ""
        return in_words(self.dataset, self.train, self.held_out)

    @cached_property
    def penalty_names(self) -> tuple[str, ...]:
        """Names of the penalties of this run's network; found by tracing it, so once is enough."""
        return self.trainer.model.penalty_names

    @cached_property
    def agent(self) -> Any:
        """The agent that made the choices; None where they were not simulated."""
        data = self.settings.get("data", {})
        if data.get("source") != SIMULATED:
            return None
        state = DataState()
        state.update(data)
        return generating_agent(state)

    def note(self, report: Report) -> None:
        """Take a report into the curve. Where signals are predicted too, its loss tells no likelihood."""
        self.curve.add(report)
        if not self.curve.of_choices and report.valid_loss is not None:
            scored = evaluate(self.trainer.model, self.scored)
            self.curve.score(report.step, float(scored.normalized_likelihood))

    @property
    def n_parameters(self) -> int:
        """Number of trained numbers in the model."""
        return n_parameters(self.trainer.model)


def make_curriculum(state: LabState) -> Curriculum | None:
    """The stages of the trial task: those that were put together, or the task as it is, without an end."""
    data = state.data
    if data.source != TASK:
        return None
    counts: Any = {"check_every": CHECK_EVERY, "n_trials": CHECKED_TRIALS}
    if not data.stages:
        return Curriculum([data.task.make()], advance=None, **counts)
    tasks = [data.task.constructor(**stage) for stage in data.stages]
    return Curriculum(tasks, advance=data.advance, **counts)


def split(state: LabState, dataset: Dataset) -> tuple[Dataset, Dataset | None]:
    """Data to train on and held-out data (None where nothing is held out)."""
    every = state.training.held_out if state.data.source != TASK else 0
    if every <= 1:
        return dataset, None
    picked = state.training.hold_out
    return dataset.split(every, hold_out=default_way(dataset) if picked == AUTOMATIC else picked)


def make_model(state: LabState, dataset: Dataset) -> eqx.Module:
    """The untrained network that the settings describe, for this data."""
    make, key = state.model.constructor, jax.random.key(state.training.seed)
    n_signals = dataset.n_targets - 1 if dataset.kind == "mixed" else 0
    sizes = {
        "n_inputs": dataset.n_inputs,
        "n_outputs": dataset.n_classes or dataset.n_targets,
        "n_subjects": len(dataset.subject_names),
        "n_signals": n_signals,
    }
    task = state.data.task.make() if state.data.source == TASK else None
    taken = inspect.signature(make).parameters
    if task is not None:
        sizes |= {"dt": task.dt, "tau": task.tau}
    elif "dt" in taken:
        raise ValueError(
            f"a {state.model.kind} lives in physical time, which choices have not: pick another network, or "
            f'a "{TASK}" as the source.'
        )
    if "n_signals" in taken and not n_signals:
        raise ValueError(
            f"a {state.model.kind} predicts recorded signals beside the choices, but these data have none; "
            "pick another network, or data with a signal."
        )
    if "n_signals" not in taken:
        sizes["n_outputs"] += n_signals
    given = {name: size for name, size in sizes.items() if name in taken}
    return make(**given, **state.model.parameters.to_dict(), key=key)


def make_run(
    run_id: int,
    state: LabState,
    dataset: Dataset,
    table: Table | None,
    model: eqx.Module | None,
    branch: Branch | None = None,
) -> LabRun:
    """A run that has not begun.

    The network (`model`, or a new one), and a trainer that is not compiled yet. Where the run is a `branch`,
    `model` is the network that it goes on from.
    """
    dealt = None if branch is None else branch.split(dataset)
    train, held_out = split(state, dataset) if dealt is None else dealt
    training, curriculum = state.training, make_curriculum(state)
    trainer = Trainer(
        make_model(state, dataset) if model is None else model,
        train if curriculum is None else curriculum,
        held_out,
        batch_size=training.batch_size if curriculum else min(training.batch_size, train.n_sessions),
        seed=training.seed,
        keep_at=KEPT_STEPS,
    )
    truth = true_parameter(state.data)
    run = LabRun(run_id, dataset, train, held_out, trainer, state.to_dict(), table, curriculum, truth)
    state.penalties.check(run.penalty_names)
    if branch is not None:
        run.branch = branch
        run.curve.begins_at, run.curve.before = branch.step, branch.curves
        run.curve.before_words = f"before {branch.words}"
        if branch.dealt is not None:
            run.curve.before_words += ", other sessions held out"
    if curriculum is not None:
        run.curve.measure, run.curve.loss_name = "accuracy", "loss (mean squared error)"
        run.curve.has_classical = False
        run.curve.reference = ("next stage", state.data.advance) if state.data.stages else None
        return run
    if dataset.kind == "mixed":
        run.curve.of_choices, run.curve.loss_name = False, "loss (choices and signals)"
    # those choose, and learn from rewards
    run.curve.has_classical = dataset.n_classes is not None and not is_of_clicks(dataset)
    run.curve.chance = 1.0 / dataset.n_classes if dataset.n_classes else None
    return run


def add_reference(run: LabRun) -> None:
    """Set the reference of the curve: the agent that made the data, else how often subjects stay."""
    if run.curriculum is not None:
        return
    scored = run.scored
    ceiling, of_clicks = scored.generating_likelihood, is_of_clicks(scored)
    if not of_clicks and scored.kind != "continuous" and tells_rewards(scored):
        stays = stay_baselines(run.train, scored, by=fitted_by(run.train, scored))
        likelihood = {name: float(one.normalized_likelihood) for name, one in stays.items()}
        highest = max(likelihood, key=likelihood.__getitem__)
        run.curve.stay = likelihood[highest]
        run.curve.reference = (highest, run.curve.stay)
    if ceiling is not None:
        run.curve.reference = ("generating model" if of_clicks else "generating agent", ceiling)
