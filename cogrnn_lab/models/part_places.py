"""Where a part of a network is: from its documented name, or its path, to the part."""

from collections.abc import Callable
from typing import Any


def place_of(model: Any, name: str) -> Callable[[Any], Any]:
    """The function that finds a part in any tree like the model.

    Arguments:
        model: The network.
        name: A documented name, such as "w_rec", or a path, such as "core.bias" or "deeper.0.bias".

    Returns:
        A function of such a tree, which raises an `AttributeError` where the path leads nowhere.
    """
    path = getattr(model, "part_names", {}).get(name, name).split(".")

    def found(tree: Any) -> Any:
        for step in path:
            tree = _at(tree, int(step)) if step.isdecimal() else getattr(tree, step)
        return tree

    return found


def _at(parts: Any, place: int) -> Any:
    if not isinstance(parts, (tuple, list)) or place >= len(parts):
        raise AttributeError(f"there is no part {place}")
    return parts[place]
