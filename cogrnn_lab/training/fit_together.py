"""Whether a network, a data set and a held-out set belong together; wrong input never trains."""

import numpy as np

from cogrnn_lab.data import Dataset


def check_model_fits(model, dataset: Dataset, name: str = "training data") -> None:
    """Raise a `ValueError` that says what differs where `model` can't work on `dataset`."""
    if model.n_inputs != dataset.n_inputs:
        raise ValueError(
            f"the network reads {model.n_inputs} inputs, but the {name} has {dataset.n_inputs} "
            f"({', '.join(dataset.input_names)}); make the network with n_inputs={dataset.n_inputs}"
        )
    if dataset.kind == "categorical" and model.n_outputs != dataset.n_classes:
        raise ValueError(
            f"the network has {model.n_outputs} outputs, but the {name} has {dataset.n_classes} "
            f"alternatives; make the network with n_outputs={dataset.n_classes}"
        )
    if not np.any(dataset.mask):
        raise ValueError(f"no target of the {name} counts: every trial is masked or padding")


def check_same_task(train: Dataset, valid: Dataset) -> None:
    """Raise a `ValueError` where the held-out data are not of the training data's kind."""
    for attribute in ("kind", "n_inputs", "n_classes", "input_names", "class_names"):
        ours, theirs = getattr(train, attribute), getattr(valid, attribute)
        if ours != theirs:
            raise ValueError(
                f"training and held-out data differ in {attribute}: {ours!r} and {theirs!r}; "
                "make both with the same call, e.g. train, held_out = dataset.split()"
            )
