"""Training from start to end in one call."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import equinox as eqx
import optax

from cogrnn_lab.data import Dataset
from cogrnn_lab.training.freezing import Freeze, all_but
from cogrnn_lab.training.losses import TaskLoss
from cogrnn_lab.training.penalties import Phase
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
    report_every: int = 100,
    callbacks: Sequence[Callable[[Report], None]] = (),
) -> Run:
    """Train `model` through `phases`, each with its own penalties and noise and a fresh optimizer state.

    With a `Curriculum` in the place of the data, training ends before where its last stage is mastered.

    Arguments: as `Trainer`; `phases` e.g. `warm_up_then_penalized()`; `report_every` steps between reports;
    `callbacks` functions called with every `Report`.

    Returns a `Run` with the trained model and the history. Raises `TrainingDiverged` where the loss runs
    away.
    """
    phases = [phases] if isinstance(phases, Phase) else list(phases)
    if not phases:
        raise ValueError("phases is empty; give at least one, e.g. phases=[cl.Phase(steps=500, noise=0.0)]")
    trainer = Trainer(
        model,
        train,
        valid,
        optimizer=optimizer,
        learning_rate=learning_rate,
        loss=loss,
        batch_size=batch_size,
        max_grad_norm=max_grad_norm,
        freeze=freeze,
        keep_at=keep_at,
        seed=seed,
    )
    for phase in phases:
        trainer.begin(phase)
        for report in trainer.run(phase.steps, report_every):
            for callback in callbacks:
                callback(report)
    trainer.close()
    return Run.of(trainer)
