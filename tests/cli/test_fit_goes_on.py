"""`cogrnn-lab fit` that was ended in any way goes on by the same command, to the bit."""

import errno
import signal
from pathlib import Path

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.cli import fitting, main
from cogrnn_lab.training import archive
from cogrnn_lab.training.watching.course import CourseFile

SMALL = ["--latents", "2", "--update-depth", "1", "--choice-depth", "1", "--warmup", "4", "--steps", "6"]


class Killed(BaseException):
    pass


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=12)
    path = tmp_path_factory.mktemp("table") / "choices.csv"
    data.to_dataframe()[["session", "choice", "reward"]].to_csv(path, index=False)
    return path


def fit(table: Path, out: Path, *more: str) -> int:
    return main(
        ["fit", str(table), *SMALL, "--report-every", "2", "--batch-size", "2", "--out", str(out), *more]
    )


@pytest.fixture(scope="module")
def undisturbed(table, tmp_path_factory) -> cl.Run:
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    assert fit(table, out) == 0
    assert not (out / "checkpoint.npz").exists()
    return cl.load(out / "run.npz")


def same(out: Path, run: cl.Run) -> None:
    got = cl.load(out / "run.npz")
    jax.tree.map(np.testing.assert_array_equal, got.model, run.model)
    np.testing.assert_array_equal(got.losses, run.losses)
    assert got.history.drop(columns="seconds").equals(run.history.drop(columns="seconds"))


def test_killed_again_and_again_it_ends_as_an_undisturbed_one(
    table, tmp_path, undisturbed, monkeypatch, capsys
):
    keep, out = CourseFile.keep, tmp_path / "out"

    def killed(self, course):
        keep(self, course)
        raise Killed

    kills = 0
    monkeypatch.setattr(CourseFile, "keep", killed)
    while kills < 20:
        try:
            assert fit(table, out) == 0
            break
        except Killed:
            kills += 1
            assert [path.name for path in out.iterdir() if "previous" not in path.name] == ["checkpoint.npz"]
    assert kills >= 5
    assert "going on from step 8" in capsys.readouterr().out
    same(out, undisturbed)
    assert not list(out.glob("checkpoint*"))


def test_after_ctrl_c_there_are_results_and_the_same_command_goes_on(
    table, tmp_path, undisturbed, monkeypatch, capsys
):
    out, figures = tmp_path / "out", fitting._figures

    def press(report):
        if report.step == 6:
            signal.raise_signal(signal.SIGINT)
        return figures(report)

    monkeypatch.setattr(fitting, "_figures", press)
    assert fit(table, out) == 0
    assert "the same command goes on from there" in capsys.readouterr().out
    assert cl.load(out / "run.npz").reports[-1].step == 6
    monkeypatch.undo()
    assert fit(table, out) == 0
    same(out, undisturbed)
    assert not (out / "checkpoint.npz").exists()


def test_what_is_under_way_with_other_settings_is_begun_anew_only_by_overwrite(
    table, tmp_path, undisturbed, monkeypatch, capsys
):
    out = tmp_path / "out"
    monkeypatch.setattr(
        fitting, "_write", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "disk full"))
    )
    assert fit(table, out, "--seed", "3") == 1
    assert "the results could not be written ([Errno 28] disk full)" in capsys.readouterr().err
    monkeypatch.undo()
    assert fit(table, out) == 2
    said = capsys.readouterr().err
    assert "another weights, seed" in said
    assert "--overwrite to begin anew" in said
    assert fit(table, out, "--overwrite") == 0
    same(out, undisturbed)


def test_a_full_disk_while_training_is_told_and_training_goes_on(table, tmp_path, undisturbed, monkeypatch):
    savez, n = np.savez, 0

    def full(file, *arguments, **arrays):
        nonlocal n
        n += 1
        if n < 6:  # all of its checkpoints
            raise OSError(errno.ENOSPC, "No space left on device")
        savez(file, *arguments, **arrays)

    monkeypatch.setattr(archive.np, "savez", full)
    with pytest.warns(UserWarning, match="could not be kept in .*No space left on device.*training goes on"):
        assert fit(table, tmp_path / "out") == 0
    same(tmp_path / "out", undisturbed)
