"""`cogrnn-lab study`: a TOML file trained to its table, and what is refused."""

import re
from pathlib import Path

import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab.cli import main, studying
from cogrnn_lab.workers import WorkersDied

TOML = """
[data]
table = "choices.csv"
[study]
report_every = 2
[network]
kind = "GRU"
n_hidden = 2
[space]
seed = [0, 1]
warm_up = 0
steps = 4
batch_size = 3
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = cl.simulate(cl.QLearning(0.5, 5.0), cl.DriftingBandit(), n_sessions=8, n_trials=12, seed=3)
    path = tmp_path_factory.mktemp("table")
    data.to_dataframe()[["session", "choice", "reward"]].to_csv(path / "choices.csv", index=False)
    return path


def written(folder: Path, text: str) -> str:
    (folder / "study.toml").write_text(text)
    return str(folder / "study.toml")


def test_a_file_becomes_a_folder_of_runs_and_goes_on(folder: Path, tmp_path: Path, capsys, monkeypatch):
    file, out = written(folder, TOML), tmp_path / "out"

    def interrupt(row):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(studying, "_say", interrupt)
        assert main(["study", file, "--out", str(out)]) == 130
    assert "the same command goes on" in capsys.readouterr().err
    assert cl.Study(out).table["state"].tolist() == ["finished", "waiting"]
    assert main(["study", file, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"2 runs in {out}")
    table = pd.read_csv(out / "table.csv")
    assert table["state"].tolist() == ["finished"] * 2
    assert f"best run: {cl.Study(out).best()}" in said
    assert said.count(" finished likelihood held out 0.") == 1  # the other was there
    assert (out / "study.png").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[network]", "[netwrk]"), r"has netwrk \(did you mean network\?\)"),
        (("report_every", "report_evry"), r"\[study\] of .* has report_evry \(did you mean report_every\?\)"),
        (("n_hidden = 2", "n_hiden = 2"), r"n_hiden is no setting .* \(did you mean n_hidden\?\)"),
        (('table = "choices.csv"', 'tabel = "choices.csv"'), r"\[data\] of .* has no table"),
        (('"choices.csv"', '"choice.csv"'), "there is no file .*choice.csv"),
        (("seed = [0, 1]", "seed = [0, 1]\nn_hidden = 3"), r"n_hidden is in \[network\] and in \[space\]"),
        (("[space]", "[space"), "is not TOML"),
    ],
)
def test_a_slip_in_the_file_is_told_in_one_sentence(folder: Path, tmp_path: Path, capsys, change, said):
    file = written(folder, TOML.replace(*change))
    assert main(["study", file, "--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert re.search(said, told)
    assert not (tmp_path / "out").exists()


def test_workers_that_die_are_told_in_one_sentence(folder: Path, tmp_path: Path, capsys, monkeypatch):
    """It ended in a traceback."""

    def died(*arguments, **settings):
        raise WorkersDied("workers died each time that they trained 0123")

    monkeypatch.setattr(cl.Study, "run", died)
    assert main(["study", written(folder, TOML), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err == "cogrnn-lab: workers died each time that they trained 0123\n"
