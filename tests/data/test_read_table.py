"""From a table of trials to inputs, targets and masks, and the refusals on the way."""

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl


def table(**columns):
    return pd.DataFrame(
        {"session": [1, 1, 1, 2, 2], "choice": [0, 1, 1, 1, 0], "reward": [1, 0, 1, 0, 0]} | columns
    )


def test_previous_choice_and_reward_become_the_inputs():
    data = cl.read_table(table())
    assert data.input_names == ("previous choice", "previous reward")
    assert data.inputs.tolist() == [[[0, 0], [0, 1], [1, 0]], [[0, 0], [1, 0], [0, 0]]]
    assert data.targets[..., 0].tolist() == [[0, 1, 1], [1, 0, 0]]
    assert data.valid.tolist() == [[True, True, True], [True, True, False]]
    assert data.mask[..., 0].tolist() == data.valid.tolist()
    assert data.class_names == ("0", "1")


def test_missed_trials_are_masked_and_told_from_choice_0():
    data = cl.read_table(table(choice=[0, -1, 1, 1, 0], reward=[1, np.nan, 1, 0, 0]))
    assert data.input_names == ("previous choice", "previous reward", "previous trial missed")
    assert data.inputs[0].tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert data.mask[0, :, 0].tolist() == [True, False, True]
    assert data.valid[0].all()
    assert data.columns["choice"].tolist() == [[0, -1, 1], [1, 0, -1]]
    assert data.columns["reward"][0, 1] == 0


@pytest.mark.parametrize("missed", ["", " ", None, np.nan, "-1", -1, "NaN", "#N/A"])
def test_every_way_to_write_a_missed_choice(missed):
    data = cl.read_table(table(choice=["left", missed, "right", "left", "right"]))
    assert data.mask[0, :, 0].tolist() == [True, False, True]
    assert data.class_names == ("left", "right")


@pytest.mark.parametrize(
    ("choices", "names", "indices"),
    [
        (["right", "left", "left", "right", "left"], ("left", "right"), [1, 0, 0, 1, 0]),
        ([2, 1, 1, 2, 1], ("1", "2"), [1, 0, 0, 1, 0]),
        ([2.0, 1.0, 1.0, np.nan, 1.0], ("1", "2"), [1, 0, 0, -1, 0]),
        ([True, False, False, True, False], ("False", "True"), [1, 0, 0, 1, 0]),
        ([10, 9, 9, 10, 2], ("2", "9", "10"), [2, 1, 1, 2, 0]),
        (["10", "9", "9", " 10", "2"], ("2", "9", "10"), [2, 1, 1, 2, 0]),
        (pd.Categorical(["b", "a", "a", "b", "a"], categories=["b", "a"]), ("a", "b"), [1, 0, 0, 1, 0]),
        (pd.array([1, 0, 0, None, 0], dtype="Int64"), ("0", "1"), [1, 0, 0, -1, 0]),
    ],
)
def test_labels_are_numbered_in_sorted_order(choices, names, indices):
    data = cl.read_table(table(choice=choices))
    assert data.class_names == names
    assert data.columns["choice"][data.valid].tolist() == indices


def test_classes_can_be_ordered_and_may_lack_in_the_table():
    data = cl.read_table(table(choice=list("baabb")), classes=["b", "c", "a"])
    assert data.class_names == ("b", "c", "a")
    assert data.columns["choice"][data.valid].tolist() == [0, 2, 2, 0, 0]
    with pytest.raises(ValueError, match="holds b; expected only the classes a, c"):
        cl.read_table(table(choice=list("baabb")), classes=["a", "c"])


def test_more_than_two_alternatives_are_one_hot():
    data = cl.read_table(table(choice=list("acbca")))
    assert data.input_names[:2] == ("previous choice = a", "previous choice = b")
    assert data.inputs[0].tolist() == [[0, 0, 0, 0], [1, 0, 0, 1], [0, 0, 1, 0]]


def test_sessions_need_unique_names_within_subjects_only():
    frame = table(subject=["b", "b", "a", "a", "a"], session=[1, 1, 1, 1, 2])
    data = cl.read_table(frame, subject="subject")
    assert data.subject_names == ("b", "a")
    assert data.subject.tolist() == [0, 1, 1]
    assert data.session_names == ("1", "1", "2")
    assert data.lengths.tolist() == [2, 2, 1]


def test_rows_of_a_session_need_not_be_together():
    data = cl.read_table(table(session=["x", "y", "x", "y", "x"]))
    assert data.columns["choice"].tolist() == [[0, 1, 0], [1, 1, -1]]
    assert data.session_names == ("x", "y")


def test_without_a_session_column_each_subject_is_one_session():
    assert cl.read_table(table().drop(columns="session"), session=None).lengths.tolist() == [5]
    frame = table(subject=[7, 7, 8, 8, 8])
    data = cl.read_table(frame, subject="subject", session=None)
    assert data.lengths.tolist() == [2, 3]
    assert data.subject_names == ("7", "8")


def test_instructed_trials_are_inputs_but_no_targets():
    data = cl.read_table(table(forced=[0, 1, None, 0, 1]), instructed="forced")
    assert data.mask[..., 0].tolist() == [[True, False, True], [True, False, False]]
    assert data.inputs[0, 2].tolist() == [1, 0]
    assert data.columns["instructed"][0].tolist() == [0, 1, 0]
    assert "forced" not in data.columns


def test_shown_columns_follow_and_other_numbers_travel():
    frame = table(
        light=[0.5, 1, 2, 3, 4], laser=[0, 1, 0, 0, 1], date="monday", rt=[0.1, np.nan, 0.3, 0.4, 0.5]
    )
    data = cl.read_table(frame, inputs=["light"])
    assert data.input_names[-1] == "light"
    assert data.inputs[0, :, 2].tolist() == [0.5, 1, 2]
    assert list(data.columns) == ["choice", "reward", "laser", "rt"]
    assert np.isnan(data.columns["rt"][0, 1])
    assert cl.read_table(frame, inputs="light").n_inputs == 3


def test_columns_under_other_names():
    frame = table().rename(columns={"choice": "side", "reward": "water", "session": "day"})
    data = cl.read_table(frame, session="day", choice="side", reward="water")
    np.testing.assert_array_equal(data.inputs, cl.read_table(table()).inputs)
    assert list(data.columns) == ["choice", "reward"]


REFUSED = {
    "column missing": (
        table(),
        {"choice": "chioce"},
        r'no column "chioce" for choice; its columns are: session, .*"choice"\?',
    ),
    "case": (table(), {"reward": "REWARD"}, r'Is it "reward"\?'),
    "no session": (table().drop(columns="session"), {}, "session=None takes all trials"),
    "shown missing": (table(), {"inputs": ["lite"]}, r'no column "lite" for inputs\[0\]'),
    "one column twice": (table(), {"reward": "choice"}, 'column "choice" is named for choice and reward'),
    "one choice": (table(choice=0), {}, 'bias-only: all 5 choices in column "choice" are 0'),
    "sides as -1 and 1": (
        table(choice=[-1, 1, 1, -1, 1]),
        {},
        "2 rows are -1, which is read as a missed trial",
    ),
    "all missed": (table(choice=-1), {}, "every choice is missing: all 5 rows"),
    "times": (table(choice=[0.31, 0, 1, 1, 0]), {}, "holds 0.31; expected whole numbers or text"),
    "reward missing": (
        table(reward=[1, None, 1, None, 0]),
        {},
        'column "reward" is empty in rows 2, 4 although',
    ),
    "reward text": (table(reward=["yes", "no", 1, 0, 0]), {}, 'holds "yes" in rows 1, 2; expected numbers'),
    "reward infinite": (table(reward=[np.inf, 0, 1, 0, 0]), {}, 'holds "inf" in row 1'),
    "instructed odd": (table(forced=[0, 2, 0, 0, 0]), {"instructed": "forced"}, "is 2 in row 2; expected 1"),
    "all instructed": (table(forced=1), {"instructed": "forced"}, "no free choice"),
    "one free choice": (
        table(forced=[1, 0, 0, 0, 1]),
        {"instructed": "forced"},
        r"bias-only: all 3 free choices are 1; .*Is 1 really instructed",
    ),
    "shown empty": (
        table(light=[1, None, 1, 1, 1]),
        {"inputs": ["light"]},
        'input column "light" is empty in row 2',
    ),
    "shown text": (table(light=list("abcde")), {"inputs": ["light"]}, 'holds "a" in rows 1, 2, 3, 4, 5'),
    "session empty": (table(session=[1, None, 1, 2, 2]), {}, 'column "session" is empty in row 2'),
    "no rows": (table().iloc[:0], {}, "has no rows, only the columns session, choice, reward"),
    "same name": (
        pd.concat([table(), table()], axis=1),
        {},
        "two columns of the same name: choice, reward, session",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_sentence_about_the_table(name):
    frame, arguments, sentence = REFUSED[name]
    with pytest.raises(ValueError, match=sentence):
        cl.read_table(frame, **arguments)


def test_a_trial_number_is_no_choice():
    frame = pd.DataFrame({"choice": range(100), "reward": 0})
    with pytest.raises(ValueError, match=r"100 different values.*Is it a time or a trial number"):
        cl.read_table(frame, session=None)


def test_the_table_is_left_as_it_was():
    frame = table(choice=list("abbab"))
    before = frame.copy()
    cl.read_table(frame)
    pd.testing.assert_frame_equal(frame, before)
