"""Real behavior, where the files are at hand: sizes, missed trials, and the way there and back."""

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl


def file(folder, name):
    if not (folder / name).is_file():
        pytest.skip(f"{name} is not in {folder}")
    return folder / name


def test_mice_of_bari_2019(real_data):
    path = file(real_data, "mouse_dynamic_foraging_bari2019.csv.gz")
    data = cl.read_table(path, subject="subject")
    assert (data.n_sessions, len(data.subjects), data.valid.sum()) == (469, 16, 189_199)
    assert (data.lengths.min(), data.lengths.max()) == (121, 830)
    assert data.input_names == ("previous choice", "previous reward")
    raw = pd.read_csv(path)
    one = raw[(raw.subject == "BB038") & (raw.session == 2)]
    row = [data.subject_names[i] for i in data.subject].index("BB038") + 1
    assert data.session_names[row] == "2"
    np.testing.assert_array_equal(data.inputs[row, 1 : len(one), 0], one.choice[:-1])
    np.testing.assert_array_equal(data.inputs[row, 1 : len(one), 1], one.reward[:-1])
    train, held_out = data.split()
    assert train.n_sessions + held_out.n_sessions == 469
    assert train.subjects.tolist() == held_out.subjects.tolist() == list(range(16))
    again = cl.read_table(data.to_dataframe(), subject="subject")
    np.testing.assert_array_equal(again.inputs, data.inputs)
    np.testing.assert_array_equal(again.targets, data.targets)


def test_allen_mice_missed_trials(real_data):
    data = cl.read_table(
        file(real_data, "mouse_dynamic_foraging_allen.csv"),
        subject="subject",
        inputs=["laser_on"],
        missed=[-1],
    )
    assert (data.n_sessions, len(data.subjects), data.valid.sum()) == (5, 4, 1947)
    assert (data.valid & ~data.mask[..., 0]).sum() == 206
    assert data.input_names[2:] == ("previous trial missed", "laser_on")
    missed = data.columns["choice"][:, :-1][data.valid[:, 1:]] == -1
    np.testing.assert_array_equal(data.inputs[:, 1:, 2][data.valid[:, 1:]], missed)


def test_monkey_matching_pennies(real_data):
    data = cl.read_table(file(real_data, "monkey_matching_pennies.csv"), subject="subject")
    assert (data.n_sessions, data.valid.sum(), data.n_trials) == (84, 41_916, 499)
    assert data.mask.sum() == 41_916
