"""Alternatives and inputs by name: whether those of a data set are those that a model was fitted to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cogrnn_lab.data.dataset import Dataset


def check_classes(
    known: Sequence[str] | None, dataset: "Dataset", name: str = "data set", who: str = "network"
) -> None:
    """Refuse alternatives that are others than a model knows, or in another order.

    Targets are indices: in another order one alternative would be scored as another, without a word.

    Arguments:
        known: Names of the alternatives that the model was fitted to; None: it knows no names.
        dataset: The data set.
        name: Name of the data set in errors.
        who: Name of the model in errors.

    Raises:
        ValueError: With both lists, and how to make them the same.
    """
    own = dataset.class_names
    if known is None or own is None or tuple(own) == tuple(known):
        return
    ours, theirs = ", ".join(known), ", ".join(own)
    start = f"the {who} knows the alternatives {ours} in this order, but the {name} has {theirs}"
    if set(own) <= set(known):
        raise ValueError(
            f"{start}; read it with classes={list(known)} (of a `Dataset`: class_names and targets in this "
            "order), so that each is scored as what it is"
        )
    numbers = [one for one in (known, own) if tuple(one) == default_class_names(len(one))]
    if numbers and len(own) == len(known):
        labels = own if numbers[0] is known else known
        places = ", ".join(f"{i} is {one}" for i, one in enumerate(labels))
        raise ValueError(
            f"{start}. Numbers from 0 may be the places of these names, or labels of their own in any order: "
            f"where {places}, say so by dataset.with_names(class_names={list(known)}); else code the choices "
            "alike in both tables"
        )
    raise ValueError(f"{start}; they are found by their labels, so code the choices alike in both tables")


def check_signals(known: Sequence[str] | None, dataset: "Dataset", name: str = "data set") -> None:
    """Refuse recorded signals that are others than a network predicts, or in another order.

    Arguments:
        known: Names of the signals that the network was trained on; None: it knows no names.
        dataset: The data set; one without names of its own, or without signals, is not refused.
        name: Name of the data set in errors.

    Raises:
        ValueError: With both lists.
    """
    own = () if known is None else dataset.signal_names
    if known is None or not own or own == tuple(known) or has_default_signal_names(dataset):
        return
    what = "in another order" if set(own) == set(known) else "which are others"
    raise ValueError(
        f"the network predicts {', '.join(known)}, but the {name} has {', '.join(own)}, {what}: each would "
        "be scored as another; give the targets in the network's order, or, where other names mean the same, "
        "have it forget its own: model.with_names(signal_names=None)"
    )


def has_default_signal_names(dataset: "Dataset") -> bool:
    """Tell whether no target that is a number has a name of its own."""
    first = dataset.n_targets - len(dataset.signal_names)
    return dataset.signal_names == tuple(f"target {i + 1}" for i in range(first, dataset.n_targets))


def default_input_names(n: int) -> tuple[str, ...]:
    """Names of inputs that have no names of their own."""
    return tuple(f"input {i + 1}" for i in range(n))


def default_class_names(n: int) -> tuple[str, ...]:
    """Names of alternatives that have no names of their own."""
    return tuple(str(i) for i in range(n))
