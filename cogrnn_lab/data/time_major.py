"""Arrays [trial, session, ...] of other packages, turned to [session, trial, ...]."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cogrnn_lab.data import checks
from cogrnn_lab.data.reading.labels import NEARLY_WHOLE

OVER_TRIALS = ("action_mask", "mask", "valid")


def arguments(xs: Any, ys: Any, kind: str, others: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `Dataset` with the session first; see `Dataset.from_time_major`."""
    xs, ys = (checks.numbers(array, name) for array, name in ((xs, "xs"), (ys, "ys")))
    for array, name in ((xs, "xs"), (ys, "ys")):
        if array.ndim != 3:
            raise ValueError(
                f"{name} has shape {array.shape}; expected three axes [trial, session, feature]."
            )
    targets = np.swapaxes(ys, 0, 1).astype(np.float32)
    n_categorical = {"categorical": targets.shape[2], "mixed": 1}.get(kind, 0)
    choices = targets[..., :n_categorical]
    choices[np.abs(choices + 1) <= NEARLY_WHOLE] = np.nan
    turned: dict[str, Any] = {
        name: array if array is None or name not in OVER_TRIALS else _turned(array, name, xs)
        for name, array in others.items()
    }
    if columns := others.get("columns"):
        turned["columns"] = {
            name: _turned(column, f'column "{name}"', xs) for name, column in columns.items()
        }
    return {"inputs": np.swapaxes(xs, 0, 1), "targets": targets, **turned}


def _turned(array: Any, name: str, xs: np.ndarray) -> np.ndarray:
    array = checks.numbers(array, name)
    wanted = xs.shape[:2]
    if array.shape[:2] != wanted:
        slip = " Are the sessions first there?" if array.shape[1::-1] == wanted else ""
        raise ValueError(
            f"{name} has shape {array.shape}; expected [trial, session, ...] with {wanted} first, as xs."
            f"{slip}"
        )
    return np.swapaxes(array, 0, 1)
