"""A table of text: what separates its fields, where its header is, and whether its rows fit it."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pandas as pd

from cogrnn_lab.data.reading.files.even_text import even_frame, is_even, start_of
from cogrnn_lab.data.reading.labels import in_words

MARKS = (",", ";", "\t", "|")
LONGEST_FIELD = 2**30  # characters; experiments keep whole questionnaires in one field
SAMPLE = 200  # lines from which the separator is told
NA_NAMES = ("None", "NULL", "null", "NA", "N/A", "n/a")  # may be a name where the other cells are text
_HINT = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?")
_BARE_NUMBER = re.compile(r"[,;\t |]-?\d+(\.\d+)?([,;\t |]|$)")
_OF_ROWS = re.compile(r"trial|^(row|index|id|number|nr|no|n|time|onset|rt|date|x)", re.IGNORECASE)


class TextTable(NamedTuple):
    """A table and what had to be done to read it, in words."""

    frame: pd.DataFrame
    notes: tuple[str, ...]


def read_text(text: str, name: str) -> TextTable:
    """The table in a text of one header line and a line for each row.

    A hint such as "sep=;", comments and a title before the header, the names that R gives to rows, headers
    that are repeated, and empty rows are left out, and told.

    **Raises:** `ValueError` with the cause, never with what the file holds.
    """
    with _long_fields():
        return _read(re.sub(r"\r\n?", "\n", text) if "\r" in text else text, name)


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let the csv module take longer fields than it does otherwise."""
    limit = csv.field_size_limit(LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _read(text: str, name: str) -> TextTable:
    hint = _HINT.fullmatch(text.split("\n", 1)[0])
    notes = ["the line before the header says what separates the fields"] if hint else []
    if hint:
        text = text.split("\n", 1)[1]
    separator = hint[1] if hint else _separator(text)
    rows = _rows(text, separator, name)
    if not rows:
        raise ValueError(f"{name} is empty; expected CSV with a header line and one row per trial.")
    begin = _header_row(rows)
    if begin:
        notes.append(f"{in_words(begin, 'line')} before the header left out")
    header, body = [field.strip() for field in rows[begin]], rows[begin + 1 :]
    header[0] = header[0].lstrip("# ") if header[0].startswith("#") else header[0]
    header, body, more = _fitting(header, body, name, text, separator)
    notes += more
    _check_header(header, body, name)
    _refuse_same_names(header, name)
    n_again = body.count(header)
    if n_again:
        notes.append(f"{in_words(n_again, 'repeated header line')} left out")
        body = [fields for fields in body if fields != header]
    return TextTable(_frame(header, body, _decimal(text, separator)), tuple(notes))


def read_large(content: bytes, name: str) -> TextTable | None:
    """The table of a large file of text that needs no mending; None where it may need some, or is small.

    **Raises:** `ValueError` where its first line is no header.
    """
    start = start_of(content)
    if start is None or _HINT.fullmatch(start.split("\n", 1)[0]):
        return None
    with _long_fields():
        separator = _separator(start)
        rows = _rows(start, separator, name)
    if len(rows) < 2 or _header_row(rows) or {len(fields) for fields in rows} != {len(rows[0])}:
        return None
    header = [field.strip() for field in rows[0]]
    if len(header) < 2 or not all(header) or not is_even(content, separator):
        return None
    _check_header(header, rows[1:], name)
    _refuse_same_names(header, name)
    decimal = _decimal(content.decode("utf-8", "replace"), separator) if separator == ";" else "."
    frame = even_frame(content, decimal, separator)
    if frame is None or not _has_only_numbers(frame):
        return None
    frame.columns = [str(column).strip() for column in frame.columns]
    return TextTable(frame, ())


def _has_only_numbers(frame: pd.DataFrame) -> bool:
    """Whether no cell that pandas took as empty may be a name, as NA among texts."""
    return all(pd.api.types.is_numeric_dtype(frame[name]) or not frame[name].hasnans for name in frame)


def _separator(text: str) -> str:
    """The mark that gives most lines the same number of fields, more than one."""
    lines = [line for line in text.split("\n", SAMPLE)[:SAMPLE] if line.strip()]
    best, best_score = "", (0.0, 0)
    for mark in (*MARKS, " "):
        counts = Counter(len(fields) for fields in _fields(lines, mark) if fields)
        if not counts:
            continue
        width, n = max(counts.items(), key=lambda item: (item[1], item[0]))
        score = (round(n / len(lines), 2), width)
        if width > 1 and (mark != " " or not best) and score > best_score:
            best, best_score = mark, score
    return best or ","


def _fields(lines: list[str], mark: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=mark, skipinitialspace=True)
    except csv.Error:
        return


def _rows(text: str, separator: str, name: str) -> list[list[str]]:
    """The rows that are not empty."""
    reader = _reader(text, separator)
    try:
        return [fields for fields in reader if "".join(fields).strip()]
    except csv.Error as error:
        raise ValueError(f"{name} is not a table: line {reader.line_num}: {error}.") from None


def _reader(text: str, separator: str):
    if separator == " ":
        text = re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)
    return csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True)


def _header_row(rows: list[list[str]]) -> int:
    """Find the row of the header: lines of comment, and a title of one field, come before it."""
    width = Counter(len(fields) for fields in rows[:SAMPLE]).most_common(1)[0][0]
    begin = 0
    while begin < len(rows) - 1 and width > 1 and _is_before_header(rows, begin, width):
        begin += 1
    return begin


def _is_before_header(rows: list[list[str]], k: int, width: int) -> bool:
    filled = [field for field in rows[k] if field.strip()]
    after = rows[k + 1]
    if len(filled) == 1 and (len(rows[k]) == 1 or width > 2):
        return True
    comment, another = (fields[0].lstrip().startswith(("#", "%", "//")) for fields in rows[k : k + 2])
    if comment and another:
        return True
    names_follow = len(after) >= width - 1 and not any(_NUMBER.fullmatch(field.strip()) for field in after)
    return comment and (len(rows[k]) not in (width, width - 1) or (names_follow and k + 2 < len(rows)))


def _quoted(text: str) -> bool:
    """Tell whether the first fields of the lines are quoted though numbers are not, as R writes."""
    lines = [line for line in text.split("\n", 5)[1:5] if line.strip()]
    return bool(lines) and all(line.startswith('"') and _BARE_NUMBER.search(line) for line in lines)


def _fitting(
    header: list[str], body: list[list[str]], name: str, text: str, separator: str
) -> tuple[list[str], list[list[str]], list[str]]:
    """Header and rows of the same number of fields, where it is certain how they belong together."""
    while len(header) > 1 and not header[-1] and not any(any(row[len(header) - 1 :]) for row in body):
        header = header[:-1]
        body = [row[: len(header)] for row in body]
    widths = Counter(map(len, body))
    if not body or set(widths) == {len(header)}:
        return header, body, []
    if set(widths) == {len(header) + 1}:
        return _one_more(header, body, name, _quoted(text))
    n_odd = sum(n for width, n in widths.items() if width != len(header))
    line, width = next(
        (reader.line_num, len(fields))
        for reader in [_reader(text, separator)]
        for fields in reader
        if len(fields) != len(header) and fields in body
    )
    where = "every row" if len(widths) == 1 else f"line {line}"
    more = "" if len(widths) == 1 or n_odd == 1 else f", and {n_odd - 1} more lines do not fit either"
    raise ValueError(
        f"{name} is not a table: {where} has {width} fields and the header has {len(header)} names"
        f"{more}; expected the same number. Is a quotation mark or a field missing, or is it cut off?"
    )


def _one_more(
    header: list[str], body: list[list[str]], name: str, first_quoted: bool
) -> tuple[list[str], list[list[str]], list[str]]:
    """Rows of one field more than the header: with a separator at their end, or with R's row names."""
    if not any(row[-1].strip() for row in body):
        return header, [row[:-1] for row in body], []
    unique = len({row[0] for row in body}) == len(body)
    own = _OF_ROWS.search(header[0]) is not None  # may differ in every row itself
    if not unique or (own and not first_quoted):
        raise ValueError(
            f"{name} can be read in two ways: its header has {len(header)} names and every row has "
            f"{len(header) + 1} fields. Either the first field is the name of the row, which R writes, or "
            "the last column has no name. Write the table with a name for every column (R: "
            "write.csv(..., row.names = FALSE))."
        )
    note = "the first field of every row, which has no name in the header, is the row's name (as R writes it)"
    return header, [row[1:] for row in body], [note]


def _check_header(header: list[str], body: list[list[str]], name: str) -> None:
    """Refuse a first line that is a trial: its fields are numbers, or occur in their columns."""
    if all(_NUMBER.fullmatch(field) for field in header):
        raise ValueError(
            f"the first line of {name} holds numbers, {','.join(header)[:60]}; expected the names of the "
            "columns."
        )
    first = [fields for fields in body[:SAMPLE] if fields != header]
    if len(first) < 2:
        return
    numbers = {k for k, field in enumerate(header) if _NUMBER.fullmatch(field)}
    like_below = {k for k in numbers if _NUMBER.fullmatch(first[0][k].strip())}
    again = {
        k
        for k, field in enumerate(header)
        if field and k not in numbers and sum(fields[k].strip() == field for fields in first) > 1
    }
    if 2 * len(like_below | again) >= len(header):
        raise ValueError(
            f"the first line of {name} looks like a trial, not like the names of the columns: "
            f"{len(like_below)} of its fields are numbers, and {len(again)} occur again below. Expected a "
            "header line, such as session,choice,reward."
        )


def _refuse_same_names(header: list[str], name: str) -> None:
    named = [field for field in header if field]
    twice = sorted({field for field in named if named.count(field) > 1})
    if twice:
        raise ValueError(f"{name} has two columns of the same name: {', '.join(twice)}.")


def _decimal(text: str, separator: str) -> str:
    """The mark before decimals: where fields end with a semicolon, numbers may be written 0,5."""
    comma = separator == ";" and re.search(r"(^|;)-?\d+,\d+\s*(;|$)", text, re.MULTILINE)
    return "," if comma else "."


def _frame(header: list[str], body: list[list[str]], decimal: str) -> pd.DataFrame:
    """Numbers where all filled cells of a column are numbers, else text, in which NA may be a name."""
    clean = io.StringIO()
    writer = csv.writer(clean)
    writer.writerow([field or f"Unnamed: {k}" for k, field in enumerate(header)])
    writer.writerows(body)
    clean.seek(0)
    frame = pd.read_csv(clean, decimal=decimal, low_memory=False, skipinitialspace=True, index_col=False)
    frame.columns = [str(column) for column in frame.columns]
    for k, name in enumerate(frame.columns):
        if pd.api.types.is_numeric_dtype(frame[name]) or not frame[name].hasnans:
            continue
        cells = pd.Series([fields[k].strip() for fields in body], dtype=object)
        kept = cells.isin(NA_NAMES)
        if kept.any():
            frame[name] = frame[name].astype(object).mask(kept, cells)
    return frame
