"""Subjects of a data set, numbered as a network numbers those of the same names."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cogrnn_lab.data import Dataset


def subjects_as_known(model: Any, dataset: Dataset, name: str = "data set") -> Dataset:
    """Number the subjects of a data set as `model` numbers those of the same names.

    The data set is returned as it is where the network knows no subjects, or none by name (it was not trained
    yet). Subjects without names of their own are called by their index, so that those of unnamed data find
    each other as well.

    Arguments:
        model: The network.
        dataset: The data set.
        name: Name of the data set in errors.

    Returns:
        The data set.

    Raises:
        ValueError: A subject that has sessions is not known by its name.
    """
    known = getattr(model, "subject_names", None)
    if known is None:
        return dataset
    # Numbers may be places, not names, where the network knows others: then all of them have to be names.
    places = _are_numbers(dataset.subject_names) and not _are_numbers(known)
    asked = dataset.subject_names if places else _present(dataset)
    strangers = [one for one in asked if one not in known]
    if strangers:
        raise ValueError(
            f"the {name} has the subjects {_listed(asked)}, but the network knows "
            f"{_listed(known)}: it has no embedding for {_listed(strangers)}. Subjects are found by their "
            "names, and without any by their numbers from 0; read the data with the same subject column as "
            "those that the network was trained on, or add subjects with "
            "model.with_new_subjects(n, names=[...]) and train"
        )
    return _numbered(dataset, known)


def introduced(model: Any, dataset: Dataset) -> Any:
    """Introduce the subjects of the training data to `model` by their names.

    A new network takes the names of all who have sessions; one that was trained before gives its free places
    to those that are new to it, unless one side has names and the other numbers only. `subjects_as_known`
    refuses those who find no place.
    """
    if getattr(model, "n_subjects", None) is None or not hasattr(model, "with_subject_names"):
        return model
    if model.subject_names is None:
        # Only those who are trained on: nobody is scored by an embedding that has learned nothing. Numbers
        # are places, so that all of them are kept; see `check_held_out_subjects`.
        own = dataset.subject_names if _are_numbers(dataset.subject_names) else _present(dataset)
        return model.with_subject_names(own[: model.n_subjects])
    known = model.subject_names
    strangers = [one for one in _present(dataset) if one not in known]
    if _are_numbers(known):
        alike = all(one.isdecimal() for one in strangers)
    else:
        alike = not _are_numbers(dataset.subject_names) or set(known) <= set(dataset.subject_names)
    if strangers and alike and len(known) + len(strangers) <= model.n_subjects:
        return model.with_subject_names((*known, *strangers))
    return model


def check_held_out_subjects(model: Any, train: Dataset, valid: Dataset) -> None:
    """Refuse to score subjects of whom a new network (as it was before training) will learn nothing."""
    if getattr(model, "n_subjects", None) is None or getattr(model, "subject_names", None) is not None:
        return
    strangers = [one for one in _present(valid) if one not in _present(train)]
    if strangers:
        raise ValueError(
            f"the held-out data has the subjects {_listed(strangers)}, who are not trained on: a "
            f"{type(model).__name__} learns no embedding of them. Hold out sessions of each subject, or "
            'blocks of trials by hold_out="blocks", or take a network that knows no subjects'
        )


def check_subject_indices(model: Any, dataset: Dataset, name: str) -> None:
    """Raise a `ValueError` where a network that knows its subjects by index alone lacks one of these."""
    n_subjects = getattr(model, "n_subjects", None)
    if n_subjects is None or getattr(model, "subject_names", None) is not None:
        return
    if dataset.subject.max() >= n_subjects:
        raise ValueError(
            f"the network knows {n_subjects} subjects, but the {name} has subjects up to index "
            f"{dataset.subject.max()}; make the network with "
            f"n_subjects={len(dataset.subject_names)}, or add subjects with model.with_new_subjects()"
        )


def _are_numbers(names: Sequence[str]) -> bool:
    """Whether these are the names of subjects that have none: 0, 1, ..."""
    return list(names) == [str(index) for index in range(len(names))]


def _numbered(dataset: Dataset, known: tuple[str, ...]) -> Dataset:
    number = {one: index for index, one in enumerate(known)}
    places = np.array([number.get(one, -1) for one in dataset.subject_names], np.int32)
    if np.array_equal(places[dataset.subject], dataset.subject):
        return dataset
    return dataset._replace(subject=places[dataset.subject], subject_names=known)


def _present(dataset: Dataset) -> list[str]:
    return [dataset.subject_names[index] for index in dataset.subjects]


def _listed(names: Any) -> str:
    names = list(names)
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
