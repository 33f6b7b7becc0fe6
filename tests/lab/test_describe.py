"""A data set in words and its sessions as the figures draw them: missed trials, unknown rewards, names."""

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.data.clicks import LEFT, RIGHT
from cogrnn_lab.lab.data.session_columns import describe, session_columns, session_labels
from cogrnn_lab.lab.data.table import guess_columns, read_upload

ROWS = """animal,session,choice,reward,p_reward_left
B,monday,left,1,0.8
B,monday,miss,0,0.7
B,monday,right,0,0.6
A,monday,right,1,0.5
A,monday,left,0,0.4
B,tuesday,right,1,0.3
B,tuesday,right,0,0.2
"""


@pytest.fixture
def missed() -> cl.Dataset:
    table = read_upload("mice.csv", ROWS.encode())
    return table.dataset(guess_columns(table), missed=["miss"])


def find(dataset: cl.Dataset, label: str) -> int:
    return session_labels(dataset).index(label)


def test_a_missed_trial_is_there_without_a_choice(missed):
    shown = session_columns(missed, find(missed, "B · monday"))
    assert shown.choices.tolist() == [0, -1, 1]
    assert shown.class_names == ("left", "right")
    assert shown.rewards is not None
    assert shown.rewards[[0, 2]].tolist() == [1.0, 0.0]
    assert (shown.row, shown.n_alternatives) == ("trial", 2)


def test_only_trials_of_the_session_itself_are_shown_not_its_padding(missed):
    shown = session_columns(missed, find(missed, "A · monday"))
    assert shown.choices.tolist() == [1, 0]
    np.testing.assert_allclose(shown.probabilities["p_reward_left"], [0.5, 0.4], rtol=1e-6)


def test_sessions_of_several_subjects_go_by_both_names(missed):
    assert sorted(session_labels(missed)) == ["A · monday", "B · monday", "B · tuesday"]
    alone = missed.select([find(missed, "B · monday"), find(missed, "B · tuesday")])
    assert session_labels(alone) == ["session 1", "session 2"]


def test_a_data_set_is_described_with_what_is_missing(missed):
    assert describe(missed) == "2 subjects · 3 sessions · 2 to 3 trials · 1 trial without a target"


def made(**options) -> cl.Dataset:
    inputs = np.zeros((2, 4, 2), np.float32)
    return cl.Dataset(inputs, np.ones((2, 4, 1), np.float32), n_classes=2, **options)


def test_sessions_of_one_length_and_one_subject_are_told_in_fewer_words():
    assert describe(made()) == "2 sessions · 4 trials each"
    assert describe(made().select([0])) == "1 session · 4 trials each"
    assert session_labels(made()) == ["session 1", "session 2"]


def test_without_names_alternatives_are_numbers_and_without_rewards_there_are_none():
    shown = session_columns(made(), 0)
    assert shown.class_names == ("0", "1")
    assert shown.rewards is None
    assert shown.probabilities == {}


def test_trials_of_clicks_have_bins_and_no_rewards():
    inputs = np.zeros((2, 4, 2), np.float32)
    inputs[0, 1] = 1, 2
    reward = np.zeros((2, 4), np.float32)
    names = [LEFT, RIGHT]
    data = cl.Dataset(inputs, np.ones((2, 4, 1)), n_classes=2, input_names=names, columns={"reward": reward})
    shown = session_columns(data, 0)
    assert shown.clicks is not None
    assert shown.clicks[1].tolist() == [1.0, 2.0]
    assert shown.rewards is None
    assert shown.row == "time bin"
    assert session_labels(data) == ["trial 1", "trial 2"]
    assert describe(data) == "2 trials of 3 bins"


def test_data_without_choices_have_no_alternatives():
    numbers = cl.Dataset(np.zeros((1, 3, 1)), np.zeros((1, 3, 1)), kind="continuous")
    shown = session_columns(numbers, 0)
    assert shown.choices.tolist() == [-1, -1, -1]
    assert shown.n_alternatives == 0


@pytest.mark.parametrize("meaning", ["choice", "reward"])
def test_a_table_without_a_column_picked_names_those_it_has(meaning):
    table = read_upload("mice.csv", ROWS.encode())
    with pytest.raises(
        ValueError, match=f"mice.csv: pick the column that holds the {meaning}.*p_reward_left"
    ):
        table.dataset({**guess_columns(table), meaning: ""})
