"""Save and load: a run goes on exactly where it stopped; nothing outside the run folder is touched."""

import asyncio
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab.lab.app import Lab
from cogrnn_lab.lab.engine.kept import storage
from cogrnn_lab.lab.engine.kept.storage import RunFolder
from cogrnn_lab.lab.engine.run import LabRun


def test_a_loaded_run_goes_on_exactly(lab, make_lab, train):
    train(lab, 4)
    lab.pause()
    lab.storage.name.value = "first"
    lab.storage.save.click()
    assert "Saved to" in lab.top.message.value
    step = lab.trainer.step_count
    train(lab, 30)
    expected = lab.run.losses

    other = make_lab()
    assert other.storage.saved.options[0] == ("first", "first")
    other.state.model.parameters.n_latents = 2
    other.storage.load.click()
    assert other.trainer.step_count == step
    assert other.model.n_latents == 3
    assert other.runner.run.curve.step[-1] == step
    train(other, 30)
    np.testing.assert_array_equal(other.run.losses, expected)


def test_a_run_on_a_table_is_saved_with_it(lab, make_lab):
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {"session": np.repeat([1, 2, 3, 4], 25), "choice": rng.integers(0, 2, 100), "reward": 1}
    )
    lab.upload("mice.csv", table.to_csv(index=False).encode())
    lab.save("table run")
    other = make_lab()
    other.load("table run")
    assert other.dataset.n_sessions == 4
    assert other.state.data.source == "table (CSV)"


def test_the_settings_are_json(lab, tmp_path):
    lab.save("a")
    with np.load(tmp_path / "runs" / "a" / "lab.run", allow_pickle=False) as file:
        settings = json.loads(str(file["header"]))["lab"]["settings"]
    assert settings["training"]["seed"] == 0
    assert settings["model"]["kind"] == "DisRNN"


def table(n_sessions: int) -> bytes:
    rng = np.random.default_rng(n_sessions)
    sessions, n = np.repeat(np.arange(n_sessions), 25), 25 * n_sessions
    columns = {"session": sessions, "choice": rng.integers(0, 2, n), "reward": rng.integers(0, 2, n)}
    return pd.DataFrame(columns).to_csv(index=False).encode()


def save_as_the_first_version_did(folder: Path, run: LabRun) -> None:
    """Three files, the settings last."""
    folder.mkdir(parents=True)
    run.trainer.save(folder / "trainer.run")
    assert run.table is not None
    (folder / "table.csv").write_bytes(run.table.content)
    header = {
        "settings": run.settings,
        "marks": run.curve.marks,
        "boundary": run.curve.boundary,
        "table": run.table.name,
    }
    (folder / "lab.json").write_text(json.dumps(header, indent=1))


def test_a_run_is_one_file_that_a_trainer_reads_too(lab, train, tmp_path):
    train(lab, 3)
    lab.pause()
    lab.save("a")
    assert [path.name for path in (tmp_path / "runs" / "a").iterdir()] == ["lab.run"]
    run = lab.runner.run
    trainer = cl.Trainer.load(tmp_path / "runs" / "a" / "lab.run", run.train, run.held_out)
    assert trainer.step_count == lab.trainer.step_count


def test_a_run_of_the_first_version_is_opened_and_becomes_one_file(lab, make_lab, train, tmp_path):
    folder = tmp_path / "runs" / "mice"
    lab.upload("mice.csv", table(4))
    train(lab, 8)
    lab.pause()
    save_as_the_first_version_did(folder, lab.runner.run)

    other = make_lab()
    assert other.folder.names() == ["mice"]
    other.load("mice")
    assert other.dataset.n_sessions == 4
    assert other.runner.run.curve.boundary == lab.runner.run.curve.boundary == 6
    train(lab, 5)
    train(other, 5)
    np.testing.assert_array_equal(other.run.losses, lab.run.losses)

    other.save("mice")
    assert [path.name for path in folder.iterdir()] == ["lab.run"]
    assert other.folder.names() == ["mice"]
    assert other.folder.open("mice").header["step"] == lab.trainer.step_count


def test_saving_over_a_run_of_the_first_version_never_mixes(lab, tmp_path, monkeypatch):
    """A kill right after the file got its name leaves the new file and the old three; those are not read."""
    folder = tmp_path / "runs" / "mice"
    lab.upload("mice.csv", table(4))
    save_as_the_first_version_did(folder, lab.runner.run)
    lab.upload("rats.csv", table(8))
    monkeypatch.setattr(storage, "delete", lambda paths: None)
    lab.save("mice")
    assert (folder / "lab.json").is_file()
    saved = lab.folder.open("mice")
    assert saved.table.name == "rats.csv"
    assert saved.trainer(lab.runner.run.train, lab.runner.run.held_out).data_shape == lab.trainer.data_shape


@pytest.mark.parametrize("file", ["lab.run", "lab.json", "table.csv", "trainer.run"])
def test_a_damaged_run_is_told_and_changes_nothing(lab, make_lab, tmp_path, file):
    folder = tmp_path / "runs" / "mice"
    lab.upload("mice.csv", table(4))
    if file == "lab.run":
        lab.save("mice")
        (folder / file).write_bytes((folder / file).read_bytes()[:-100])
    else:
        save_as_the_first_version_did(folder, lab.runner.run)
        (folder / file).write_bytes(b"")
    other = make_lab()
    settings, trainer = other.state.to_dict(), other.trainer
    other.load("mice")
    assert "cog-status-error" in other.top.message.value
    assert other.state.to_dict() == settings
    assert other.trainer is trainer


def test_what_is_saved_over_while_it_is_opened_is_of_one_run(lab, tmp_path):
    lab.upload("mice.csv", table(4))
    lab.save("a")
    saved = lab.folder.open("a")
    mice = lab.runner.run
    lab.upload("rats.csv", table(8))
    lab.save("a")
    assert saved.table.name == "mice.csv"
    assert saved.trainer(mice.train, mice.held_out).data_shape == mice.trainer.data_shape


@pytest.mark.parametrize("runner", ["thread", "cooperative"])
def test_a_run_that_is_saved_just_before_the_lab_is_closed_is_saved(tmp_path, run_async, runner):
    async def visit():
        lab = Lab(runner=runner, folder=tmp_path)
        while lab.run_state != "ready":
            await asyncio.sleep(0.05)
        lab.save("last")
        lab.close()

    run_async(visit())
    assert RunFolder(tmp_path).open("last").header["step"] == 0


def test_what_cannot_be_saved_at_the_end_is_told(tmp_path, run_async, caplog):
    async def visit():
        lab = Lab(runner="cooperative", folder=tmp_path)
        lab.save("last")
        lab.close()

    run_async(visit())
    assert "There is no run yet" in caplog.text


def test_latents_are_exported(lab, tmp_path):
    lab.export_latents("a")
    frame = pd.read_csv(tmp_path / "runs" / "a" / "latents.csv")
    assert len(frame) == 12 * 30
    assert {"choice", "latent_1", "latent_3"} <= set(frame.columns)


@pytest.mark.parametrize("name", ["../outside", "/etc/x", "", "a/b", "..", ".hidden"])
def test_names_stay_below_the_folder(lab, tmp_path, name):
    lab.save(name)
    assert "cannot be the name of a run" in lab.top.message.value
    assert not (tmp_path / "outside").exists()


def test_loading_what_is_not_there(lab):
    trainer = lab.trainer
    lab.load("nothing")
    assert "no saved run" in lab.top.message.value
    assert lab.trainer is trainer
