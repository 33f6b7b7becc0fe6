"""Choice of the part of a network that training changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import numpy as np

from cogrnn_lab.argument_words import told
from cogrnn_lab.counts import one_line
from cogrnn_lab.models.part_places import place_of

# A function that picks parts of a model, such as lambda m: m.update_net; or their paths.
Freeze = Callable[[Any], Any] | str | Sequence[str]


@dataclass(frozen=True)
class all_but:
    """Choice of everything except some parts of a model, for `freeze`.

    Arguments:
        paths: Paths of the parts that are trained, such as "subjects.weight".

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.all_but("subjects.weight").paths
        ('subjects.weight',)
    """

    paths: tuple[str, ...]

    def __init__(self, *paths: str):
        object.__setattr__(self, "paths", paths)


def trained_part(model: Any, freeze: "Freeze | all_but | Mapping[str, Any] | None") -> Any:
    """Mark what training changes, as a tree like the model: of bools, or of masks of the entries of an array.

    Arguments:
        model: The network.
        freeze: The part that is not trained, as for `Trainer`.

    Returns:
        A tree like `model`: True or False for an array, or a mask (*shape), True where it is trained.

    Raises:
        ValueError: A path leads nowhere, a mask has another shape, or nothing is left to train.
        TypeError: `freeze` is something else.
    """
    every = jax.tree.map(eqx.is_inexact_array, model)
    if freeze is None:
        return every
    none = jax.tree.map(lambda _: False, model)
    if isinstance(freeze, all_but):
        free = _exchanged(model, none, freeze.paths, every)
    elif isinstance(freeze, Mapping):
        free = _masked(model, every, freeze)
    elif callable(freeze):
        free = _without(model, every, freeze)
    elif isinstance(freeze, str) or all(isinstance(path, str) for path in freeze):
        free = _exchanged(model, every, (freeze,) if isinstance(freeze, str) else tuple(freeze), none)
    else:
        raise TypeError(
            f'freeze is {freeze!r}, expected a name such as "w_rec", a path, several of them, a function '
            "of the network, or {name: mask}"
        )
    if not any(np.any(leaf) for leaf in jax.tree.leaves(free)):
        raise ValueError("freeze picks every parameter of the model: nothing is left to train")
    return free


def _without(model: Any, every: Any, pick: Callable[[Any], Any]) -> Any:
    """Every parameter but those that a function picks from the network."""
    try:
        return eqx.tree_at(pick, every, jax.tree.map(lambda _: False, pick(model)))
    except Exception as error:
        raise ValueError(
            f"freeze is {told(pick)}, which does not pick parts of the network: {one_line(str(error))}; "
            "expected a function of the network, such as lambda model: model.w_rec"
        ) from error


def _exchanged(model: Any, tree: Any, names: Sequence[str], other: Any) -> Any:
    """`tree` with the parts of these names taken from `other`, a tree like it."""
    for name in names:
        where, part = _part(model, other, name)
        tree = eqx.tree_at(where, tree, part)
    return tree


def _masked(model: Any, tree: Any, masks: Mapping[str, Any]) -> Any:
    """`tree` with False, or the entries that stay trained, at the parts of these names."""
    for name, mask in masks.items():
        where, part = _part(model, model, name)
        if not eqx.is_inexact_array(part):
            raise ValueError(
                f"freeze[{name!r}] is not one array of numbers, so that a mask has no place; expected a name "
                f"such as {_known(model)}, or freeze={name!r} for all of it"
            )
        frozen = np.asarray(mask)
        if frozen.dtype != bool or frozen.shape not in ((), part.shape):
            hint = "; it is (to, from): transpose it" if frozen.shape == part.shape[::-1] else ""
            raise ValueError(
                f"freeze[{name!r}] is of type {frozen.dtype} and shape {frozen.shape}, expected True, "
                f"False, or a mask of bool of shape {part.shape}, True where an entry is not trained{hint}"
            )
        trained = ~np.broadcast_to(frozen, part.shape)
        tree = eqx.tree_at(
            where, tree, bool(trained.all()) if trained.all() or not trained.any() else trained
        )
    return tree


def _part(model: Any, tree: Any, name: str) -> tuple[Callable[[Any], Any], Any]:
    """How to find the part of this name, and the part of `tree`, which is like the model."""
    where = place_of(model, name)
    try:
        if where(model) is not None:
            return where, where(tree)
    except AttributeError:
        pass
    raise ValueError(
        f'the model has no part "{name}"; expected a name such as {_known(model)} (its fields are '
        f"{', '.join(field for field in vars(model) if not field.startswith('_'))})"
    )


def _known(model: Any) -> str:
    named = ", ".join(getattr(model, "part_names", {}))
    return named or 'or path such as "update_net" or "choice_net.out_bias"'
