"""Trials of clicks as a data set: a session for each trial, a row for each time bin, the choice last."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from cogrnn_lab.data.dataset import Dataset

LEFT, RIGHT = "left clicks", "right clicks"
CHOICES = ("left", "right")


def binned(
    times: Sequence[Float[np.ndarray, "_"]], n_bins: Int[np.ndarray, " trial"], bin_width: float
) -> Float[np.ndarray, "trial bin"]:
    """Count the clicks of each trial, at these times in seconds, in each bin.

    A click at the very end of a stimulus belongs to its last bin.
    """
    trial = np.repeat(np.arange(len(times)), [len(t) for t in times])
    # the tolerance keeps a click at 0.07 s from the bin before, 0.07 / 0.01 being less than 7
    at = np.floor(np.concatenate([*times, np.zeros(0)]) / bin_width + 1e-6).astype(int)
    at = np.minimum(at, n_bins[trial] - 1)
    counts = np.zeros((len(times), int(n_bins.max())), np.float32)
    np.add.at(counts, (trial, at), 1.0)
    return counts


def whole_bins(duration: Float[np.ndarray, " trial"], bin_width: float) -> Int[np.ndarray, " trial"]:
    """Bins that a stimulus of this many seconds reaches into."""
    return np.maximum(np.ceil(duration / bin_width - 1e-6), 1).astype(int)


def response_bin(
    n_bins: Int[np.ndarray, " trial"], longest: int
) -> tuple[Bool[np.ndarray, "trial bin"], Bool[np.ndarray, "trial bin"]]:
    """Masks of the bins of each trial (the stimulus and one more), and of that one, the response."""
    bins = np.arange(longest + 1)
    return bins <= n_bins[:, None], bins == n_bins[:, None]


def click_dataset(
    left: Float[np.ndarray, "trial bin"],
    right: Float[np.ndarray, "trial bin"],
    n_bins: Int[np.ndarray, " trial"],
    choice: Int[np.ndarray, " trial"],
    *,
    subject: Any = None,
    subject_names: Sequence[str] | None = None,
    session_names: Sequence[str] | None = None,
    class_names: Sequence[str] = CHOICES,
    of_trials: Mapping[str, np.ndarray] | None = None,
    of_bins: Mapping[str, np.ndarray] | None = None,
    bin_width: float | None = None,
) -> Dataset:
    """A categorical `Dataset` of clicks in bins.

    Inputs are the clicks on the left and on the right; the bin after the stimulus has none, and there the
    choice (0 left, 1 right; -1 none) is the target. `of_trials` (trial,) and `of_bins` (trial, bin) become
    columns, beside "choice", "n_left" and "n_right". `bin_width` in seconds becomes the `time_step`.
    """
    valid, response = response_bin(n_bins, left.shape[1])
    inputs = np.zeros((*valid.shape, 2), np.float32)
    inputs[:, :-1, 0], inputs[:, :-1, 1] = left, right
    per_trial = {"n_left": left.sum(1).astype(int), "n_right": right.sum(1).astype(int), **(of_trials or {})}
    columns: dict[str, np.ndarray] = {"choice": np.where(response, choice[:, None], -1).astype(np.int32)}
    for name, values in per_trial.items():
        padding = np.nan if values.dtype.kind == "f" else -1
        columns[name] = np.where(valid, values[:, None], padding).astype(values.dtype)
    return Dataset(
        inputs,
        np.where(response & (choice[:, None] >= 0), choice[:, None], np.nan)[..., None],
        valid=valid,
        subject=subject,
        n_classes=2,
        input_names=(LEFT, RIGHT),
        columns=columns | dict(of_bins or {}),
        subject_names=subject_names,
        session_names=session_names,
        class_names=class_names,
        time_step=bin_width,
    )


def bin_width_of(dataset: Dataset, bin_width: float | None) -> float:
    """Seconds of a bin: those that the data set has recorded, or those given where it has not.

    **Raises:** `ValueError` where neither is known, or the two differ.
    """
    recorded = dataset.time_step
    if recorded is None and bin_width is None:
        raise ValueError(
            "the data set does not say how long its bins are, on which the rates of an accumulator depend; "
            "expected a time_step in seconds, as simulate_clicks and read_clicks record it, such as "
            "Dataset(..., time_step=0.01)."
        )
    if recorded is None or bin_width is None:
        return float(recorded or bin_width or 0.0)
    if not np.isclose(recorded, bin_width, rtol=1e-6, atol=0.0):
        raise ValueError(
            f"bin_width = {bin_width}, but the bins of the data set last {recorded} s (its time_step); leave "
            "bin_width out."
        )
    return recorded


def clicks_in(
    dataset: Dataset,
) -> tuple[Float[np.ndarray, "trial bin"], Float[np.ndarray, "trial bin"], Int[np.ndarray, " trial"]]:
    """Left and right clicks in each bin of the stimulus, and its bins, of a data set made by `click_dataset`.

    **Raises:** `ValueError` where it has other inputs or no bin after the stimulus.
    """
    if LEFT not in dataset.input_names or RIGHT not in dataset.input_names:
        raise ValueError(
            f'the data set has the inputs {", ".join(dataset.input_names)}; expected "{LEFT}" and "{RIGHT}", '
            "as `simulate_clicks` and `read_clicks` make them."
        )
    left, right = (dataset.inputs[..., dataset.input_names.index(name)] for name in (LEFT, RIGHT))
    n_bins = dataset.lengths - 1
    last = (np.arange(dataset.n_sessions), n_bins)
    if n_bins.min() < 1 or (left[last] + right[last] > 0).any():
        raise ValueError("the last bin of a trial has clicks; expected an empty one after the stimulus.")
    return left[:, :-1], right[:, :-1], n_bins
