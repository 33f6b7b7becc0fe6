"""Results of analysis for the figures: those that were given, or read off a network that was given."""

from collections.abc import Callable
from typing import Any, TypeVar

from cogrnn_lab.models.network_at_hand import network_of

Result = TypeVar("Result")


def result_of(given: Any, kind: type[Result], read: Callable[[Any], Result], call: str) -> Result:
    """Give the result that is meant.

    Arguments:
        given: A result, or a network, or a `Run` or a `Discovery` that has one.
        kind: Class of the result.
        read: Function of a network that makes one, with its defaults.
        call: How to make one, for the sentence of the error.

    Returns:
        The result.

    Raises:
        TypeError: It is neither a result nor a network.
    """
    if isinstance(given, kind):
        return given
    try:
        network = network_of(given)
    except TypeError:
        raise TypeError(
            f"got a {type(given).__name__}, expected a {kind.__name__}, as {call} makes it, or a network "
            "or a Run"
        ) from None
    return read(network)
