"""Training: reproducible to the bit, steerable without recompiling, safe where it goes wrong."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import cogrnn_lab as cl
from cogrnn_lab.training.compiled.batches import SessionBatches
from cogrnn_lab.training.compiled.steps import train_chunk


@pytest.fixture(scope="module")
def sessions() -> tuple[cl.Dataset, cl.Dataset]:
    agent, environment = cl.QLearning(0.3, 3.0), cl.DriftingBandit(0.1)
    return cl.simulate(agent, environment, n_sessions=24, n_trials=30, seed=1).split()


def model(key=0, **sizes) -> cl.DisRNN:
    sizes = {"n_latents": 3, "update_width": 4, "update_depth": 1, "choice_depth": 1} | sizes
    return cl.DisRNN(2, 2, **sizes, key=jax.random.key(key))


def trainer(sessions, **changes) -> cl.Trainer:
    made = cl.Trainer(model(), *sessions, **({"batch_size": 8, "seed": 3} | changes))
    made.begin(cl.Phase(1000, cl.DEFAULT_PENALTIES, name="penalized"))
    return made


def leaves(tree) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in jax.tree.leaves(tree)]


def assert_same_bits(a, b):
    for x, y in zip(leaves(a), leaves(b), strict=True):
        np.testing.assert_array_equal(x, y)


def losses(trainer) -> np.ndarray:
    return np.concatenate([report.losses for report in trainer.history])


def test_training_learns():
    agent, environment = cl.QLearning(0.3, 3.0), cl.DriftingBandit(0.1)
    train, held_out = cl.simulate(agent, environment, n_sessions=200, n_trials=50, seed=1).split()
    run = cl.fit(model(), train, held_out, phases=cl.warm_up_then_penalized(200, 100), report_every=50)
    history = run.history
    assert history.step.tolist() == list(range(50, 301, 50))
    assert history.phase.tolist() == ["warm-up"] * 4 + ["penalized"] * 2
    # Better than repeating rewarded choices, which is not all that the agent does.
    baseline = cl.stay_baseline(train, held_out).normalized_likelihood
    assert baseline < history.valid_likelihood.iloc[3] < held_out.generating_likelihood + 0.002
    assert history.information_latent.iloc[0] == 0.0
    assert history.information_latent.iloc[-1] > 0.0
    assert len(run.losses) == 300
    assert np.isfinite(run.losses).all()


def test_a_loss_that_is_not_of_choices_has_no_likelihood():
    numbers = cl.Dataset(np.zeros((4, 5, 2)), np.ones((4, 5, 2)), kind="continuous")
    run = cl.fit(model(), numbers, numbers, phases=cl.Phase(2), batch_size=2)
    assert run.history[["likelihood", "valid_likelihood"]].isna().all(axis=None)
    assert run.history["valid_loss"].notna().all()
    assert run.reports[-1].valid_likelihood is None


def test_same_bits_however_the_run_is_cut(sessions):
    whole, cut = trainer(sessions), trainer(sessions)
    whole.advance(60)
    for chunk in (1, 7, 22, 30):
        cut.advance(chunk, evaluate=False)
    assert_same_bits(whole.model, cut.model)
    np.testing.assert_array_equal(losses(whole), losses(cut))


def test_chunks_longer_than_the_buffer(sessions):
    whole, cut = trainer(sessions), trainer(sessions)
    report = whole.advance(300)
    cut.advance(256)
    cut.advance(44)
    assert report.n_steps == 300
    assert whole.step_count == 300
    assert_same_bits(whole.model, cut.model)


def test_another_seed_gives_another_run(sessions):
    first, second = trainer(sessions), trainer(sessions, seed=4)
    first.advance(3), second.advance(3)
    assert not np.array_equal(losses(first), losses(second))


def test_resumed_run_has_the_same_bits(sessions, tmp_path):
    straight, paused = trainer(sessions), trainer(sessions)
    straight.advance(20), straight.advance(15)
    paused.advance(20)
    path = paused.save(tmp_path / "run")
    resumed = cl.Trainer.load(path, *sessions)
    assert resumed.penalties == cl.DEFAULT_PENALTIES
    assert resumed.phase == "penalized"
    resumed.advance(15)
    assert_same_bits(straight.model, resumed.model)
    np.testing.assert_array_equal(losses(straight), losses(resumed))
    assert resumed.step_count == 35
    assert len(resumed.history) == 2


def test_resuming_on_other_data_is_refused(sessions, tmp_path):
    path = trainer(sessions).save(tmp_path / "run")
    with pytest.raises(ValueError, match=r"made on data of shape \[12, 30, 2\]"):
        cl.Trainer.load(path, sessions[0].select([0, 1]), sessions[1])


def test_settings_change_at_once_and_never_recompile(sessions):
    steered = trainer(sessions, batch_size=7)
    before = steered.advance(5)
    traces = train_chunk._cache_size()
    steered.penalties = steered.penalties.replace(latent=0.5, l2=0.1)
    after = steered.advance(5)
    steered.noise, steered.learning_rate = 0.3, 1e-4
    steered.advance(11)
    steered.begin(cl.Phase(5, cl.Penalties()))
    steered.advance(2)
    assert train_chunk._cache_size() == traces
    assert after.loss - after.task_loss > 5 * (before.loss - before.task_loss)
    assert [report.penalties.latent for report in steered.history] == [0.003, 0.5, 0.5, 0.0]


def test_a_second_trainer_finds_the_compiled_step(sessions):
    trainer(sessions).advance(1)
    traces = train_chunk._cache_size()
    trainer(sessions, learning_rate=1e-3, seed=9).advance(2)
    assert train_chunk._cache_size() == traces


def test_compiling_ahead_changes_nothing(sessions):
    ahead, plain = trainer(sessions), trainer(sessions)
    ahead.compile()
    assert ahead.step_count == 0
    assert ahead.history == []
    ahead.advance(5), plain.advance(5)
    assert_same_bits(ahead.model, plain.model)


def test_a_phase_begins_with_a_fresh_optimizer(sessions):
    one = trainer(sessions)
    one.advance(5)
    assert any(np.any(leaf != 0) for leaf in leaves(one.state.optimizer))
    one.begin(cl.Phase(5))
    assert all(np.all(leaf == 0) for leaf in leaves(one.state.optimizer))


def test_reported_loss_is_what_it_says(sessions):
    """Penalized loss = task loss + sum of penalty x nats per target + l2 penalty x l2."""
    one = trainer(sessions)
    start = one.model
    report = one.advance(1)
    price = sum(getattr(report.penalties, group) * nats for group, nats in report.information.items())
    price += report.penalties.l2 * float(start.l2())
    assert report.loss == pytest.approx(report.task_loss + price, rel=1e-5)
    held_out = cl.evaluate(one.model, sessions[1]).normalized_likelihood
    assert report.valid_likelihood == pytest.approx(held_out, rel=1e-5)


def test_padding_costs_and_earns_nothing(sessions):
    train, _valid = sessions
    longer = cl.Dataset(
        np.pad(train.inputs, [(0, 0), (0, 13), (0, 0)]),
        np.pad(train.targets, [(0, 0), (0, 13), (0, 0)]),
        mask=np.pad(train.mask, [(0, 0), (0, 13), (0, 0)]),
        valid=np.pad(train.valid, [(0, 0), (0, 13)]),
        n_classes=2,
    )
    settings = {"batch_size": 100, "seed": 0}
    plain, padded = (cl.Trainer(model(), data, **settings) for data in (train, longer))
    for one in (plain, padded):
        one.begin(cl.Phase(1, noise=0.0))
        one.advance(5)
    np.testing.assert_allclose(losses(plain), losses(padded), rtol=1e-5)
    for a, b in zip(leaves(plain.model), leaves(padded.model), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)
    # Information of padded trials is not paid either: nats are sums over valid trials.
    padded.begin(cl.Phase(1))
    plain.begin(cl.Phase(1))
    nats = [one.advance(1).information["latent"] for one in (padded, plain)]
    assert nats[0] == pytest.approx(nats[1], rel=0.02)


def test_gradients_are_clipped_and_batches_are_of_different_sessions(sessions):
    data = cl.TrialArrays.of(sessions[0])._replace(subject=jnp.arange(12))
    batch = jax.jit(SessionBatches(8).batch)
    drawn = [np.asarray(batch(data, jnp.array(0), jax.random.key(i)).subject) for i in range(40)]
    assert all(len(set(batch)) == 8 for batch in drawn)
    counts = np.bincount(np.concatenate(drawn), minlength=12)
    assert counts.min() > 10  # 26.7 expected of each session
    tiny = cl.Trainer(model(), sessions[0], optimizer=optax.sgd(1.0), max_grad_norm=1e-3)
    start = tiny.model
    tiny.advance(1)
    pairs = zip(jax.tree.leaves(start), jax.tree.leaves(tiny.model), strict=True)
    moved = np.linalg.norm(np.concatenate([np.ravel(np.asarray(a) - np.asarray(b)) for a, b in pairs]))
    assert float(moved) == pytest.approx(1e-3, rel=1e-2)


def test_frozen_parts_do_not_move(sessions):
    frozen = cl.Trainer(model(), *sessions, freeze=lambda m: m.update_net)
    start = frozen.model
    frozen.advance(5)
    assert_same_bits(start.update_net, frozen.model.update_net)
    assert not np.array_equal(start.choice_net.in_weight, frozen.model.choice_net.in_weight)
    with pytest.raises(ValueError, match="nothing is left to train"):
        cl.Trainer(model(), *sessions, freeze=lambda m: m)


def test_a_loss_that_is_not_finite_stops_with_the_last_good_model(sessions):
    calls = []

    def broken(outputs, targets, mask, action_mask):
        calls.append(1)
        return jnp.where(jnp.abs(outputs).max() < 1e3, (outputs**2).mean(), jnp.nan)

    burning = cl.Trainer(model(), sessions[0], loss=broken, learning_rate=1e6)
    with pytest.raises(cl.TrainingDiverged, match=r"stopped at step \d+: .*learning rate that is too high"):
        for _ in burning.run(50):
            pass
    assert calls
    assert all(np.isfinite(leaf).all() for leaf in leaves(burning.model))
    burning.learning_rate = 1e-3
    assert np.isfinite(burning.advance(3).loss)


def test_a_diverging_loss_stops(sessions):
    burning = trainer(sessions, learning_rate=100.0, max_grad_norm=None)
    with pytest.raises(cl.TrainingDiverged, match="is 100"):
        burning.advance(200)
    assert cl.evaluate(burning.model, sessions[1]).normalized_likelihood > 0.25


def test_a_network_that_is_no_number_from_the_start_is_told_from_a_bad_learning_rate(sessions):
    def explodes(outputs, targets, mask, action_mask):
        return jnp.nan * outputs.mean()

    with pytest.raises(cl.TrainingDiverged, match=r"before its first step: .* grows from trial to trial"):
        trainer(sessions, loss=explodes).advance(5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch_size": 0}, "batch_size = 0; expected 1 or more, a whole number of sessions"),
        ({"learning_rate": -1.0}, "learning_rate is -1.0"),
        ({"learning_rate": 1.0, "optimizer": optax.sgd(1.0)}, "both optimizer and learning_rate"),
    ],
)
def test_wrong_settings_are_refused(sessions, change, message):
    with pytest.raises(ValueError, match=message):
        trainer(sessions, **change)


def test_data_that_do_not_fit_are_refused(sessions):
    with pytest.raises(ValueError, match="reads 3 inputs, but the training data has 2"):
        cl.Trainer(cl.DisRNN(3, 2, key=jax.random.key(0)), *sessions)
    with pytest.raises(ValueError, match="has 3 outputs, but the training data has 2 alternatives"):
        cl.Trainer(cl.DisRNN(2, 3, key=jax.random.key(0)), *sessions)
    other = cl.simulate(cl.QLearning(), cl.DriftingBandit(n_arms=3), n_sessions=2, n_trials=9)
    with pytest.raises(ValueError, match="training and held-out data differ in n_inputs: 2 and 4"):
        cl.Trainer(model(), sessions[0], other)


def test_penalties_refuse_nonsense():
    with pytest.raises(ValueError, match=r"penalty latent is -1\.0, expected a finite number of at least 0"):
        cl.Penalties(latent=-1.0)
    with pytest.raises(ValueError, match="steps = -1; expected 0 or more, a whole number of training steps"):
        cl.Phase(-1)
