"""The one check of whole numbers: counts, sizes and seeds that a user gives."""

import operator
from typing import Any


def checked_count(n: Any, name: str, least: int = 1) -> int:
    """Check a whole number of `least` or more; a float, even 20.0, and a bool are none.

    Raises:
        ValueError: Where it is none.
    """
    if isinstance(n, bool) or not hasattr(n, "__index__"):
        raise ValueError(f"{name} = {n!r}; expected a whole number of {least} or more.")
    count = operator.index(n)
    if count < least:
        raise ValueError(f"{name} = {count}; expected {least} or more.")
    return count
