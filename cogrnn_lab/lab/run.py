"""One run of the lab: its data, its trainer, and what it has learned so far."""

import inspect
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import equinox as eqx
import jax
import numpy as np

from cogrnn_lab.analysis import evaluate, stay_baseline
from cogrnn_lab.data import Dataset, published
from cogrnn_lab.lab.catalog import SIGNALS
from cogrnn_lab.lab.figures.learning import Curve
from cogrnn_lab.lab.state import GIVEN, PUBLISHED, SIMULATED, TABLE, TASK, LabState
from cogrnn_lab.lab.table import Table
from cogrnn_lab.models import n_parameters
from cogrnn_lab.tasks import Task, simulate
from cogrnn_lab.training import Curriculum, Report, Trainer

PREVIEWED_TRIALS = 64  # of a trial task, to look at
CHECK_EVERY, CHECKED_TRIALS = 25, 256


@dataclass
class LabRun:
    """What one press of Reset makes. `settings` are the lab's settings that it was made from.

    On a trial task, `curriculum` is what is trained on, and `dataset` some of its trials to look at.
    """

    id: int
    dataset: Dataset
    train: Dataset
    held_out: Dataset | None
    trainer: Trainer
    settings: dict[str, Any]
    table: Table | None = None
    curriculum: Curriculum | None = None
    curve: Curve = field(default_factory=Curve)

    @property
    def task(self) -> Task | None:
        """The trial task of the present stage; None where choices are trained on."""
        return None if self.curriculum is None else self.curriculum.stages[self.trainer.stage]

    @cached_property
    def penalty_names(self) -> tuple[str, ...]:
        """What can be priced in this run's network; asking it traces, so once is enough."""
        return self.trainer.model.penalty_names

    def note(self, report: Report) -> None:
        """Take a report into the curve. Where signals are predicted too, its loss tells no likelihood."""
        self.curve.add(report)
        if not self.curve.of_choices and report.valid_loss is not None:
            scored = evaluate(self.trainer.model, self.held_out or self.train)
            self.curve.score(report.step, float(scored.normalized_likelihood))

    @property
    def n_parameters(self) -> int:
        """Number of trained numbers in the model."""
        return n_parameters(self.trainer.model)


def make_dataset(state: LabState, table: Table | None, given: Dataset | None) -> Dataset:
    """The data that the settings describe. Raises `ValueError` with a sentence that says what to change."""
    data = state.data
    if data.source == SIMULATED:
        return simulated(data)
    if data.source == PUBLISHED:
        return published(data.published)
    if data.source == TASK:
        return data.task.make().dataset(PREVIEWED_TRIALS, seed=data.seed)
    if data.source == TABLE:
        if table is None:
            raise ValueError("No table yet: upload a CSV file in the Data panel, one row per trial.")
        return table.dataset(data.table.to_dict())
    if given is None:
        raise ValueError(f'There is no data set to take for "{GIVEN}": pass one, as in cl.Lab(dataset=...).')
    return given


def simulated(data: Any) -> Dataset:
    """Sessions of one agent, or of several subjects that differ in one of its parameters."""
    parameters, n_sessions = data.agent.parameters.to_dict(), data.n_sessions
    if data.n_subjects > 1:
        varied = data.varied or data.agent.parameters.own_names()[0]
        if varied not in parameters:
            raise ValueError(
                f'the agent has no parameter "{varied}" for subjects to differ in; '
                f"it has {', '.join(parameters)}"
            )
        parameters[varied] = np.linspace(data.lowest, data.highest, data.n_subjects)
        n_sessions = max(2, round(n_sessions / data.n_subjects))
    signal = SIGNALS[data.signal]
    return simulate(
        data.agent.constructor(**parameters),
        data.environment.make(),
        n_sessions=n_sessions,
        n_trials=data.n_trials,
        seed=data.seed,
        signals=() if signal is None else signal(),
    )


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
    """Training sessions and held-out sessions (None where nothing is held out)."""
    every = state.training.held_out if state.data.source != TASK else 0
    return dataset.split(every=every) if every > 1 else (dataset, None)


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
    run_id: int, state: LabState, dataset: Dataset, table: Table | None, model: eqx.Module | None
) -> LabRun:
    """A run that has not begun.

    The network (`model`, or a new one), and a trainer that is not compiled yet.
    """
    train, held_out = split(state, dataset)
    training, curriculum = state.training, make_curriculum(state)
    trainer = Trainer(
        make_model(state, dataset) if model is None else model,
        train if curriculum is None else curriculum,
        held_out,
        batch_size=training.batch_size if curriculum else min(training.batch_size, train.n_sessions),
        seed=training.seed,
    )
    run = LabRun(run_id, dataset, train, held_out, trainer, state.to_dict(), table, curriculum)
    if curriculum is not None:
        run.curve.measure, run.curve.loss_name = "accuracy", "loss (mean squared error)"
        run.curve.reference = ("next stage", state.data.advance) if state.data.stages else None
        return run
    if dataset.kind == "mixed":
        run.curve.of_choices, run.curve.loss_name = False, "loss (choices and signals)"
    run.curve.chance = 1.0 / dataset.n_classes if dataset.n_classes else None
    return run


def add_reference(run: LabRun) -> None:
    """What the network is compared with: the agent that made the data, else how often subjects stay."""
    if run.curriculum is not None:
        return
    scored = run.held_out or run.train
    ceiling = scored.generating_likelihood
    if ceiling is not None:
        run.curve.reference = ("generating agent", ceiling)
    elif scored.kind != "continuous" and {"choice", "reward"} <= set(scored.columns):
        run.curve.reference = ("stay baseline", float(stay_baseline(run.train, scored).normalized_likelihood))
