"""`fit(..., checkpoint=...)`: interrupted anywhere and called again, the run is the same to the bit."""

import errno
import shutil

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.training import archive


@pytest.fixture(scope="module")
def parts() -> tuple[cl.Dataset, cl.Dataset]:
    data = cl.simulate(cl.QLearning(0.4, 4.0), cl.DriftingBandit(), n_sessions=8, n_trials=12)
    return data.split()


def network(seed: int = 0) -> cl.DisRNN:
    return cl.DisRNN(2, 2, 2, update_width=2, update_depth=1, choice_depth=0, key=jax.random.key(seed))


PHASES = (
    cl.Phase(12, noise=0.0, learning_rate=3e-2, name="warm-up"),
    cl.Phase(0, name="nothing"),
    cl.Phase(12, cl.Penalties(latent=1e-2), learning_rate=1e-2, name="penalized"),
)
SETTINGS = {"phases": PHASES, "batch_size": 3, "report_every": 4, "progress": False}


class Killed(Exception):
    pass


def killed_at(step: int, fit, **more):
    """A call of `fit` that is torn away right after the report of a step, before it is kept."""

    def stop(report):
        if report.step == step:
            raise Killed

    with pytest.raises(Killed):
        fit(callbacks=stop, **more)


def same(one: cl.Run, other: cl.Run) -> None:
    jax.tree.map(np.testing.assert_array_equal, one.model, other.model)
    np.testing.assert_array_equal(one.losses, other.losses)
    mine, theirs = (run.history.drop(columns="seconds") for run in (one, other))
    assert mine.equals(theirs)
    assert one.settings == other.settings


@pytest.mark.parametrize("patience", [None, 4])
def test_killed_after_every_report_it_ends_as_an_undisturbed_run(parts, tmp_path, patience):
    file = tmp_path / "run.npz"

    # at this rate the held-out loss soon grows, so that the best network is an earlier one
    phases = PHASES if patience is None else (*PHASES[:2], cl.Phase(12, learning_rate=0.3))
    settings = SETTINGS | {"phases": phases, "patience": patience}

    def fit(**more):
        return cl.fit(network(), *parts, **settings, **more)

    undisturbed = fit()
    for report in undisturbed.reports:
        # what was kept before the report is taken up, so every kill is one report further
        killed_at(report.step, fit, checkpoint=file)
    again = fit(checkpoint=file)
    same(again, undisturbed)
    same(fit(checkpoint=file), undisturbed)  # a finished run is read, not trained
    if patience is not None:
        assert undisturbed.settings["best_step"] < undisturbed.reports[-1].step


def test_a_finished_run_takes_no_step(parts, tmp_path):
    file = tmp_path / "run.npz"
    cl.fit(network(), *parts, **SETTINGS, checkpoint=file)
    told = []
    cl.fit(network(), *parts, **SETTINGS, checkpoint=file, callbacks=told.append)
    assert told == []


def test_the_file_of_another_run_is_refused(parts, tmp_path):
    file = tmp_path / "run.npz"
    train, held_out = parts
    cl.fit(network(), train, held_out, **SETTINGS, checkpoint=file)
    for other, changed in (
        ("weights", {"model": network(1)}),
        ("data", {"train": held_out}),
        ("data", {"train": train._replace(subject_names=("someone",))}),
        ("seed", {"seed": 1}),
        ("phases", {"phases": PHASES[:1]}),
        ("patience", {"patience": 4}),
        ("trained", {"freeze": "update_net"}),
    ):
        arguments = {"model": network(), "train": train, "valid": held_out, **SETTINGS, **changed}
        with pytest.raises(ValueError, match=f"holds a run with another {other}; give the same arguments"):
            cl.fit(**arguments, checkpoint=file)


def test_what_cannot_be_taken_up_is_refused(parts, tmp_path):
    with pytest.raises(ValueError, match="gives every batch once"):
        cl.fit(network(), iter([parts[0]] * 30), **SETTINGS, checkpoint=tmp_path / "run")
    with pytest.raises(ValueError, match="for one run"):
        cl.fit(network(), *parts, **SETTINGS, replicates=2, checkpoint=tmp_path / "run")
    trainer = cl.Trainer(network(), *parts, batch_size=3)
    trainer.save(tmp_path / "trainer.npz")
    with pytest.raises(ValueError, match=r"Trainer\.load reads it"):
        cl.fit(network(), *parts, **SETTINGS, checkpoint=tmp_path / "trainer.npz")


def test_a_damaged_checkpoint_is_told_and_the_one_before_it_is_offered(parts, tmp_path):
    file, before = tmp_path / "run.npz", tmp_path / "run.previous.npz"

    def fit(**more):
        return cl.fit(network(), *parts, **SETTINGS, checkpoint=file, **more)

    killed_at(16, fit)
    whole = file.read_bytes()
    file.write_bytes(whole[:-100])
    with pytest.raises(ValueError, match=r"is damaged|or it is damaged") as refused:
        fit()
    assert f"The one before it (step 12) is whole: put '{before}' in its place" in str(refused.value)
    before.replace(file)
    same(fit(), cl.fit(network(), *parts, **SETTINGS))
    assert not before.exists(), "nothing is left beside a finished run"
    file.write_bytes(b"")
    with pytest.raises(ValueError, match="; delete it to begin anew"):
        fit()


def test_a_folder_that_goes_away_and_a_full_disk_do_not_end_training(parts, tmp_path, monkeypatch):
    folder, savez = tmp_path / "gone", np.savez

    def lose(report):
        if report.step == 8:
            shutil.rmtree(folder)
            folder.write_bytes(b"")  # so that it can't be made again
        if report.step == 16:
            folder.unlink()

    def full(file, *arguments, **arrays):
        if arrays["losses"].size == 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        savez(file, *arguments, **arrays)

    monkeypatch.setattr(archive.np, "savez", full)
    with pytest.warns(UserWarning, match="could not be kept") as told:
        run = cl.fit(network(), *parts, **SETTINGS, checkpoint=folder / "run", callbacks=lose)
    said = [str(one.message) for one in told if "could not be kept" in str(one.message)]
    assert [("Not a directory" in one or "exists" in one, "No space left" in one) for one in said] == [
        (True, False), (True, False), (True, False), (False, True),
    ]  # fmt: skip
    same(run, cl.fit(network(), *parts, **SETTINGS))
    assert cl.Trainer.load(folder / "run.npz", *parts).step_count == 24
