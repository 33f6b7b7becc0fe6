"""Losses, penalties, and training that can be watched and steered."""

from cogrnn_lab.training.fit import fit
from cogrnn_lab.training.penalties import DEFAULT_PENALTIES, Penalties, Phase, warm_up_then_penalized
from cogrnn_lab.training.report import Report, TrainingDiverged
from cogrnn_lab.training.run import Run, load
from cogrnn_lab.training.trainer import DEFAULT_LEARNING_RATE, Trainer

__all__ = [
    "DEFAULT_LEARNING_RATE",
    "DEFAULT_PENALTIES",
    "Penalties",
    "Phase",
    "Report",
    "Run",
    "Trainer",
    "TrainingDiverged",
    "fit",
    "load",
    "warm_up_then_penalized",
]
