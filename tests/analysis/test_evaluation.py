"""Scores, baselines, bottlenecks and latents."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl


@pytest.fixture(scope="module")
def data() -> cl.Dataset:
    return cl.simulate(cl.QLearning(0.3, 3.0), cl.DriftingBandit(0.1), n_sessions=40, n_trials=60, seed=2)


def test_the_generating_agent_scores_its_own_likelihood(data):
    score = cl.evaluate(cl.QLearning(0.3, 3.0), data)
    assert score.normalized_likelihood == pytest.approx(data.generating_likelihood, abs=1e-5)
    assert cl.evaluate(cl.QLearning(0.9, 0.5), data).normalized_likelihood < score.normalized_likelihood
    assert score.chance == 0.5
    assert score.n_targets == 40 * 60


def test_per_session_and_per_subject_add_up(data):
    three = cl.Dataset(data.inputs, data.targets, subject=np.arange(40) % 3, subject_names=("a", "b", "c"))
    score = cl.evaluate(cl.DisRNN(2, 2, key=jax.random.key(1)), three)
    for frame in (score.per_session, score.per_subject):
        mean = np.average(frame.nll, weights=frame.n_targets)
        assert mean == pytest.approx(score.nll, rel=1e-6)
        np.testing.assert_allclose(frame.normalized_likelihood, np.exp(-frame.nll))
    assert score.per_subject.subject.tolist() == ["a", "b", "c"]
    alone = cl.evaluate(cl.DisRNN(2, 2, key=jax.random.key(1)), three.select(three.subject == 1))
    assert score.per_subject.nll[1] == pytest.approx(alone.nll, rel=1e-5)


def test_masked_choices_do_not_count(data):
    mask = np.ones(data.targets.shape, bool)
    mask[:, ::3] = False
    masked = cl.Dataset(data.inputs, data.targets, mask=mask)
    model = cl.DisRNN(2, 2, key=jax.random.key(1))
    logits = np.asarray(cl.rollout(model, jnp.asarray(data.inputs)).outputs)
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    chosen = np.take_along_axis(log_p, data.targets.astype(int), -1)
    assert cl.evaluate(model, masked).nll == pytest.approx(-chosen[mask].mean(), rel=1e-5)


def test_stay_baseline_recovers_a_stay_agent():
    rng = np.random.default_rng(0)
    choice, reward = np.zeros((60, 80), int), rng.integers(0, 2, (60, 80))
    for t in range(80):
        stay = np.where(reward[:, t - 1] > 0, 0.9, 0.6)
        stays = rng.random(60) < stay
        last = rng.integers(0, 2, 60) if t == 0 else choice[:, t - 1]
        choice[:, t] = np.where(stays, last, 1 - last)
    data = cl.Dataset(
        np.zeros((60, 80, 1)), choice[..., None], columns={"choice": choice, "reward": reward.astype(float)}
    )
    train, held_out = data.split()
    expected = np.exp(0.5 * (0.9 * np.log(0.9) + 0.1 * np.log(0.1) + 0.6 * np.log(0.6) + 0.4 * np.log(0.4)))
    assert cl.stay_baseline(train, held_out).normalized_likelihood == pytest.approx(expected, abs=0.01)


def test_stay_baseline_needs_choices_and_subjects(data):
    bare = cl.Dataset(data.inputs, data.targets)
    with pytest.raises(ValueError, match="no column choice, reward"):
        cl.stay_baseline(bare, bare)


def test_bottlenecks(data):
    model = cl.DisRNN(2, 2, 3, key=jax.random.key(0))
    model = eqx.tree_at(lambda m: m.latent.spread, model, jnp.array([0.9, 0.01, -0.5]))
    result = cl.bottlenecks(model, data)
    assert result.latent_order.tolist() == [1, 2, 0]
    assert result.open_latents(0.3) == (1, 2)
    latent = result.groups["latent"]
    np.testing.assert_allclose(latent.openness[:, 0], [0.1, 0.99, 0.5], atol=1e-4)
    assert latent.open_channels == pytest.approx(1.59, abs=1e-3)
    shapes = {name: group.openness.shape for name, group in result.groups.items()}
    assert shapes == {
        "latent": (3, 1),
        "update_input": (2, 3),
        "update_latent": (3, 3),
        "choice_latent": (3, 1),
    }
    assert result.groups["update_input"].from_names == data.input_names


def test_nats_per_trial_are_what_the_rollout_counts(data):
    """With noise so small that it moves nothing, both are the information of the noiseless path."""
    model = cl.DisRNN(2, 2, 3, key=jax.random.key(0))
    rolled = cl.rollout(model, jnp.asarray(data.inputs), key=jax.random.key(1), noise=1e-6)
    for name, group in cl.bottlenecks(model, data).groups.items():
        assert group.total_nats == pytest.approx(float(rolled.information[name].mean()), rel=1e-4)


def test_latents_are_the_states_that_predict_each_choice(data):
    model = cl.DisRNN(2, 2, 3, key=jax.random.key(0))
    result = cl.latents(model, data)
    rolled = cl.rollout(model, jnp.asarray(data.inputs))
    np.testing.assert_allclose(result.states, rolled.states, atol=1e-6)
    np.testing.assert_allclose(result.probabilities.sum(-1), 1.0, atol=1e-5)
    frame = data.to_dataframe(latents=result)
    assert len(frame) == 40 * 60
    assert frame.latent_2.iloc[61] == pytest.approx(float(rolled.states[1, 1, 1]), abs=1e-6)


def test_data_of_another_kind_are_refused(data):
    numbers = cl.Dataset(data.inputs, data.targets, kind="continuous")
    with pytest.raises(ValueError, match="an agent's logits need recorded choices"):
        cl.evaluate(cl.QLearning(), numbers)
    scored = cl.evaluate(cl.DisRNN(2, 1, key=jax.random.key(0)), numbers)
    with pytest.raises(ValueError, match="no likelihood"):
        _ = scored.nll


def test_signals_are_scored_where_they_count():
    rng = np.random.default_rng(0)
    inputs, signals = rng.normal(size=(3, 8, 2)), rng.normal(size=(3, 8, 2))
    signals[1, 2, 0] = np.nan
    choices = rng.integers(0, 2, (3, 8, 1))
    mixed = cl.Dataset(inputs, np.concatenate([choices, signals], axis=2), kind="mixed")
    model = cl.NeuroDisRNN(2, 2, 2, n_signals=2, key=jax.random.key(1))
    found = cl.evaluate(model, mixed)
    outputs = np.asarray(cl.rollout(model, mixed.inputs).outputs)
    chosen = np.take_along_axis(np.asarray(jax.nn.log_softmax(outputs[..., :2])), choices, 2)
    assert found.nll == pytest.approx(-chosen.mean(), rel=1e-5)
    errors = np.nanmean((outputs[..., 2:] - signals) ** 2, axis=(0, 1))
    np.testing.assert_allclose(found.signals.mse, errors, rtol=1e-5)
    np.testing.assert_allclose(found.signals.r2, 1 - errors / np.nanvar(signals, axis=(0, 1)), rtol=1e-4)
    assert found.signals.n_samples.sum() == 2 * 24 - 1


def test_numbers_have_neither_likelihood_nor_chance():
    numbers = cl.Dataset(np.zeros((2, 3, 2)), np.zeros((2, 3, 1)), kind="continuous")
    score = cl.evaluate(cl.GRU(2, 1, 2, key=jax.random.key(0)), numbers)
    for ask in (lambda: score.nll, lambda: score.chance):
        with pytest.raises(ValueError, match="these data are numbers, which have no likelihood here"):
            ask()


def test_a_predictor_around_a_network_is_asked_itself(data):
    network = cl.GRU(2, 2, 3, key=0)

    class Halved:
        model = network

        def logits(self, dataset):
            return 0.5 * np.asarray(cl.rollout(network, dataset.inputs).outputs)

    told = np.asarray(jax.nn.log_softmax(0.5 * cl.rollout(network, data.inputs).outputs))
    counted = data.mask[..., 0]
    chosen = np.take_along_axis(told, np.maximum(data.targets[..., :1], 0).astype(int), -1)[..., 0]
    nll = -chosen.sum(1, where=counted)
    np.testing.assert_allclose(cl.evaluate(Halved(), data).session_nll, nll, rtol=1e-5)
    assert not np.allclose(cl.evaluate(network, data).session_nll, nll, rtol=1e-4)
