"""Where a table comes from: a DataFrame, a file on disk, or the bytes of an upload."""

import csv
import gzip
import io
import re
import zlib
from pathlib import Path
from typing import Any

import pandas as pd

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


def load_table(source: Any) -> tuple[pd.DataFrame, str]:
    """The table and what to call it in an error. `source` is a DataFrame, a path, bytes or an open file.

    Files are text with one header line, separated by commas, semicolons or tabs, plain or gzipped, UTF-8
    with or without a byte order mark.

    **Raises:** `ValueError` where it is no such table, `FileNotFoundError` where there is no such file.
    """
    if isinstance(source, pd.DataFrame):
        frame = source.copy()
        frame.columns = [str(name) for name in frame.columns]
        name = "the table"
    else:
        content, name = _content(source)
        frame = _parsed(_decoded(content, name), name)
    if frame.columns.duplicated().any():
        twice = sorted(set(frame.columns[frame.columns.duplicated()]))
        raise ValueError(f"{name} has two columns of the same name: {', '.join(twice)}.")
    if len(frame) == 0:
        raise ValueError(f"{name} has no rows, only the columns {', '.join(frame.columns)}.")
    return frame, name


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


def _decoded(content: bytes, name: str) -> str:
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            raise ValueError(
                f"{name} starts as a gzip file but is damaged or cut off; copy it again."
            ) from None
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
    return text


def _parsed(text: str, name: str) -> pd.DataFrame:
    header = next(line for line in text.splitlines() if line.strip())
    separator = max((",", ";", "\t"), key=lambda mark: len(next(csv.reader([header], delimiter=mark))))
    # where fields end with a semicolon, numbers may be written 0,5
    decimal_comma = separator == ";" and re.search(r"(^|;)-?\d+,\d+\s*(;|$)", text, re.MULTILINE)
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            decimal="," if decimal_comma else ".",
            low_memory=False,
            skipinitialspace=True,
            index_col=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, pd.errors.ParserWarning) as error:
        raise ValueError(f"{name} is not a table: {str(error).strip()}.") from None
    frame.columns = [str(column).strip() for column in frame.columns]
    if all(re.fullmatch(r"-?\d+(\.\d+)?", column) for column in frame.columns):
        raise ValueError(
            f"the first line of {name} holds numbers, {header[:60]}; expected the names of the columns."
        )
    return frame
