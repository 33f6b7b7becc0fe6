"""What is shown before the choice, what only on the next trial, and what could be chosen at all."""

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl

N = 400


def tasks(seed=0) -> pd.DataFrame:
    """Choices that follow a cue in part, and a second choice that follows them."""
    rng = np.random.default_rng(seed)
    choice = rng.integers(0, 2, N)
    return pd.DataFrame(
        {
            "session": np.repeat([1, 2], N // 2),
            "choice": choice,
            "reward": rng.integers(0, 2, N),
            "second": np.where(rng.random(N) < 0.8, choice, 1 - choice) + 1,
            "other": rng.integers(0, 2, N),
            "weather": rng.random(N),
            "pair": rng.choice(["AB", "CD", "EF"], N),
            "level": rng.choice([0.5, 2, 10], N),
        }
    )


def test_an_input_that_follows_the_choice_is_warned_of_and_can_be_shown_later():
    frame = tasks()
    with pytest.warns(
        UserWarning, match=r'input "second" tells \d+% .*previous_inputs=\["second"\]'
    ) as warned:
        data = cl.read_table(frame, inputs=["second"])
    assert data.inputs[0, :, 2].tolist() == frame["second"][: N // 2].tolist()
    assert str(warned[0].message) in data.notes
    later = cl.read_table(frame, previous_inputs=["second"])
    assert later.notes == ()
    assert later.input_names[-1] == "previous second"
    assert later.inputs[0, 1:, 2].tolist() == frame["second"][: N // 2 - 1].tolist()
    assert later.inputs[:, 0, 2].tolist() == [0, 0]
    assert "second" in later.columns


def test_inputs_that_tell_little_or_slowly_are_not_warned_of():
    frame = tasks()
    side = np.repeat(np.arange(N // 20) % 2, 20)  # of long blocks, which a subject follows
    later = np.roll(side, 4)  # a few trials after it has changed
    follows = np.where(np.random.default_rng(1).random(N) < 0.85, later, 1 - later)
    assert cl.read_table(frame, inputs=["weather", "other"]).notes == ()
    assert cl.read_table(frame.assign(side=side, choice=follows), inputs=["side"]).notes == ()


def test_stimuli_are_inputs_for_each_kind():
    frame = tasks()
    data = cl.read_table(frame, stimulus=["pair", "level"])
    names = ("pair = AB", "pair = CD", "pair = EF", "level = 0.5", "level = 2", "level = 10")
    assert data.input_names[2:] == names
    np.testing.assert_array_equal(data.inputs[..., 2:5].sum(2), 1)
    np.testing.assert_array_equal(data.inputs[0, :, 3], frame["pair"][: N // 2] == "CD")
    np.testing.assert_array_equal(data.inputs[1, :, 5], frame["level"][N // 2 :] == 0.5)
    with pytest.raises(ValueError, match=r'stimulus="pair" shows a column as kinds'):
        cl.read_table(frame, inputs=["pair"])
    with pytest.raises(ValueError, match=r'"pair" is empty in row 3'):
        cl.read_table(frame.assign(pair=frame["pair"].where(frame.index != 2)), stimulus="pair")
    with pytest.raises(ValueError, match=r'"weather" has 400 different values.*inputs='):
        cl.read_table(frame, stimulus="weather")


def test_text_of_the_trial_before_is_one_hot():
    frame = tasks()
    data = cl.read_table(frame, previous_inputs="pair")
    assert data.input_names[2:] == ("previous pair = AB", "previous pair = CD", "previous pair = EF")
    np.testing.assert_array_equal(data.inputs[0, 1:, 2], frame["pair"][: N // 2 - 1] == "AB")
    assert (data.inputs[:, 0, 2:] == 0).all()


def test_what_is_not_known_on_missed_trials_only_is_0():
    frame = tasks().assign(choice=tasks()["choice"].where(tasks().index != 1))
    frame.loc[1, ["second", "other"]] = np.nan
    data = cl.read_table(frame, previous_inputs=["second"], foregone="other")
    assert data.inputs[0, 2].tolist() == [0, frame["reward"][1], 1, 0, 0]
    for column, argument in (("second", {"previous_inputs": "second"}), ("other", {"foregone": "other"})):
        broken = frame.copy()
        broken.loc[5, column] = np.nan
        with pytest.raises(ValueError, match=f'"{column}" is empty in row 6; .* with a choice'):
            cl.read_table(broken, **argument)


def test_the_foregone_outcome_is_shown_a_trial_later():
    frame = tasks()
    data = cl.read_table(frame, foregone="other")
    assert data.input_names[-1] == "previous foregone outcome"
    assert data.inputs[0, 1:, 2].tolist() == frame["other"][: N // 2 - 1].tolist()
    np.testing.assert_array_equal(data.columns["foregone"][0], frame["other"][: N // 2])


OFFERED = pd.DataFrame(
    {
        "session": 1,
        "choice": ["A", "C", "B", "B", "C", "A"],
        "reward": [1, 0, 1, 0, 0, 1],
        "list": ["A,B", "[B; C]", "B|A", "C B", "A/C", "('A', 'B')"],
        "first": ["A", "B", "A", "B", "C", "B"],
        "second": ["B", "C", "B", "C", "A", "A"],
        "has_A": [1, 0, 1, 0, 1, 1],
        "has_B": [1, 1, 1, 1, 0, 1],
        "has_C": [0, 1, 0, 1, 1, 0],
    }
)


@pytest.mark.parametrize(
    "options", ["list", ["first", "second"], ["has_A", "has_B", "has_C"], ["has_C", "has_A", "has_B"]]
)
def test_options_become_the_action_mask(options):
    data = cl.read_table(OFFERED, options=options)
    assert data.action_mask is not None
    np.testing.assert_array_equal(data.action_mask[0], OFFERED[["has_A", "has_B", "has_C"]])
    lists = OFFERED.assign(list=[["A", "B"], ("B", "C"), ["A", "B"], ["C", "B"], ["A", "C"], ["B", "A"]])
    np.testing.assert_array_equal(cl.read_table(lists, options="list").action_mask, data.action_mask)


def test_options_of_a_missed_trial_may_be_empty():
    frame = OFFERED.assign(choice=["A", "C", "", "B", "C", "A"], list=["A,B", "B;C", "", "C B", "A/C", "A,B"])
    assert cl.read_table(frame, options="list").action_mask[0, 2].all()


@pytest.mark.parametrize(
    ("changes", "options", "sentence"),
    [
        ({"list": "A,B"}, "list", "the choice was not on offer in rows 2, 5"),
        ({"list": "A,B,C,D"}, "list", 'holds "D", which is none of the alternatives A, B, C; classes='),
        ({"has_A": 0}, ["has_A", "has_B", "has_C"], "not on offer in rows 1, 6"),
        ({}, ["has_A", "has_B"], "there are 2 columns for 3 alternatives"),
    ],
)
def test_options_that_do_not_fit_are_refused(changes, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        cl.read_table(OFFERED.assign(**changes), options=options)


def test_options_that_can_be_read_in_two_ways_are_refused():
    frame = pd.DataFrame({"session": 1, "choice": [0, 1, 1, 0], "reward": [1, 0, 1, 0]})
    with pytest.raises(ValueError, match=r"can be read in two ways: as the labels .* or as 1 where"):
        cl.read_table(frame.assign(a=[1, 1, 1, 1], b=[0, 1, 1, 0]), options=["a", "b"])
    data = cl.read_table(frame.assign(a=["0", "0;1", "1", "0;1"]), options="a")
    assert data.action_mask[0].tolist() == [[True, False], [True, True], [False, True], [True, True]]


def test_a_name_of_an_input_that_comes_twice_is_refused():
    frame = tasks().assign(**{"previous second": 1.0})
    with pytest.raises(ValueError, match="two inputs would be called previous second"):
        cl.read_table(frame, inputs=["previous second"], previous_inputs=["second"])
