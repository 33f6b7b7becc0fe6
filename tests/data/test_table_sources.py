"""Files, uploads and things that are no tables."""

import gzip
import io

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl

ROWS = [["session", "choice", "reward"], ["1", "left", "1"], ["1", "right", "0.5"], ["2", "left", "0"]]
EXPECTED = np.array([[[0, 0], [0, 1]], [[0, 0], [0, 0]]], np.float32)


def text(separator=",", newline="\n"):
    return newline.join(separator.join(row) for row in ROWS) + newline


SOURCES = {
    "comma": text().encode(),
    "semicolon": text(";").encode(),
    "tab": text("\t").encode(),
    "windows": text(newline="\r\n").encode(),
    "byte order mark": text().encode("utf-8-sig"),
    "utf-16": text().encode("utf-16"),
    "decimal comma": text(";").replace("0.5", "0,5").encode(),
    "gzip": gzip.compress(text().encode()),
    "quoted": text().replace("left", '"left"').encode(),
    "spaces": text(", ").encode(),
    "blank lines": b"\n" + text().encode() + b"\n\n",
}


@pytest.mark.parametrize("name", SOURCES)
def test_tables_of_text(name, tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(SOURCES[name])
    for source in (path, str(path), SOURCES[name], memoryview(SOURCES[name]), io.BytesIO(SOURCES[name])):
        data = cl.read_table(source)
        np.testing.assert_array_equal(data.inputs, EXPECTED)
        assert data.class_names == ("left", "right")
        assert data.columns["reward"][0].tolist() == [1, 0.5]


def test_an_open_text_file():
    np.testing.assert_array_equal(cl.read_table(io.StringIO(text())).inputs, EXPECTED)


def test_a_field_may_hold_the_other_separators():
    content = "session,choice,reward,clicks\n1,0,1,0.1;0.2;0.3\n1,1,0,0.1;0.4\n"
    assert cl.read_table(content.encode()).n_trials == 2


NO_TABLES = {
    b"": "is empty",
    b" \n\n": "is empty",
    b"\x89PNG\r\n\x1a\n\0\0": "is a PNG image",
    b"PK\x03\x04rest": "zip archive or an Excel workbook; save the sheet as CSV",
    b"MATLAB 5.0 MAT-file": "is a MATLAB file",
    b"a,b\n\0\0": "is a binary file",
    b"\n<!DOCTYPE html><html>": "is a web page",
    b"<html><body>Not Found": "is a web page",
    b"caf\xe9,choice\n1,2\n": "is not UTF-8 text",
    b"\x1f\x8bnot gzip": "damaged or cut off",
    gzip.compress(b"session,choice\n" * 50)[:-12]: "damaged or cut off",
    b"session,choice,reward\n": "has no rows, only the columns session, choice, reward",
    b"0,1,1\n0,1,0\n": "first line of the file holds numbers, 0,1,1; expected the names of the columns",
    b"session,choice,reward\n1,0,1\n1,0,1,4,5\n": "is not a table: .*line 3",
    b'session,choice,reward\n1,"0,1\n': "is not a table",
}


@pytest.mark.parametrize("content", NO_TABLES, ids=[sentence[:24] for sentence in NO_TABLES.values()])
def test_what_is_no_table_gives_a_sentence(content):
    with pytest.raises(ValueError, match=NO_TABLES[content]):
        cl.read_table(content)


def test_a_path_that_leads_nowhere(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'nothing.csv" does not exist; expected a CSV file'):
        cl.read_table(tmp_path / "nothing.csv")
    with pytest.raises(FileNotFoundError, match="is a folder"):
        cl.read_table(tmp_path)


def test_what_cannot_be_a_table():
    with pytest.raises(TypeError, match="cannot be read from a list; expected a pandas DataFrame"):
        cl.read_table([1, 2])


def test_the_name_of_the_file_is_in_the_error(tmp_path):
    path = tmp_path / "mice.csv"
    path.write_text("session,side,reward\n1,0,1\n")
    with pytest.raises(ValueError, match=r'mice\.csv has no column "choice"'):
        cl.read_table(path)
    with path.open("rb") as opened, pytest.raises(ValueError, match=r"mice\.csv"):
        cl.read_table(opened)


def test_numeric_column_names_of_a_frame():
    frame = pd.DataFrame({0: [1, 1], 1: [0, 1], 2: [1, 0]})
    assert cl.read_table(frame, session="0", choice="1", reward="2").n_trials == 2
