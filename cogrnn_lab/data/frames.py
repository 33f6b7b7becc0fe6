"""A data set as a table of trials."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cogrnn_lab.data.reading.table_columns import TIME_STEP

if TYPE_CHECKING:
    from cogrnn_lab.data.dataset import Dataset


def trial_frame(dataset: "Dataset", latents: Any = None) -> pd.DataFrame:
    """One row per valid trial; see `Dataset.to_dataframe`."""
    session, trial = np.nonzero(dataset.valid)
    subject_names = np.array(dataset.subject_names, object)
    frame: dict[str, Any] = {
        "subject": _numbers_or_text(subject_names[dataset.subject[session]]),
        "session": _numbers_or_text(np.array(dataset.session_names, object)[session]),
        "trial": trial + 1,
    }
    frame |= _targets(dataset, session, trial)
    columns = {name: column[session, trial] for name, column in dataset.columns.items()}
    if "reward" in columns:  # NaN where a part of joined data had no such column
        known = dataset.rewards[session, trial]
        columns["reward"] = np.where(np.isfinite(columns["reward"]), columns["reward"], known)
    inputs = {name: dataset.inputs[session, trial, i] for i, name in enumerate(dataset.input_names)}
    for name, values in (columns | inputs | _latent_columns(dataset, latents, session, trial)).items():
        frame.setdefault(name, values.astype(int) if values.dtype == bool else values)
    if dataset.time_step is not None:
        frame.setdefault(TIME_STEP, np.full(len(session), dataset.time_step))
    return pd.DataFrame(frame)


def _numbers_or_text(labels: np.ndarray) -> np.ndarray:
    if all(label.isdecimal() and str(int(label)) == label for label in set(labels)):
        return labels.astype(np.int64)
    return labels


def _targets(dataset: "Dataset", session: np.ndarray, trial: np.ndarray) -> dict[str, np.ndarray]:
    columns = {}
    for k, name in enumerate(dataset.target_names):
        values = dataset.targets[session, trial, k]
        counted = dataset.mask[session, trial, k]
        if k == 0 and dataset.class_names is not None:
            columns[name] = _labels(dataset, session, trial)
        else:
            columns[name] = np.where(counted, values, np.nan)
    return columns


def _labels(dataset: "Dataset", session: np.ndarray, trial: np.ndarray) -> np.ndarray:
    """Labels of the choices made, also of those that do not count, such as instructed ones."""
    names = dataset.class_names or ()
    chosen = dataset.choices[session, trial]
    if all(name.lstrip("-").isdecimal() for name in names) and "-1" not in names:
        return np.array([*(int(name) for name in names), -1])[chosen]
    return np.array([*names, None], object)[chosen]


def _latent_columns(
    dataset: "Dataset", latents: Any, session: np.ndarray, trial: np.ndarray
) -> dict[str, np.ndarray]:
    if latents is None:
        return {}
    states = np.asarray(getattr(latents, "states", latents))
    if states.ndim != 3 or states.shape[:2] != dataset.valid.shape:
        raise ValueError(
            f"latents have shape {states.shape}; expected (session, trial, latent) with "
            f"{dataset.valid.shape} first. Were they computed on another data set?"
        )
    return {f"latent_{i + 1}": states[session, trial, i] for i in range(states.shape[2])}
