"""Choice of the part of a network that training changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import equinox as eqx
import jax

# A function that picks parts of a model, such as lambda m: m.update_net; or their paths.
Freeze = Callable[[Any], Any] | str | Sequence[str]


@dataclass(frozen=True)
class all_but:  # noqa: N801: it reads as a word, freeze=all_but("subjects.weight")
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


def trained_part(model: Any, freeze: "Freeze | all_but | None") -> Any:
    """Mark which leaves of a model training changes, as a tree of bools.

    Arguments:
        model: The network.
        freeze: The part that is not trained, as for `Trainer`.

    Returns:
        A tree of bools like `model`.

    Raises:
        ValueError: A path leads nowhere, or nothing is left to train.
    """
    every = jax.tree.map(eqx.is_inexact_array, model)
    if freeze is None:
        return every
    none = jax.tree.map(lambda _: False, model)
    if isinstance(freeze, all_but):
        free = _exchanged(none, freeze.paths, every)
    elif callable(freeze):
        free = eqx.tree_at(freeze, every, jax.tree.map(lambda _: False, freeze(model)))
    else:
        free = _exchanged(every, (freeze,) if isinstance(freeze, str) else tuple(freeze), none)
    if not any(jax.tree.leaves(free)):
        raise ValueError("freeze picks every parameter of the model: nothing is left to train")
    return free


def _exchanged(tree: Any, paths: Sequence[str], other: Any) -> Any:
    """`tree` with the parts at `paths` taken from `other`, a tree like it."""
    for path in paths:
        try:
            part = attrgetter(path)(other)
        except AttributeError:
            fields = ", ".join(field for field in vars(tree) if not field.startswith("_"))
            raise ValueError(
                f'the model has no part "{path}"; expected a path such as "update_net" or '
                f'"choice_net.out_bias" (its fields are {fields})'
            ) from None
        tree = eqx.tree_at(attrgetter(path), tree, part)
    return tree
