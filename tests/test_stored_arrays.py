"""Arrays of a file: what is declared is not believed, nothing is unpacked, evaluated or unpickled."""

import io
import json
import os
import pickle
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from cogrnn_lab.schemas import FileError, ListOf, Number, Record, Text, Whole, parsed_json, taking_apart
from cogrnn_lab.stored_arrays import array_of, stored_arrays


def saved(path: Path, **arrays: np.ndarray) -> Path:
    np.savez(path, allow_pickle=False, **arrays)
    return path


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((2, 0, 3), np.float32), np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.array("tëxt"),
        np.array(True), np.arange(3, dtype=">i2"), np.array(["a", "bcd"]), np.arange(4, dtype=np.uint8),
        np.array([1 + 2j]), np.array(7), np.zeros((1,) * 12),
    ],
)  # fmt: skip
def test_what_numpy_writes_is_read_as_it_was(array, tmp_path):
    got = stored_arrays(saved(tmp_path / "a.npz", a=array))["a"]
    np.testing.assert_array_equal(got, array)
    assert (got.dtype, got.shape) == (array.dtype, array.shape)
    got[...] = array[...]  # may be written to


def head(text: str, data: bytes = b"") -> bytes:
    line = (text + " " * 10 + "\n").encode()
    return b"\x93NUMPY\x01\x00" + len(line).to_bytes(2, "little") + line + data


@pytest.mark.parametrize(
    "text",
    [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (10000000000000,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
        "{'descr': '|O', 'fortran_order': False, 'shape': (), }",
        "{'descr': '<U0', 'fortran_order': False, 'shape': (9999999999,), }",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }",
        "__import__('os').abort()",
        "(" * 4000,
    ],
)
def test_a_head_that_says_what_is_not_there_takes_no_room_and_is_not_evaluated(text):
    tracemalloc.start()
    with pytest.raises(FileError, match="an array in it"):
        array_of(head(text, bytes(8)))
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_packed_members_and_overlapping_ones_are_refused_before_they_are_read(tmp_path):
    bomb = tmp_path / "bomb.npz"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        for i in range(20):
            file.writestr(f"{i}.npy", bytes(2**25))
    tracemalloc.start()
    with pytest.raises(FileError, match=r"bomb\.npz' is not a file .*its arrays are packed"):
        stored_arrays(bomb)
    assert tracemalloc.get_traced_memory()[1] < 2**21
    tracemalloc.stop()


def test_a_folder_a_pipe_and_nothing_are_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        stored_arrays(tmp_path / "none")
    with pytest.raises(FileError, match="is a folder or a device"):
        stored_arrays(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="is a folder or a device"):  # it would be waited for
        stored_arrays(tmp_path / "pipe")


def test_nothing_is_unpickled(tmp_path):
    class Marks:
        def __reduce__(self):
            return (open, (str(tmp_path / "mark"), "w"))

    np.savez(tmp_path / "evil.npz", a=np.array(Marks(), dtype=object))
    (tmp_path / "plain").write_bytes(pickle.dumps(Marks()))
    (tmp_path / "mark").unlink(missing_ok=True)
    for name in ("evil.npz", "plain"):
        with pytest.raises(FileError, match="is not a file that cogrnn_lab saved"):
            stored_arrays(tmp_path / name)
    assert not (tmp_path / "mark").exists()


# --- JSON -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["[" * 60 + "]" * 60, "[" * 200_000, '{"a":' * 999 + "1" + "}" * 999, "", "{", "\0"]
)
def test_json_that_is_too_deep_or_none_is_told(text):
    with pytest.raises(FileError, match=r"its JSON is nested deeper|holds no JSON that can be read"):
        parsed_json(text)


def test_a_schema_names_the_place():
    schema = Record(
        {"step": Whole(), "rows": ListOf(Record({"loss": Number(finite=True)}))}, {"name": Text()}
    )
    good = {"step": 3, "rows": [{"loss": 0.5}], "more": 1}
    schema.check(good, "it")
    for wrong, said in (
        ({"step": True}, "it.step is True, expected a whole number"),
        ({"step": 1.0}, r"it.step is 1\.0"),
        ({"rows": [{"loss": 1}, {"loss": float("nan")}]}, r"it.rows\[1\].loss is nan, expected a finite"),
        ({"rows": [{"loss": 10**400}]}, "is a number of many digits"),
        ({"rows": {}}, "it.rows is names with values, expected a list"),
        ({"name": None}, "it.name is null, expected a text"),
    ):
        with pytest.raises(FileError, match=said):
            schema.check(json.loads(json.dumps(good | wrong)), "it")
    with pytest.raises(FileError, match="it lacks 'step'"):
        schema.check({"rows": []}, "it")


def test_whatever_goes_wrong_names_the_file_and_keeps_its_cause(tmp_path):
    for raised, said in (
        (KeyError("a"), r"'.*x' is damaged \(KeyError: 'a'\)"),
        (RecursionError("deep\nand deeper"), r"is damaged \(RecursionError: deep and deeper\)"),
        (MemoryError(), "needs more memory than there is"),
        (FileError("its step is 3"), "cannot be read: its step is 3"),
    ):
        with pytest.raises(FileError, match=said) as told, taking_apart(tmp_path / "x"):
            raise raised
        assert told.value.__cause__ is raised
    with pytest.raises(KeyboardInterrupt), taking_apart(tmp_path / "x"):
        raise KeyboardInterrupt


def test_more_than_a_file_holds_is_never_made(tmp_path):
    """A member that declares more than the file has."""
    content = bytearray(io.BytesIO(saved(tmp_path / "a.npz", a=np.zeros(4)).read_bytes()).getvalue())
    place = content.rindex(b"PK\x01\x02")
    content[place + 20 : place + 28] = (2**31).to_bytes(4, "little") * 2
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(FileError, match=r"said to be larger than the file|not whole"):
        stored_arrays(tmp_path / "a.npz")
