"""Tables that are damaged, or made to do harm: a sentence, within a bounded room and time."""

import gzip
import io
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab.data.reading.files import excel, table_source
from cogrnn_lab.data.reading.labels import label

HEADER = "session,choice,reward\n"


def test_numbers_of_more_digits_than_a_float_has():
    """`float` of such a number raised an OverflowError, and below that two of them became one label."""
    assert label(10**400) == str(10**400)
    assert label(2**53 + 1) == str(2**53 + 1) != label(2**53)
    assert label("9" * 5000) == "9" * 5000
    assert (label("-0"), label("7.0"), label(7.0), label(np.int8(7)), label(True)) == (
        "0",
        "7",
        "7",
        "7",
        "True",
    )
    text = HEADER + "1,0,1\n1,1,0\n" * 10 + f"1,1,{'9' * 400}\n"
    with pytest.raises(ValueError, match=r'column "reward" holds "9{60} \.\.\." in row 21'):
        cl.read_table(io.StringIO(text))


def test_what_a_table_holds_is_told_on_one_line():
    cell = "a\nb" * 300
    frame = pd.DataFrame({"session": 1, "choice": [0, 1] * 5, "reward": [0] * 9 + [cell]})
    with pytest.raises(ValueError, match="holds") as told:
        cl.read_table(frame)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 200
    with pytest.raises(ValueError, match="has no rows") as told:
        cl.read_table(io.StringIO('"a\nb",c\n'))
    assert "\n" not in str(told.value)


def test_a_gzip_file_of_more_text_than_there_is_room_is_counted_and_not_unpacked(monkeypatch):
    monkeypatch.setattr(table_source, "LARGEST_UNPACKED", 2**20)
    monkeypatch.setattr(table_source.gzip, "decompress", lambda _: pytest.fail("it was unpacked"))
    bomb = gzip.compress(HEADER.encode() + b"1,0,1\n" * 2**20)
    assert len(bomb) < 2**16
    with pytest.raises(ValueError, match="is a gzip file of more than 1 MiB of text; unpack it"):
        cl.read_table(bomb)


def workbook(**changed: tuple[str, str]) -> bytes:
    """A workbook of ten trials, with what is between two texts of one of its files changed."""
    book = openpyxl.Workbook()
    for row in [["session", "choice", "reward"], *([1, k % 2, 1] for k in range(10))]:
        book.active.append(row)
    plain, out = io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            for part, (before, after) in changed.items():
                if part in name:
                    assert before.encode() in content
                    content = content.replace(before.encode(), after.encode())
            new.writestr(name, content)
    return out.getvalue()


def test_a_workbook_that_says_it_is_larger_than_it_is():
    assert cl.read_table(workbook()).n_sessions == 1
    wide = workbook(sheet1=("A1:C11", "A1:XFD1048576"))
    assert cl.read_table(wide).n_sessions == 1  # empty cells were made of it, seventeen thousand millions


@pytest.mark.parametrize("rows", ["1048577", "999999999"])
def test_a_workbook_with_a_row_far_below_the_last_that_a_sheet_has(rows):
    with pytest.raises(
        ValueError, match=r"an Excel workbook with more than 1,048,576 rows or .*save the sheet"
    ):
        cl.read_table(workbook(sheet1=('<row r="11"', f'<row r="{rows}"')))


def test_a_workbook_that_is_packed_tight_or_damaged(monkeypatch):
    for part, before, after in (
        ("sheet1", "<sheetData>", ""), ("sheet1", "<v>1</v>", "<v>x</v>"), ("styles", "<fonts", "<<fonts"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"Excel workbook but is damaged \(\w+\)"):
            cl.read_table(workbook(**{part: (before, after)}))
    monkeypatch.setattr(excel, "LARGEST_UNPACKED", 1000)
    with pytest.raises(ValueError, match="an Excel workbook that unpacks to more than 0 MiB"):
        cl.read_table(workbook())
