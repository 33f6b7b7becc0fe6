"""The notebooks come with the installation, and are copied without overwriting anything."""

from pathlib import Path

import pytest

from cogrnn_lab.cli import main, notebooks


def test_they_are_copied_and_those_that_are_there_are_kept(tmp_path: Path, repository: Path, capsys):
    folder = tmp_path / "new" / "folder"
    folder.mkdir(parents=True)
    (folder / "lab.ipynb").write_text("mine")
    assert main(["notebooks", str(folder)]) == 0
    expected = {path.name for path in (repository / "notebooks").glob("*.ipynb")}
    assert {path.name for path in folder.iterdir()} == expected
    assert (folder / "lab.ipynb").read_text() == "mine"
    assert f"kept as it is: {folder / 'lab.ipynb'}" in capsys.readouterr().out
    name = "train_a_gru.ipynb"
    assert (folder / name).read_bytes() == (repository / "notebooks" / name).read_bytes()


def test_a_file_in_the_place_of_the_folder_is_a_sentence(tmp_path: Path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["notebooks", str(tmp_path / "file")]) == 2
    assert "is a file; name a folder" in capsys.readouterr().err


def test_an_installation_without_them_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(notebooks, "PLACES", (tmp_path,))
    assert main(["notebooks", str(tmp_path / "folder")]) == 2
    assert "has no notebooks" in capsys.readouterr().err
