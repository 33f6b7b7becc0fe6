"""Large tables of text whose every line has the same fields, read without a text of Python's for each field.

A field that is a text of its own takes 60 bytes and more: a table took 33 times its size.
"""

import codecs
import io
import re
import warnings

import numpy as np
import pandas as pd

LARGE = 2**22  # bytes from which it matters
PIECE = 2**24  # bytes that are looked at together
LARGEST = 2**30  # of the numbers that 32 bits take, so that a difference of two fits, too
_NEWLINE = ord("\n")


def start_of(content: bytes) -> str | None:
    """Give the first lines of a large text, without the last that is cut; None where it is another file.

    Arguments:
        content: The file.
    """
    if len(content) < LARGE or b"\0" in content:
        return None
    try:
        start = content[: LARGE // 4].rpartition(b"\n")[0].decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    start = start.replace("\r\n", "\n").removesuffix("\r")
    return None if start.lstrip()[:1] in ("", "<", "[", "{") or "\r" in start else start


def is_even(content: bytes, separator: str) -> bool:
    """Tell whether a text has as many fields in every line, and nothing that has to be left out.

    Arguments:
        content: The table, of a header and rows.
        separator: What separates the fields.

    Returns:
        False where a field is quoted, a line is empty, a comment or the header again, or where the fields of
        any line are more or fewer: then every line has to be looked at by itself.
    """
    if separator == " " or b'"' in content or b"#" in content:
        return False
    if content.count(b"\r") != content.count(b"\r\n"):
        return False
    header = content[: content.index(b"\n")].removeprefix(codecs.BOM_UTF8).rstrip(b"\r")
    mark = re.escape(separator).encode()
    blank = re.compile(rb"\n(?:[ \t\r%s]*\n|[ \t\r%s]+\Z)" % (mark, mark))
    if blank.search(content) or content.find(b"\n" + header) >= 0:
        return False
    return _same_fields(content, ord(separator), header.count(separator.encode()))


def even_frame(content: bytes, decimal: str, separator: str) -> pd.DataFrame | None:
    """Give the table of a text that `is_even`; None where it is not in UTF-8.

    Arguments:
        content: It.
        decimal: The mark before decimals.
        separator: What separates the fields.
    """
    how = {"sep": separator, "decimal": decimal, "skipinitialspace": True, "index_col": False}
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.DtypeWarning)
        try:
            frame = pd.read_csv(io.BytesIO(content), **how)  # in pieces, which takes half the memory
        except pd.errors.DtypeWarning:  # a column of numbers and texts
            frame = pd.read_csv(io.BytesIO(content), low_memory=False, **how)
        except UnicodeDecodeError:
            return None
    return pd.DataFrame({name: _in_half(frame.pop(name)) for name in list(frame.columns)})


def _in_half(column: pd.Series) -> pd.Series:
    """Whole numbers in 32 bits where none is large; whoever computes with them takes 64 again."""
    if column.dtype != np.int64 or column.min() < -LARGEST or column.max() > LARGEST:
        return column
    return column.astype(np.int32)


def _same_fields(content: bytes, separator: int, wanted: int) -> bool:
    """Whether all lines have as many separators as are wanted."""
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
