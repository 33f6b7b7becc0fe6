"""Trials of a task as a data set."""

from typing import Any

import numpy as np

from cogrnn_lab.data import Dataset
from cogrnn_lab.tasks.trials.trial_batch import TaskBatch
from cogrnn_lab.tasks.trials.trial_checks import check_batch


def task_dataset(task: Any, batch: TaskBatch) -> Dataset:
    """Each trial is a session, time steps are its trials, and parameters are columns, constant along time."""
    check_batch(task, batch)
    shape = batch.inputs.shape[:2]
    columns = {
        name: np.broadcast_to(np.asarray(values)[:, None], shape) for name, values in batch.parameters.items()
    }
    return Dataset(
        np.asarray(batch.inputs),
        np.asarray(batch.targets),
        mask=np.asarray(batch.mask),
        kind=task.kind,
        n_classes=task.n_classes,
        input_names=task.input_names,
        target_names=task.target_names,
        columns=columns,
        time_step=float(task.dt) / 1000,
    )
