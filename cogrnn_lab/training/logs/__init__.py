"""Logs of training runs: where settings and reports are sent while a network trains.

Give one, or several, to `fit(..., log=...)` or `Study(..., log=...)`. Each needs its extra.
"""

from cogrnn_lab.argument_kinds import check_public
from cogrnn_lab.training.logs.log import Log, LoggedRun
from cogrnn_lab.training.logs.to_mlflow import MLflow
from cogrnn_lab.training.logs.to_tensorboard import TensorBoard
from cogrnn_lab.training.logs.to_wandb import WandB

__all__ = ["Log", "LoggedRun", "MLflow", "TensorBoard", "WandB"]

check_public(globals(), __all__)
