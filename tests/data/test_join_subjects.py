"""Single subjects put together: names, padding, labels, and real files."""

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab.data.previous_trial import PREVIOUS_MISSED


def behavior(choices, **columns):
    frame = pd.DataFrame({"session": 1, "choice": choices, "reward": np.arange(len(choices)) % 2, **columns})
    return cl.read_table(frame, missed=[-1])


SHORT, LONG = behavior([0, 1, 0]), behavior([1, 1, 0, 1, 0], laser=[1, 0, 0, 1, 0])


def test_every_data_set_is_a_subject_of_its_own():
    data = cl.join_subjects({"m1": SHORT, "m2": LONG})
    assert data.subject_names == ("m1", "m2")
    np.testing.assert_array_equal(data.subject, [0, 1])
    np.testing.assert_array_equal(data.lengths, [3, 5])
    np.testing.assert_array_equal(data.targets[0, :3], SHORT.targets[0])
    np.testing.assert_array_equal(data.inputs[1], LONG.inputs[0])
    np.testing.assert_array_equal(data.columns["laser"], [[np.nan] * 5, [1, 0, 0, 1, 0]])
    assert data.session_names == ("1", "1")
    assert SHORT.subject_names == ("0",)


def test_names_of_subjects():
    assert cl.join_subjects([SHORT, LONG]).subject_names == ("0", "1")
    assert cl.join_subjects([SHORT, LONG], names=["x", "y"]).subject_names == ("x", "y")
    several = cl.join_subjects({"m1": SHORT, "m2": LONG})
    assert cl.join_subjects([several, SHORT]).subject_names == ("m1", "m2", "0")
    assert cl.join_subjects([several, several], names="ab").subject_names == ("a/m1", "a/m2", "b/m1", "b/m2")
    second = several.select([1])
    data = cl.join_subjects([second, SHORT], names=["x", "y"])
    assert data.subject_names == ("x", "y")
    np.testing.assert_array_equal(data.targets[0, :5], LONG.targets[0])
    assert cl.join_subjects([second, SHORT]).subject_names == ("m2", "0")


def test_simulated_subjects_one_by_one_and_in_one_call():
    rates = [0.2, 0.7]
    each = [
        cl.simulate(cl.QLearning(rate), cl.DriftingBandit(), n_sessions=3, n_trials=10, seed=s)
        for s, rate in enumerate(rates)
    ]
    data = cl.join_subjects(each)
    assert (data.n_sessions, data.subject_names) == (6, ("0", "1"))
    score = cl.evaluate(cl.QLearning(rates), data)
    assert score.normalized_likelihood == pytest.approx(data.generating_likelihood, rel=1e-5)


def test_missed_trials_of_one_subject_are_told_for_all():
    missing = behavior([0, -1, 1, 0])
    assert missing.input_names[-1] == PREVIOUS_MISSED
    for parts in ([SHORT, missing], [missing, SHORT]):
        data = cl.join_subjects(parts)
        assert data.input_names == missing.input_names
        np.testing.assert_array_equal(data.inputs[..., 2].sum(1), [int(part is missing) for part in parts])


@pytest.mark.parametrize(
    ("join", "sentence"),
    [
        (lambda: cl.join_subjects([]), "no data set was given"),
        (
            lambda: cl.join_subjects([SHORT, LONG], names=["a"]),
            r"names = \['a'\]; expected 2 different names",
        ),
        (lambda: cl.join_subjects([SHORT, LONG], names=["a", "a"]), "expected 2 different names"),
        (lambda: cl.join_subjects({"a": SHORT}, names=["a"]), "names were given twice"),
        (
            lambda: cl.join_subjects([SHORT, behavior(["l", "r", "r"])]),
            r"class_names differs: \('0', '1'\) and \('l', 'r'\)",
        ),
    ],
)
def test_what_does_not_belong_together_is_refused(join, sentence):
    with pytest.raises(ValueError, match=sentence):
        join()


def test_real_mice_and_monkeys(real_data):
    files = [
        "mouse_dynamic_foraging_allen.csv",
        "mouse_dynamic_foraging_bari2019.csv.gz",
        "monkey_matching_pennies.csv",
    ]
    paths = [real_data / name for name in files]
    if not all(path.is_file() for path in paths):
        pytest.skip(f"{', '.join(files)} are not all in {real_data}")
    codes = ([-1], None, None)  # of missed trials: those of the first are -1 beside 0 and 1
    allen, bari, monkey = (
        cl.read_table(path, subject="subject", missed=missed)
        for path, missed in zip(paths, codes, strict=True)
    )
    data = cl.join_subjects([allen, bari, monkey])
    assert data.subject_names == (*allen.subject_names, *bari.subject_names, *monkey.subject_names)
    assert data.n_sessions == 5 + 469 + 84
    assert data.valid.sum() == 1947 + 189_199 + 41_916
    assert data.mask.sum() == sum(part.mask.sum() for part in (allen, bari, monkey))
    np.testing.assert_array_equal(data.inputs[5:474, :830, :2], bari.inputs)
    assert (data.inputs[5:, :, 2] == 0).all()
    held_out = data.split()[1]
    assert len(held_out.subjects) == len(data.subjects) - 3  # three of the mice have one session only


def test_names_that_would_be_put_together_to_the_same_are_refused():
    first = cl.join_subjects({"b/c": SHORT, "d": LONG})
    second = cl.join_subjects({"c": SHORT, "e": LONG})
    with pytest.raises(ValueError, match='two subjects would be called "a/b/c"'):
        cl.join_subjects({"a": first, "a/b": second})


def test_trials_that_were_missed_without_saying_so_are_told_too():
    """A data set without the input for it, in which a target is missing."""
    quiet = cl.Dataset(
        SHORT.inputs, [[[0], [np.nan], [1]]], n_classes=2, input_names=SHORT.input_names, subject_names=["q"]
    )
    data = cl.join_subjects([quiet, behavior([0, -1, 1, 0])])
    assert data.inputs[0, :, 2].tolist() == [0, 0, 1, 0]
