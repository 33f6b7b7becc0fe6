"""Which labels are choices and which missed trials: believed, guessed where it is certain, else refused."""

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl


def table(choices, rewards=None) -> pd.DataFrame:
    """One session; a reward after every second choice where none are given."""
    rewards = np.arange(len(choices)) // 2 % 2 if rewards is None else rewards
    return pd.DataFrame({"session": 1, "choice": choices, "reward": rewards})


def read(choices, rewards=None, **given) -> cl.Dataset:
    return cl.read_table(table(choices, rewards), **given)


def made(data: cl.Dataset) -> list[str | None]:
    names = [*(data.class_names or ()), None]
    return [names[k] for k in data.columns["choice"][data.valid]]


THREE_SIDES = [-1, 0, 1, -1, 1, 0, 0, -1, 1, -1, 0, 1]

# label, the other labels, and what has to be said for a missed trial
DOUBTFUL = {
    "-1 beside 0 and 1": (THREE_SIDES, "4 rows are -1", "usual code", [-1], [-1, 0, 1]),
    "-1 beside 1": ([-1, 1] * 6, "bias-only", "usual code", [-1], [-1, 1]),
    "no response": (["left", "right", "no response"] * 4, "no response", "sounds like", None, None),
    "omission": (["L", "R", "omission", "L"] * 3, "3 rows are omission", "sounds like", None, None),
    "ignore": (["L", "R", "ignore", "L"] * 3, "ignore", "sounds like", None, None),
    "timeout": (["L", "R", "Time-Out", "L"] * 3, "Time-Out", "sounds like", None, None),
    "none": (["go", "none"] * 6, "6 rows are none", "sounds like", None, None),
    "null": (["go", "stay", "null", "go"] * 3, "null", "sounds like", None, None),
    "na": (["go", "stay", "na", "go"] * 3, "na", "sounds like", None, None),
    "a dash": (["go", "stay", "-", "go"] * 3, "3 rows are -", "sounds like", None, None),
    "9": ([0, 1, 9, 0, 1, 1] * 2, "2 rows are 9", "stands apart", [9], [0, 1, 9]),
    "999": ([1, 2, 999, 1, 2, 1] * 2, "999", "stands apart", [999], [1, 2, 999]),
    "-9": ([1, 2, -9, 1, 2, 1] * 2, "-9", "stands apart", [-9], [-9, 1, 2]),
    "a number among names": (["L", "R", "0", "L"] * 3, "3 rows are 0", "among names", None, None),
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_may_be_a_choice_or_a_missed_trial_is_refused_with_both_readings(name):
    choices, rows, argument, missed, classes = DOUBTFUL[name]
    with pytest.raises(ValueError, match="can be read in two ways") as refused:
        read(choices, np.arange(len(choices)) % 2)
    sentence = str(refused.value)
    assert rows in sentence
    assert argument in sentence
    counts = pd.Series([str(one) for one in choices]).value_counts()
    assert all(f"{label} × {n}" in sentence for label, n in counts.items())
    if missed:
        assert f"missed={missed} or classes={classes}" in sentence


def test_what_is_given_is_believed():
    as_side = read(THREE_SIDES, classes=[-1, 0, 1])
    assert as_side.class_names == ("-1", "0", "1")
    assert as_side.mask.sum() == 12
    assert read(THREE_SIDES, missed=[]).class_names == ("-1", "0", "1")
    for missed in (-1, [-1], "-1", [-1.0]):
        data = read(THREE_SIDES, missed=missed)
        assert data.class_names == ("0", "1")
        assert data.mask.sum() == 8
    reordered = read(THREE_SIDES, classes=[1, 0], missed=-1)
    assert reordered.class_names == ("1", "0")
    assert made(reordered)[:3] == [None, "0", "1"]
    assert read([-1, 1] * 6, classes=[-1, 1]).mask.sum() == 12
    assert read([0, 1, 2] * 4, missed=[0]).class_names == ("1", "2")
    assert read(["go", "none"] * 4, classes=["go", "none"]).mask.sum() == 8


def test_several_labels_can_be_missed():
    data = read(["L", "R", "too late", "no response", "", "L"] * 3, missed=["too late", "no response"])
    assert data.class_names == ("L", "R")
    assert (data.valid & ~data.mask[..., 0]).sum() == 9


@pytest.mark.parametrize(
    ("choices", "missed"),
    [
        (["left", "right", -1, "left"] * 3, 3),
        ([1, 2, -1, 1] * 3, 3),
        ([1, 2, "NA", 1] * 3, 3),
        ([True, False, None, True] * 3, 3),
        ([0, 1, np.nan, 1] * 3, 3),
        (["left", "right", " ", "nan"] * 3, 6),
    ],
)
def test_what_can_be_nothing_else_is_missed(choices, missed):
    data = read(choices, np.tile([1, 0, 0, 0], 3))  # nothing is paid where -1, NA or nothing stands
    assert data.n_classes == 2
    assert (data.valid & ~data.mask[..., 0]).sum() == missed


def test_an_empty_reward_tells_a_missed_trial():
    rewards = [1.0, 0.0, np.nan] * 4
    data = read([0, 1, -1] * 4, rewards)
    assert data.class_names == ("0", "1")
    assert read(["L", "R", "no response"] * 4, rewards).class_names == ("L", "R")
    with pytest.raises(ValueError, match="two ways"):
        read([0, 1, -1] * 4, [1, 0, 1] * 4)


def test_minus_1_is_judged_beside_what_is_left():
    rewards = [1, 0, 1, np.nan] * 6
    with pytest.raises(ValueError, match=r"6 rows are -1.*missed=\[-1\] or classes=\[-1, 0, 1\]"):
        read([0, 1, -1, 9] * 6, rewards)  # 9 is missed, as its reward is empty
    with pytest.raises(ValueError, match="12 rows are -9 or -1"):
        read([0, 1, -1, -9] * 6, [1, 0, 1, 0] * 6)
    with pytest.raises(ValueError, match="6 rows are -1"):
        read([0, 1, -1, 9] * 6, [1, 0, 1, 0] * 6, missed=9)


def test_a_few_unrewarded_rows_of_minus_1_are_refused_too():
    """Before, they were taken as missed and told; three sides of which one never pays look the same."""
    choices, rewards = [0, 1, 1, 0, 1, 0, -1, 0, 1, 0] * 3, [1, 0, 1, 1, 0, 0, 0, 1, 0, 1] * 3
    with pytest.raises(ValueError, match=r"3 rows are -1.*missed=\[-1\] or classes=\[-1, 0, 1\]"):
        read(choices, rewards)
    assert read(choices, rewards, missed=[-1]).class_names == ("0", "1")
    assert read(choices, rewards, classes=[-1, 0, 1]).n_classes == 3


@pytest.mark.parametrize("codes", [[1, 2, -1, 1], ["L", "R", -1, "L"], [0, 1, 2, -1], [1, 2, "NA", 1]])
def test_a_code_of_missed_trials_that_a_reward_follows_is_refused(codes):
    """Before, these rows were missed trials, and their rewards were kept without a word."""
    label = next(str(code) for code in codes if code in (-1, "NA"))
    rewards = [1, 0, 1, 0] * 3 if label != str(codes[3]) else [1, 0, 0, 1] * 3
    with pytest.raises(ValueError, match="can be read in two ways") as refused:
        read(codes * 3, rewards)
    assert f"3 rows are {label}" in str(refused.value)
    assert f"3 rows of {label} have a reward, which a missed trial lacks" in str(refused.value)
    data = read(codes * 3, rewards, missed=label)
    assert (data.columns["choice"] == -1).sum() == 3
    assert "the reward 1 of 3 missed trials is kept" in data.summary
    for unpaid in (0, -1, 999, np.nan):
        paid = np.where([str(code) == label for code in codes * 3], unpaid, rewards)
        assert (read(codes * 3, paid).columns["choice"] == -1).sum() == 3


def test_a_rare_class_that_no_reward_follows_is_refused():
    choices = [0, 1, 1, 0, 1, 0, 0, 1] * 10 + [2] * 3
    rewards = [1, 0, 1, 0, 1, 0, 0, 1] * 10 + [0] * 3
    with pytest.raises(ValueError, match=r"no reward ever follows 2, and it is 3\.6% of the rows"):
        read(choices, rewards)
    assert read(choices, [*rewards[:-1], 1]).n_classes == 3
    assert read(choices, rewards, missed=2).class_names == ("0", "1")
    # seldom enough by chance, though more than 5 % of the rows
    with pytest.raises(ValueError, match="2 × 15"):
        read([*choices, *[2] * 12], [*rewards, *[0] * 12])
    with pytest.raises(ValueError, match=r"First: 15 rows are 0"):
        read([1, 2, 2, 1, 2, 1, 1, 2] * 10 + [0] * 15, [1, -1, 1, -1, 1, 1, -1, 1] * 10 + [0] * 15)


def test_classes_that_leave_something_out_say_what_to_do():
    with pytest.raises(ValueError, match=r"Rows: 2 × 4\. Where that is a missed trial, missed=\[2\] says so"):
        read([0, 1, 2] * 4, classes=[0, 1])
    with pytest.raises(ValueError, match=r"1 is in classes= and in missed="):
        read([0, 1, 1, 0], classes=[0, 1], missed=[1])
    with pytest.raises(ValueError, match="expected several alternatives"):
        read(["a", "b"] * 3, classes="ab")
    with pytest.raises(ValueError, match="expected 2 to 32 different alternatives"):
        read([0, 1] * 3, classes=[0])
    assert read([0, 1, 1, 0, -1], classes=[0, 1]).mask.sum() == 4
    assert read([0, 1] * 3, missed=9).notes == ('column "choice" never holds 9, which missed= names',)


def test_only_minus_1_says_how_to_make_it_a_side():
    with pytest.raises(ValueError, match=r"all 2 choices .* are 0; 3 rows are -1.*classes=\[-1, 0\] says so"):
        read([0, -1, -1, 0, -1], [1, 0, 0, 0, 0])
    with pytest.raises(ValueError, match=r"0 × 2 \(bias-only.* or classes=\[-1, 0\]"):
        read([0, -1, -1, 0, -1], [0, 0, 1, 1, 0])


def test_numbers_near_whole_ones_are_whole():
    assert read([1.0000001, 0, 1, -1e-7, 1, 0]).class_names == ("0", "1")
    assert read(["1.0", "2", "1", "2.0"]).class_names == ("1", "2")


@pytest.mark.parametrize(
    ("of_missed", "of_made", "expected", "said"),
    [
        (np.nan, [0, 1], 0, ""),
        (-1, [0, 1], 0, "the reward -1 of 3 missed trials is taken as none"),
        (999, [0, 1], 0, "the reward 999 of 3 missed trials is taken as none"),
        (-5, [0, 1], -5, "the reward -5 of 3 missed trials is kept, though no choice has it"),
        (-1, [-1, 1], -1, "the reward -1 of 3 missed trials is kept, as choices have it too"),
        (0, [20, 80], 0, ""),
        (1, [0, 1], 1, "the reward 1 of 3 missed trials is kept, as choices have it too"),
    ],
)
def test_rewards_of_missed_trials_are_told(of_missed, of_made, expected, said):
    data = read(["L", "R", "", "R"] * 3, [*of_made, of_missed, of_made[0]] * 3)
    missed = data.columns["choice"] == -1
    assert (data.columns["reward"][missed] == expected).all()
    assert said in data.summary
    assert bool(data.notes) == bool(said)


def test_text_na_of_a_file_is_no_empty_cell(tmp_path):
    path = tmp_path / "choices.csv"
    for word in ("None", "NULL", "NA"):
        path.write_text("session,choice,reward\n" + "1,go,1\n1,stay,0\n" * 5 + f"1,{word},1\n" * 5)
        with pytest.raises(ValueError, match=f"5 rows are {word}"):
            cl.read_table(path)
        assert cl.read_table(path, classes=["go", "stay", word]).mask.sum() == 15
    path.write_text("session,choice,reward\n" + "1,1,1\n1,2,0\n" * 5 + "1,NA,NA\n" * 5)
    assert cl.read_table(path).mask.sum() == 10
