"""The Gaussian bottleneck: what it adds, and the nats that it counts."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from plain_networks import divergence

import cogrnn_lab as cl
from cogrnn_lab.models.disentangled.bottleneck import LARGEST_START_SIGMA, SMALLEST_SIGMA
from cogrnn_lab.models.disentangled.columns import group_information, joined, read_columns, through

MULTIPLIER = np.array([0.7, -1.2, 0.0, 2.5], np.float32)
SPREAD = np.array([0.2, -0.6, 1.0, 0.01], np.float32)
X = np.array([1.5, -0.3, 4.0, 0.2], np.float32)


def with_sigma(sigma: float) -> cl.Bottleneck:
    return cl.Bottleneck(None, jnp.array([sigma - SMALLEST_SIGMA]))


def test_information_is_the_closed_form_divergence():
    bottleneck = cl.Bottleneck(jnp.asarray(MULTIPLIER), jnp.asarray(SPREAD))
    expected = divergence(MULTIPLIER * X, np.abs(SPREAD) + 1e-5)
    np.testing.assert_allclose(bottleneck.information(jnp.asarray(X)), expected, rtol=1e-5, atol=1e-6)
    at_rest = divergence(0.0 * X, np.abs(SPREAD) + 1e-5)
    np.testing.assert_allclose(bottleneck.resting_information, at_rest, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("sigma", [0.9, 0.5, 0.1, 0.01])
def test_a_channel_whose_output_is_unit_gaussian_passes_the_capacity(sigma):
    """For x ~ N(0, 1 - sigma²), the mean divergence is the mutual information of x and output, -log sigma."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(10)
    bottleneck = with_sigma(sigma)
    nats = [float(bottleneck.information(jnp.array([x]))[0]) for x in np.sqrt(1 - sigma**2) * nodes]
    assert np.dot(weights, nats) / weights.sum() == pytest.approx(-np.log(sigma), rel=1e-4)


def test_an_open_channel_costs_log_10_more_for_a_tenth_of_the_noise():
    nats = [float(with_sigma(sigma).resting_information[0]) for sigma in (1e-2, 1e-3, 1e-4)]
    np.testing.assert_allclose(np.diff(nats), np.log(10.0), rtol=1e-4)


def test_the_divergence_is_smallest_at_sigma_1():
    slope = jax.grad(lambda sigma: with_sigma(sigma).resting_information.sum())
    assert float(slope(1.0)) == pytest.approx(0.0, abs=1e-5)
    assert float(slope(0.9)) == pytest.approx(0.9 - 1 / 0.9, rel=1e-4)
    assert float(slope(1.1)) == pytest.approx(1.1 - 1 / 1.1, rel=1e-4)
    assert float(with_sigma(1.0).resting_information[0]) == pytest.approx(0.0, abs=1e-6)


def test_a_channel_without_spread_has_finite_information_and_gradient():
    nats, slope = jax.value_and_grad(lambda s: cl.Bottleneck(None, s).information(jnp.ones(1)).sum())(
        jnp.zeros(1)
    )
    assert float(nats) == pytest.approx(divergence(1.0, 1e-5), rel=1e-4)
    assert np.isfinite(slope).all()


def test_output_has_the_mean_and_spread_that_the_information_is_for():
    bottleneck = cl.Bottleneck(jnp.asarray(MULTIPLIER), jnp.asarray(SPREAD))
    eps = jax.random.normal(jax.random.key(0), (20_000, 4))
    sigma = np.abs(SPREAD) + 1e-5
    for noise in (1.0, 0.25):
        passed = np.asarray(jax.vmap(lambda e, s=noise: bottleneck(jnp.asarray(X), e, s))(eps))
        error = 5 * noise * sigma / np.sqrt(len(eps))
        assert (np.abs(passed.mean(0) - MULTIPLIER * X) < error).all()
        np.testing.assert_allclose(passed.std(0), noise * sigma, rtol=0.03)
        correlations = np.corrcoef(passed.T) - np.eye(4)
        assert np.abs(correlations).max() < 0.04


def test_without_draws_or_noise_only_the_multiplier_acts():
    bottleneck = cl.Bottleneck(jnp.asarray(MULTIPLIER), jnp.asarray(SPREAD))
    np.testing.assert_allclose(bottleneck(jnp.asarray(X)), MULTIPLIER * X)
    np.testing.assert_allclose(bottleneck(jnp.asarray(X), 9.0 * jnp.ones(4), 0.0), MULTIPLIER * X)
    plain = cl.Bottleneck(None, jnp.asarray(SPREAD))
    np.testing.assert_array_equal(plain(jnp.asarray(X)), X)
    np.testing.assert_array_equal(plain.gain, np.ones(4))


def test_bottlenecks_start_open_and_each_on_its_own():
    many, other = cl.Bottleneck.several([(40, 10), (400,)], multiplier=(True, False), key=jax.random.key(4))
    assert other.multiplier is None
    np.testing.assert_array_equal(many.gain, np.ones((40, 10)))
    spreads = np.concatenate([np.asarray(many.spread).ravel(), np.asarray(other.spread)])
    assert len(np.unique(spreads)) > 790
    assert spreads.min() >= 0.0
    assert spreads.max() <= LARGEST_START_SIGMA
    assert spreads.mean() == pytest.approx(LARGEST_START_SIGMA / 2, rel=0.08)


def test_stacked_bottlenecks_pass_what_they_pass_apart():
    first = cl.Bottleneck(None, jnp.asarray(SPREAD[:2]))
    second = cl.Bottleneck(jnp.asarray(MULTIPLIER[2:]), jnp.asarray(SPREAD[2:]))
    both, x = cl.Bottleneck.stacked([first, second]), jnp.asarray(X)
    assert both.shape == (4,)
    np.testing.assert_allclose(both(x), np.concatenate([first(x[:2]), second(x[2:])]))
    apart = np.concatenate([first.information(x[:2]), second.information(x[2:])])
    np.testing.assert_allclose(both.information(x), apart, rtol=1e-6)


def test_nats_of_a_group_are_the_sum_over_its_channels():
    rng = np.random.default_rng(0)
    gain, spread = rng.normal(size=(2, 3)), rng.uniform(0.1, 1.0, (2, 3))
    channels = cl.Bottleneck(jnp.asarray(gain, jnp.float32), jnp.asarray(spread, jnp.float32))
    values = rng.normal(size=(4, 2, 5)).astype(np.float32)  # (time, source, session)
    expected = divergence(gain[None, :, :, None] * values[:, :, None], spread[None, :, :, None] + 1e-5)
    nats = group_information({"update_input": channels}, {"update_input": jnp.asarray(values)}, 0.3)
    np.testing.assert_allclose(nats["update_input"], expected.sum((1, 2)).T, rtol=1e-4)
    silent = group_information({"update_input": channels}, {"update_input": jnp.asarray(values)}, 0.0)
    np.testing.assert_array_equal(silent["update_input"], np.zeros((5, 4)))


def test_reading_all_trials_at_once_is_reading_each():
    rng = np.random.default_rng(1)
    context, values, eps = (jnp.asarray(rng.normal(size=(3, n, 2)), jnp.float32) for n in (1, 3, 4))
    sources = joined(context, values)
    np.testing.assert_array_equal(sources[:, 0], context[:, 0])
    np.testing.assert_array_equal(joined(None, values), values)
    bottleneck = cl.Bottleneck(jnp.asarray(MULTIPLIER), jnp.asarray(SPREAD))
    network = cl.ResidualMLP(4, 2, 3, 1, key=jax.random.key(0))
    seen = through(bottleneck, sources, eps, 0.5)
    outputs = read_columns(network, bottleneck, sources, eps, 0.5)
    for trial, session in [(0, 0), (2, 0), (1, 1)]:
        passed = bottleneck(sources[trial, :, session], eps[trial, :, session], 0.5)
        np.testing.assert_allclose(seen[trial, :, session], passed, rtol=1e-6)
        np.testing.assert_allclose(outputs[session, trial], network(passed), rtol=1e-5, atol=1e-6)
