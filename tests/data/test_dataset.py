"""What a data set keeps, derives, selects, splits and joins."""

import numpy as np
import pytest

import cogrnn_lab as cl


def small(n_sessions=4, n_trials=6, **fields):
    rng = np.random.default_rng(n_sessions)
    targets = rng.integers(0, 2, (n_sessions, n_trials, 1))
    targets[0, :2, 0] = 0, 1
    return cl.Dataset(rng.normal(size=(n_sessions, n_trials, 3)), targets, **fields)


def padded_set():
    valid = np.ones((4, 6), bool)
    valid[1, 4:] = False
    valid[3, 2:] = False
    return small(valid=valid, subject=[0, 0, 0, 2], columns={"reward": np.arange(24.0).reshape(4, 6)})


def test_sizes_and_types():
    data = padded_set()
    assert (data.n_sessions, data.n_trials, data.n_inputs, data.n_targets, data.n_classes) == (4, 6, 3, 1, 2)
    assert data.inputs.dtype == np.float32
    assert data.targets.dtype == np.float32
    assert data.subject.dtype == np.int32
    assert data.lengths.tolist() == [6, 4, 6, 2]
    assert data.subjects.tolist() == [0, 2]
    assert "4 sessions of 2 to 6 trials" in repr(data)


def test_padding_is_zero_and_never_counts():
    data = padded_set()
    assert not data.mask[~data.valid].any()
    assert (data.inputs[~data.valid] == 0).all()
    assert (data.targets[~data.mask] == 0).all()


def test_arrays_are_copies_and_read_only():
    inputs = np.zeros((1, 2, 1), np.float32)
    data = cl.Dataset(inputs, [[[0], [1]]])
    inputs[0, 0, 0] = 7
    assert data.inputs[0, 0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        data.inputs[0, 0, 0] = 1
    with pytest.raises(AttributeError):
        data.inputs = inputs  # pyright: ignore[reportAttributeAccessIssue]


def test_nan_targets_do_not_count():
    data = cl.Dataset(np.zeros((1, 3, 1)), [[[0.0], [np.nan], [1.0]]])
    assert data.mask[0, :, 0].tolist() == [True, False, True]
    assert data.targets[0, 1, 0] == 0


def test_mixed_targets_are_masked_column_by_column():
    targets = np.array([[[0, 0.5], [np.nan, 2.5], [1, np.nan]]])
    data = cl.Dataset(np.zeros((1, 3, 1)), targets, kind="mixed")
    assert data.n_classes == 2
    assert data.target_names == ("choice", "target 2")
    assert data.mask[0].tolist() == [[True, True], [False, True], [True, False]]


def test_continuous_targets_have_no_classes():
    data = cl.Dataset(np.zeros((1, 3, 1)), np.full((1, 3, 2), -1.5), kind="continuous")
    assert data.n_classes is None
    assert data.class_names is None
    assert (data.targets == -1.5).all()


def test_one_constant_session_is_a_data_set():
    assert cl.Dataset(np.zeros((1, 3, 1)), np.zeros((1, 3, 1))).n_classes == 2


def test_time_major_arrays_with_missing_targets():
    xs, ys = np.zeros((5, 2, 2)), np.zeros((5, 2, 1))
    xs[:3, 0] = 1.0
    ys[1, 0], ys[3:, 0], ys[0, 1], ys[4, 1] = 1, -1, np.nan, 1
    data = cl.Dataset.from_time_major(xs, ys, input_names=["a", "b"])
    assert data.inputs.shape == (2, 5, 2)
    assert data.valid.all()
    assert data.mask[..., 0].tolist() == [[True, True, True, False, False], [False, True, True, True, True]]
    assert data.targets[0, 1, 0] == 1
    assert data.input_names == ("a", "b")


def test_time_major_numbers_may_be_minus_one():
    ys = np.full((5, 2, 1), -1.0)
    ys[0, 0] = np.nan
    data = cl.Dataset.from_time_major(np.zeros((5, 2, 1)), ys, kind="continuous")
    assert data.mask.sum() == 9
    assert (data.targets[data.mask] == -1).all()
    mixed = cl.Dataset.from_time_major(
        np.zeros((5, 2, 1)), np.concatenate([np.zeros((5, 2, 1)), ys], 2), kind="mixed"
    )
    assert mixed.mask[..., 1].sum() == 9


def test_select_keeps_every_field_and_the_padding():
    data = padded_set()
    chosen = data.select([3, 1])
    assert chosen.n_trials == 6
    assert chosen.lengths.tolist() == [2, 4]
    assert chosen.subject.tolist() == [2, 0]
    assert chosen.session_names == ("4", "2")
    np.testing.assert_array_equal(chosen.columns["reward"], data.columns["reward"][[3, 1]])
    assert data.select(slice(1, 3)).session_names == ("2", "3")
    assert data.select(data.subject == 0).n_sessions == 3
    assert data.select(-1).session_names == ("4",)


@pytest.mark.parametrize("sessions", [[], [4], [-5], [True, False], [0.5], slice(9, 12)])
def test_select_refuses_what_is_no_session(sessions):
    with pytest.raises(ValueError, match="session"):
        small().select(sessions)


def test_split_holds_out_within_each_subject():
    data = small(n_sessions=7, subject=[0, 1, 0, 1, 0, 1, 2])
    train, held_out = data.split()
    assert train.session_names == ("1", "2", "5", "6", "7")
    assert held_out.session_names == ("3", "4")
    assert held_out.subject.tolist() == [0, 1]
    assert data.split(every=3, offset=0)[1].session_names == ("1", "2", "7")


def test_split_of_single_sessions_says_why_not():
    with pytest.raises(ValueError, match=r"nothing to hold out: the 3 subjects have at most 1 sessions"):
        small(n_sessions=3, subject=[0, 1, 2]).split()
    with pytest.raises(ValueError, match="every = 1; expected 2 or more"):
        small().split(every=1)
    with pytest.raises(ValueError, match="offset = 2; expected 0 to 1"):
        small().split(offset=2)


def test_concat_pads_and_matches_subjects_by_name():
    a = small(n_sessions=2, n_trials=3, subject_names=["mouse 1"], columns={"reward": np.ones((2, 3))})
    b = small(n_sessions=3, n_trials=5, subject=[0, 1, 1], subject_names=["mouse 2", "mouse 1"])
    both = a.concat(b)
    assert both.subject_names == ("mouse 1", "mouse 2")
    assert both.subject.tolist() == [0, 0, 1, 0, 0]
    assert both.lengths.tolist() == [3, 3, 5, 5, 5]
    np.testing.assert_array_equal(both.inputs[:2, :3], a.inputs)
    np.testing.assert_array_equal(both.inputs[2:], b.inputs)
    assert np.isnan(both.columns["reward"][2:]).all()
    assert np.isnan(both.columns["reward"][:2, 3:]).all()
    assert len(set(zip(both.subject.tolist(), both.session_names, strict=True))) == 5


def test_concat_of_the_halves_is_the_whole():
    data = padded_set()
    train, held_out = data.split()
    again = train.concat(held_out)
    order = [again.session_names.index(name) for name in data.session_names]
    again = again.select(order)
    for name in ("inputs", "targets", "mask", "valid"):
        np.testing.assert_array_equal(getattr(again, name), getattr(data, name))
    names = [again.subject_names[i] for i in again.subject]
    assert names == [data.subject_names[i] for i in data.subject]


def test_concat_fills_available_actions():
    available = np.ones((2, 3, 3), bool)
    available[..., 2] = False
    a = small(n_sessions=2, n_trials=3, action_mask=available)
    b = small(n_sessions=1, n_trials=4, n_classes=3)
    both = a.concat(b)
    assert both.action_mask is not None
    assert not both.action_mask[:2, :3, 2].any()
    assert both.action_mask[2].all()


def test_concat_refuses_other_inputs():
    with pytest.raises(ValueError, match="input_names differs"):
        small().concat(small(input_names=["a", "b", "c"]))


def test_generating_likelihood_is_over_counted_choices():
    p = np.array([[0.5, 0.25, 1.0, 0.01]])
    data = cl.Dataset(np.zeros((1, 4, 1)), np.zeros((1, 4, 1)), mask=[[1, 1, 1, 0]], columns={"p_choice": p})
    assert data.generating_likelihood == pytest.approx((0.5 * 0.25) ** (1 / 3))
    assert small().generating_likelihood is None


def test_time_steps_are_kept_and_never_mixed():
    fine, coarse = small(time_step=0.01), small(time_step=0.05)
    assert fine.concat(fine).select([0]).time_step == 0.01
    assert small().time_step is None
    for other in (coarse, small()):
        with pytest.raises(ValueError, match=r"time_step differs: 0.01 and .*rows of one duration"):
            fine.concat(other)
    for wrong in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match=r"time_step = .*; expected seconds above 0"):
            small(time_step=wrong)
