"""Trial numbers: rows are sorted by them, gaps never bridged, and what does not fit is told or refused."""

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl


def trials(n_sessions=2, n_trials=12, seed=0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = n_sessions * n_trials
    return pd.DataFrame(
        {
            "session": np.repeat(np.arange(n_sessions), n_trials),
            "trial": np.tile(np.arange(n_trials) + 1, n_sessions),
            "choice": rng.permutation(np.arange(n) % 2),
            "reward": rng.integers(0, 2, n),
            "cue": rng.random(n).round(2),
            "light": rng.integers(0, 2, n),
        }
    )


def same(a: cl.Dataset, b: cl.Dataset) -> None:
    assert a.input_names == b.input_names
    for name in ("inputs", "targets", "mask", "valid"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_rows_are_sorted_by_their_numbers():
    frame = trials()
    shuffled = frame.sample(frac=1, random_state=1).sort_values("session", kind="stable")
    data = cl.read_table(shuffled, trial="trial")
    same(data, cl.read_table(frame))
    assert data.notes == ('the rows were sorted by column "trial"',)
    assert cl.read_table(frame, trial="trial").notes == ()
    with pytest.raises(ValueError, match=r'trial="trial" sorts by it, trial=False takes them as they stand'):
        cl.read_table(shuffled)
    same(cl.read_table(shuffled, trial=False), cl.read_table(shuffled.drop(columns="trial")))


def test_trials_cut_out_are_the_same_as_trials_marked_as_missed():
    frame = trials()
    out = np.isin(np.arange(24), [3, 7, 8, 20])
    marked = frame.assign(choice=frame["choice"].where(~out), reward=frame["reward"].where(~out, 0))
    cut = frame[~out].sample(frac=1, random_state=2).sort_values("session", kind="stable")
    data = cl.read_table(cut, trial="trial")
    assert data.input_names[-1] == "previous trial missed"
    same(data, cl.read_table(marked))
    assert 'column "trial" leaves out 4 trials in 3 places: taken as missed' in data.notes
    assert np.isnan(data.columns["cue"][0, 3])
    assert data.columns["choice"][0, 3] == -1
    shown = cl.read_table(cut, trial="trial", inputs=["cue"], previous_inputs=["light"])
    assert shown.inputs[0, 3, -1] == 0  # nothing is known of a trial that is not there
    assert shown.inputs[0, 4, 3] == 0
    agent = cl.QLearning()
    assert cl.evaluate(agent, data).nll == pytest.approx(cl.evaluate(agent, cl.read_table(marked)).nll)


def test_numbers_left_out_are_told_where_the_column_has_no_part():
    cut = trials().drop(index=[3, 7, 8, 20])
    with pytest.warns(
        UserWarning, match='leaves out 4 trials in 3 places.*trial="trial" takes them'
    ) as warned:
        data = cl.read_table(cut)
    assert str(warned[0].message) in data.notes
    assert str(warned[0].message) in str(data)


def test_numbers_that_grow_by_two_leave_out_nothing():
    frame = trials()
    data = cl.read_table(frame.assign(trial=frame["trial"] * 2), trial="trial")
    assert data.valid.sum() == 24
    assert data.notes == ('column "trial" grows by 2 from trial to trial',)


def test_a_row_that_stands_twice_is_told_and_mixed_blocks_are_refused():
    frame = trials()
    twice = pd.concat([frame, frame.iloc[[5]]])
    with pytest.warns(UserWarning, match='"trial" holds 1 number twice within a session'):
        assert cl.read_table(twice, trial="trial").valid.sum() == 25
    blocks = frame.assign(block=frame["session"], session=1)
    with pytest.raises(ValueError, match=r'in 12 of 24 rows.*Column "block" goes along'):
        cl.read_table(blocks, trial="trial")
    with pytest.warns(UserWarning, match="starts again 1 time within a session"):
        cl.read_table(blocks)


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ([1, 2, None, 4], "is not a whole number in every row"),
        ([0.5, 1.5, 2.5, 3.5], "is not a whole number in every row"),
        (["a", "b", "c", "d"], "is not a whole number in every row"),
        ([100, 2310, 3507, 4601], "more than there are rows.*Is it a time"),
    ],
)
def test_what_is_no_count_is_refused(numbers, sentence):
    frame = trials(1, 4).assign(trial=numbers)
    with pytest.raises(ValueError, match=sentence):
        cl.read_table(frame, trial="trial")


def test_a_column_that_does_not_count_is_left_alone():
    frame = trials().assign(trial=np.tile([3, 1, 1, 2], 6))
    assert cl.read_table(frame).notes == ()
