"""Data sets as tables, and back."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl


def assert_same(a, b):
    for name in ("inputs", "targets", "mask", "valid", "subject"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)
    for name in ("kind", "n_classes", "input_names", "class_names", "subject_names", "session_names"):
        assert getattr(a, name) == getattr(b, name)
    assert list(a.columns) == list(b.columns)
    for name, column in a.columns.items():
        np.testing.assert_array_equal(column[a.valid], b.columns[name][b.valid], err_msg=name)


def recorded(choices):
    frame = pd.DataFrame(
        {
            "subject": ["m2"] * 4 + ["m1"] * 3,
            "session": [1, 1, 1, 2, 1, 1, 1],
            "choice": choices,
            "reward": [0.5, 1, 0, 1, 0, 1, 0],
            "laser": [0, 0, 1, 1, 0, 0, 1],
            "forced": [0, 1, 0, 0, 0, 0, 0],
        }
    )
    return cl.read_table(frame, subject="subject", instructed="forced", missed=[-1])


@pytest.mark.parametrize(
    "choices",
    [
        [0, 1, -1, 1, 0, 1, 0],
        [2, 1, 1, 2, 2, 1, 1],
        ["left", "right", None, "left", "left", "right", "right"],
        [9, 10, 2, 2, -1, 10, 9],
    ],
)
def test_recorded_data_survive_the_way_there_and_back(choices, tmp_path):
    data = recorded(choices)
    frame = data.to_dataframe()
    assert_same(data, cl.read_table(frame, subject="subject", instructed="instructed"))
    frame.to_csv(tmp_path / "data.csv", index=False)
    assert_same(data, cl.read_table(tmp_path / "data.csv", subject="subject", instructed="instructed"))


@pytest.mark.parametrize("n_arms", [2, 3])
def test_simulated_data_survive_the_way_there_and_back(n_arms):
    bandit = cl.DriftingBandit(n_arms=n_arms, p_instructed=0.2)
    data = cl.simulate(cl.QLearning(), bandit, n_sessions=3, n_trials=40)
    frame = data.to_dataframe()
    again = cl.read_table(frame, subject="subject", instructed="instructed")
    for name in ("inputs", "targets", "mask", "subject"):
        np.testing.assert_array_equal(getattr(again, name), getattr(data, name))
    assert again.generating_likelihood == pytest.approx(data.generating_likelihood)
    assert set(again.columns) == set(data.columns)


def test_one_row_per_valid_trial():
    frame = recorded([0, 1, -1, 1, 0, 1, 0]).to_dataframe()
    assert frame["subject"].tolist() == ["m2"] * 4 + ["m1"] * 3
    assert frame["session"].tolist() == [1, 1, 1, 2, 1, 1, 1]
    assert frame["trial"].tolist() == [1, 2, 3, 1, 1, 2, 3]
    assert frame["choice"].tolist() == [0, 1, -1, 1, 0, 1, 0]
    assert frame["previous trial missed"].tolist() == [0] * 7
    assert frame["instructed"].tolist() == [0, 1, 0, 0, 0, 0, 0]


def test_latents_go_along():
    data = recorded([0, 1, -1, 1, 0, 1, 0])
    states = np.arange(3 * 3 * 2.0).reshape(3, 3, 2)
    for latents in (states, SimpleNamespace(states=states)):
        frame = data.to_dataframe(latents)
        assert frame["latent_1"].tolist() == [0, 2, 4, 6, 12, 14, 16]
        assert frame["latent_2"].tolist() == [1, 3, 5, 7, 13, 15, 17]
    with pytest.raises(ValueError, match=r"latents have shape \(2, 3, 2\); expected .* another data set"):
        data.to_dataframe(states[:2])


def test_choices_of_joined_data_of_which_one_part_lacks_the_column():
    a = cl.Dataset(np.zeros((1, 3, 1)), [[[0], [1], [0]]], columns={"choice": [[0, 1, 0]]})
    b = cl.Dataset(np.zeros((1, 2, 1)), [[[1], [np.nan]]])
    assert a.concat(b).to_dataframe()["choice"].tolist() == [0, 1, 0, 1, -1]


def test_targets_of_other_kinds():
    targets = np.array([[[0, 0.5], [np.nan, 2.5], [1, np.nan]]])
    frame = cl.Dataset(
        np.zeros((1, 3, 1)), targets, kind="mixed", target_names=["side", "dopamine"]
    ).to_dataframe()
    assert frame["side"].tolist() == [0, -1, 1]
    np.testing.assert_array_equal(frame["dopamine"], [0.5, 2.5, np.nan])
    numbers = cl.Dataset(np.zeros((1, 3, 1)), targets, kind="continuous").to_dataframe()
    np.testing.assert_array_equal(numbers["target 1"], [0, np.nan, 1])


def test_the_time_step_survives_the_way_there_and_back():
    made = cl.simulate_clicks(
        cl.BoundedAccumulator(), cl.PoissonClicks(bin_width=0.02, duration=0.2), n_trials=6, seed=1
    )
    frame = made.to_dataframe().assign(reward=0)
    assert (frame.time_step_s == 0.02).all()
    again = cl.read_table(frame, inputs=made.input_names)
    assert again.time_step == 0.02
    assert "time_step_s" not in again.columns
    with pytest.raises(ValueError, match='column "time_step_s" holds 0, 1, 2, 3, 4; expected one number'):
        cl.read_table(frame.assign(time_step_s=np.arange(len(frame))))


def test_many_missed_trials_and_sides_called_minus_1_survive_too():
    frame = pd.DataFrame({"session": 1, "choice": [0, 1, -1, -1] * 5, "reward": [0, 1, 1, 0] * 5})
    data = cl.read_table(frame, missed=-1)
    again = cl.read_table(data.to_dataframe())
    assert again.class_names == ("0", "1")
    np.testing.assert_array_equal(again.inputs, data.inputs)
    sides = cl.read_table(frame.assign(choice=[-1, 1, None, 1] * 5), classes=[-1, 1])
    again = cl.read_table(sides.to_dataframe(), classes=[-1, 1])
    np.testing.assert_array_equal(again.mask, sides.mask)
    np.testing.assert_array_equal(again.targets, sides.targets)
