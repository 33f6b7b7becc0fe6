"""Comparing models on held-out people and on held-out blocks of trials of people with one session each."""

import jax
import numpy as np
import pytest
from half_runs import half_run

import cogrnn_lab as cl
from cogrnn_lab.discovery.units import Pairing
from cogrnn_lab.lab.engine.curve import Curve
from cogrnn_lab.lab.engine.references import References
from cogrnn_lab.lab.engine.run import add_reference, split
from cogrnn_lab.lab.settings.state import WAYS, LabState

AGENT = cl.QLearning([0.2, 0.35, 0.5, 0.65], 4.0, forget_rate=0.5)


@pytest.fixture(scope="module")
def people() -> cl.Dataset:
    """Four people with one session each."""
    return cl.simulate(AGENT, cl.DriftingBandit(), n_sessions=1, n_trials=240, seed=3)


@pytest.fixture(scope="module")
def by_blocks(people) -> cl.Comparison:
    models = {"forgetting": cl.QLearning(forget_rate=0.5), "stays": cl.WinStayLoseShift}
    return cl.compare(models, people, hold_out="blocks", n_starts=2, n_bootstrap=50)


def test_the_agent_that_made_the_blocks_wins(by_blocks):
    assert by_blocks.hold_out == "blocks"
    assert by_blocks.best == "forgetting"
    likelihood = dict(zip(by_blocks.names, by_blocks.likelihood, strict=True))
    assert likelihood["generating agent"] > likelihood["chance"] + 0.05
    assert abs(likelihood["forgetting"] - likelihood["generating agent"]) < 0.03
    assert likelihood["forgetting"] > likelihood["stay baseline"]


def test_each_block_is_scored_by_the_fit_without_it_and_after_its_real_history(people, by_blocks):
    row = by_blocks.names.index("forgetting")
    for fold in range(2):
        train, held_out = people.split(2, fold, hold_out="blocks")
        fit = cl.fit_agent(cl.QLearning(forget_rate=0.5), train, n_starts=2)
        scored = cl.evaluate(fit, held_out).session_nll
        own = by_blocks.session_nll[row] * (by_blocks.fold == fold)
        by_subject = [own[by_blocks.subject == name].sum() for name in by_blocks.subjects]
        np.testing.assert_allclose(by_subject, scored, rtol=1e-4)
    assert by_blocks.n_choices.tolist() == [24] * 40
    assert by_blocks.fold.tolist() == [0, 1] * 20
    assert by_blocks.session.shape == by_blocks.session_nll.shape[1:]


def test_a_network_is_trained_on_the_other_blocks_alone(people):
    """Its targets are all that it may learn from; those of the held-out blocks are not there."""
    seen = []

    def recipe(train, valid, seed):
        seen.append((train, valid))
        return cl.GRU(2, 2, 2, key=jax.random.key(0))

    found = cl.compare({"network": recipe}, people, hold_out="blocks", valid_every=3, n_bootstrap=5)
    assert np.isfinite(found.session_nll).all()
    (first, watched), (second, _) = seen
    assert not (first.mask & watched.mask).any()
    assert watched.mask.any(1).all()
    whole = people.mask.sum()
    assert first.mask.sum() + watched.mask.sum() == whole // 2 == (second.mask.sum() + seen[1][1].mask.sum())
    score = cl.evaluate(cl.GRU(2, 2, 2, key=jax.random.key(0)), people).session_nll
    by_subject = [found.session_nll[0][found.subject == name].sum() for name in found.subjects]
    np.testing.assert_allclose(by_subject, score, rtol=1e-5)


def test_people_who_are_held_out_are_scored_by_a_fit_to_all_others(people):
    found = cl.compare({"stays": cl.WinStayLoseShift}, people, hold_out="subjects", n_bootstrap=20)
    assert found.fold.tolist() == [0, 1, 0, 1]
    train, held_out = people.split(hold_out="subjects")
    assert not set(train.subjects) & set(held_out.subjects)
    fit = cl.fit_agent(cl.WinStayLoseShift, train, by="all")
    scored = cl.evaluate(fit, held_out).session_nll
    np.testing.assert_allclose(found.session_nll[0][found.fold == 1], scored, rtol=1e-4)
    stay = cl.stay_baseline(train, held_out, by="all").session_nll
    row = found.names.index("stay baseline")
    np.testing.assert_allclose(found.session_nll[row][found.fold == 1], stay)
    with pytest.raises(ValueError, match=r'no training session of held-out subject 1, 3.*by="all"'):
        cl.stay_baseline(train, held_out)
    assert [fit.keys for fit in found.fitted["stays"]] == [(("all",),)] * 2


def test_a_table_by_person(by_blocks):
    table = by_blocks.by_subject
    assert table.subject.tolist() == ["0", "1", "2", "3"]
    assert table.n_choices.tolist() == [240] * 4
    assert set(table.columns[2:]) == set(by_blocks.names)
    best = by_blocks.ranking[0]
    np.testing.assert_array_equal(table[by_blocks.names[best]], by_blocks.subject_likelihood[best])


def test_one_session_each_is_told_of_both_other_ways(people):
    with pytest.raises(ValueError, match=r'has 1 session; .*hold_out="subjects".*hold_out="blocks"'):
        cl.compare({"q": cl.QLearning}, people)
    with pytest.raises(ValueError, match=r'4 subjects; folds=5 with hold_out="subjects" needs 5'):
        cl.compare({"q": cl.QLearning}, people, folds=5, hold_out="subjects")


def test_fit_holds_out_what_split_does(people):
    """The held-out likelihood of a run is that of the blocks that it was not trained on."""
    model = cl.GRU(2, 2, 2, key=jax.random.key(0))
    run = cl.fit(model, people, hold_out="blocks", phases=cl.Phase(2, learning_rate=1e-2))
    train, held_out = people.split(hold_out="blocks")
    scored = cl.evaluate(run.model, held_out)
    assert run.reports[-1].valid_loss == pytest.approx(scored.nll, rel=1e-5)
    again = cl.fit(model, train, held_out, phases=cl.Phase(2, learning_rate=1e-2))
    np.testing.assert_array_equal(run.losses, again.losses)
    share = cl.fit(model, people, 0.25, hold_out="blocks", phases=cl.Phase(1))
    quarter = cl.evaluate(share.model, people.split(0.25, hold_out="blocks")[1])
    assert quarter.n_targets == 240
    assert share.reports[-1].valid_loss == pytest.approx(quarter.nll, rel=1e-5)
    with pytest.raises(ValueError, match="got both held-out data and hold_out='blocks'"):
        cl.fit(model, people, held_out, hold_out="blocks", phases=cl.Phase(1))
    with pytest.raises(ValueError, match="a FlipFlop makes new trials for every step"):
        cl.fit(model, cl.FlipFlop(), hold_out="blocks", phases=cl.Phase(1))


def test_held_out_choices_teach_nothing(people):
    """Other choices in the held-out blocks, with the same inputs, give the same network to the bit."""
    held_out = people.split(hold_out="blocks")[1]
    flipped = np.where(held_out.mask, 1 - people.targets, people.targets)
    other = cl.Dataset(
        people.inputs, flipped, subject=people.subject, input_names=people.input_names, n_classes=2
    )
    model = cl.GRU(2, 2, 2, key=jax.random.key(0))
    runs = [
        cl.fit(model, data.split(hold_out="blocks")[0], phases=cl.Phase(3, learning_rate=1e-2))
        for data in (people, other)
    ]
    np.testing.assert_array_equal(runs[0].losses, runs[1].losses)
    for ours, theirs in zip(*(jax.tree.leaves(run.model) for run in runs), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_network_that_knows_subjects_refuses_people_that_it_was_not_trained_on(people):
    """Their embeddings had learned nothing, and they were scored by them all the same."""
    named = people.with_names(subject_names=["ann", "bob", "cleo", "dora"])
    model = cl.MultisubjectDisRNN(
        2, 2, 2, n_subjects=4, update_width=2, update_depth=1, choice_width=2, choice_depth=1,
        key=jax.random.key(0),
    )  # fmt: skip
    for data, sentence in (
        (named, "no embedding for bob, dora"),
        (people, "has the subjects 1, 3, who are not"),
    ):
        with pytest.raises(ValueError, match=sentence):
            cl.Trainer(model, *data.split(hold_out="subjects"))


def test_units_of_discovery_keep_their_history_where_only_targets_tell_of_choices(people):
    """Without a column of choices, each block was scored as if nothing had been chosen before."""
    bare = cl.Dataset(people.inputs, people.targets, subject=people.subject, input_names=people.input_names)
    agent = cl.QLearning(0.4, 4.0)
    by_unit = cl.evaluate(agent, Pairing(bare).each).session_nll
    assert len(by_unit) > bare.n_sessions
    assert by_unit.sum() == pytest.approx(cl.evaluate(agent, bare).session_nll.sum(), rel=1e-5)


def test_the_lab_holds_out_blocks_of_people_with_one_session(people):
    state = LabState()
    state.training.held_out = 3
    train, held_out = split(state, people)
    assert held_out is not None
    assert (train.n_sessions, int(held_out.mask.sum()), int(train.mask.sum())) == (4, 324, 636)
    run = half_run(dataset=people, train=train, held_out=held_out, curve=Curve())
    assert run.held_out_words == "training on blocks of 636 trials of 4 sessions, 324 trials held out"
    state.training.held_out, state.training.hold_out = 2, "subjects"
    train, held_out = split(state, people)
    run = half_run(
        dataset=people._replace(columns={k: v for k, v in people.columns.items() if k != "p_choice"}),
        train=train, held_out=held_out, curve=Curve(),
    )  # fmt: skip
    assert "2 sessions of 2 other subjects held out" in run.held_out_words
    run.held_out = held_out._replace(columns={"choice": held_out.choices, "reward": held_out.rewards})
    add_reference(run)
    assert run.curve.reference is not None
    assert run.curve.reference[0] == "stay baseline"
    failed: list[Exception] = []
    references = References(lambda run: references.begin(None), failed.append)  # after the first
    references.begin(run)
    references.wait()
    assert failed == []
    assert run.curve.fitted == ["Q-learning"]
    sessions = people.concat(people)
    assert split(LabState(), sessions)[0].n_sessions == 4  # whole ones where there are several
    assert next(iter(WAYS)) == LabState().training.hold_out == "automatic"
