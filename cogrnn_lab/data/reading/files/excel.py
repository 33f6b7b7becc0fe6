"""Excel workbooks as text, where the package that reads them is installed."""

import csv
import io
import zipfile
from typing import Any

SHEETS_SHOWN = 8
LARGEST_UNPACKED = 2**29  # bytes of XML
MOST_ROWS, MOST_CELLS = 2**20, 2**25  # the rows that a sheet has room for


def workbook_text(content: bytes, name: str) -> str | None:
    """The sheet of a workbook as CSV; None where the bytes are no workbook.

    **Raises:** `ValueError` where the package openpyxl is missing, or several sheets are filled.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                return None
            _check_size(archive, name)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError):
        return None
    try:
        import openpyxl
    except ImportError:
        raise ValueError(
            f"{name} is an Excel workbook, for which the package openpyxl is needed: install "
            "cogrnn-lab[excel], or save the sheet as CSV."
        ) from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = {sheet.title: _filled_rows(sheet) for sheet in book.worksheets}
    except TooLarge as error:
        raise ValueError(
            f"{name} is an Excel workbook with {error}; save the sheet of trials as CSV."
        ) from None
    except Exception as error:  # of a damaged one openpyxl raises whatever its XML leads it to
        raise ValueError(
            f"{name} is an Excel workbook but is damaged ({type(error).__name__}); save it again, or as CSV."
        ) from error
    filled = {title: rows for title, rows in sheets.items() if rows}
    if len(filled) != 1:
        titles = ", ".join(list(filled)[:SHEETS_SHOWN])
        raise ValueError(
            f"{name} is an Excel workbook with {len(filled)} filled sheets{': ' if filled else ''}{titles}; "
            "expected one. Save the sheet of trials as CSV, or give pandas.read_excel(path, sheet_name=...)."
        )
    text = io.StringIO()
    csv.writer(text).writerows(next(iter(filled.values())))
    return text.getvalue()


class TooLarge(Exception):
    """Error: a workbook has more than any has that is saved by a spreadsheet."""


def _check_size(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse what would unpack to more than there is room for; no more is read than a file declares."""
    if sum(member.file_size for member in archive.infolist()) > LARGEST_UNPACKED:
        raise ValueError(
            f"{name} is an Excel workbook that unpacks to more than {LARGEST_UNPACKED >> 20} MiB; save the "
            "sheet of trials as CSV."
        )


def _filled_rows(sheet: Any) -> list[list[str]]:
    """The cells as text, without the empty rows and columns around them."""
    sheet.reset_dimensions()  # what a sheet says of its size may be wrong, and empty rows are made of it
    rows, n_cells = [], 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        n_cells += len(row)
        if number > MOST_ROWS or n_cells > MOST_CELLS:
            raise TooLarge(f"more than {MOST_ROWS:,} rows or {MOST_CELLS:,} cells")
        cells = [_text(cell) for cell in row]
        if any(cells):
            rows.append(cells)
    width = max((k + 1 for row in rows for k, cell in enumerate(row) if cell), default=0)
    return [(row + [""] * width)[:width] for row in rows]


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
