"""Checks that a network, a data set and a held-out set belong together; wrong input never trains."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cogrnn_lab.counts import is_number
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.named import check_classes, check_signals, default_input_names, has_default_signal_names
from cogrnn_lab.models.names import KINDS_OF_NAMES
from cogrnn_lab.training.known_subjects import check_subject_indices, subjects_as_known


def as_network_knows(model: Any, dataset: Dataset, name: str = "data set") -> Dataset:
    """Prepare a data set to be run through `model`, with the network's inputs and its numbers for subjects.

    Raises:
        ValueError: The network can't work on the data, or does not know its subjects, inputs or alternatives.
    """
    _check_is_dataset(dataset, name)  # before its names are asked for
    dataset = named_as_known(model, dataset, name)
    check_model_fits(model, dataset, name)
    return subjects_as_known(model, dataset, name)


def check_model_fits(model: Any, dataset: Dataset, name: str = "training data") -> None:
    """Raise an error that says why `model` can't work on `dataset`: a `TypeError` where that is none."""
    _check_is_dataset(dataset, name)
    if model.n_inputs != dataset.n_inputs:
        known = getattr(model, "input_names", None)
        ours = "" if known is None else f" ({', '.join(known)})"
        raise ValueError(
            f"the network reads {model.n_inputs} inputs{ours}, but the {name} has {dataset.n_inputs} "
            f"({', '.join(dataset.input_names)}); make the network with n_inputs={dataset.n_inputs}"
        )
    _check_outputs(model, dataset, name)
    check_time_step(model, dataset, name)
    check_subject_indices(model, dataset, name)
    check_inputs = getattr(model, "check_inputs", None)
    if check_inputs is not None:
        check_inputs(dataset.inputs, dataset.input_names)
    if not np.any(dataset.mask):
        raise ValueError(f"no target of the {name} counts: every trial is masked or padding")


def _check_is_dataset(dataset: Any, name: str) -> None:
    if not isinstance(dataset, Dataset):
        slip = "; make one of the task's trials: task.dataset(500)" if hasattr(dataset, "batch") else ""
        slip = "; the network comes first" if hasattr(dataset, "rollout") else slip
        raise TypeError(f"the {name} is a {type(dataset).__name__}, expected a cl.Dataset{slip}")


def check_time_step(model: Any, dataset: Dataset, name: str = "training data") -> None:
    """Refuse data whose steps last longer or shorter than those of a network that lives in physical time."""
    own: Any = getattr(model, "dt", None)
    given = dataset.time_step
    if not is_number(own) or given is None or np.isclose(float(own), 1000 * given):
        return
    raise ValueError(
        f"a step of the network is {float(own):g} ms (its dt), but one of the {name} is {1000 * given:g} ms: "
        f"all its time constants would be {1000 * given / float(own):.3g} times as long as they should; make "
        f"the network with dt={1000 * given:g}, or the data or the task with steps of {float(own):g} ms"
    )


def _check_outputs(model: Any, dataset: Dataset, name: str) -> None:
    n_signals = getattr(model, "n_signals", 0)
    if n_signals and dataset.kind != "mixed":
        raise ValueError(
            f"a {type(model).__name__} predicts choices and recorded signals, but the {name} is "
            f'{dataset.kind}; make a data set of kind="mixed": the choice, then the signals'
        )
    if dataset.kind == "mixed" and n_signals:
        wanted, n_recorded = dataset.n_classes, dataset.n_targets - 1
        if n_signals != n_recorded:
            raise ValueError(
                f"the network predicts {n_signals} signals, but the {name} has {n_recorded} "
                f"({', '.join(dataset.target_names[1:])}); make it with n_signals={n_recorded}"
            )
    elif dataset.kind == "mixed":
        wanted = (dataset.n_classes or 0) + dataset.n_targets - 1
    else:
        wanted = dataset.n_classes if dataset.kind == "categorical" else dataset.n_targets
    if model.n_outputs != wanted:
        what = "targets" if dataset.kind == "continuous" else "alternatives"
        what = what if n_signals or dataset.kind != "mixed" else "alternatives and signals together"
        raise ValueError(
            f"the network has {model.n_outputs} outputs, but the {name} has {wanted} {what}; "
            f"make the network with n_outputs={wanted}"
        )


def check_same_task(train: Dataset, valid: Dataset) -> None:
    """Raise a `ValueError` where the held-out data are not of the training data's kind."""
    for attribute in (
        "kind",
        "n_inputs",
        "n_classes",
        "input_names",
        "target_names",
        "class_names",
        "time_step",
    ):
        ours, theirs = getattr(train, attribute), getattr(valid, attribute)
        if ours != theirs:
            raise ValueError(
                f"training and held-out data differ in {attribute}: {ours!r} and {theirs!r}; "
                "make both with the same call, e.g. train, held_out = dataset.split()"
            )


def named_as_known(model: Any, dataset: Dataset, name: str = "data set") -> Dataset:
    """Put the inputs of a data set in the order in which `model` reads those of the same names.

    The data set is returned as it is where the network knows no names (it was not trained yet), or the data
    set has none of its own.

    Arguments:
        model: The network.
        dataset: The data set.
        name: Name of the data set in errors.

    Returns:
        The data set.

    Raises:
        ValueError: An input is not known by its name, or the alternatives or recorded signals are others or
            in another order.
    """
    check_classes(getattr(model, "class_names", None), dataset, name)
    check_signals(getattr(model, "signal_names", None), dataset, name)
    known, own = getattr(model, "input_names", None), dataset.input_names
    if known is None or own == known or own == default_input_names(len(known)) or len(own) != len(known):
        return dataset  # `check_model_fits` refuses another number of inputs
    if set(own) != set(known):
        raise ValueError(
            f"the network reads the inputs {', '.join(known)}, but the {name} has {', '.join(own)}: "
            f"{_odd(known, own)}. Inputs are found by their names; read the data with the same columns as "
            "those that the network was trained on, or, where other names mean the same, have it forget its "
            "own: model.with_names(input_names=None)"
        )
    return dataset._replace(inputs=dataset.inputs[..., [own.index(one) for one in known]], input_names=known)


def check_batches(model: Any, sample: Dataset) -> None:
    """Refuse batches, of tasks or a generator, that `model` would read in another order than it knows.

    Those of a data set are matched by name instead, by `named_as_known` and `subjects_as_known`.

    Arguments:
        model: The network, which knows its names.
        sample: One batch.

    Raises:
        ValueError: Inputs, alternatives or subjects are in another order.
    """
    for kind in KINDS_OF_NAMES:
        known, own = getattr(model, kind, None), getattr(sample, kind)
        if known and own and known != own and set(known) == set(own):
            raise ValueError(
                f"the network knows the {kind} {', '.join(known)} in this order, but the batches have "
                f"{', '.join(own)}; make them in the network's order"
            )
    subjects = getattr(model, "subject_names", None)
    if subjects and tuple(subjects[: len(sample.subject_names)]) != tuple(sample.subject_names):
        raise ValueError(
            f"the network knows the subjects {', '.join(subjects)}, but those of the batches are numbered as "
            f"{', '.join(sample.subject_names)}. A new network takes the names of all who have sessions in "
            "the first batch: give that one a session of each, and all batches the same subject_names"
        )


def with_names_of(model: Any, datasets: Sequence[Dataset]) -> Any:
    """Have a network that knows no names take those of its training data.

    Arguments:
        model: The network.
        datasets: The training data, or trials of each stage of a curriculum, whose names are taken where
            they are the same.

    Returns:
        The network, or a copy with names.
    """
    if not hasattr(model, "with_names"):
        return model
    new = {}
    if model.input_names is None and len({one.input_names for one in datasets}) == 1:
        own = datasets[0].input_names
        new["input_names"] = None if own == default_input_names(len(own)) else own
    if model.class_names is None and len({one.class_names for one in datasets}) == 1:
        new["class_names"] = datasets[0].class_names
    if getattr(model, "signal_names", None) is None and len({one.signal_names for one in datasets}) == 1:
        new["signal_names"] = (
            None if has_default_signal_names(datasets[0]) else datasets[0].signal_names or None
        )
    new = {kind: names for kind, names in new.items() if names is not None}
    return model.with_names(**new) if new else model


def _odd(known: Sequence[str], own: Sequence[str]) -> str:
    """What one side has alone."""
    alone = (
        (f"the data lack {', '.join(one for one in known if one not in own)}", set(known) - set(own)),
        (f"the network knows no {', '.join(one for one in own if one not in known)}", set(own) - set(known)),
    )
    return "; ".join(said for said, names in alone if names)
