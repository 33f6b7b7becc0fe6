"""Training from start to end in one call."""

import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import optax

from cogrnn_lab.callers import level_of_caller
from cogrnn_lab.counts import checked_count
from cogrnn_lab.data.splits import apart
from cogrnn_lab.models.description import describe_model, started_anew
from cogrnn_lab.models.network_at_hand import network_of
from cogrnn_lab.random_numbers import as_seed
from cogrnn_lab.training.freezing import Freeze, all_but
from cogrnn_lab.training.logs.log import logged
from cogrnn_lab.training.losses import TaskLoss
from cogrnn_lab.training.phases import Phase, check_rates, checked_phases
from cogrnn_lab.training.recipe import DEFAULT_RECIPE
from cogrnn_lab.training.replicates import Replicates
from cogrnn_lab.training.report import Report
from cogrnn_lab.training.run import Run
from cogrnn_lab.training.trainer import Trainer
from cogrnn_lab.training.watching.course import Course, CourseFile, definition_of
from cogrnn_lab.training.watching.patience import BestNetwork, checked_patience
from cogrnn_lab.training.watching.progress import Progress


def fit(
    model: Any,
    train: Any,
    valid: Any = None,
    *,
    hold_out: str | None = None,
    phases: Phase | Sequence[Phase] | None = None,
    optimizer: optax.GradientTransformation | None = None,
    learning_rate: float | None = None,
    loss: TaskLoss | None = None,
    batch_size: int = DEFAULT_RECIPE.batch_size,
    max_grad_norm: float | None = DEFAULT_RECIPE.max_grad_norm,
    freeze: Freeze | all_but | Mapping[str, Any] | None = None,
    keep_at: Iterable[int] = (),
    seed: int = 0,
    replicates: int | None = None,
    report_every: int = 100,
    callbacks: Callable[..., Any] | Sequence[Callable[..., Any]] = (),
    patience: int | None = None,
    checkpoint: str | Path | None = None,
    log: Any = None,
    progress: bool = True,
) -> Run:
    """Train a network through phases, each with its own penalties, noise and a fresh optimizer state.

    With a `Curriculum` in the place of the data, training ends earlier where its last stage is mastered. For
    replicates that differ in penalties see `Replicates`. Ctrl-C ends training and gives the run so far, with
    a warning.

    Arguments:
        model: Network to train, any `cl.Network`, or the `Run` that trained one, to go on from it.
        train: A `Dataset`; or a `Task`, a `NumpyTask` or a `Curriculum` that makes new trials for every step;
            or a list of tasks, of which every batch has equal shares; or a generator that yields a batch for
            each step: a `Dataset`, a `TaskBatch`, or (inputs, targets) or (inputs, targets, mask) of numbers.
        valid: Held-out sessions, a `Dataset` of the same kind; or a task, of which 256 trials are held out;
            or how much of `train` is to be held out, as `Dataset.split` takes it: every so many-th session,
            or a fraction as 0.2; or None.
        hold_out: What is held out of `train`, "sessions", "subjects" or "blocks" of trials, as in
            `Dataset.split`, which gives the same two parts; None with no number in `valid`: nothing.
        phases: One `Phase` or several. None for the usual recipe: a network with bottlenecks is warmed up and
            then penalized, as by `warm_up_then_penalized()`; others have one phase of as many steps at the
            rate of its second part.
        optimizer: An optax transformation, which brings its own learning rate; None for Adam.
        learning_rate: Adam's learning rate, where the first phase has none; None for 0.01.
        loss: A function (outputs, targets, mask, action_mask) -> mean loss, as in `cl.losses`; None for the
            one of the data's kind.
        batch_size: Sessions, or trials of a task, in a step, sampled without replacement.
        max_grad_norm: Norm to which gradients are clipped; None for no clipping.
        freeze: Part of the model that is not trained: its documented name, as "w_rec", or its path; several
            of them; a function that picks it; `all_but("subjects.weight")`; or {name or path: mask}, True at
            the entries that are not trained.
        keep_at: Steps whose networks are kept in the run's `kept`.
        seed: Seed of batches and noise, a whole number.
        replicates: Number of runs to train together, which differ in seed and start: the first is `model`
            with `seed`, the others are made anew with its arguments and the seeds that follow. None for one
            run.
        report_every: Steps between reports.
        callbacks: A function or several that are called with every `Report` (of the first run), and with the
            network as it is then where they take a second argument.
        patience: Steps after which a phase ends where its held-out loss, looked at with every report, has
            become no lower; the phase then gives its best network, whose step `run.settings["best_step"]`
            tells of the last phase. Each of several replicates ends for itself. None: every phase takes all
            of its steps.
        checkpoint: File that is written with every report. Where it is there, the run goes on from it, to the
            bit as if it had not been interrupted; a finished one is read. That of another run is refused.
        log: Where settings and reports are sent, such as `cl.logs.MLflow()`, or several.
        progress: Whether a bar shows where training is, in a terminal or a notebook.

    Returns:
        A `Run` with the trained model and the history; of replicates the first, with all of them in its
        `replicates`.

    Raises:
        TrainingDiverged: The loss is not finite or has run away.
        TypeError: Network, data or phases are something else.
        ValueError: There is no phase, a learning rate would have no effect (beside a first phase that brings
            its own, or beside an `optimizer`), network, data and settings do not belong together, or
            `checkpoint` holds another run.

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
    model = network_of(model)
    own_rate = optimizer is not None or learning_rate is not None
    phases = checked_phases(phases, model, own_rate=own_rate)
    train, valid = apart(train, valid, hold_out)
    check_rates(phases, learning_rate, has_optimizer=optimizer is not None)
    patience = checked_patience(patience, report_every, has_held_out=valid is not None)
    settings: dict[str, Any] = {
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "loss": loss,
        "batch_size": batch_size,
        "max_grad_norm": max_grad_norm,
        "freeze": freeze,
        "keep_at": keep_at,
        "seed": as_seed(seed),
    }
    tell = _told(callbacks)
    if replicates is not None:
        if checkpoint is not None or log is not None:
            raise ValueError("checkpoint and log are for one run; leave them or replicates out")
        models = [model, *_others(model, replicates, seed)]
        together = Replicates(models, train, valid, **settings)
        with Progress(phases, shown=progress) as bar:

            def show(report: Report, trainer: Trainer) -> None:
                bar.show(report)
                tell(report, trainer)

            return _fit_together(together, phases, report_every, patience, show)
    course = Course(Trainer(model, train, valid, **settings), phases, report_every, patience)
    keep = _keeper(course, checkpoint, train, valid, {"optimizer": optimizer, "loss": loss, "freeze": freeze})
    settings_told = {} if log is None else _told_to_logs(course)
    with Progress(phases, shown=progress) as bar, logged(log, settings_told) as logs:
        bar.go_on_from(course.trainer.step_count)
        run = _fit_one(course, keep, lambda *told: (bar.show(told[0]), logs.report(told[0]), tell(*told)))
        logs.failed = "interrupted" if run.was_interrupted else None
        return run


def _told_to_logs(course: Course) -> dict[str, Any]:
    """Settings of a run as logs show them."""
    described = describe_model(course.trainer.model)
    phases = {
        phase.name or f"phase {number}": {
            "steps": phase.steps,
            "noise": phase.noise,
            "learning_rate": phase.learning_rate,
            "penalties": {name: weight for name, weight in phase.penalties.items() if weight},
        }
        for number, phase in enumerate(course.phases, 1)
    }
    of_run = {"seed": course.trainer.seed, "batch_size": course.trainer.batch_size}
    return {"network": described["kind"]} | described["arguments"] | of_run | phases


def _keeper(
    course: Course, checkpoint: str | Path | None, train: Any, valid: Any, own: Mapping[str, Any]
) -> Callable[[], None]:
    """Take up the course where the file of `checkpoint` has it; a function that keeps it there."""
    if checkpoint is None:
        return lambda: None
    file = CourseFile(checkpoint, definition_of(course, train, valid))
    file.take_up(course, train, valid, {name: value for name, value in own.items() if value is not None})
    return lambda: file.keep(course)


def _fit_one(course: Course, keep: Callable[[], Any], tell: Callable[[Report, Any], Any]) -> Run:
    """Train through the phases of a course."""
    ended: dict[str, Any] = {}
    try:
        for report in course.reports(keep):
            tell(report, course.trainer)
        ended = course.ended
    except KeyboardInterrupt:
        ended = course.ended | _interrupted(course.trainer.step_count) | course.gone_back()
    finally:
        course.trainer.close()
    run = Run.of(course.trainer)
    return replace(run, settings=run.settings | ended)


def _fit_together(
    together: Replicates,
    phases: Sequence[Phase],
    report_every: int,
    patience: int | None,
    tell: Callable[[Report, Any], Any],
) -> Run:
    ended: list[dict[str, Any]] = [{} for _ in together.trainers]
    best: list[BestNetwork] = []
    try:
        for phase in phases:
            together.begin([phase] * len(together.trainers))
            best = [] if patience is None else [BestNetwork(patience) for _ in together.trainers]
            _train_together(together, phase.steps, report_every, best, tell)
            ended = _each_gone_back(together, best, ended)
    except KeyboardInterrupt:
        told = _interrupted(max(trainer.step_count for trainer in together.trainers))
        ended = _each_gone_back(together, best, [own | told for own in ended])
    finally:
        together.close()
    runs = tuple(
        replace(run, settings=run.settings | own)
        for run, own in zip(map(Run.of, together.trainers), ended, strict=True)
    )
    return replace(runs[0], replicates=runs)


def _train_together(
    together: Replicates,
    steps: int,
    report_every: int,
    best: Sequence[BestNetwork],
    tell: Callable[[Report, Any], Any],
) -> None:
    """Train through a phase, or until each replicate rests as its patience has run out."""
    trainers = together.trainers
    for done in range(0, steps, report_every):
        rested = [trainer.is_resting for trainer in trainers]
        reports = together.advance(min(report_every, steps - done))
        for trainer in (one for one, was_resting in zip(trainers, rested, strict=True) if was_resting):
            trainer.history.pop()  # it took no step, so that there is nothing to report
        if not rested[0]:
            tell(reports[0], trainers[0])
        for own, trainer, report in zip(best, trainers, reports, strict=bool(best)):
            if not trainer.is_resting and own.look(report, trainer):
                trainer.rest()
        if any(own.ran_out for own in best) and all(trainer.is_resting for trainer in trainers):
            return


def _each_gone_back(
    together: Replicates, best: Sequence[BestNetwork], ended: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Have each replicate go back to its best network; one that has diverged goes on resting there."""
    told = list(ended)
    for i, (own, trainer) in enumerate(zip(best, together.trainers, strict=False)):
        has_diverged = trainer.is_resting and not own.ran_out
        told[i] = told[i] | own.gone_back(trainer)
        if has_diverged:
            trainer.rest()
    return told


def _interrupted(step: int) -> dict[str, Any]:
    warnings.warn(
        f"training was interrupted at step {step:,}; this is the run so far", stacklevel=level_of_caller()
    )
    return {"interrupted": True}


def _others(model: Any, replicates: Any, seed: int) -> list[Any]:
    """The networks of the other replicates, made anew with the same arguments."""
    n = checked_count(replicates, "replicates", of="networks")
    return [started_anew(model, jax.random.key(seed + i)) for i in range(1, n)]


def _told(callbacks: Any) -> Callable[[Report, Any], None]:
    """One function of a report and a trainer that calls all of them, those that take it with the network."""
    several = [callbacks] if callable(callbacks) else list(callbacks)
    for callback in several:
        if not callable(callback):
            raise TypeError(f"a callback is {callback!r}, expected a function of a report")
    takes_model = [_takes_two(callback) for callback in several]

    def tell(report: Report, trainer: Trainer) -> None:
        for callback, two in zip(several, takes_model, strict=True):
            callback(report, trainer.model) if two else callback(report)

    return tell


def _takes_two(callback: Callable[..., Any]) -> bool:
    """Whether a function needs two arguments."""
    try:
        parameters = inspect.signature(callback).parameters.values()
    except (TypeError, ValueError):  # a builtin such as print
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in positional and p.default is p.empty for p in parameters) == 2
