"""The one check of numbers that a user gives: counts, sizes, coverages; and what a number is at all."""

import operator
from typing import Any

import numpy as np

LONGEST_SHOWN = 80  # characters of an argument in a sentence


def checked_count(n: Any, name: str, least: int = 1, *, of: str = "") -> int:
    """Check a whole number of `least` or more; a float, even 20.0, and a bool are none.

    Arguments:
        n: What was given.
        name: Name of the argument, for the sentence.
        least: Smallest number that is allowed.
        of: What is counted, for the sentence, such as "sessions".

    Returns:
        The number as an `int`.

    Raises:
        ValueError: It is none.
    """
    whole = f"a whole number of {of}" if of else "a whole number"
    if isinstance(n, bool) or not is_whole(n):
        at_least = f", {least} or more" if of else f" of {least} or more"
        meant = f" {name}={int(n)} was meant?" if isinstance(n, float) and n.is_integer() else ""
        raise ValueError(f"{name} = {shown(n)}; expected {whole}{at_least}.{meant}")
    count = operator.index(n)
    if count < least:
        raise ValueError(f"{name} = {count}; expected {least} or more, {whole}.")
    return count


def checked_counts(least: int = 1, **counts: Any) -> tuple[int, ...]:
    """Check several whole numbers by name, such as the sizes of a network.

    Arguments:
        least: Smallest number that is allowed.
        counts: Numbers by name.

    Returns:
        The numbers as `int`, in their order.

    Raises:
        ValueError: One is none.
    """
    return tuple(checked_count(n, name, least) for name, n in counts.items())


def checked_coverage(level: Any, name: str = "level") -> float:
    """Check the coverage of an interval, a number between 0 and 1.

    Arguments:
        level: What was given.
        name: Name of the argument, for the sentence.

    Returns:
        The number.

    Raises:
        ValueError: It is none.
    """
    if is_number(level) and 0 < level < 1:
        return float(level)
    meant = f" {name}={level / 100:g} was meant?" if is_number(level) and 1 < level < 100 else ""
    raise ValueError(f"{name} = {level!r}; expected a number between 0 and 1, such as 0.95.{meant}")


def shown(value: Any) -> str:
    """What was given, for a sentence: on one line, and cut where it is long."""
    return one_line(repr(value))


def one_line(text: str, most: int = LONGEST_SHOWN) -> str:
    """A text on one line, and cut where it has more than `most` characters."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[:most]} ..."


def is_whole(value: Any) -> bool:
    """Tell whether a value is one whole number, of Python, NumPy or JAX; a bool is none."""
    if isinstance(value, bool | type) or not hasattr(value, "__index__"):
        return False
    try:
        operator.index(value)
    except TypeError:  # an array of floats, or of several numbers
        return False
    return True


def is_number(value: Any) -> bool:
    """Tell whether a value is one real number, of Python or NumPy; a bool is none."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
