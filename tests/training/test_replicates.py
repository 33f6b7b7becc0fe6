"""Runs that advance together go the way that each goes alone."""

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.training.compiled.steps import train_chunks


@pytest.fixture(scope="module")
def sessions() -> tuple[cl.Dataset, cl.Dataset]:
    return cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=24, n_trials=20).split()


def network(seed: int = 0) -> cl.DisRNN:
    return cl.DisRNN(2, 2, 2, update_width=3, update_depth=1, choice_depth=0, key=jax.random.key(seed))


PHASES = cl.warm_up_then_penalized(4, 6)


def test_replicates_are_the_runs_of_their_seeds(sessions):
    run = cl.fit(network(), *sessions, phases=PHASES, batch_size=5, seed=3, replicates=3, report_every=4)
    assert len(run.replicates) == 3
    assert run.replicates[0].model is run.model
    for i, replicate in enumerate(run.replicates):
        start = network() if i == 0 else network(3 + i)
        alone = cl.fit(start, *sessions, phases=PHASES, batch_size=5, seed=3 + i, report_every=4)
        np.testing.assert_allclose(replicate.losses, alone.losses, rtol=1e-4)
        together, by_itself = (r.history["valid_loss"] for r in (replicate, alone))
        np.testing.assert_allclose(together, by_itself, rtol=1e-4)
    assert len({r.losses[0] for r in run.replicates}) == 3


def test_each_replicate_ends_by_its_own_patience_as_it_does_alone(sessions):
    """`patience=` beside `replicates=` was refused."""
    options = {"batch_size": 5, "learning_rate": 0.03, "report_every": 2, "patience": 4, "progress": False}
    phases = [cl.Phase(40), cl.Phase(4)]
    run = cl.fit(cl.GRU(2, 2, 2, key=0), *sessions, phases=phases, replicates=3, **options)
    ends = []
    for i, replicate in enumerate(run.replicates):
        alone = cl.fit(cl.GRU(2, 2, 2, key=i), *sessions, phases=phases, seed=i, **options)
        assert replicate.settings["best_step"] == alone.settings["best_step"]
        assert [report.step for report in replicate.reports] == [report.step for report in alone.reports]
        np.testing.assert_allclose(replicate.losses, alone.losses, rtol=1e-4)
        for here, there in zip(*map(jax.tree.leaves, (replicate.model, alone.model)), strict=True):
            np.testing.assert_allclose(here, there, rtol=1e-3, atol=1e-5)
        ends.append(replicate.reports[-1].step)
    assert len(set(ends)) > 1, "they end at different steps, else nothing is shown"


def test_every_replicate_has_its_own_penalties_and_none_compiles_anew(sessions):
    together = cl.Replicates([network(), network()], *sessions, batch_size=5)
    phases = [cl.Phase(3, cl.Penalties(latent=price)) for price in (0.0, 1.0)]
    together.begin(phases)
    cheap, dear = together.advance(1)
    assert dear.loss == pytest.approx(dear.task_loss + dear.information["latent"], rel=1e-4)
    assert cheap.loss == pytest.approx(cheap.task_loss, rel=1e-6)
    compiled = train_chunks._cache_size()  # pyright: ignore[reportFunctionMemberAccess]
    together.trainers[0].penalties = cl.Penalties(latent=2.0)
    together.advance(2)
    assert train_chunks._cache_size() == compiled  # pyright: ignore[reportFunctionMemberAccess]


def test_one_that_diverges_rests_and_the_others_go_on(sessions):
    together = cl.Replicates([network(0), network(1)], *sessions, batch_size=5)
    together.trainers[1].learning_rate = 1e30
    with pytest.warns(UserWarning, match="replicate 1: training stopped"):
        together.advance(6, evaluate=False)
    good, bad = together.trainers
    assert good.step_count == 6
    assert bad.step_count < 6
    assert np.isfinite(bad.state.free).all()
    assert together.advance(2)[0].n_steps == 2
    assert good.step_count == 8
    good.learning_rate = 1e30
    with pytest.warns(UserWarning, match="replicate 0"):
        together.advance(6, evaluate=False)
    with pytest.raises(RuntimeError, match="all replicates have diverged"):
        together.advance(1)


def test_a_network_is_exchanged_and_wakes_a_run_that_rests(sessions):
    together, undisturbed = (cl.Replicates([network(0), network(1)], *sessions, batch_size=5) for _ in "ab")
    together.trainers[1].learning_rate = 1e30
    with pytest.warns(UserWarning, match="replicate 1: training stopped"):
        together.advance(4, evaluate=False)
    undisturbed.advance(4, evaluate=False)
    resting = together.trainers[1]
    assert resting.is_resting
    resting.model, resting.learning_rate = network(7), 1e-3
    assert not resting.is_resting
    for one, other in zip(*map(jax.tree.leaves, (together.models[1], network(7))), strict=True):
        np.testing.assert_array_equal(one, other)
    awake, _ = together.advance(2), undisturbed.advance(2)
    assert awake[1].n_steps == 2
    assert np.isfinite(awake[1].losses).all()
    np.testing.assert_array_equal(
        together.trainers[0].state.free, undisturbed.trainers[0].state.free, "the other run goes its own way"
    )
    wider = cl.DisRNN(2, 2, 3, update_width=3, update_depth=1, choice_depth=0, key=jax.random.key(0))
    with pytest.raises(ValueError, match="differs from the trainer's in more than its numbers"):
        resting.model = wider


def test_what_cannot_go_together_is_refused(sessions, tmp_path):
    with pytest.raises(ValueError, match="models is empty"):
        cl.Replicates([], *sessions)
    wider = cl.DisRNN(2, 2, 3, update_width=3, update_depth=1, choice_depth=0, key=jax.random.key(0))
    with pytest.raises(ValueError, match="differ in more than their numbers"):
        cl.Replicates([network(), wider], *sessions)
    with pytest.raises(ValueError, match="replicates = 0; expected 1 or more, a whole number of networks"):
        cl.fit(network(), *sessions, phases=PHASES, replicates=0)
    task = cl.GoNoGo(dt=50.0)
    constrained = cl.ConstrainedRNN(task.n_inputs, task.n_outputs, 5, dt=50.0, key=jax.random.key(0))
    with pytest.raises(ValueError, match="train them one by one"):
        cl.Replicates([constrained], cl.Curriculum([task]))
    from_file = cl.load_network(cl.save_network(constrained, tmp_path / "network"))
    with pytest.raises(TypeError, match="with a key of its own"):
        cl.fit(from_file, task, phases=cl.Phase(1), replicates=2)
