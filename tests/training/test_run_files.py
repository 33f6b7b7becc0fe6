"""Saved runs: a JSON header and arrays, whole or not at all, nothing unpickled."""

import json
import pickle

import jax
import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab.training import archive


@pytest.fixture(scope="module")
def run() -> cl.Run:
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=8, n_trials=20)
    network = cl.DisRNN(
        2, 2, 2, update_width=3, update_depth=1, choice_depth=0, activation="tanh", key=jax.random.key(4)
    )
    return cl.fit(network, *data.split(), phases=cl.Phase(20, cl.DEFAULT_PENALTIES), report_every=8)


def test_a_run_comes_back_as_it_was(run, tmp_path):
    path = run.save(tmp_path / "deep" / "run")
    assert path.name == "run.npz"
    back = cl.load(path)
    assert jax.tree.structure(back.model) == jax.tree.structure(run.model)
    for a, b in zip(jax.tree.leaves(back.model), jax.tree.leaves(run.model), strict=True):
        np.testing.assert_array_equal(a, b)
    pd.testing.assert_frame_equal(back.history, run.history)
    np.testing.assert_array_equal(back.losses, run.losses)
    assert back.settings == run.settings == {"seed": 0, "batch_size": 128}


def test_the_file_is_json_and_arrays(run, tmp_path):
    path = run.save(tmp_path / "run.npz")
    with np.load(path, allow_pickle=False) as file:
        header = json.loads(str(file["header"]))
        assert all(file[name].dtype.kind in "fiuU" for name in file.files)
    assert header["model"]["kind"] == "DisRNN"
    assert header["model"]["arguments"]["activation"] == "tanh"


def test_a_failed_write_leaves_the_old_file(run, tmp_path, monkeypatch):
    path = run.save(tmp_path / "run.npz")
    before = path.read_bytes()

    def full_disk(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(archive.np, "savez", full_disk)
    with pytest.raises(OSError, match="disk full"):
        run.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


def test_wrong_files_are_refused(run, tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        cl.load(tmp_path / "nothing.npz")
    for name, content in {"text": b"hello", "pickle": pickle.dumps({"a": 1}), "empty": b""}.items():
        wrong = tmp_path / name
        wrong.write_bytes(content)
        with pytest.raises(ValueError, match="is not a file that cogrnn_lab saved, or it is damaged"):
            cl.load(wrong)
    whole = run.save(tmp_path / "run.npz").read_bytes()
    (tmp_path / "half.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="damaged"):
        cl.load(tmp_path / "half.npz")
    with pytest.raises(ValueError, match="holds a run, expected a trainer"):
        cl.Trainer.load(
            tmp_path / "run.npz", cl.Dataset(np.zeros((1, 2, 2)), np.zeros((1, 2, 1)), n_classes=2)
        )
