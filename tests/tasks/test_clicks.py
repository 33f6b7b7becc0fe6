"""Clicks and the accumulator that hears them: statistics, limits, and the likelihood against simulation."""

import equinox as eqx
import jax
import numpy as np
import pytest
from scipy.stats import norm

import cogrnn_lab as cl
from cogrnn_lab.tasks.clicks.bounded_accumulator import evidence_of_clicks
from cogrnn_lab.tasks.clicks.click_choices import p_right_in_chunks

NOISELESS = cl.BoundedAccumulator(diffusion_variance=0, click_variance=0, adaptation=1, bound=np.inf, lapse=0)
REGIMES = {
    "as rats": cl.BoundedAccumulator(initial_variance=0.25, bias=0.3),
    "low bound": cl.BoundedAccumulator(bound=2.0, lapse=0.0, initial_variance=1.0),
    "no diffusion": cl.BoundedAccumulator(
        diffusion_variance=0.0, click_variance=0.5, adaptation=1.0, bound=6.0
    ),
    "leaky": cl.BoundedAccumulator(leak=5.0, bound=1.5, click_variance=0.5),
    "leaky, clicks alone noisy": cl.BoundedAccumulator(leak=5.0, bound=1.0, diffusion_variance=0.0),
    "unstable": cl.BoundedAccumulator(leak=-4.0, bound=5.0, initial_variance=0.25, click_variance=0.5),
    "unstable, no diffusion": cl.BoundedAccumulator(leak=-4.0, bound=5.0, diffusion_variance=0.0),
    "noisy start": cl.BoundedAccumulator(
        diffusion_variance=0.05, click_variance=0.0, initial_variance=4.0, bound=3.0
    ),
    "no noise": eqx.tree_at(lambda a: a.bound, NOISELESS, 4.5),
}


def reference(accumulator, left, right, n_bins, rng, n_runs, dt=0.01):
    """Final values of many runs along one stimulus, step by step as the model is described."""
    p = accumulator
    a = np.sqrt(p.initial_variance) * rng.standard_normal(n_runs)
    a = np.clip(a, -p.bound, p.bound)
    magnitude = 1.0
    for n_left, n_right in zip(left[:n_bins], right[:n_bins], strict=True):
        n = int(n_left + n_right)
        each = magnitude * p.adaptation ** np.arange(n)
        drift = (n_right - n_left) * (each.mean() if n else 0)
        spread = p.diffusion_variance * (dt if p.leak == 0 else (1 - np.exp(-2 * p.leak * dt)) / (2 * p.leak))
        spread += p.click_variance * (each**2).sum()
        moved = np.exp(-p.leak * dt) * a + drift + np.sqrt(spread) * rng.standard_normal(n_runs)
        a = np.where(np.abs(a) < p.bound, np.clip(moved, -p.bound, p.bound), a)
        magnitude *= p.adaptation**n
        magnitude = 1 - (1 - magnitude) * np.exp(-dt / p.adaptation_time)
    return a


def share_right(accumulator, a):
    above = np.mean(a > accumulator.bias) + 0.5 * np.mean(a == accumulator.bias)
    return (1 - accumulator.lapse) * above + accumulator.lapse / 2


def choices(data):
    return data.columns["choice"].max(1)


@pytest.fixture(scope="module")
def data():
    return cl.simulate_clicks(cl.BoundedAccumulator(), cl.PoissonClicks(), n_trials=4000, seed=1)


@pytest.fixture(scope="module")
def clean():
    return cl.simulate_clicks(NOISELESS, cl.PoissonClicks(), n_trials=4000, seed=1)


def test_a_trial_is_a_session_whose_last_bin_asks_for_the_choice(data):
    assert data.inputs.shape == (4000, 101, 2)
    assert (data.input_names, data.class_names) == (("left clicks", "right clicks"), ("left", "right"))
    assert (data.mask.sum(1) == 1).all()
    last = data.mask[..., 0].argmax(1)
    np.testing.assert_array_equal(last, data.lengths - 1)
    assert (data.inputs[np.arange(4000), last] == 0).all()
    assert (data.inputs[~data.valid] == 0).all()
    np.testing.assert_array_equal(data.targets[np.arange(4000), last, 0], choices(data))
    np.testing.assert_array_equal(data.inputs[..., 0].sum(1), data.columns["n_left"].max(1))
    assert np.isnan(data.columns["p_choice"][~data.mask[..., 0]]).all()
    held = data.columns["accumulator"]
    np.testing.assert_array_equal(held[np.arange(4000), last], held[np.arange(4000), last - 1])
    train, held_out = data.split()
    assert train.n_sessions == held_out.n_sessions == 2000


def test_clicks_are_poisson_with_the_rates_of_their_ratio(data):
    n_bins = data.lengths - 1
    assert (n_bins.min(), n_bins.max()) == (20, 100)
    assert n_bins.mean() == pytest.approx(60, abs=1.5)
    assert data.inputs[:, 0].min() == 1  # the stereo click
    assert data.inputs[:, 0].mean() == pytest.approx(1.2, abs=0.02)
    gamma = data.columns["gamma"][:, 0]
    np.testing.assert_allclose(np.unique(gamma), [-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5])
    np.testing.assert_allclose(np.unique(gamma, return_counts=True)[1] / 4000, 1 / 8, atol=0.02)
    during = np.arange(1, 101) < n_bins[:, None]
    for one in np.unique(gamma):
        for side, sign in enumerate((-1, 1)):
            counts = data.inputs[gamma == one, 1:, side][during[gamma == one]]
            expected = 0.4 / (1 + np.exp(-sign * one))
            standard_error = float(np.sqrt(expected / counts.size))
            assert counts.mean() == pytest.approx(expected, abs=4 * standard_error)
            assert counts.var() == pytest.approx(expected, rel=0.1)


def test_without_noise_the_side_with_more_clicks_is_chosen(clean):
    difference = clean.columns["n_right"].max(1) - clean.columns["n_left"].max(1)
    chosen = choices(clean)
    np.testing.assert_array_equal(chosen[difference != 0], difference[difference != 0] > 0)
    tie = difference == 0
    assert chosen[tie].mean() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(tie.sum()))
    p = cl.p_right(NOISELESS, clean)
    np.testing.assert_allclose(p, np.select([difference > 0, tie], [1, 0.5], 0), atol=1e-5)


def test_a_strong_leak_leaves_the_last_clicks(clean):
    forgetful = eqx.tree_at(lambda a: a.leak, NOISELESS, 1000.0)
    data = cl.simulate_clicks(forgetful, cl.PoissonClicks(), n_trials=1000, seed=1)
    np.testing.assert_array_equal(data.inputs, clean.inputs[:1000])
    difference = data.inputs[..., 1] - data.inputs[..., 0]
    last = 100 - np.argmax(difference[:, ::-1] != 0, axis=1)
    recent = (difference != 0).any(1) & (last >= data.lengths - 5)  # what is older fades below any float
    side = difference[np.arange(1000), last] > 0
    np.testing.assert_array_equal(choices(data)[recent], side[recent])
    assert recent.sum() > 300


def test_an_accumulator_that_reaches_its_bound_stays_there(data):
    sticky = cl.BoundedAccumulator(bound=2.0, lapse=0.0)
    data = cl.simulate_clicks(sticky, cl.PoissonClicks(), n_trials=1000, seed=2)
    a = np.nan_to_num(data.columns["accumulator"], nan=9.0)
    assert np.abs(a[data.valid]).max() == 2.0
    at_bound = (np.abs(a[:, :-1]) == 2.0) & data.valid[:, 1:]
    np.testing.assert_array_equal(a[:, 1:][at_bound], a[:, :-1][at_bound])
    assert at_bound.any(1).mean() > 0.5


def test_lapses_and_bias():
    lapsing = eqx.tree_at(lambda a: (a.lapse, a.bias), NOISELESS, (0.3, 2.5))
    data = cl.simulate_clicks(lapsing, cl.PoissonClicks(), n_trials=4000, seed=3)
    difference = data.columns["n_right"].max(1) - data.columns["n_left"].max(1)
    wrong = choices(data) != (difference > 2.5)
    assert wrong.mean() == pytest.approx(0.15, abs=0.02)
    np.testing.assert_allclose(cl.p_right(lapsing, data), np.where(difference > 2.5, 0.85, 0.15), atol=1e-5)


def test_adaptation_is_that_of_clicks_in_a_row_and_of_continuous_time():
    """In bins of 10 ms against the rule of the class; in narrow ones against the equation of the paper."""
    model = cl.BoundedAccumulator(adaptation=0.3, adaptation_time=0.1, diffusion_variance=0)
    rng = np.random.default_rng(0)
    times = np.sort(rng.uniform(0, 0.3, 12))
    side = rng.choice([-1, 1], 12)
    magnitude, before, total = 1.0, 0.0, 0.0
    for time, sign in zip(times, side, strict=True):
        magnitude = 1 - (1 - magnitude) * np.exp(-(time - before) / 0.1)
        total += sign * magnitude
        magnitude, before = magnitude * 0.3, time
    errors = []
    for bin_width in (0.001, 0.0001):
        n_bins = round(0.3 / bin_width)
        counts = [np.histogram(times[side == sign], n_bins, (0, 0.3))[0] for sign in (-1, 1)]
        left, right = (np.float32(count)[:, None] for count in counts)
        evidence = evidence_of_clicks(model, left, right, np.array([n_bins]), bin_width)
        errors.append(abs(float(evidence.mean.sum()) - total))
    assert errors[0] < 0.1
    assert errors[1] < 0.01


def test_the_probability_of_an_unbounded_accumulator_is_that_of_a_normal(data):
    free = cl.BoundedAccumulator(
        bound=np.inf, leak=2.0, click_variance=0.3, initial_variance=0.5, bias=0.4, lapse=0.1
    )
    left, right = np.moveaxis(data.inputs[:, :-1], -1, 0)
    n_bins = data.lengths - 1
    evidence = jax.tree.map(np.asarray, evidence_of_clicks(free, left.T, right.T, n_bins, 0.01))
    mean, variance = np.zeros(4000), np.full(4000, 0.5)
    for b in range(100):
        during = b < n_bins
        mean = np.where(during, evidence.keep * mean + evidence.mean[b], mean)
        variance = np.where(during, evidence.keep**2 * variance + evidence.variance[b], variance)
    expected = 0.9 * norm.cdf((mean - 0.4) / np.sqrt(variance)) + 0.05
    np.testing.assert_allclose(cl.p_right(free, data), expected, atol=5e-4)


@pytest.mark.parametrize("regime", REGIMES)
def test_the_forward_pass_gives_the_share_of_simulated_choices(regime, data):
    """Plain NumPy runs of the model along the same clicks: 20,000 for each of twelve stimuli."""
    accumulator, some, rng = REGIMES[regime], data.select(range(12)), np.random.default_rng(0)
    expected = [
        share_right(
            accumulator,
            reference(accumulator, *some.inputs[t, :-1].T, some.lengths[t] - 1, rng, n_runs=20_000),
        )
        for t in range(12)
    ]
    padded = cl.Dataset.concat(some, data.select(range(12, 40)))  # the shapes of one compiled function
    np.testing.assert_allclose(cl.p_right(accumulator, padded)[:12], expected, atol=0.012)


def test_choices_have_the_probability_that_is_recorded(data):
    p = cl.p_right(cl.BoundedAccumulator(), data)
    last = data.mask[..., 0]
    np.testing.assert_allclose(
        data.columns["p_choice"][last], np.where(choices(data) == 1, p, 1 - p), rtol=1e-5
    )
    for low in np.arange(0, 1, 0.2):
        at = (p >= low) & (p < low + 0.2)
        standard_error = float(np.sqrt((p[at] * (1 - p[at])).sum())) / at.sum()
        assert choices(data)[at].mean() == pytest.approx(p[at].mean(), abs=3.5 * standard_error)
    score = cl.evaluate(cl.BoundedAccumulator(), data)
    assert score.normalized_likelihood == pytest.approx(data.generating_likelihood, rel=1e-5)
    other = cl.evaluate(cl.BoundedAccumulator(adaptation=1.0, bound=np.inf), data)
    assert other.normalized_likelihood < data.generating_likelihood


def test_same_seed_same_trials_and_more_trials_keep_the_first(data):
    few = cl.simulate_clicks(cl.BoundedAccumulator(), cl.PoissonClicks(), n_trials=600, seed=1)
    np.testing.assert_array_equal(few.inputs, data.inputs[:600])
    np.testing.assert_array_equal(few.targets, data.targets[:600])
    np.testing.assert_array_equal(few.columns["accumulator"], data.columns["accumulator"][:600])
    np.testing.assert_allclose(few.columns["p_choice"], data.columns["p_choice"][:600], atol=1e-6)
    other = cl.simulate_clicks(cl.BoundedAccumulator(), cl.PoissonClicks(), n_trials=600, seed=2)
    assert (other.inputs != few.inputs).any((1, 2)).mean() > 0.9


def test_the_likelihood_has_the_gradient_of_finite_differences(data):
    left, right = np.moveaxis(data.inputs[:16, :-1], (0, 2), (2, 0))[:, None]
    n_bins = data.lengths[None, :16] - 1
    names = ["leak", "diffusion_variance", "click_variance", "bound", "adaptation", "adaptation_time", "bias"]
    start = dict(zip(names, np.float32([0.5, 1.0, 0.8, 4.0, 0.4, 0.12, 0.2]), strict=True))

    def total(values):
        accumulator = eqx.tree_at(
            lambda a: [getattr(a, name) for name in names], cl.BoundedAccumulator(), list(values.values())
        )
        return p_right_in_chunks(accumulator, left, right, n_bins, 0.01, 255).sum()

    total = jax.jit(total)
    slopes = jax.jit(jax.grad(total))(start)
    for name in names:
        step = np.float32(0.02 * start[name])
        above, below = (total(start | {name: start[name] + sign * step}) for sign in (1, -1))
        assert float(slopes[name]) == pytest.approx(float((above - below) / (2 * step)), rel=0.05, abs=0.02)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: cl.BoundedAccumulator(bound=0), "bound = 0.0; expected 1e-06 or more. It is a distance"),
        (lambda: cl.BoundedAccumulator(click_variance=-1), "click_variance = -1.0; expected 0 or more"),
        (lambda: cl.BoundedAccumulator(lapse=1.5), "lapse = 1.5; expected 0 to 1"),
        (lambda: cl.BoundedAccumulator(leak=np.zeros(3)), r"leak has shape \(3,\).*join_subjects"),
        (
            lambda: cl.PoissonClicks(duration=(1.0, 0.2)),
            r"duration = \(1.0, 0.2\); expected .* shorter first",
        ),
        (lambda: cl.PoissonClicks(bin_width=0), "bin_width = 0"),
        (lambda: cl.PoissonClicks(gammas=np.inf), "gammas = .*; expected finite"),
        (lambda: cl.PoissonClicks(total_rate=-1), "total_rate = -1.0; expected 0 or more"),
    ],
)
def test_impossible_parameters_are_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_other_data_are_refused(data):
    choices = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=5)
    with pytest.raises(ValueError, match='inputs previous choice, previous reward; expected "left clicks"'):
        cl.p_right(cl.BoundedAccumulator(), choices)
    with pytest.raises(ValueError, match="n_points = 100; expected an odd number"):
        cl.p_right(cl.BoundedAccumulator(), data, n_points=100)
    with pytest.raises(ValueError, match="n_trials = 0"):
        cl.simulate_clicks(cl.BoundedAccumulator(), cl.PoissonClicks(), n_trials=0)
