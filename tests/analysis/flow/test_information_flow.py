"""What flows through channels: entropies where they are known, sums that add up, and parameters counted."""

import jax
import numpy as np
import pytest
from hand_networks import made, values, with_parts

import cogrnn_lab as cl


@pytest.fixture(scope="module")
def behavior() -> cl.Dataset:
    return cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=10, n_trials=40)


@pytest.fixture(scope="module")
def network() -> cl.DisRNN:
    return made(*values())


def entropy(shares: np.ndarray) -> float:
    return float(-(shares * np.log2(shares)).sum())


def test_a_binary_input_without_noise_tells_its_entropy(behavior, network):
    open_ = with_parts(network, {"update_input.spread": np.full((2, 2), 1e-4)})
    flow = cl.information_flow(open_, behavior)
    for i in (0, 1):
        share = behavior.inputs[..., i][behavior.valid].mean()
        expected = entropy(np.array([share, 1 - share]))
        np.testing.assert_allclose(flow.groups["update_input"].bits[i], expected, atol=1e-6)
    assert (flow.groups["update_input"].nats > 1.0).all()


def test_a_closed_channel_and_a_constant_tell_nothing(behavior, network):
    flow = cl.information_flow(network, behavior)
    np.testing.assert_array_equal(flow.groups["update_latent"].bits, 0.0)
    still = with_parts(
        network,
        {"update_net.out_weight": np.zeros((2, 2, network.update_width)), "start": np.full(2, 0.7),
         "update_net.out_bias": np.array([[-40.0, 0.0], [-40.0, 0.0]])},
    )  # fmt: skip
    flow = cl.information_flow(still, behavior)
    np.testing.assert_allclose(flow.latent_bits, 0.0, atol=1e-9)
    np.testing.assert_allclose(flow.groups["choice_latent"].bits, 0.0, atol=1e-9)
    assert flow.groups["latent"].nats.min() > 1.0  # though a constant is paid for
    assert flow.n_effective == 2  # the two logits of a constant


def test_bits_by_condition_and_subject_add_up(behavior, network):
    flow = cl.information_flow(network, behavior)
    assert flow.conditions == ("nothing before", *(f"{c}, {r}rewarded" for c in "01" for r in ("not ", "")))
    for group in flow.groups.values():
        for shares, among, within in (
            (flow.condition_share, group.by_condition, group.within_condition),
            (flow.subject_share, group.by_subject, group.within_subject),
        ):
            np.testing.assert_allclose(np.einsum("c,cij->ij", shares, among), group.bits, atol=1e-9)
            told_of_condition = group.bits - np.einsum("c,cij->ij", shares, within)
            assert (told_of_condition > -1e-6).all()
            assert (told_of_condition <= entropy(shares[shares > 0]) + 1e-6).all()
    given = flow.groups["update_input"]
    np.testing.assert_allclose(given.within_condition, 0.0, atol=1e-9)  # the condition says it all
    np.testing.assert_allclose(given.bits, cl.channel_information(network, behavior)["update_input"])
    wins = flow.conditions.index("1, rewarded")
    rarer = behavior.inputs[..., 1][behavior.valid].mean() < 0.5
    losses = flow.conditions.index("1, not rewarded")
    assert (given.by_condition[wins, 1] > given.by_condition[losses, 1]).all() == rarer


def test_conditions_of_ones_own(behavior, network):
    half = np.arange(behavior.n_trials) < behavior.n_trials // 2
    labels = np.broadcast_to(np.where(half, "early", "late"), behavior.valid.shape)
    flow = cl.information_flow(network, behavior, labels)
    assert flow.conditions == ("early", "late")
    np.testing.assert_allclose(flow.condition_share, 0.5)
    with pytest.raises(ValueError, match=r"conditions have shape \(10,\), expected a label for each of"):
        cl.information_flow(network, behavior, np.zeros(10))
    with pytest.raises(ValueError, match="400 different labels, expected at most 64"):
        cl.information_flow(network, behavior, np.arange(400.0).reshape(10, 40))


def test_subjects_whose_numbers_differ_are_told_by_the_embedding():
    data = cl.Dataset(
        np.zeros((4, 30, 2)), np.random.default_rng(0).integers(0, 2, (4, 30, 1)), n_classes=2,
        subject=np.array([0, 0, 1, 1]),
    )  # fmt: skip
    model = cl.MultisubjectDisRNN(
        2, 2, 2, n_subjects=2, embedding_size=1, update_depth=1, choice_depth=1, key=jax.random.key(0)
    )
    flow = cl.information_flow(model, data)
    np.testing.assert_allclose(flow.groups["subject"].bits, 1.0, atol=1e-6)  # which of two
    np.testing.assert_allclose(flow.groups["subject"].within_subject, 0.0, atol=1e-9)
    assert flow.subjects == ("0", "1")


def test_parameters_of_the_trimmed_network(behavior, network):
    """Each of two latents has an update network that reads two inputs, the choice network two latents."""
    flow = cl.information_flow(network, behavior)
    width = network.update_width
    update = width * (2 + 1) + width * (width + 1) + 2 * (width + 1) + 1  # in, one residual layer, out, start
    choice = 2 * (2 + 1) + 2 * (2 + 1)
    assert flow.n_effective == 2 * update + choice
    score = cl.evaluate(network, behavior)
    assert flow.likelihood == pytest.approx(score.normalized_likelihood, abs=1e-6)
    assert flow.trimmed_likelihood == pytest.approx(flow.likelihood, abs=1e-6)
    expected = flow.n_effective * np.log(score.n_targets) + 2 * score.n_targets * score.nll
    assert flow.bic == pytest.approx(expected, rel=1e-5)
    assert flow.open_channels["update_input"] == pytest.approx(4 * 0.98, abs=1e-3)
    assert list(flow.table) == ["group", "source", "reader", "openness", "bits", "price_nats"]


def test_networks_without_bottlenecks_are_refused_in_words(behavior):
    model = cl.GRU(2, 2, 3, key=jax.random.key(0))
    for analysis in (cl.information_flow, cl.pruning_curve, cl.wiring):
        with pytest.raises(ValueError, match="a GRU has no bottlenecks: no noise limits what its units"):
            analysis(model, behavior)


@pytest.mark.parametrize("order", ["openness", "bits"])
def test_the_pruning_curve_ends_at_the_whole_network_and_at_one_choice_for_all(behavior, network, order):
    train, reported = behavior.split()
    curve = cl.pruning_curve(network, train, reported, order=order)
    assert len(curve.closed) == len(curve.likelihood) - 1 == 12
    assert (np.diff(curve.value) >= 0).all()
    whole = cl.evaluate(network, reported).normalized_likelihood
    assert curve.likelihood[0] == pytest.approx(whole, abs=1e-6)
    states = cl.latents(network, train).states[train.valid].mean(0)
    log_odds = float(states @ np.array([-3.0, 3.0]))
    p = 1 / (1 + np.exp(-log_odds))
    ones = reported.targets[..., 0][reported.mask[..., 0]].mean()
    constant = np.exp(ones * np.log(p) + (1 - ones) * np.log(1 - p))
    assert curve.likelihood[-1] == pytest.approx(constant, abs=1e-4)
    assert curve.n_parameters[-1] == 2
    # the four closed channels are closed first, at no cost; then it costs
    np.testing.assert_allclose(curve.likelihood[:5], whole, atol=1e-6)
    assert curve.n_spare >= 4
    assert (curve.interval[:, 0] <= curve.likelihood).all()
    assert (curve.likelihood <= curve.interval[:, 1]).all()
    assert curve.chance == 0.5


def test_the_whole_order_is_one_compiled_call(behavior, network):
    from cogrnn_lab.analysis.flow.pruning import _nll_of_steps

    cl.pruning_curve(network, behavior)
    n_compiled = _nll_of_steps._cached._cache_size()
    other = with_parts(network, {"latent.spread": np.full(2, 0.3)})
    cl.pruning_curve(other, behavior, order="bits")
    assert _nll_of_steps._cached._cache_size() == n_compiled


def test_the_curve_says_what_it_takes(behavior, network):
    with pytest.raises(ValueError, match="order is 'size'; expected one of 'openness', 'bits'"):
        cl.pruning_curve(network, behavior, order="size")
    one = cl.pruning_curve(network, behavior, behavior.select([0]))
    assert np.isnan(one.interval).all()  # a single session has nothing to draw anew
