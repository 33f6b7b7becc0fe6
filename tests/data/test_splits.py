"""What is held out: sessions, whole subjects, or blocks of trials, with nothing in both parts."""

import jax
import numpy as np
import pytest

import cogrnn_lab as cl

LENGTHS = [100, 60, 50, 7]


def people(lengths=LENGTHS, missed=False, seed=0) -> cl.Dataset:
    """One session each, of unequal length, with missed trials in every tenth place."""
    rng = np.random.default_rng(seed)
    shape = len(lengths), max(lengths)
    valid = np.arange(shape[1]) < np.array(lengths)[:, None]
    choice = rng.integers(0, 2, shape).astype(float)
    if missed:
        choice[:, ::10] = np.nan
    reward = rng.integers(0, 2, shape).astype(float)
    inputs = np.zeros((*shape, 2))
    inputs[:, 1:, 0], inputs[:, 1:, 1] = np.nan_to_num(choice[:, :-1]), reward[:, :-1]
    return cl.Dataset(
        inputs, choice[..., None], valid=valid, subject=np.arange(shape[0]), n_classes=2,
        input_names=["previous choice", "previous reward"], columns={"reward": reward},
        subject_names=[f"p{i}" for i in range(shape[0])],
    )  # fmt: skip


def counts(data: cl.Dataset) -> list[int]:
    return data.mask.any(-1).sum(1).tolist()


def test_blocks_take_exactly_their_share_and_nothing_twice():
    data = people()
    train, held_out = data.split(hold_out="blocks")
    assert (counts(train), counts(held_out)) == ([50, 30, 25, 4], [50, 30, 25, 3])
    assert not (train.mask & held_out.mask).any()
    np.testing.assert_array_equal(train.mask | held_out.mask, data.mask)
    ends = np.flatnonzero(np.diff(held_out.mask[0, :, 0].astype(int))) + 1
    assert ends.tolist() == [25, 50, 75]  # contiguous stretches
    assert np.flatnonzero(np.diff(held_out.mask[2, :50, 0].astype(int))).tolist() == [24]


@pytest.mark.parametrize(
    ("options", "held_out"),
    [
        ({"every": 4}, [25, 15, 12, 2]),
        ({"every": 4, "offset": 0}, [25, 15, 13, 2]),
        ({"every": 2, "block_trials": 10}, [50, 30, 20, 0]),
        ({"every": 0.2}, [20, 12, 10, 1]),
        ({"every": 0.1, "block_trials": 5}, [10, 6, 5, 1]),
        ({"every": 0.2, "seed": 3}, [20, 12, 10, 1]),
    ],
)
def test_exact_numbers_of_trials_by_number_and_by_fraction(options, held_out):
    data = people()
    train, aside = data.split(**options, hold_out="blocks")
    assert counts(aside) == held_out
    assert counts(train) == (np.array(LENGTHS) - held_out).tolist()


def test_both_parts_share_inputs_and_know_every_choice():
    """The history is real in both, but no held-out target is there to be learned, and missed stays missed."""
    data = people(missed=True)
    for part in data.split(hold_out="blocks"):
        assert part.inputs is data.inputs
        assert not part.targets[~part.mask].any()
        for name in ("choices", "missed", "rewards", "valid"):
            np.testing.assert_array_equal(getattr(part, name), getattr(data, name))
    assert data.missed[:, ::10][data.valid[:, ::10]].all()
    counted = sum(sum(counts(part)) for part in data.split(hold_out="blocks"))
    assert counted == sum(counts(data)) == data.valid.sum() - data.missed.sum()


def test_a_recorded_signal_is_held_out_with_its_choice():
    data = people()
    targets = np.concatenate([data.targets, np.ones_like(data.targets)], -1)
    mixed = cl.Dataset(data.inputs, targets, valid=data.valid, kind="mixed", subject=data.subject)
    train, held_out = mixed.split(hold_out="blocks")
    np.testing.assert_array_equal(train.mask[..., 0], train.mask[..., 1])
    assert not (train.mask & held_out.mask).any()
    assert not train.targets[held_out.mask].any()


def test_subjects_are_disjoint_and_sessions_stay_within_them():
    data = cl.simulate(cl.QLearning(np.linspace(0.2, 0.8, 5)), cl.DriftingBandit(), n_sessions=2, n_trials=5)
    train, held_out = data.split(hold_out="subjects")
    assert (train.subjects.tolist(), held_out.subjects.tolist()) == ([0, 2, 4], [1, 3])
    assert (train.n_sessions, held_out.n_sessions) == (6, 4)
    assert data.split(0.2, hold_out="subjects")[1].subjects.tolist() == [4]
    assert data.split(by="subject")[1].subjects.tolist() == [1, 3]
    train, held_out = data.split(0.5)
    assert train.session_names == held_out.session_names[:0] + ("1",) * 5
    assert held_out.session_names == ("2",) * 5


@pytest.mark.parametrize("way", ["sessions", "subjects", "blocks"])
def test_a_seed_is_reproducible_and_takes_as_many(way):
    data = cl.simulate(
        cl.QLearning(np.linspace(0.2, 0.8, 6)), cl.DriftingBandit(), n_sessions=8, n_trials=100
    )

    def held_out(**options):
        return data.split(4, hold_out=way, **options)[1]

    first, again, other, in_turn = held_out(seed=1), held_out(seed=1), held_out(seed=2), held_out()
    for part in (first, again, other):
        assert part.mask.sum() == in_turn.mask.sum()
    names = [list(zip(p.subject.tolist(), p.session_names, strict=True)) for p in (first, again, other)]
    same = [
        np.array_equal(first.mask, p.mask) and n == names[0]
        for p, n in zip((again, other), names[1:], strict=True)
    ]
    assert same == [True, False]


def test_people_with_one_session_each_are_told_of_both_other_ways():
    data = people()
    with pytest.raises(
        ValueError, match=r'hold_out="subjects" holds out whole .*hold_out="blocks" blocks of'
    ):
        data.split()
    with pytest.raises(ValueError, match='there is 1 subject, and hold_out="subjects" holds out whole ones'):
        data.select([0]).split(hold_out="subjects")
    some = people([20, 20]).concat(people([20, 20, 20], seed=1))
    train, held_out = some.split()
    assert "not held out: subject p2" in train.notes[-1]
    assert "hold_out" in held_out.summary
    assert some.split(hold_out="sessions")[0].notes == ()  # asked for


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"hold_out": "block"}, r"hold_out is 'block'; expected .* \(\"blocks\"\?\)"),
        ({"hold_out": ""}, "hold_out is ''; expected"),
        ({"by": "animal"}, "by = 'animal' and hold_out = None; expected by=\"session\""),
        ({"by": "block", "hold_out": "blocks"}, "by = 'block' and hold_out = 'blocks'; expected"),
        ({"every": 0.8}, r"split\(0.8\) would hold out 80% and train on 20%.*write split\(0.2\)"),
        ({"every": 0.0}, "every = 0.0; expected a whole number"),
        ({"block_trials": 10}, 'sessions are held out, which have no blocks; hold_out="blocks" was meant'),
        ({"block_trials": 0, "hold_out": "blocks"}, "block_trials = 0; expected 1 or more"),
        ({"block_trials": 500, "hold_out": "blocks"}, "leaves nothing to hold out: .* at most 100 trials"),
        ({"seed": -1, "hold_out": "blocks"}, "seed = -1; expected 0 or more"),
    ],
)
def test_impossible_splits_are_refused(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        people().split(**options)


def test_blocks_of_choices_without_columns_keep_their_history():
    """Where only the targets told of choices, the held-out ones are still known to those that come after."""
    data = people()
    assert "choice" not in data.columns
    agent = cl.QLearning(0.5, 3.0)
    whole = cl.evaluate(agent, data)
    parts = [cl.evaluate(agent, part) for part in data.split(hold_out="blocks")]
    np.testing.assert_allclose(sum(p.session_nll for p in parts), whole.session_nll, rtol=1e-5)


def test_scores_of_blocks_are_those_of_the_whole_session():
    """A network runs through: the held-out likelihood is that of these trials among all."""
    data = people(missed=True)
    model = cl.GRU(2, 2, 3, key=jax.random.key(0))
    _, held_out = data.split(hold_out="blocks")
    logits = np.asarray(cl.latents(model, data).outputs, float)
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    own = np.take_along_axis(log_p, data.targets.astype(int), -1)[..., 0]
    expected = -np.where(held_out.mask[..., 0], own, 0.0).sum(1)
    np.testing.assert_allclose(cl.evaluate(model, held_out).session_nll, expected, rtol=1e-5)


def test_joined_data_keep_the_notes_of_all_once():
    """Only the notes of the first were kept."""
    one, two, three = (people([20], seed=i)._replace(notes=notes) for i, notes in enumerate(
        [("3 rows left out",), ("sorted by trial", "3 rows left out"), ()]
    ))  # fmt: skip
    assert one.concat(two, three).notes == ("3 rows left out", "sorted by trial")
    joined = cl.join_subjects({"a": three, "b": two, "c": one})
    assert joined.notes == ("sorted by trial", "3 rows left out")


def test_time_major_masks_are_time_major_too():
    """The mask was taken session-major beside time-major inputs: two axes were mixed up, or refused."""
    offered = np.ones((5, 2, 3), bool)
    offered[4, 0, 2] = False
    ys = np.zeros((5, 2, 1))
    data = cl.Dataset.from_time_major(np.zeros((5, 2, 1)), ys, n_classes=3, action_mask=offered)
    assert data.action_mask is not None
    assert not data.action_mask[0, 4, 2]
    assert (~data.action_mask).sum() == 1
    square = np.ones((2, 2, 2), bool)
    square[1, 0, 1] = False  # trial 1, session 0: nothing but the order of axes tells
    data = cl.Dataset.from_time_major(np.zeros((2, 2, 1)), np.zeros((2, 2, 1)), action_mask=square)
    assert data.action_mask is not None
    assert not data.action_mask[0, 1, 1]
    with pytest.raises(ValueError, match=r"action_mask has shape \(2, 5, 3\).*Are the sessions first there"):
        cl.Dataset.from_time_major(np.zeros((5, 2, 1)), ys, action_mask=np.swapaxes(offered, 0, 1))
    valid = np.ones((5, 2), bool)
    valid[3:, 1] = False
    data = cl.Dataset.from_time_major(np.zeros((5, 2, 1)), ys, valid=valid, columns={"reward": valid * 1.0})
    assert data.lengths.tolist() == [5, 3]
    assert data.columns["reward"].sum(1).tolist() == [5, 3]
