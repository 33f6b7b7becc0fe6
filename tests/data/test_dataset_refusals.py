"""Wrong data are refused with a sentence that names what is wrong."""

import numpy as np
import pytest

import cogrnn_lab as cl

INPUTS = np.zeros((2, 3, 1))
TARGETS = np.array([[[0], [1], [0]], [[1], [1], [0]]])


def nan_inputs():
    inputs = INPUTS.copy()
    inputs[1, 2, 0] = np.nan
    return inputs


REFUSED = {
    "two axes": (
        {"targets": TARGETS[..., 0]},
        r"shape \(2, 3\); expected three axes .*targets\[..., None\]",
    ),
    "empty": ({"inputs": np.zeros((2, 0, 1)), "targets": np.zeros((2, 0, 1))}, "inputs is empty"),
    "ragged": ({"inputs": [[[0]], [[0], [1]]]}, "not a rectangular array"),
    "text": (
        {"targets": np.full((2, 3, 1), "left")},
        "expected numbers. Text labels are read by `read_table`",
    ),
    "trials": ({"inputs": np.zeros((2, 4, 1))}, "2 sessions of 4 trials and targets 2 sessions of 3 trials"),
    "time first": ({"inputs": np.zeros((3, 2, 1))}, r"\[trial, session, feature\]"),
    "NaN input": ({"inputs": nan_inputs()}, "first in session 1, trial 2, input 0"),
    "negative class": ({"targets": TARGETS - 1}, "class index -1 counts .*from_time_major"),
    "class too high": (
        {"n_classes": 2, "targets": TARGETS + 1},
        "class index 2 is out of range .*counted from 1",
    ),
    "class not whole": ({"targets": TARGETS + 0.5}, r'a categorical target is [01]\.5.*kind="continuous"'),
    "one-hot": ({"targets": np.zeros((2, 3, 2))}, "Is it one-hot"),
    "mixed of one": ({"kind": "mixed"}, "expected the choice and then numbers"),
    "kind": ({"kind": "binary"}, 'kind = "binary"; expected one of categorical'),
    "classes of numbers": ({"kind": "continuous", "n_classes": 2}, "continuous targets have no classes"),
    "one class": ({"targets": TARGETS * 0, "n_classes": 1}, "2 alternatives or more"),
    "no mask": ({"mask": np.zeros((2, 3), bool)}, "no target counts"),
    "mask of numbers": ({"mask": np.full((2, 3), 0.5)}, "other than 0 and 1"),
    "mask shape": ({"mask": np.ones((3, 2), bool)}, r"mask has shape \(3, 2\); expected that of targets"),
    "NaN counted": (
        {"targets": np.where(TARGETS == 1, np.nan, 0), "mask": np.ones((2, 3), bool)},
        "3 targets that count are NaN, the first in session 0, trial 1",
    ),
    "infinite": ({"targets": np.where(TARGETS == 1, np.inf, 0), "kind": "continuous"}, "are infinite"),
    "padding inside": ({"valid": [[1, 0, 1], [1, 1, 1]]}, "session 0 has padding before its trial 2"),
    "padding only": ({"valid": [[1, 1, 1], [0, 0, 0]]}, "session 1 has no valid trial"),
    "valid shape": ({"valid": np.ones((3, 2))}, "valid has shape"),
    "negative subject": ({"subject": [0, -1]}, "subject holds"),
    "subject of trials": ({"subject": np.zeros((2, 3))}, "one index for each of the 2 sessions"),
    "subject unnamed": ({"subject": [0, 1], "subject_names": ["a"]}, "subject index 1 has no name"),
    "input names": ({"input_names": ["a", "b"]}, "expected 1 names"),
    "one string": ({"input_names": "a"}, "expected 1 names"),
    "class names": ({"class_names": ["a", "a"]}, "repetitions"),
    "sessions named alike": ({"session_names": ["1", "1"]}, 'two sessions named "1"'),
    "column shape": ({"columns": {"reward": np.zeros(3)}}, 'column "reward" has shape'),
    "actions shape": ({"action_mask": np.ones((2, 3))}, "action_mask has shape"),
    "actions of classes": ({"action_mask": np.ones((2, 3, 3)), "n_classes": 2}, "for 3 classes; expected 2"),
    "action unavailable": (
        {"action_mask": np.array([[[1, 1], [1, 0], [1, 1]], [[1, 1]] * 3])},
        "1 choices were not available by action_mask, the first in session 0, trial 1",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_sentence(name):
    fields, sentence = REFUSED[name]
    fields = {"inputs": INPUTS, "targets": TARGETS} | fields
    with pytest.raises(ValueError, match=sentence):
        cl.Dataset(fields.pop("inputs"), fields.pop("targets"), **fields)


def test_the_same_data_without_the_slip_are_taken():
    data = cl.Dataset(
        INPUTS, TARGETS, action_mask=np.ones((2, 3, 2)), subject=[0, 1], session_names=["1", "1"]
    )
    assert data.mask.all()


def test_padding_may_hold_anything():
    targets = np.where([[[True], [True], [False]]] * 2, TARGETS, np.nan)
    data = cl.Dataset(nan_inputs(), targets, valid=[[1, 1, 0]] * 2)
    assert np.isfinite(data.inputs).all()


def test_time_major_needs_three_axes():
    with pytest.raises(
        ValueError, match=r"ys has shape \(3, 2\); expected three axes \[trial, session, feature\]"
    ):
        cl.Dataset.from_time_major(np.zeros((3, 2, 1)), np.zeros((3, 2)))
