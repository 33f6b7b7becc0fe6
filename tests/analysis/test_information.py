"""Channels tell what information theory says they tell, and latents count by what varies."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr
from scipy.stats import norm

import cogrnn_lab as cl
from cogrnn_lab.analysis.reading.information import Spread, bits_of_values

COIN = ([0.0, 1.0], [0.5, 0.5])
BIASED = ([0.0, 1.0, 3.0], [7, 2, 1])
ENTROPY = -sum(p * np.log2(p) for p in (0.7, 0.2, 0.1))


@pytest.mark.parametrize(("spread", "entropy"), [(COIN, 1.0), (BIASED, ENTROPY)])
def test_without_noise_a_channel_tells_the_entropy_of_its_input(spread, entropy):
    assert cl.mutual_information(spread[0], 1e-5, weights=spread[1]) == pytest.approx(entropy, abs=1e-9)
    assert cl.mutual_information(spread[0], 0.02, weights=spread[1]) == pytest.approx(entropy, abs=1e-9)


def test_a_binary_input_never_tells_more_than_a_bit_and_less_with_more_noise():
    bits = [
        cl.mutual_information(COIN[0], sigma, weights=COIN[1]) for sigma in (1e-5, 0.1, 0.3, 1.0, 3.0, 100.0)
    ]
    assert bits == sorted(bits, reverse=True)
    assert bits[0] <= 1.0 + 1e-9
    assert bits[-1] < 1e-4


@pytest.mark.parametrize("sigma", [0.2, 0.5, 1.0])
def test_a_coin_in_noise_agrees_with_adaptive_integration(sigma):
    def density(z):
        return 0.5 * norm.pdf(z, 0, sigma) + 0.5 * norm.pdf(z, 1, sigma)

    def surprise(z):
        return -density(z) * np.log2(density(z))

    entropy = quad(surprise, -8 * sigma, 1 + 8 * sigma, limit=200)[0]
    expected = entropy - 0.5 * np.log2(2 * np.pi * np.e * sigma**2)
    assert cl.mutual_information(COIN[0], sigma, weights=COIN[1]) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("sigma", [1e-4, 0.01, 0.1, 0.5, 1.0, 5.0])
@pytest.mark.parametrize("gain", [1.0, -0.3])
def test_a_gaussian_input_has_the_closed_form(sigma, gain):
    samples = norm.ppf((np.arange(100_000) + 0.5) / 100_000) + 7.0
    expected = 0.5 * np.log2(1 + (gain / sigma) ** 2)
    assert cl.mutual_information(samples, sigma, gain) == pytest.approx(expected, abs=0.02)


def test_an_even_input_far_finer_than_its_bins_has_its_own_entropy():
    samples = (np.arange(50_000) + 0.5) / 50_000
    expected = -0.5 * np.log2(2 * np.pi * np.e * 1e-6**2)
    assert cl.mutual_information(samples, 1e-6) == pytest.approx(expected, abs=0.01)


def test_a_constant_tells_nothing_and_noise_has_a_width():
    assert cl.mutual_information(np.full(500, 1.7), 1e-5) == 0.0
    assert cl.mutual_information(COIN[0], 0.5, gain=0.0, weights=COIN[1]) == 0.0
    with pytest.raises(ValueError, match="expected one weight of at least 0 for each value"):
        cl.mutual_information([0.0, 1.0], 0.5, weights=[1.0])
    with pytest.raises(ValueError, match="sigma is 0"):
        cl.mutual_information(COIN[0], 0.0, weights=COIN[1])


@pytest.fixture(scope="module")
def behavior() -> cl.Dataset:
    return cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=12, n_trials=40)


def network(seed: int = 0) -> cl.DisRNN:
    return cl.DisRNN(2, 2, 3, update_width=3, update_depth=1, choice_depth=1, key=jax.random.key(seed))


def test_channels_of_binary_inputs_tell_at_most_a_bit_where_they_pay_for_more(behavior):
    model = network()
    bits = cl.channel_information(model, behavior)
    paid = cl.bottlenecks(model, behavior).groups
    assert {name: values.shape for name, values in bits.items()} == {
        "latent": (3,),
        "update_input": (2, 3),
        "update_latent": (3, 3),
        "choice_latent": (3,),
    }
    assert (bits["update_input"] <= 1.0 + 1e-9).all()
    assert (paid["update_input"].nats / np.log(2) > 2.0).all()
    choices = behavior.inputs[..., 0][behavior.valid]
    share = choices.mean()
    entropy = -(share * np.log2(share) + (1 - share) * np.log2(1 - share))
    np.testing.assert_allclose(bits["update_input"][0], entropy, atol=1e-3)


def test_information_is_never_above_its_price(behavior):
    """The Kullback-Leibler divergence is an upper bound of the mutual information."""
    for spread in (0.02, 0.3, 0.9):
        model = eqx.tree_at(lambda m: m.core.latent.spread, network(1), jnp.full(3, spread))
        bits = cl.channel_information(model, behavior)["latent"]
        nats = cl.bottlenecks(model, behavior).groups["latent"].nats[:, 0]
        assert (bits <= nats / np.log(2) + 0.02).all()


def test_an_open_channel_with_a_constant_does_not_count(behavior):
    model = network(2)
    still = eqx.tree_at(
        lambda m: (m.core.update_net.out_weight, m.core.update_net.out_bias),
        model,
        (
            model.core.update_net.out_weight.at[1].set(0.0),
            model.core.update_net.out_bias.at[1].set(jnp.array([-40.0, 0.5])),
        ),
    )
    before, after = (cl.latent_contributions(m, behavior) for m in (model, still))
    assert before.counted.tolist() == [True, True, True]
    assert after.counted.tolist() == [True, False, True]
    assert after.openness[1] > 0.9
    assert after.share[1] < 1e-3
    np.testing.assert_allclose(after.bits, cl.channel_information(still, behavior)["latent"], atol=1e-9)


def test_contributions_are_log_odds(behavior):
    """Of a network whose logits are linear in its latents, contributions add up to the logits."""
    model = cl.GRU(2, 2, 4, key=jax.random.key(0))
    along = cl.latents(model, behavior)
    found = cl.latent_contributions(model, behavior)
    assert found.r2 == pytest.approx(1.0, abs=1e-6)
    logits = along.outputs - along.outputs.mean(-1, keepdims=True)
    varying = logits[behavior.valid] - logits[behavior.valid].mean(0)
    np.testing.assert_allclose(found.log_odds.sum(2)[behavior.valid], varying, atol=1e-5)
    assert np.isinf(found.bits).all()


@pytest.mark.parametrize("n_sets", [1, 3])
@pytest.mark.parametrize("width", [0.3, 1.0, 12.0])
def test_even_bins_tell_what_the_integral_at_every_value_does(width, n_sets):
    """The plain way: a row of densities for each bin, on a grid of its own."""
    rng = np.random.default_rng(0)
    values = width * np.sort(rng.choice(40, 25, replace=False))
    shares = rng.dirichlet(np.ones(25), n_sets).T
    step = min(width, 1.0) / 64
    z = np.arange(values[0] - width - 9, values[-1] + width + 9, step)[:, None]
    kernel = (ndtr(z - values + width / 2) - ndtr(z - values - width / 2)) / width
    p = kernel @ shares
    surprise = -np.log2(np.where(p > 0, p, 1.0))
    expected = step * (kernel.T @ surprise) - 0.5 * np.log2(2 * np.pi * np.e)
    found = bits_of_values(Spread(values, shares[:, 0], width), 1.0, 1.0, shares)
    np.testing.assert_allclose(found, expected, rtol=5e-4, atol=1e-3)
