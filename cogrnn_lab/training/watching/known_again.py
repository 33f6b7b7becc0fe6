"""Training data in a short text, by which a run that goes on knows them again."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import jax
import numpy as np

from cogrnn_lab.data import Dataset
from cogrnn_lab.fingerprints import digest, fingerprint_of_all
from cogrnn_lab.tasks import NumpyTask, Task
from cogrnn_lab.tasks.trials.numpy_task import settings_of
from cogrnn_lab.training.curriculum import Curriculum

TRIALS = 4  # drawn of a task in NumPy, whose settings need not tell all
MOST_ITEMS = 20  # of an array that is written out


def known_again(data: Any) -> str | None:
    """Tell data sets by all that they hold, and tasks by their settings.

    Arguments:
        data: What a network is trained on: a `Dataset`, a task, a `Curriculum`, several in a list, or None.

    Returns:
        The text; None for None.
    """
    if data is None:
        return None
    if isinstance(data, list | tuple):
        return ", ".join(str(known_again(one)) for one in data)
    if isinstance(data, Dataset):
        return fingerprint_of_all(data)
    return _text(data)


def _text(value: Any) -> str:
    if isinstance(value, Task):
        return _with_settings(value, {own.name: getattr(value, own.name) for own in fields(value)})
    if isinstance(value, NumpyTask):
        batch = value.batch(0, TRIALS)
        drawn = digest(*(np.asarray(own) for own in (batch.inputs, batch.targets, batch.mask)))
        settings = {name: getattr(value, name) for name in settings_of(type(value))}
        return f"{_with_settings(value, settings)} of trials {drawn}"
    if isinstance(value, Curriculum):
        return _with_settings(value, {own.name: getattr(value, own.name) for own in fields(value)})
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, np.ndarray | jax.Array) and np.ndim(value):
        array = np.asarray(value)
        return str(array.tolist()) if array.size <= MOST_ITEMS else f"{array.shape} {digest(array)}"
    if callable(value):  # by its name: an address is another one in the next process
        return str(getattr(value, "__qualname__", type(value).__qualname__))
    if isinstance(value, int | float | np.number | jax.Array) and not isinstance(value, bool):
        return repr(float(value))  # a setting of 1 and of 1.0 is one task
    return repr(value)


def _with_settings(value: Any, settings: Mapping[str, Any]) -> str:
    return f"{type(value).__name__}({', '.join(f'{name}={_text(own)}' for name, own in settings.items())})"
