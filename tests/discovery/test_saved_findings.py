"""A discovery in a folder: saved over another one, the folder is of one of the two at every moment."""

import json
from dataclasses import replace

import numpy as np
import pytest
from promises.kills import marked_discovery

import cogrnn_lab as cl
from cogrnn_lab.discovery import path_training, saved_findings
from cogrnn_lab.discovery.saved_findings import named_arrays
from cogrnn_lab.schemas import FileError
from cogrnn_lab.training.archive import read_archive, write_archive


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_stopped_while_it_is_saved_over_another_the_folder_has_the_one_before(tmp_path, monkeypatch):
    """The path was replaced first: stopped after that, neither of the two could be read any more."""
    one, other = marked_discovery(0), marked_discovery(1)
    one.save(tmp_path)
    assert names(tmp_path) == ["equations.npz", "findings.npz", "path.npz"]

    def stop(*_):
        raise ZeroDivisionError

    for place, part in ((cl.Equations, "save"), (saved_findings, "write_archive")):
        with monkeypatch.context() as patch:
            patch.setattr(place, part, stop)
            with pytest.raises(ZeroDivisionError):
                other.save(tmp_path)
        assert cl.load_discovery(tmp_path).sentences == one.sentences
    other.save(tmp_path)
    assert cl.load_discovery(tmp_path).sentences == other.sentences
    assert names(tmp_path) == ["equations.other.npz", "findings.npz", "path.other.npz"]
    one.save(tmp_path)
    assert cl.load_discovery(tmp_path).sentences == one.sentences
    assert names(tmp_path) == ["equations.npz", "findings.npz", "path.npz"]


def test_the_same_path_is_not_written_again(tmp_path):
    marked_discovery(0).save(tmp_path)
    before = (tmp_path / "path.npz").stat().st_mtime_ns
    marked_discovery(0).save(tmp_path)
    assert (tmp_path / "path.npz").stat().st_mtime_ns == before
    assert names(tmp_path) == ["equations.other.npz", "findings.npz", "path.npz"]


def test_the_same_networks_on_other_reported_sessions_are_another_path(tmp_path):
    one = marked_discovery(0)
    one.save(tmp_path)
    levels = [
        replace(level, nll=level.nll | {"report": level.nll["report"] + 1.0}) for level in one.path.levels
    ]
    other = replace(one, path=replace(one.path, levels=tuple(levels)))
    other.save(tmp_path)
    found = cl.load_discovery(tmp_path).path
    np.testing.assert_array_equal(found.nll("report"), other.path.nll("report"))


def test_settings_of_a_search_may_be_numbers_of_numpy(tmp_path):
    one = replace(marked_discovery(0), search={"n_starts": np.int64(2), "level": np.float32(0.5)})
    one.save(tmp_path)
    assert cl.load_discovery(tmp_path).search == {"n_starts": 2, "level": 0.5}


def test_a_folder_of_an_earlier_version_is_read_and_saved_over(tmp_path):
    marked_discovery(0).save(tmp_path)
    header, arrays = read_archive(tmp_path / "findings.npz", "discovery")
    write_archive(
        tmp_path / "findings.npz", {k: v for k, v in header.items() if k not in ("files", "path")}, arrays
    )
    assert cl.load_discovery(tmp_path).sentences == ("0",)
    marked_discovery(1).save(tmp_path)
    assert cl.load_discovery(tmp_path).sentences == ("1",)


def test_names_of_files_lead_out_of_no_folder(tmp_path):
    marked_discovery(0).save(tmp_path)
    header, arrays = read_archive(tmp_path / "findings.npz", "discovery")
    files = {"path": "../path.npz", "equations": "equations.npz"}
    write_archive(tmp_path / "findings.npz", header | {"files": files}, arrays)
    with pytest.raises(FileError, match=r"files\.path is '\.\./path\.npz', expected one of path\.npz"):
        cl.load_discovery(tmp_path)


def test_a_damaged_path_offers_the_one_before(tmp_path):
    path = marked_discovery(0).path
    for _ in range(2):
        path.save(tmp_path / "path.npz", keep_previous=True)
    (tmp_path / "path.npz").write_bytes(b"")
    with pytest.raises(FileError, match=rf"The one before it \({len(path.levels)} levels\) is whole: put"):
        path_training._begun(tmp_path / "path.npz", {}, cl.DisRNN)


def test_nothing_in_the_findings_is_taken_for_something_else(tmp_path):
    marked_discovery(0).save(tmp_path)
    header, arrays = read_archive(tmp_path / "findings.npz", "discovery")
    assert set(named_arrays("nll ", arrays)) == set(header["kinds"])
    arrays["nll network"] = np.zeros(3)
    write_archive(tmp_path / "findings.npz", json.loads(json.dumps(header)), arrays)
    with pytest.raises(FileError, match="array 'nll network' of the file has shape"):
        cl.load_discovery(tmp_path)
