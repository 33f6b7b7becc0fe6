"""Training from start to end in one call."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import equinox as eqx
import jax
import optax

from cogrnn_lab.data import Dataset
from cogrnn_lab.models.description import started_anew
from cogrnn_lab.training.freezing import Freeze, all_but
from cogrnn_lab.training.losses import TaskLoss
from cogrnn_lab.training.penalties import Phase
from cogrnn_lab.training.replicates import Replicates
from cogrnn_lab.training.report import Report
from cogrnn_lab.training.run import Run
from cogrnn_lab.training.trainer import Trainer


def fit(
    model: eqx.Module,
    train: Any,
    valid: Dataset | None = None,
    *,
    phases: Phase | Sequence[Phase],
    optimizer: optax.GradientTransformation | None = None,
    learning_rate: float | None = None,
    loss: TaskLoss | None = None,
    batch_size: int = 128,
    max_grad_norm: float | None = 1.0,
    freeze: Freeze | all_but | None = None,
    keep_at: Iterable[int] = (),
    seed: int = 0,
    replicates: int | None = None,
    report_every: int = 100,
    callbacks: Sequence[Callable[[Report], None]] = (),
) -> Run:
    """Train `model` through `phases`, each with its own penalties and noise and a fresh optimizer state.

    With a `Curriculum` in the place of the data, training ends before where its last stage is mastered.

    Arguments: as `Trainer`; `phases` e.g. `warm_up_then_penalized()`; `report_every` steps between reports;
    `callbacks` functions called with every `Report` (of the first run); `replicates` how many runs to train
    at once, which differ in seed and start: the first is `model` with `seed`, the others are made anew with
    its arguments and the seeds that follow. For replicates of your own, as in penalties, see `Replicates`.

    Returns a `Run` with the trained model and the history; of replicates the first, with all of them in its
    `replicates`. Raises `TrainingDiverged` where the loss runs away.
    """
    phases = [phases] if isinstance(phases, Phase) else list(phases)
    if not phases:
        raise ValueError("phases is empty; give at least one, e.g. phases=[cl.Phase(steps=500, noise=0.0)]")
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
