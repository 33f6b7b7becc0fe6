"""Training data in every form in which they are given, and the source of batches that each needs."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np

from cogrnn_lab.data import Dataset
from cogrnn_lab.tasks import NumpyTask, Task
from cogrnn_lab.training.compiled.batch_source import BatchSource
from cogrnn_lab.training.compiled.batches import DatasetSource, NumpyTaskSource, TaskSource
from cogrnn_lab.training.compiled.generated import GeneratorSource, generated
from cogrnn_lab.training.compiled.mixtures import MixtureSource, shares

# Trials of a task against which a network is checked.
SAMPLED_TRIALS = 16
# Trials of a task that is given as held-out data, and their seed: the same in every run.
HELD_OUT_TRIALS, HELD_OUT_SEED = 256, 1


def batch_source(train: Any, batch_size: int, seed: int) -> BatchSource:
    """Make the source of batches of `batch_size` sessions or trials."""
    if isinstance(train, list):
        parts = zip(train, shares(batch_size, len(train)), strict=True)
        return MixtureSource([batch_source(task, size, seed) for task, size in parts])
    if isinstance(train, Dataset):
        return DatasetSource(train, batch_size)
    if isinstance(train, Task):
        return TaskSource(train, batch_size)
    if isinstance(train, NumpyTask):
        return NumpyTaskSource(train, batch_size, seed)
    return GeneratorSource(train)


def training_form(train: Any) -> Any:
    """Give training data in the form that `batch_source` and `sample_sessions` take.

    Returns:
        A data set or task as it is, a list of tasks, or an iterator of batches.

    Raises:
        TypeError: It is neither data, nor a task, nor several tasks, nor a generator.
        ValueError: Tasks of a mixture differ in inputs, outputs or kind.
    """
    if isinstance(train, Dataset | Task | NumpyTask):
        return train
    if isinstance(train, list | tuple) and train and all(isinstance(one, Task | NumpyTask) for one in train):
        for name in ("n_inputs", "n_outputs", "kind"):
            values = [getattr(task, name) for task in train]
            if len(set(values)) > 1:
                raise ValueError(
                    f"the tasks of the mixture differ in {name}: {values}; one network has to do all of them"
                )
        return list(train)
    if isinstance(train, Iterator):
        return train
    raise TypeError(
        f"training needs a Dataset, Task, NumpyTask or Curriculum, got {_named(train)}; a list of tasks, "
        "or a generator of batches, is taken, too"
    )


def sample_sessions(train: Any) -> tuple[Dataset, Any]:
    """Make data of the kind that the batches are of, to check a network and a loss against.

    Returns:
        The sample, and the training data, of which an iterator still gives all batches.
    """
    if isinstance(train, Dataset):
        return train, train
    if isinstance(train, list):
        samples = [sample_sessions(task)[0] for task in train]
        return samples[0], train
    if isinstance(train, Task | NumpyTask):
        train.check()
        return train.dataset(SAMPLED_TRIALS), train
    try:
        first = generated(next(train), 0)
    except StopIteration:
        raise ValueError("the generator of training data gives no batch at all") from None
    return first, chain([first], train)


def held_out_sessions(valid: Any) -> Dataset | None:
    """Give held-out data as a data set; of a task some trials, the same in every run.

    Raises:
        TypeError: They are no data set and no task.
    """
    if valid is None or isinstance(valid, Dataset):
        return valid
    if isinstance(valid, Task | NumpyTask):
        return valid.dataset(HELD_OUT_TRIALS, seed=HELD_OUT_SEED)
    slip = "; phases are given by name: phases=" if hasattr(valid, "steps") else ""
    raise TypeError(f"the held-out data are {_named(valid)}, expected a Dataset, a task, or None{slip}")


def _named(given: Any) -> str:
    if isinstance(given, type):
        return f"the class {given.__name__}; call the class to make an instance"
    if isinstance(given, np.ndarray) or hasattr(given, "__array__"):
        return f"an array of shape {np.shape(given)}; make cl.Dataset(inputs, targets) of arrays"
    if isinstance(given, list | tuple):
        if all(isinstance(one, int | float | str) for one in given):
            return repr(given)[:80]
        kinds = ", ".join(sorted({type(one).__name__ for one in given})) or "nothing"
        slip = "; join data sets with first.concat(others)" if "Dataset" in kinds else ""
        slip = "; make cl.Dataset(inputs, targets) of arrays" if "ndarray" in kinds else slip
        return f"a {type(given).__name__} of {kinds}{slip}"
    if hasattr(given, "rollout"):
        return f"a {type(given).__name__}; the network comes first, then the data"
    if callable(given):
        return (
            f"the function {getattr(given, '__name__', given)!r}; call it, where it makes data or a generator"
        )
    if hasattr(given, "columns") or isinstance(given, str):
        return f"a {type(given).__name__}; cl.read_table makes a Dataset of a table"
    return f"a {type(given).__name__}"
