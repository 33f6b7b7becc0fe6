"""Save and load: a run goes on exactly where it stopped; nothing outside the run folder is touched."""

import json

import numpy as np
import pandas as pd
import pytest


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
    settings = json.loads((tmp_path / "runs" / "a" / "lab.json").read_text())["settings"]
    assert settings["training"]["seed"] == 0
    assert settings["model"]["kind"] == "DisRNN"


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
