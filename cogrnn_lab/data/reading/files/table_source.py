"""Where a table comes from: a DataFrame, a file on disk, or the bytes of an upload."""

import gzip
import io
import re
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from cogrnn_lab.data.reading.files.excel import workbook_text
from cogrnn_lab.data.reading.files.text_rows import read_large, read_text

COLUMNS_SHOWN, NAME_SHOWN = 30, 40
LARGEST_UNPACKED, PIECE = 2**31, 2**22  # bytes

_NOT_TEXT = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive or an Excel workbook; save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV",
    b"\x89HDF": "an HDF5 file, which MATLAB 7.3 and NWB use too",
    b"MATLAB": "a MATLAB file",
    b"\x93NUMPY": "a NumPy array",
}


class LoadedTable(NamedTuple):
    """A table, what to call it in an error, and what had to be done to read it."""

    frame: pd.DataFrame
    name: str
    notes: tuple[str, ...]


def load_table(source: Any) -> tuple[pd.DataFrame, str]:
    """The table and what to call it in an error; see `loaded_table`."""
    loaded = loaded_table(source)
    return loaded.frame, loaded.name


def loaded_table(source: Any) -> LoadedTable:
    """The table of a DataFrame, a path, bytes or an open file.

    Files are text with one header line, separated by commas, semicolons, tabs, bars or spaces, plain or
    gzipped, UTF-8 with or without a byte order mark; or Excel workbooks of one sheet.

    **Raises:** `ValueError` where it is no such table, `FileNotFoundError` where there is no such file.
    """
    notes: tuple[str, ...] = ()
    if isinstance(source, LoadedTable):
        return source
    if isinstance(source, pd.DataFrame):
        frame = source.copy()
        frame.columns = [str(name) for name in frame.columns]
        name = "the table"
    else:
        content, name = _content(source)
        if content[:2] == b"\x1f\x8b":
            content = _unpacked(content, name)
        frame, notes = read_large(content, name) or read_text(_decoded(content, name), name)
    if frame.columns.duplicated().any():
        twice = sorted(set(frame.columns[frame.columns.duplicated()]))
        raise ValueError(f"{name} has two columns of the same name: {', '.join(twice)}.")
    if len(frame) == 0:
        raise ValueError(f"{name} has no rows, only the columns {named_columns(frame)}.")
    return LoadedTable(frame, name, notes)


def named_columns(frame: pd.DataFrame) -> str:
    """The names of the columns for a sentence: the first ones where there are many, cut where long."""
    names = [" ".join(str(name).split())[:NAME_SHOWN] for name in frame.columns[:COLUMNS_SHOWN]]
    more = len(frame.columns) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _content(source: Any) -> tuple[bytes, str]:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source), "the file"
    if hasattr(source, "read"):
        content = source.read()
        name = Path(str(getattr(source, "name", "") or "the file")).name
        return (content.encode() if isinstance(content, str) else bytes(content)), name
    if not isinstance(source, (str, Path)):
        raise TypeError(
            f"a table cannot be read from a {type(source).__name__}; expected a pandas DataFrame, the path "
            "of a CSV file, bytes, or an open file."
        )
    path = Path(source).expanduser()
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise FileNotFoundError(
            f'"{source}" {what}; expected a CSV file. Relative paths start at {Path.cwd()}.'
        )
    return path.read_bytes(), path.name


def _unpacked(content: bytes, name: str) -> bytes:
    """What a gzip file holds; it is counted first, as a few bytes may unpack to more than there is room."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            size = 0
            while piece := file.read(PIECE):
                size += len(piece)
                if size > LARGEST_UNPACKED:
                    raise ValueError(
                        f"{name} is a gzip file of more than {LARGEST_UNPACKED >> 20} MiB of text; unpack it "
                        "and give the file, or read it in parts and give a DataFrame."
                    )
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        raise ValueError(f"{name} starts as a gzip file but is damaged or cut off; copy it again.") from None


def _decoded(content: bytes, name: str) -> str:
    if content.startswith(b"PK\x03\x04") and (sheet := workbook_text(content, name)) is not None:
        return sheet
    for magic, what in _NOT_TEXT.items():
        if content.startswith(magic):
            raise ValueError(f"{name} is {what}, not a table of text; expected CSV, one row per trial.")
    if not content.strip():
        raise ValueError(f"{name} is empty; expected CSV with a header line and one row per trial.")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"  # what spreadsheets call "Unicode text"
    elif b"\0" in content:
        raise ValueError(f"{name} is a binary file, not a table of text; expected CSV, one row per trial.")
    else:
        encoding = "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise ValueError(f"{name} is not UTF-8 text; save it as CSV in UTF-8.") from None
    if re.match(r"\s*<(!doctype|html|\?xml|head|body)", text, re.IGNORECASE):
        raise ValueError(
            f"{name} is a web page or XML, not a table; was the page of the file saved instead of the file "
            "itself?"
        )
    if re.match(r'\s*(\[\s*)?[\[{]\s*["{\[\]}\d-]', text):
        raise ValueError(
            f"{name} is JSON, not a table; expected CSV, one row per trial. pandas.read_json (for a file of "
            "one line per trial with lines=True) or pandas.json_normalize makes a DataFrame of it, which can "
            "be given instead."
        )
    return text
