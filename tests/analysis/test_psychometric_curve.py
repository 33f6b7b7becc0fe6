"""Psychometric curves: counts and intervals, and simulated observers whose slope and lapses are known."""

import dataclasses

import jax
import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

import cogrnn_lab as cl
from cogrnn_lab.analysis.behavioral.psychometric_curve import wilson_interval
from cogrnn_lab.analysis.behavioral.psychometric_fit import negative_log_likelihood

LEVELS = np.array([0.0, 0.05, 0.1, 0.2, 0.4, 0.8])


def trials(n, seed=0, levels=LEVELS):
    """Signed coherences and a batch whose target is their direction; two steps, the second counts."""
    rng = np.random.default_rng(seed)
    strength, direction = rng.choice(levels, n), rng.integers(2, size=n)
    targets = np.zeros((n, 2, 2), np.float32)
    targets[:, 1, 0], targets[:, 1, 1] = direction == 0, direction == 1
    mask = np.zeros((n, 2, 2), bool)
    mask[:, 1] = True
    signed = np.where(direction == 1, strength, -strength)
    parameters = {"coherence": strength, "direction": direction, "signed": signed}
    return rng, cl.TaskBatch(np.zeros((n, 2, 1), np.float32), targets, mask, parameters)


def test_counts_levels_and_intervals():
    _, batch = trials(1)
    coherence = np.array([0.1, 0.1, 0.1, 0.1, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4])
    direction = np.array([0, 0, 1, 1, 0, 1, 1, 1, 0, 0])
    choices = np.array([0, 1, 1, 0, 0, 1, 1, 1, -1, 0])
    targets = np.eye(2, dtype=np.float32)[direction][:, None]
    batch = cl.TaskBatch(targets, targets, np.ones((10, 1, 2), bool), {"coherence": coherence})
    curve = cl.psychometric_curve(batch, choices)
    np.testing.assert_array_equal(curve.levels, [0.1, 0.4])
    np.testing.assert_array_equal(curve.n, [4, 5])
    np.testing.assert_array_equal(curve.n_chosen, [2, 5])
    np.testing.assert_array_equal(curve.proportion, [0.5, 1.0])
    assert (curve.by, curve.of, curve.option, curve.fit) == ("coherence", "correct", None, None)
    chosen = cl.psychometric_curve(batch, choices, of="choice", option=0)
    np.testing.assert_array_equal(chosen.n_chosen, [2, 2])
    nan = np.where(choices < 0, np.nan, choices)
    np.testing.assert_array_equal(cl.psychometric_curve(batch, nan).n, curve.n)
    with pytest.raises(dataclasses.FrozenInstanceError):
        curve.n = 0


@pytest.mark.parametrize("confidence", [0.68, 0.95])
def test_intervals_are_those_of_scipy(confidence):
    n_chosen, n = np.array([0, 1, 7, 20, 20]), np.array([5, 9, 30, 40, 20])
    lower, upper = wilson_interval(n_chosen, n, confidence)
    for i in range(5):
        expected = stats.binomtest(int(n_chosen[i]), int(n[i])).proportion_ci(confidence, method="wilson")
        np.testing.assert_allclose([lower[i], upper[i]], [expected.low, expected.high], atol=1e-12)


def test_intervals_cover_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.1, 0.9, 4000)
    n = np.full(4000, 50)
    lower, upper = wilson_interval(rng.binomial(50, p), n, 0.9)
    assert abs(np.mean((lower <= p) & (p <= upper)) - 0.9) < 0.02


@pytest.mark.parametrize(("slope", "bias", "low", "high"), [(12.0, 0.0, 0.0, 0.0), (8.0, 0.1, 0.05, 0.1)])
def test_the_slope_of_a_simulated_observer_is_recovered(slope, bias, low, high):
    rng, batch = trials(60_000)
    p = low + (1 - low - high) * expit(slope * (batch.parameters["signed"] - bias))
    choices = (rng.random(60_000) < p).astype(int)
    curve = cl.psychometric_curve(batch, choices, by="signed", of="choice", fit=True)
    assert len(curve.levels) == 11
    assert curve.fit.slope == pytest.approx(slope, rel=0.06)
    assert curve.fit.bias == pytest.approx(bias, abs=0.005)
    assert curve.fit.lapse_low == pytest.approx(low, abs=0.01)
    assert curve.fit.lapse_high == pytest.approx(high, abs=0.01)
    truth = low + (1 - low - high) * expit(slope * (curve.levels - bias))
    np.testing.assert_allclose(curve.fit.predict(curve.levels), truth, atol=0.02)
    assert ((curve.lower <= truth) & (truth <= curve.upper)).sum() >= 8
    assert curve.fit.predict(curve.fit.threshold(0.6)) == pytest.approx(0.6)
    # the same observer, the other option
    other = cl.psychometric_curve(batch, choices, by="signed", of="choice", option=0, fit=True)
    assert other.fit.slope == pytest.approx(-curve.fit.slope, rel=1e-2)
    assert other.fit.nll == pytest.approx(curve.fit.nll, rel=1e-4)


@pytest.mark.parametrize("lapse", [0.0, 0.08])
def test_slope_from_correct_choices(lapse):
    rng, batch = trials(60_000, seed=1)
    p = lapse + (1 - 2 * lapse) * expit(10.0 * batch.parameters["signed"])
    choices = (rng.random(60_000) < p).astype(int)
    fit = cl.psychometric_curve(batch, choices, fit=True).fit
    assert fit.slope == pytest.approx(10.0, rel=0.06)
    assert fit.lapse_high == pytest.approx(lapse, abs=0.01)
    assert fit.guess == 0.5
    assert fit.predict(0.0) == 0.5
    assert fit.predict(fit.threshold()) == pytest.approx(0.75)
    assert np.isnan(fit.threshold(0.97)) == (lapse > 0)
    signed = cl.psychometric_curve(batch, choices, by="signed", of="choice", fit=True).fit
    assert signed.slope == pytest.approx(fit.slope, rel=0.05)


@pytest.mark.parametrize(
    ("of", "parameters"),
    [("choice", [6.0, 0.1, 0.03, 0.07]), ("choice", [-4.0, -0.2, 0.0, 0.1]), ("correct", [5.0, 0.04])],
)
def test_the_likelihood_has_the_gradient_of_its_differences(of, parameters):
    x, n = np.linspace(0.0, 0.8, 6), np.full(6, 40)
    n_chosen = np.array([19, 22, 25, 30, 36, 39])

    def nll(values):
        return negative_log_likelihood(np.asarray(values), x, n_chosen, n, of, 0.5)

    for i, step in enumerate(1e-6 * np.eye(len(parameters))):
        difference = (nll(parameters + step)[0] - nll(parameters - step)[0]) / 2e-6
        assert nll(parameters)[1][i] == pytest.approx(difference, rel=1e-4, abs=1e-4)


def test_the_scale_of_the_levels_does_not_matter():
    rng, batch = trials(5000)
    choices = (rng.random(5000) < expit(10 * batch.parameters["signed"])).astype(int)
    fit = cl.psychometric_curve(batch, choices, fit=True).fit
    percent = batch._replace(parameters={"coherence": 100 * batch.parameters["coherence"]})
    scaled = cl.psychometric_curve(percent, choices, fit=True).fit
    assert scaled.slope == pytest.approx(fit.slope / 100, rel=1e-3)
    assert scaled.nll == pytest.approx(fit.nll, rel=1e-6)


def test_outputs_of_a_network_that_integrates_the_stimulus():
    """An ideal integrator with noise of its own: its slope is that of signal detection theory."""
    task = cl.PerceptualDiscrimination(
        coherences=(0.02, 0.05, 0.1, 0.3), onset=(100, 100), stimulus=(100, 100), duration=400
    )
    batch = jax.device_get(task.batch(jax.random.key(0), 8000))
    shown = (task.times > 100) & (task.times < 200)
    evidence = batch.inputs[:, shown].sum(1) + np.random.default_rng(0).normal(size=(8000, 2)) * 0.5
    outputs = np.repeat(evidence[:, None], task.n_steps, axis=1)
    curve = cl.psychometric_curve(batch, outputs)
    n_shown = shown.sum()
    noise = np.sqrt(2 * (0.5**2 + n_shown * 0.02 * 0.1))
    expected = stats.norm.cdf(curve.levels * n_shown / noise)
    assert (np.abs(curve.proportion - expected) < 5 * np.sqrt(0.25 / curve.n)).all()
    np.testing.assert_array_equal(cl.psychometric_curve(batch, outputs, task=task).n_chosen, curve.n_chosen)
    accuracy = np.asarray(task.accuracy(outputs, batch))
    assert curve.n_chosen.sum() == accuracy.sum()


def test_a_task_with_its_own_rule_of_choice():
    task = cl.GoNoGo()
    batch = jax.device_get(task.batch(jax.random.key(0), 200))
    curve = cl.psychometric_curve(batch, batch.targets, by="go", task=task)
    np.testing.assert_array_equal(curve.proportion, [1.0, 1.0])
    pressing = cl.psychometric_curve(batch, batch.targets, by="go", task=task, of="choice")
    np.testing.assert_array_equal(pressing.proportion, [0.0, 1.0])


def test_bins_of_a_continuous_parameter():
    rng, batch = trials(2000)
    value = rng.uniform(size=2000)
    choices = (rng.random(2000) < value).astype(int)
    curve = cl.psychometric_curve(batch, choices, by=value, of="choice", n_bins=8)
    assert len(curve.levels) == 8
    np.testing.assert_array_equal(curve.n, 250)
    assert np.abs(curve.proportion - curve.levels).max() < 5 * np.sqrt(0.25 / 250)
    assert curve.by == "given values"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"by": "contrast"}, 'no parameter "contrast", only coherence, direction, signed'),
        ({"by": np.zeros(3)}, r"by has shape \(3,\); expected the name of a parameter or \(500,\)"),
        ({"by": np.arange(500.0)}, "by has 500 different values in 500 trials.*n_bins"),
        ({"outputs": np.zeros((500, 3, 2))}, r"outputs has shape \(500, 3, 2\); expected .*of 2 steps"),
        ({"outputs": np.full(500, 0.5)}, "whole numbers from 0, or -1; are these probabilities"),
        ({"outputs": np.full(500, -1)}, "none of 500 trials has a choice"),
        ({"of": "errors"}, 'expected "correct" or "choice"'),
        ({"confidence": 95.0}, "confidence = 95.0; expected a number between 0 and 1"),
        ({"n_bins": 0}, "n_bins = 0"),
        (
            {"by": "direction", "of": "choice", "fit": True},
            "fit of 4 parameters needs as many levels, not 2",
        ),
        ({"by": "signed", "fit": True}, 'levels go from -0.8 on.*For signed evidence fit of="choice"'),
    ],
)
def test_slips_are_explained(changes, sentence):
    _, batch = trials(500)
    arguments = {"outputs": np.zeros(500, int), "by": "coherence"} | changes
    with pytest.raises(ValueError, match=sentence):
        cl.psychometric_curve(batch, **arguments)


@pytest.mark.slow
def test_bootstrap_intervals_hold_the_true_slope_as_often_as_they_say():
    """An observer of slope 8 without lapses, 25 times; 90 % intervals, so that 22.5 of them hold it."""
    held = 0
    for seed in range(25):
        rng, batch = trials(600, seed)
        choices = (rng.random(600) < expit(8 * batch.parameters["signed"])).astype(int)
        curve = cl.psychometric_curve(
            batch, choices, by="signed", of="choice", fit=True, n_bootstrap=40, confidence=0.9, seed=seed
        )
        low, high = curve.fit.intervals["slope"]
        assert low <= high
        held += low <= 8 <= high
    assert stats.binom.cdf(held, 25, 0.9) > 0.001, held


def test_bootstrap_intervals_are_reproducible_and_narrow_with_more_trials():
    def interval(n, seed):
        rng, batch = trials(n)
        choices = (rng.random(n) < expit(8 * batch.parameters["signed"])).astype(int)
        curve = cl.psychometric_curve(
            batch, choices, by="signed", of="choice", fit=True, n_bootstrap=30, seed=seed
        )
        return np.array(curve.fit.intervals["slope"])

    few, many = interval(300, 1), interval(6000, 1)
    np.testing.assert_array_equal(few, interval(300, 1))
    assert (few != interval(300, 2)).any()
    assert np.ptp(many) < 0.5 * np.ptp(few)
    _, batch = trials(300)
    assert cl.psychometric_curve(batch, batch.parameters["direction"], fit=True).fit.intervals is None
    with pytest.raises(ValueError, match="n_bootstrap = 20 with fit=False"):
        cl.psychometric_curve(batch, batch.parameters["direction"], n_bootstrap=20)
