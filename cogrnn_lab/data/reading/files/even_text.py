"""Large tables of text whose every line has the same fields, read without a text of Python's for each field.

A field that is a text of its own takes 60 bytes and more, so that a table of 300 MB took many GB.
"""

import io
import re
import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

LARGE = 2**22  # characters from which it matters
PIECE = 2**24  # bytes that are looked at together
_NEWLINE = ord("\n")


def is_even(text: str, separator: str, header: Sequence[str]) -> bool:
    """Tell whether a text is a header and lines of as many fields, and nothing that has to be left out.

    Arguments:
        text: The table, whose lines end with a line feed.
        separator: What separates the fields.
        header: Fields of the first line.

    Returns:
        False where a field is quoted, a line is empty, a comment or the header again, or where the fields of
        any line are more or fewer: then every line has to be looked at by itself.
    """
    if separator == " " or '"' in text or "#" in text or len(header) < 2 or not all(map(str.strip, header)):
        return False
    first = text[: text.index("\n")]
    blank = re.search(rf"\n[ \t{re.escape(separator)}]*\n", text)
    return blank is None and f"\n{first}\n" not in text and _same_fields(text.encode(), ord(separator))


def even_frame(text: str, decimal: str, separator: str) -> pd.DataFrame:
    """Give the table of a text that `is_even`.

    Arguments:
        text: It.
        decimal: The mark before decimals.
        separator: What separates the fields.
    """
    how = {"sep": separator, "decimal": decimal, "skipinitialspace": True, "index_col": False}
    content = text.encode()
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.DtypeWarning)
        try:
            return pd.read_csv(io.BytesIO(content), **how)  # in pieces, which takes half the memory
        except pd.errors.DtypeWarning:  # a column of numbers and texts
            return pd.read_csv(io.BytesIO(content), low_memory=False, **how)


def _same_fields(content: bytes, separator: int) -> bool:
    """Whether all lines have as many separators as the first."""
    wanted = content.partition(b"\n")[0].count(separator)
    begin = 0
    while begin < len(content):
        end = content.rfind(b"\n", begin, begin + PIECE) + 1 if begin + PIECE < len(content) else len(content)
        if end <= begin:
            return False  # a line of many MB
        piece = np.frombuffer(content, np.uint8, end - begin, begin)
        ends = np.flatnonzero(piece == _NEWLINE)
        if piece[-1] != _NEWLINE:
            ends = np.append(ends, len(piece))
        marks = np.searchsorted(np.flatnonzero(piece == separator), ends)
        if (np.diff(marks, prepend=0) != wanted).any():
            return False
        begin = end
    return True
