"""Tables of click times: bins, the response, real rats, and what is said of tables that are none."""

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab.data.clicks import binned, whole_bins

TABLE = pd.DataFrame(
    {
        "rat": ["a", "b", "a"],
        "day": [1, 1, 2],
        "left_clicks_s": ["0;0.005;0.0299", "", "0.07"],
        "right_clicks_s": ["0;0.031", "0.02", None],
        "duration_s": [0.0301, 0.025, 0.08],
        "choice": ["R", "L", "R"],
        "gamma": [0.5, np.nan, -0.5],
    }
)
TABLE.loc[0, "duration_s"] = 0.0312


def test_clicks_fall_into_their_bins():
    data = cl.read_clicks(TABLE, subject="rat", session="day")
    assert data.subject_names == ("a", "b")
    assert data.session_names == ("1/1", "1/1", "2/1")
    assert data.class_names == ("L", "R")
    np.testing.assert_array_equal(data.lengths, [5, 4, 9])
    np.testing.assert_array_equal(data.inputs[0, :5], [[2, 1], [0, 0], [1, 0], [0, 1], [0, 0]])
    np.testing.assert_array_equal(data.inputs[1, :4], [[0, 0], [0, 0], [0, 1], [0, 0]])
    assert data.inputs[2, 7, 0] == 1  # the click at 0.07 s is in the bin that begins there
    np.testing.assert_array_equal(data.mask[..., 0].argmax(1), [4, 3, 8])
    np.testing.assert_array_equal(data.columns["choice"].max(1), [1, 0, 1])
    np.testing.assert_array_equal(data.columns["n_left"][:, 0], [3, 0, 1])
    np.testing.assert_array_equal(data.columns["gamma"][:, 0], [0.5, np.nan, -0.5])
    wide = cl.read_clicks(TABLE, bin_width=0.05, classes=["R", "L"])
    np.testing.assert_array_equal(wide.inputs[0, 0], [3, 2])
    np.testing.assert_array_equal(wide.columns["choice"].max(1), [0, 1, 0])


def test_bins_hold_every_click_of_a_stimulus():
    rng = np.random.default_rng(0)
    seconds = rng.uniform(0.1, 1.0, 200)
    times = [np.append(rng.uniform(0, t, rng.poisson(20)), t) for t in seconds]
    counts = binned(times, whole_bins(seconds, 0.01), 0.01)
    np.testing.assert_array_equal(counts.sum(1), [len(t) for t in times])
    np.testing.assert_array_equal(whole_bins(np.array([0.01, 0.07, 0.0701, 0.001]), 0.01), [1, 7, 8, 1])


def test_lists_of_times_and_missed_choices():
    frame = pd.DataFrame({"l": [[0.0, 0.01], []], "r": [[0.02], [0.0]], "side": [0, 1]})
    data = cl.read_clicks(
        pd.concat([frame, frame.assign(side=-1)]), left="l", right="r", choice="side", duration=None
    )
    assert data.class_names == ("left", "right")
    assert data.mask.any((1, 2)).tolist() == [True, True, False, False]
    np.testing.assert_array_equal(data.lengths, [3, 2, 3, 2])


def test_rats_that_hear_clicks(real_data):
    path = real_data / "rat_poisson_clicks_brody.csv"
    if not path.is_file():
        pytest.skip(f"{path.name} is not in {real_data}")
    raw = pd.read_csv(path)
    with pytest.raises(ValueError, match=r'column "duration_s" is empty in rows 919, .* take duration=None'):
        cl.read_clicks(path, subject="subject", session="session")
    rat = raw[raw.subject == "T103"]
    data = cl.read_clicks(rat, subject="subject", session="session")
    assert data.n_sessions == len(rat) == 918
    np.testing.assert_array_equal(data.columns["n_left"][:, 0], rat.n_left)
    np.testing.assert_array_equal(data.inputs[..., 1].sum(1), rat.n_right)
    np.testing.assert_array_equal(data.columns["choice"].max(1), rat.choice)
    np.testing.assert_array_equal(data.lengths - 1, np.ceil(rat.duration_s / 0.01))
    assert (data.inputs[:, 0] >= 1).all()  # the stereo click
    other = cl.read_clicks(raw[raw.subject == "T176"], subject="subject", session="session", duration=None)
    both = cl.join_subjects([data, other])
    assert both.subject_names == ("T103", "T176")
    assert both.n_sessions == len(raw)
    # a rat is no perfect observer, and no coin
    score = cl.evaluate(cl.BoundedAccumulator(lapse=0.1), both)
    assert 0.55 < score.normalized_likelihood < 0.9


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"duration_s": [0.0301, 0.025, 0.06]},
            "row.*: the last click is at 0.031 s and the stimulus ends at 0.0301",
        ),
        ({"left_clicks_s": ["0", "x;1", ""]}, 'column "left_clicks_s" holds "x;1" in row 2; expected times'),
        ({"left_clicks_s": ["0", "-1", ""]}, 'holds "-1" in row 2; expected times .* 0 or more'),
        ({"choice": ["R", "L", "M"]}, "has the alternatives L, M, R; expected two"),
        ({"choice": ["R", "R", "R"]}, "bias-only"),
    ],
)
def test_tables_that_are_none_are_refused(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        cl.read_clicks(TABLE.assign(**change))


def test_columns_that_are_missing_are_named():
    with pytest.raises(ValueError, match=r'no column "left_clicks" for left.* Is it "left_clicks_s"'):
        cl.read_clicks(TABLE, left="left_clicks")
    with pytest.raises(ValueError, match="bin_width = 0"):
        cl.read_clicks(TABLE, bin_width=0.0)


def test_the_width_of_bins_is_recorded():
    frame = pd.DataFrame({"l": ["0.02"], "r": ["0.1;0.3"], "d": [0.4], "choice": [1]})
    frame = pd.concat([frame, frame.assign(choice=0)])
    data = cl.read_clicks(frame, left="l", right="r", duration="d", bin_width=0.02)
    assert data.time_step == 0.02


def test_labels_of_missed_trials():
    frame = pd.DataFrame(
        {
            "left_clicks_s": "0.1;0.2",
            "right_clicks_s": "0.3",
            "duration_s": 0.5,
            "choice": ["L", "R", "no response", "L"],
        }
    )
    for missed in (None, "no response"):
        data = cl.read_clicks(frame, missed=missed)
        assert data.class_names == ("L", "R")
        assert data.mask.any((1, 2)).tolist() == [True, True, False, True]
    with pytest.raises(ValueError, match="has the alternatives L, R, both"):
        cl.read_clicks(frame.assign(choice=["L", "R", "both", "L"]))
    with pytest.raises(ValueError, match="two ways"):
        cl.read_clicks(frame.assign(choice=["L", "R", "none", "both"]))
