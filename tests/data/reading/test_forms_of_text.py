"""Headers, separators and row names as programs write them; what is no table says so without its content."""

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl

HEADER = ["session", "choice", "points"]
ROWS = [[1, "left", 33], [1, "right", 84], [1, "left", 12], [2, "right", 5], [2, "left", 61], [2, "left", 7]]
EXPECTED = cl.read_table(pd.DataFrame(ROWS, columns=HEADER), reward="points")
SECRET = "what somebody told in confidence"


def lines(separator=",", header=HEADER, rows=ROWS) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def with_row_names(separator: str, *, quoted: bool) -> str:
    mark = '"' if quoted else ""
    header = separator.join(f"{mark}{name}{mark}" for name in HEADER)
    rows = [
        separator.join([f"{mark}{k}{mark}", str(one[0]), f"{mark}{one[1]}{mark}", str(one[2])])
        for k, one in enumerate(ROWS, start=1)
    ]
    return "\n".join([header, *rows]) + "\n"


FORMS = {
    "row names, tab": (with_row_names("\t", quoted=True), "the row's name"),
    "row names, comma": (with_row_names(",", quoted=True), "the row's name"),
    "row names, space": (with_row_names(" ", quoted=True), "the row's name"),
    "row names without quotes": (with_row_names("\t", quoted=False), "the row's name"),
    "spaces": (lines(" "), ""),
    "several spaces": (lines(" ").replace(" ", "   "), ""),
    "bars": (lines("|"), ""),
    "hint of Excel": ("sep=;\n" + lines(";"), "says what separates"),
    "hint beside another mark": ("sep=|\n" + lines("|"), "says what separates"),
    "a comment": ("# exported by box 3\n" + lines(), "1 line before the header left out"),
    "comments with commas": ("# box 3, rig 2, today\n# by ann\n" + lines(), "2 lines before the header"),
    "header as a comment": ("# " + lines(), ""),
    "a title": (r"C:\data\task-1-1.edat2" + "\n" + lines("\t"), "1 line before the header left out"),
    "header again": (lines() + lines().split("\n", 1)[0] + "\n", "1 repeated header line left out"),
    "separators at the end": (lines().replace("\n", ",\n"), ""),
    "separators at the end of rows": (lines().replace("\n", ",\n").replace("points,", "points"), ""),
    "old line ends": (lines().replace("\n", "\r"), ""),
    "a long field": (lines(header=[*HEADER, "log"], rows=[[*one, "x" * 200_000] for one in ROWS]), ""),
    "a column called as its values": (
        lines(
            header=[*HEADER, "rare"], rows=[[*one, ("rare", "common")[k % 2]] for k, one in enumerate(ROWS)]
        ),
        "",
    ),
    "row names before a trial number": (
        with_row_names("\t", quoted=True).replace("session", "trial_block"),
        "the row's name",
    ),
    "empty rows": (lines() + ",,\n,,\n", ""),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms_that_are_certain_are_read(name):
    text, note = FORMS[name]
    session = "trial_block" if "trial_block" in text else "session"
    data = cl.read_table(text.encode(), session=session, reward="points")
    np.testing.assert_array_equal(data.inputs, EXPECTED.inputs)
    assert data.class_names == ("left", "right")
    assert data.session_names == ("1", "2")
    assert data.columns["reward"][0].tolist() == [33, 84, 12]
    assert note in " ".join(data.notes)
    assert bool(data.notes) == bool(note)


NO_TABLES = {
    "json": (json.dumps([{"choice": 0, "answer": SECRET}]), "is JSON, not a table"),
    "json lines": ('{"choice": 0, "answer": "' + SECRET + '"}\n' * 3, "is JSON, not a table"),
    "json of arrays": (json.dumps([[0, SECRET], [1, SECRET]]), "is JSON, not a table"),
    "two of a name": (lines(header=["session", "choice", "choice"]), "two columns of the same name: choice"),
    "no header": (lines(header=[1, "left", 1]), "first line of the file looks like a trial"),
    "no header, text": (lines(header=["a", "left", "7"]), "first line of the file looks like a trial"),
    "no header, numbers": ("1,0,1\n1,1,0\n", "first line of the file holds numbers"),
    "unnamed last column": (
        lines(
            rows=[[*one, SECRET] for one in [[k, "a", 1] for k in range(5)]], header=["trial", "choice", "x"]
        ),
        "can be read in two ways: its header has 3 names and every row has 4 fields",
    ),
    "names that repeat": (lines(rows=[[*one, 1] for one in ROWS]), "can be read in two ways"),
    "two fields more": (lines(rows=[[*one, 1, SECRET] for one in ROWS]), "every row has 5 fields"),
    "one field less": (lines(rows=[one[:2] for one in ROWS]), "every row has 2 fields and the header has 3"),
    "cut off": (lines() + "2,left", "line 8 has 2 fields and the header has 3 names"),
    "ragged": (lines() + f"2,left,3,{SECRET}\n2,right\n", "line 8 has 4 fields.*and 1 more lines"),
}


@pytest.mark.parametrize("name", NO_TABLES)
def test_what_is_no_table_is_told_in_a_short_sentence_without_its_content(name):
    text, sentence = NO_TABLES[name]
    with pytest.raises(ValueError, match=sentence) as refused:
        cl.read_table(text.encode(), reward="points")
    assert len(str(refused.value)) < 420
    assert SECRET not in str(refused.value)


def test_a_wide_table_names_its_first_columns_only():
    frame = pd.DataFrame(0, index=range(3), columns=[f"question {k} {'x' * 60}" for k in range(300)])
    with pytest.raises(ValueError, match="and 270 more") as refused:
        cl.read_table(frame)
    assert len(str(refused.value)) < 2000


def workbook(tmp_path, **sheets):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "trials.xlsx")
    return tmp_path / "trials.xlsx"


def test_workbooks_of_excel(tmp_path):
    path = workbook(tmp_path, trials=[HEADER, *ROWS], empty=[])
    np.testing.assert_array_equal(cl.read_table(path, reward="points").inputs, EXPECTED.inputs)
    rows = [[1, "left", 1.5], [1, None, None], [1, "right", 0.25]]
    data = cl.read_table(workbook(tmp_path, trials=[HEADER, *rows]), reward="points")
    assert data.columns["choice"].tolist() == [[0, -1, 1]]
    assert data.columns["reward"].tolist() == [[1.5, 0, 0.25]]
    with pytest.raises(ValueError, match="2 filled sheets: ann, bob; expected one"):
        cl.read_table(workbook(tmp_path, ann=[HEADER, *ROWS], bob=[HEADER, *ROWS]))


def test_without_openpyxl_the_extra_is_named(tmp_path, monkeypatch):
    path = workbook(tmp_path, trials=[HEADER, *ROWS])
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(ValueError, match=r"install cogrnn-lab\[excel\], or save the sheet as CSV"):
        cl.read_table(path)


def log(with_kind: bool) -> pd.DataFrame:
    """A log as jsPsych (rows of a kind) or PsychoPy (a loop that counts) writes it."""
    kinds = ["survey", "instructions", "trial", "trial", "trial", "trial", "goodbye"]
    frame = pd.DataFrame(
        {
            "session": 1,
            "choice": [None, None, "a", None, "b", "a", None],
            "reward": [None, None, 1, None, 0, 1, None],
            "rt": [9.0, 8.0, 0.5, None, 0.4, 0.3, None],
        }
    )
    return (
        frame.assign(trial_type=kinds)
        if with_kind
        else frame.assign(**{"trials.thisN": [None, None, 0, 1, 2, 3, None]})
    )


@pytest.mark.parametrize("with_kind", [True, False])
def test_rows_that_are_no_trials_are_left_out_and_counted(with_kind):
    data = cl.read_table(log(with_kind))
    assert data.columns["choice"].tolist() == [[0, -1, 1, 0]]
    (note,) = data.notes
    assert "3 rows without choice and reward" in note
    assert ("survey, instructions, goodbye" in note) == with_kind


def test_without_a_sign_of_it_a_silent_row_is_a_missed_trial():
    data = cl.read_table(log(True).drop(columns="trial_type"))
    assert (data.valid & ~data.mask[..., 0]).sum() == 4
    assert "4 missed trials" in str(data)


def test_rows_of_a_kind_that_sounds_missed_are_missed_trials():
    kinds = ["intro", "omission", "trial", "trial", "trial", "omission", "trial"]
    frame = log(True).assign(
        choice=[None, None, "a", "b", "b", None, "a"], reward=[None, None, 1, 0, 0, None, 1], event=kinds
    )
    data = cl.read_table(frame.drop(columns="trial_type"))
    assert data.columns["choice"].tolist() == [[-1, 0, 1, 1, -1, 0]]
    assert "1 row without choice and reward (event: intro) left out" in data.notes[0]
