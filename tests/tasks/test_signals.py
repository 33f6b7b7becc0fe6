"""Recorded signals: what they follow, on which row they stand, noise and gaps, and what a network learns."""

import doctest
import importlib

import jax
import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl

RPE = "reward_prediction_error"
SIGNALS = (
    cl.RewardPredictionError(noise=0.3, gain=2.0, baseline=1.0, missing=0.2),
    cl.ChosenValue(noise=0.1),
)


@pytest.fixture(scope="module")
def data():
    return cl.simulate(
        cl.QLearning(0.4, 3.0),
        cl.DriftingBandit(p_instructed=0.1),
        n_sessions=60,
        n_trials=80,
        signals=SIGNALS,
    )


def q_learning_along(choice, reward, rate):
    """Prediction error and chosen value of every trial, by hand."""
    values, errors, chosen = np.full(2, 0.5), [], []
    for c, r in zip(choice, reward, strict=True):
        chosen.append(values[c])
        errors.append(r - values[c])
        values[c] += rate * errors[-1]
    return np.array(errors), np.array(chosen)


def test_the_choices_are_those_without_signals(data):
    alone = cl.simulate(
        cl.QLearning(0.4, 3.0), cl.DriftingBandit(p_instructed=0.1), n_sessions=60, n_trials=80
    )
    np.testing.assert_array_equal(data.targets[..., :1], alone.targets)
    np.testing.assert_array_equal(data.inputs, alone.inputs)
    np.testing.assert_array_equal(data.mask[..., :1], alone.mask)
    assert (data.kind, data.n_classes) == ("mixed", 2)
    assert data.target_names == ("choice", RPE, "chosen_value")
    assert data.generating_likelihood == alone.generating_likelihood


def test_the_signal_of_a_row_belongs_to_the_outcome_that_the_row_shows(data):
    """Inputs of row t are choice and reward of trial t - 1, and so is the signal; the first row has none."""
    for session in (0, 7):
        choice, reward = data.columns["choice"][session], data.columns["reward"][session]
        errors, chosen = q_learning_along(choice, reward, 0.4)
        np.testing.assert_array_equal(data.inputs[session, 1:, 0], choice[:-1])
        np.testing.assert_allclose(
            data.columns[f"{RPE}_noiseless"][session, 1:], 1 + 2 * errors[:-1], atol=1e-5
        )
        np.testing.assert_allclose(
            data.columns["chosen_value_noiseless"][session, 1:], chosen[:-1], atol=1e-5
        )
    assert np.isnan(data.columns[f"{RPE}_noiseless"][:, 0]).all()
    assert not data.mask[:, 0, 1:].any()


def test_the_critic_has_an_expectation_of_its_own():
    data = cl.simulate(
        cl.LeakyActorCritic(0.3, 1.0, 0.05, 0.2),
        cl.DriftingBandit(),
        n_sessions=2,
        n_trials=30,
        signals=cl.RewardPredictionError(),
    )
    reward, value = data.columns["reward"][0], 0.2
    for trial in range(29):
        assert data.columns[f"{RPE}_noiseless"][0, trial + 1] == pytest.approx(
            reward[trial] - value, abs=1e-5
        )
        value += 0.3 * (reward[trial] - value)


def test_noise_and_gaps_have_their_sizes(data):
    counted = data.mask[:, 1:, 1]
    assert counted.mean() == pytest.approx(0.8, abs=0.02)
    assert data.mask[:, 1:, 2].all()
    for k, (name, noise) in enumerate([(RPE, 0.3), ("chosen_value", 0.1)], start=1):
        error = (data.targets[..., k] - data.columns[f"{name}_noiseless"])[data.mask[..., k]]
        assert error.mean() == pytest.approx(0, abs=4 * noise / np.sqrt(error.size))
        assert error.std() == pytest.approx(noise, rel=0.05)
        clean = data.columns[f"{name}_noiseless"][data.mask[..., k]]
        assert data.generating_r2[name] == pytest.approx(clean.var() / (clean.var() + noise**2), abs=0.02)
    errors = [
        data.targets[..., k] - data.columns[f"{name}_noiseless"]
        for k, name in [(1, RPE), (2, "chosen_value")]
    ]
    both = data.mask[..., 1] & data.mask[..., 2]
    assert np.corrcoef(errors[0][both], errors[1][both])[0, 1] == pytest.approx(0, abs=0.05)
    assert (data.targets[..., 1][~data.mask[..., 1]] == 0).all()


def test_same_seed_same_signals_and_more_sessions_or_signals_keep_them(data):
    first = data.select(range(3))
    agent = cl.QLearning(0.4, 3.0)
    plain = cl.simulate(agent, cl.DriftingBandit(p_instructed=0.1), n_sessions=3, n_trials=80)
    again = cl.record_signals(agent, plain, SIGNALS[0], seed=0)
    np.testing.assert_array_equal(again.targets[..., 1], first.targets[..., 1])
    np.testing.assert_array_equal(again.mask[..., 1], first.mask[..., 1])
    other = cl.record_signals(agent, plain, SIGNALS[0], seed=1)
    assert (other.targets[..., 1] != again.targets[..., 1]).mean() > 0.5


def test_every_subject_has_errors_of_its_own():
    rates = np.float32([0.1, 0.8])
    data = cl.simulate(
        cl.QLearning(rates),
        cl.DriftingBandit(),
        n_sessions=2,
        n_trials=30,
        signals=cl.RewardPredictionError(),
    )
    for session in range(4):
        errors, _ = q_learning_along(
            data.columns["choice"][session], data.columns["reward"][session], rates[session // 2]
        )
        np.testing.assert_allclose(data.columns[f"{RPE}_noiseless"][session, 1:], errors[:-1], atol=1e-5)
    noise = data.targets[..., 1] - data.columns[f"{RPE}_noiseless"]
    assert (noise[0, 1:] != noise[2, 1:]).mean() > 0.9


def test_signals_along_recorded_choices_with_gaps():
    """Missed trials teach nothing and have no signal; padding stays empty."""
    table = {
        "session": [1] * 5 + [2] * 3,
        "choice": [0, 1, -1, 1, 0, 1, 1, 0],
        "reward": [1, 0, -1, 1, 0, 1, 0, 0],
    }
    data = cl.read_table(pd.DataFrame(table))
    mixed = cl.record_signals(cl.QLearning(0.5), data, cl.RewardPredictionError(noise=0.0))
    clean = mixed.columns[f"{RPE}_noiseless"]
    np.testing.assert_allclose(clean[0], [np.nan, 0.5, -0.5, np.nan, 0.75])
    np.testing.assert_allclose(clean[1], [np.nan, 0.5, -0.75, np.nan, np.nan])
    np.testing.assert_array_equal(mixed.mask[0, :, 1], [False, True, True, False, True])
    np.testing.assert_array_equal(mixed.targets[..., 1], np.nan_to_num(clean))
    assert mixed.generating_r2[RPE] == 1.0
    again = cl.Dataset(
        mixed.inputs,
        np.where(mixed.mask, mixed.targets, np.nan),
        valid=mixed.valid,
        kind="mixed",
        columns=mixed.columns,
    )
    np.testing.assert_array_equal(again.mask, mixed.mask)
    assert f"{RPE}_noiseless" in mixed.to_dataframe()


def test_a_network_reads_choices_and_signals_off_such_data(data):
    train, held_out = data.split()
    model = cl.NeuroDisRNN(2, 2, 1, n_signals=2, update_depth=1, choice_depth=1, key=jax.random.key(0))
    run = cl.fit(model, train, phases=[cl.Phase(150, noise=0.0)], batch_size=30)
    score = cl.evaluate(run.model, held_out)
    assert score.signals.names == (RPE, "chosen_value")
    assert score.signals.r2[0] > 0.5  # the reward that it reads is most of the error
    assert score.signals.r2[0] < held_out.generating_r2[RPE]


class Blank(cl.Agent):
    def initial_state(self, n_arms):
        return np.zeros(n_arms)

    def logits(self, state):
        return state

    def update(self, state, choice, reward):
        return state


def test_slips_are_said_in_words(data):
    agent, plain = cl.QLearning(), cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=5)
    with pytest.raises(NotImplementedError, match=r"Blank has no expectation of reward; a signal .* needs"):
        cl.record_signals(Blank(), plain, cl.ChosenValue())
    with pytest.raises(ValueError, match='two signals or columns are named "chosen_value"'):
        cl.record_signals(agent, plain, [cl.ChosenValue(), cl.ChosenValue(noise=2.0)])
    with pytest.raises(ValueError, match="the data set is mixed; expected choices alone"):
        cl.record_signals(agent, data, cl.ChosenValue())
    with pytest.raises(ValueError, match=r"noise = -1.0; expected 0 or more. It is a standard deviation"):
        cl.ChosenValue(noise=-1)
    with pytest.raises(ValueError, match=r"missing = 2.0; expected 0 to 1"):
        cl.RewardPredictionError(missing=2)
    with pytest.raises(ValueError, match="no signal was given"):
        cl.record_signals(agent, plain, [])


def test_the_example_in_the_docstring_runs():
    result = doctest.testmod(importlib.import_module("cogrnn_lab.tasks.signals"))
    assert result.attempted >= 4
    assert result.failed == 0
