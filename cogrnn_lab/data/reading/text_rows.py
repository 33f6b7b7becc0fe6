"""A table of text: what separates its fields, where its header is, and whether its rows fit it."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

MARKS = (",", ";", "\t", "|")
SAMPLE = 200  # lines from which the separator is told
NA_NAMES = ("None", "NULL", "null", "NA", "N/A", "n/a")  # may be a name where the other cells are text
_HINT = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?")
_COUNTER = re.compile(r"(trials?|row|index|id|number|nr|no|n|time|onset)", re.IGNORECASE)


class TextTable(NamedTuple):
    """A table and what had to be done to read it, in words."""

    frame: pd.DataFrame
    notes: tuple[str, ...]


class _Row(NamedTuple):
    line: int  # its last one, from 1
    fields: list[str]


def read_text(text: str, name: str) -> TextTable:
    """The table in a text of one header line and a line for each row.

    A hint such as "sep=;", comments and a title before the header, the names that R gives to rows, headers
    that are repeated, and empty rows are left out, and told.

    **Raises:** `ValueError` with the cause, never with what the file holds.
    """
    hint = _HINT.fullmatch(text.split("\n", 1)[0])
    notes = ["the line before the header says what separates the fields"] if hint else []
    if hint:
        text = text.split("\n", 1)[1]
    separator = hint[1] if hint else _separator(text)
    rows = list(_rows(text, separator, name))
    if not rows:
        raise ValueError(f"{name} is empty; expected CSV with a header line and one row per trial.")
    rows, more = _from_header(rows, name)
    notes += more
    header, rows, more = _fitting(rows, name, _quoted(text))
    notes += more
    _check_header(header, rows, name)
    if rows and rows.count(rows[0]) < len(rows):
        repeated = [row.fields == header for row in rows]
        if any(repeated):
            notes.append(f"{sum(repeated)} repeated header lines were left out")
            rows = [row for row, again in zip(rows, repeated, strict=True) if not again]
    frame = _frame(header, rows, decimal_comma=separator == ";" and _has_decimal_commas(text))
    return TextTable(frame, tuple(notes))


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


def _rows(text: str, separator: str, name: str) -> Iterator[_Row]:
    """The rows that are not empty."""
    if separator == " ":
        text = re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                yield _Row(reader.line_num, fields)
    except csv.Error as error:
        raise ValueError(f"{name} is not a table: line {reader.line_num}: {error}.") from None


def _from_header(rows: list[_Row], name: str) -> tuple[list[_Row], list[str]]:
    """The rows from the header on: lines of comment, and a title of one field, come before it."""
    width = Counter(len(row.fields) for row in rows[:SAMPLE]).most_common(1)[0][0]
    begin = 0
    while begin < len(rows) - 1 and width > 1 and _is_before_header(rows, begin, width):
        begin += 1
    if rows[begin].fields[0].startswith("#"):
        rows[begin].fields[0] = rows[begin].fields[0].lstrip("# ")
    lines = f"{begin} line{'s' if begin > 1 else ''}"
    return rows[begin:], [f"{lines} before the header were left out"] if begin else []


def _is_before_header(rows: list[_Row], k: int, width: int) -> bool:
    filled = [field for field in rows[k].fields if field.strip()]
    after = rows[k + 1].fields
    if len(filled) == 1 and (len(rows[k].fields) == 1 or width > 2):
        return True
    comment = rows[k].fields[0].lstrip().startswith(("#", "%", "//"))
    names_follow = len(after) >= width - 1 and not any(_NUMBER.fullmatch(field.strip()) for field in after)
    return comment and (len(rows[k].fields) not in (width, width - 1) or names_follow and k + 2 < len(rows))


def _quoted(text: str) -> bool:
    """Whether the first fields of the lines are in quotation marks, and the others are not all."""
    lines = [line for line in text.split("\n", 5)[1:5] if line.strip()]
    return bool(lines) and all(line.startswith('"') and line.count('"') <= 2 for line in lines)


def _fitting(
    rows: list[_Row], name: str, first_quoted: bool
) -> tuple[list[str], list[_Row], list[str]]:
    """Header and rows of the same number of fields, where it is certain how they belong together."""
    header, body = [field.strip() for field in rows[0].fields], rows[1:]
    while len(header) > 1 and not header[-1] and all(not any(row.fields[len(header) - 1 :]) for row in body):
        header = header[:-1]
        body = [_Row(row.line, row.fields[: len(header)]) for row in body]
    widths = Counter(len(row.fields) for row in body)
    if not body or set(widths) == {len(header)}:
        return header, body, []
    if set(widths) == {len(header) + 1}:
        return _one_more(header, body, name, first_quoted)
    odd = next(row for row in body if len(row.fields) != len(header))
    n_odd = sum(n for width, n in widths.items() if width != len(header))
    all_of_them = len(widths) == 1
    where = "every row" if all_of_them else f"line {odd.line}"
    more = "" if all_of_them or n_odd == 1 else f", and {n_odd - 1} more lines do not fit either"
    raise ValueError(
        f"{name} is not a table: {where} has {len(odd.fields)} fields and the header has {len(header)} names"
        f"{more}; expected the same number. Is a quotation mark or a field missing, or is it cut off?"
    )


def _one_more(
    header: list[str], body: list[_Row], name: str, first_quoted: bool
) -> tuple[list[str], list[_Row], list[str]]:
    """Rows of one field more than the header: with a separator at their end, or with R's row names."""
    if not any(row.fields[-1].strip() for row in body):
        return header, [_Row(row.line, row.fields[:-1]) for row in body], []
    first = [row.fields[0] for row in body]
    unique = len(set(first)) == len(first)
    is_count = _COUNTER.search(header[0]) is not None
    if not unique or (is_count and not first_quoted and not header[0].lower().startswith("subj")):
        raise ValueError(
            f"{name} can be read in two ways: its header has {len(header)} names and every row has "
            f"{len(header) + 1} fields. Either the first field is the name of the row, which R writes, or "
            "the last column has no name. Write the table with a name for every column (R: "
            "write.csv(..., row.names = FALSE))."
        )
    note = "the first field of every row has no name in the header and is the name of the row (as R writes it)"
    return header, [_Row(row.line, row.fields[1:]) for row in body], [note]


def _check_header(header: list[str], rows: list[_Row], name: str) -> None:
    if all(_NUMBER.fullmatch(field) for field in header):
        raise ValueError(
            f"the first line of {name} holds numbers, {','.join(header)[:60]}; expected the names of the "
            "columns."
        )
    named = [field for field in header if field]
    twice = sorted({field for field in named if named.count(field) > 1})
    if twice:
        raise ValueError(f"{name} has two columns of the same name: {', '.join(twice)}.")
    if len(rows) < 2:
        return
    numbers = [k for k, field in enumerate(header) if _NUMBER.fullmatch(field)]
    like_below = [k for k in numbers if _NUMBER.fullmatch(rows[0].fields[k].strip())]
    again = [
        k
        for k, field in enumerate(header)
        if field and sum(row.fields[k].strip() == field != "" for row in rows if row.fields != header) > 1
    ]
    if like_below or again:
        raise ValueError(
            f"the first line of {name} looks like a trial, not like the names of the columns: "
            f"{len(like_below)} of its fields are numbers, and {len(again)} occur again below. Expected a "
            "header line, such as session,choice,reward."
        )


def _has_decimal_commas(text: str) -> bool:
    """Where fields end with a semicolon, numbers may be written 0,5."""
    return re.search(r"(^|;)-?\d+,\d+\s*(;|$)", text, re.MULTILINE) is not None


def _frame(header: list[str], rows: list[_Row], *, decimal_comma: bool) -> pd.DataFrame:
    """Numbers where all filled cells of a column are numbers, else text, in which NA may be a name."""
    clean = io.StringIO()
    writer = csv.writer(clean)
    writer.writerow([field or f"Unnamed: {k}" for k, field in enumerate(header)])
    writer.writerows(row.fields or [""] for row in rows)
    content = clean.getvalue()
    options = {"decimal": "," if decimal_comma else ".", "low_memory": False, "skip_blank_lines": False}
    frame = pd.read_csv(io.StringIO(content), skipinitialspace=True, index_col=False, **options)
    frame.columns = [str(column) for column in frame.columns]
    doubtful = [
        name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name]) and frame[name].hasnans
    ]
    for name in doubtful:
        place = list(frame.columns).index(name)
        cells = pd.Series([row.fields[place].strip() for row in rows], dtype=object)
        kept = cells.isin(NA_NAMES)
        if kept.any():
            frame[name] = frame[name].astype(object).mask(kept, cells)
    return frame
