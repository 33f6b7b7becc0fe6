"""The line that called the package, which a warning names."""

import sys

PACKAGE = __name__.partition(".")[0]


def level_of_caller() -> int:
    """Give the `stacklevel` by which `warnings.warn`, called where this is, names the line of the caller.

    That is the line outside the package, however deep within it the warning is given.
    """
    frame, level, found = sys._getframe(1), 1, 1
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] == PACKAGE:
            found = level + 1
        frame, level = frame.f_back, level + 1
    return found
