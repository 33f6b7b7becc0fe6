"""Excel workbooks as text, where the package that reads them is installed."""

import csv
import io
import zipfile
from typing import Any

SHEETS_SHOWN = 8


def workbook_text(content: bytes, name: str) -> str | None:
    """The sheet of a workbook as CSV; None where the bytes are no workbook.

    **Raises:** `ValueError` where the package openpyxl is missing, or several sheets are filled.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                return None
    except zipfile.BadZipFile:
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
    except (KeyError, ValueError, TypeError, OSError, zipfile.BadZipFile):
        raise ValueError(f"{name} is an Excel workbook but is damaged; save it again, or as CSV.") from None
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


def _filled_rows(sheet: Any) -> list[list[str]]:
    """The cells as text, without the empty rows and columns around them."""
    rows = [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    rows = [row for row in rows if any(row)]
    width = max((k + 1 for row in rows for k, cell in enumerate(row) if cell), default=0)
    return [(row + [""] * width)[:width] for row in rows]


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
