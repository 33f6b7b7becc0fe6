"""`cogrnn-lab discover`: from a table to a report, going on where it was interrupted, and what it refuses."""

import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.cli import discovering, main

SMALL = [
    "--latents", "1", "--update-width", "3", "--update-depth", "1", "--choice-depth", "0", "--seeds", "2",
    "--levels", "0.5", "5", "30", "--warmup", "20", "--level-steps", "20", "--batch-size", "8",
    "--classical", "Q-learning", "--gru-units", "0", "--equation-latents", "1", "--equation-starts", "1",
    "--no-story",
]  # fmt: skip


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> str:
    data = cl.simulate(cl.QLearning(0.5, 5.0), cl.DriftingBandit(), n_sessions=40, n_trials=30, seed=3)
    path = tmp_path_factory.mktemp("table") / "choices.csv"
    data.to_dataframe()[["session", "choice", "reward"]].to_csv(path, index=False)
    return str(path)


@pytest.fixture(scope="module")
def discovered(table: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a discovery, and what the command said."""
    out = tmp_path_factory.mktemp("discovered") / "out"
    with pytest.MonkeyPatch.context() as patch:
        said: list[str] = []
        patch.setattr("builtins.print", lambda *texts, **_: said.append(" ".join(map(str, texts))))
        assert main(["discover", table, "--out", str(out), "--overwrite", *SMALL]) == 0
    return out, "\n".join(said)


def test_it_prints_verdict_and_equations_and_writes_the_report(discovered):
    out, said = discovered
    found = cl.load_discovery(out)
    assert found.text in said
    assert found.equations.mechanism == "Q-learning"
    assert f"written to {out / 'report.html'}" in said
    assert found.equations.text.splitlines()[0] in (out / "report.html").read_text()
    assert list(found.path.prices) == [0.5, 5.0, 30.0]
    assert "Q-learning" in set(found.yardsticks["model"])


def same(one: Path, other: Path) -> None:
    """Two folders hold the same discovery, to the bit."""
    mine, theirs = (cl.load_discovery(folder) for folder in (one, other))
    assert mine.text == theirs.text
    assert mine.yardsticks.equals(theirs.yardsticks)
    assert mine.path.table.equals(theirs.path.table)
    np.testing.assert_array_equal(mine.equations.fitted.vector, theirs.equations.fitted.vector)
    jax.tree.map(np.testing.assert_array_equal, mine.model, theirs.model)
    assert (one / "report.html").read_bytes() == (other / "report.html").read_bytes()


def test_interrupted_by_ctrl_c_the_same_command_goes_on(discovered, table, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"
    command = ["discover", table, "--out", str(out), *SMALL]
    told = []

    @contextmanager
    def pressed_at(texts):
        def watch(progress):
            told.append(progress.text)
            if any(text in progress.text for text in texts):
                raise KeyboardInterrupt

        yield watch

    for at in ("level 1 (price 5), step 20", "searching from"):
        with monkeypatch.context() as patch:
            patch.setattr(discovering, "_shown", lambda at=at: pressed_at([at]))
            assert main(command) == 130
        assert "the same command goes on" in capsys.readouterr().err
        assert not (out / "report.html").exists()
    assert sum("level 0 (price 0.5), step 20" in text for text in told) == 1
    assert main(command) == 0
    same(out, discovered[0])


@pytest.mark.slow  # four processes; the test above asserts the same of Ctrl-C
def test_killed_the_same_command_goes_on(table, tmp_path):
    def command(out: Path) -> list[str]:
        return [sys.executable, "-m", "cogrnn_lab.cli", "discover", table, "--out", str(out), *SMALL]

    out = tmp_path / "out"
    for awaited in ("path.npz", "parts"):
        process = subprocess.Popen(command(out), stderr=subprocess.DEVNULL)
        while process.poll() is None and not (out / awaited).exists():
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
    for folder in (out, tmp_path / "undisturbed"):
        assert subprocess.run(command(folder), check=False).returncode == 0
    same(out, tmp_path / "undisturbed")


def test_what_is_wrong_is_said_in_one_sentence(discovered, table, tmp_path, capsys):
    def refused(*arguments: str) -> str:
        assert main(["discover", *arguments]) == 2
        said = capsys.readouterr().err
        assert said.startswith("cogrnn-lab: ")
        assert said.count("\n") == 1
        return said

    out = str(tmp_path / "out")
    assert "there is no file" in refused("nothing.csv", "--out", out)
    assert "no such model; there are" in refused(table, "--out", out, *SMALL, "--classical", "Q")
    assert "--warmup is 0" in refused(table, "--out", out, *SMALL, "--warmup", "0")
    assert "--seeds is 0; expected 1 at least" in refused(table, "--out", out, *SMALL, "--seeds", "0")
    both = refused(table, "--out", out, *SMALL, "--best", "--n-latents", "1")
    assert "--best and --n-latents 1: the best level, or the best of those with 1 latents?" in both
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    assert "no discovery to go on with" in refused(table, "--out", str(other), *SMALL)
    said = refused(table, "--out", str(discovered[0]), *SMALL, "--levels", "1", "2")
    assert "another levels; give the same arguments to go on with it, or --overwrite to begin anew" in said
    assert not Path(out).exists()


def test_named_classical_models_are_those_that_suit_the_data():
    data = cl.simulate(cl.QLearning(), cl.StimulusBandits(cl.DriftingBandit(), 3), n_sessions=2, n_trials=9)
    (model,) = discovering._classical(["Q-learning"], data).values()
    assert isinstance(model, cl.PerStimulus)
