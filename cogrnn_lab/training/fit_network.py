"""Training from start to end in one call."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import equinox as eqx
import jax
import optax

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.splits import apart
from cogrnn_lab.models.description import started_anew
from cogrnn_lab.training.freezing import Freeze, all_but
from cogrnn_lab.training.losses import TaskLoss
from cogrnn_lab.training.phases import Phase, check_rates
from cogrnn_lab.training.recipe import DEFAULT_RECIPE
from cogrnn_lab.training.replicates import Replicates
from cogrnn_lab.training.report import Report
from cogrnn_lab.training.run import Run
from cogrnn_lab.training.trainer import Trainer


def fit(
    model: eqx.Module,
    train: Any,
    valid: Dataset | int | float | None = None,
    *,
    hold_out: str | None = None,
    phases: Phase | Sequence[Phase],
    optimizer: optax.GradientTransformation | None = None,
    learning_rate: float | None = None,
    loss: TaskLoss | None = None,
    batch_size: int = DEFAULT_RECIPE.batch_size,
    max_grad_norm: float | None = DEFAULT_RECIPE.max_grad_norm,
    freeze: Freeze | all_but | None = None,
    keep_at: Iterable[int] = (),
    seed: int = 0,
    replicates: int | None = None,
    report_every: int = 100,
    callbacks: Sequence[Callable[[Report], None]] = (),
) -> Run:
    """Train a network through phases, each with its own penalties, noise and a fresh optimizer state.

    With a `Curriculum` in the place of the data, training ends earlier where its last stage is mastered. For
    replicates that differ in penalties see `Replicates`.

    Arguments:
        model: Network to train, any `cl.Network`.
        train: A `Dataset`, or a `Task`, `NumpyTask` or `Curriculum` that makes new trials for every step.
        valid: Held-out data, a `Dataset` of the same kind, or None; or how much of `train` is to be held out,
            as `Dataset.split` takes it: every so many-th session, or a fraction as 0.2.
        hold_out: What is held out of `train`, "sessions", "subjects" or "blocks" of trials, as in
            `Dataset.split`, which gives the same two parts; None with no number in `valid`: nothing.
        phases: One `Phase` or several, e.g. `warm_up_then_penalized()`.
        optimizer: An optax transformation, which brings its own learning rate; None for Adam.
        learning_rate: Adam's learning rate, where the first phase has none; None for 0.01.
        loss: A function (outputs, targets, mask, action_mask) -> mean loss, as in `cl.losses`; None for the
            one of the data's kind.
        batch_size: Sessions, or trials of a task, in a step, sampled without replacement.
        max_grad_norm: Norm to which gradients are clipped; None for no clipping.
        freeze: Part of the model that is not trained: a function that picks it, its path or several paths, or
            `all_but("subjects.weight")`.
        keep_at: Steps whose networks are kept in the run's `kept`.
        seed: Seed of batches and noise, a whole number.
        replicates: Number of runs to train together, which differ in seed and start: the first is `model`
            with `seed`, the others are made anew with its arguments and the seeds that follow. None for one
            run.
        report_every: Steps between reports.
        callbacks: Functions that are called with every `Report` (of the first run).

    Returns:
        A `Run` with the trained model and the history; of replicates the first, with all of them in its
        `replicates`.

    Raises:
        TrainingDiverged: The loss is not finite or has run away.
        ValueError: There is no phase, a learning rate would have no effect (beside a first phase that brings
            its own, or beside an `optimizer`), or network, data and settings do not belong together.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> sessions = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=10)
        >>> train, held_out = sessions.split()
        >>> model = cl.GRU(2, 2, 3, key=jax.random.key(0))
        >>> run = cl.fit(model, train, held_out, phases=cl.Phase(4), batch_size=2, report_every=2)
        >>> [report.step for report in run.reports]
        [2, 4]
    """
    phases = [phases] if isinstance(phases, Phase) else list(phases)
    if not phases:
        raise ValueError("phases is empty; give at least one, e.g. phases=[cl.Phase(steps=500, noise=0.0)]")
    train, valid = apart(train, valid, hold_out)
    check_rates(phases, learning_rate, has_optimizer=optimizer is not None)
    settings: dict[str, Any] = {
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "loss": loss,
        "batch_size": batch_size,
        "max_grad_norm": max_grad_norm,
        "freeze": freeze,
        "keep_at": keep_at,
        "seed": seed,
    }
    if replicates is not None:
        if isinstance(replicates, bool) or int(replicates) != replicates or replicates < 1:
            raise ValueError(f"replicates is {replicates!r}, expected a whole number of at least 1")
        keys = [jax.random.key(seed + i) for i in range(1, replicates)]
        models = [model, *(started_anew(model, key) for key in keys)]
        return _fit_together(Replicates(models, train, valid, **settings), phases, report_every, callbacks)
    trainer = Trainer(model, train, valid, **settings)
    for phase in phases:
        trainer.begin(phase)
        for report in trainer.run(phase.steps, report_every):
            for callback in callbacks:
                callback(report)
    trainer.close()
    return Run.of(trainer)


def _fit_together(
    together: Replicates,
    phases: Sequence[Phase],
    report_every: int,
    callbacks: Sequence[Callable[[Report], None]],
) -> Run:
    for phase in phases:
        together.begin([phase] * len(together.trainers))
        for done in range(0, phase.steps, report_every):
            report = together.advance(min(report_every, phase.steps - done))[0]
            for callback in callbacks:
                callback(report)
    together.close()
    runs = tuple(Run.of(trainer) for trainer in together.trainers)
    return replace(runs[0], replicates=runs)
