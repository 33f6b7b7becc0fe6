"""Rules over what the data visit: observations in words, densities, latents that count, names of latents."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from known_systems import MATRIX, OFFSETS, linear_system, two_choices

import cogrnn_lab as cl
from cogrnn_lab import plots


def network(n_latents=3, closed=()) -> cl.DisRNN:
    """A network of which these latents are closed."""
    model = cl.DisRNN(2, 2, n_latents, key=jax.random.key(0))
    spread = model.latent.spread.at[jnp.array(closed, int)].set(8.0) if closed else model.latent.spread
    return eqx.tree_at(lambda m: m.latent.spread, model, spread)


def test_rules_on_data_are_told_in_words_over_what_the_data_visit():
    data = two_choices()
    model = linear_system()
    rules = cl.update_rules(model, dataset=data, n_points=30)
    states = cl.latents(model, data).states[:, :-1]
    rule = rules[1]
    assert rule.observation_labels == (
        "left, unrewarded", "left, rewarded", "right, unrewarded", "right, rewarded"
    )  # fmt: skip
    assert rule.values[0] < states[..., 1].min() < states[..., 1].max() < rule.values[-1]
    held = states[..., 0].mean()
    expected = (MATRIX[1, 1] - 1) * rule.values + MATRIX[1, 0] * held + OFFSETS[2, 1]
    np.testing.assert_allclose(rule.base[2], expected, atol=1e-5)
    assert rule.conditioning == (0,)
    np.testing.assert_allclose(
        rule.conditioning_values, [np.quantile(states[..., 0], [0.05, 0.25, 0.5, 0.75, 0.95])], atol=1e-6
    )
    at = rule.conditioning_values[0, 4]
    expected = (MATRIX[1, 1] - 1) * rule.values + MATRIX[1, 0] * at + OFFSETS[2, 1]
    np.testing.assert_allclose(rule.delta[0, 4, 2], expected, atol=1e-5)


def test_the_density_is_the_share_of_the_trials_with_that_value_and_observation():
    data, model = two_choices(), linear_system()
    rule = cl.update_rules(model, ["latent 2"], data, n_points=9)[1]
    assert rule.density.shape == rule.base.shape
    assert rule.density.sum() == pytest.approx(1.0)
    before = cl.latents(model, data).states[:, :-1, 1]
    is_left_rewarded = (data.inputs[:, 1:] == [0.0, 1.0]).all(-1)
    half = 0.5 * (rule.values[1] - rule.values[0])
    near = np.abs(before - rule.values[4]) < half
    assert rule.density[1, 4] == pytest.approx((is_left_rewarded & near).mean(), abs=1e-3)


def test_only_latents_that_tell_something_are_shown_unless_asked_for():
    data, model = two_choices(3, 30), network(closed=(1,))
    assert list(cl.update_rules(model, n_points=3)) == [0, 2]
    assert list(cl.update_rules(model, [1], n_points=3)) == [1]
    on_data = cl.update_rules(model, dataset=data, n_points=3)
    counted = cl.latent_contributions(model, data).counted
    assert list(on_data) == np.flatnonzero(counted).tolist()
    assert 1 not in on_data
    assert all(1 not in rule.conditioning for rule in on_data.values())
    assert cl.choice_rule(model, n_points=3).shown == (0, 2)
    assert list(cl.update_rules(network(closed=(0, 1, 2)), n_points=3)) == [0]


def test_latents_and_pairs_are_found_by_name():
    model = network()
    named = cl.update_rules(model, ["latent 3"], n_points=4)
    np.testing.assert_array_equal(named[2].base, cl.update_rules(model, [2], n_points=4)[2].base)
    assert cl.choice_rule(model, ("latent 3", "latent 1"), n_points=4).pair == (2, 0)
    with pytest.raises(ValueError, match="no 'latent 4'; the latents are latent 1 to latent 3"):
        cl.update_rules(model, ["latent 4"])


def test_a_subject_is_found_by_name():
    model = cl.MultisubjectDisRNN(2, 2, 2, n_subjects=2, key=0).with_subject_names(["ann", "bob"])
    by_name = cl.update_rules(model, [0], subject="bob", n_points=4)[0].base
    np.testing.assert_array_equal(by_name, cl.update_rules(model, [0], subject=1, n_points=4)[0].base)
    with pytest.raises(ValueError, match='"eve" is unknown'):
        cl.choice_rule(model, subject="eve")
    with pytest.raises(ValueError, match="DisRNN knows no subjects"):
        cl.update_rules(network(), subject="bob")


def test_three_arms_are_told_by_the_arm_that_was_chosen():
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(n_arms=3), n_sessions=4, n_trials=60)
    rule = cl.update_rules(cl.GRU(4, 3, 2, key=0), [0], data, n_points=4)[0]
    assert {"choice 0, rewarded", "choice 2, unrewarded"} <= set(rule.observation_labels)


def test_a_choice_rule_on_data_knows_where_the_data_are():
    data, model = two_choices(), linear_system(out=[[0.0, 0.0], [1.0, 2.0]])
    rule = cl.choice_rule(model, (0, 1), data, n_points=12)
    held = cl.latents(model, data).states.mean((0, 1))
    np.testing.assert_allclose(rule.logits[0, 0], rule.values + 2 * held[1], atol=1e-4)
    np.testing.assert_allclose(rule.density.sum(1), 1.0, atol=1e-6)
    assert rule.pair_density.sum() == pytest.approx(1.0, abs=1e-6)
    assert rule.choice_names == ("left", "right")


def test_a_signal_rule_on_data_spans_what_the_data_visit():
    draw = np.random.default_rng(0)
    behaved = two_choices(3, 40)
    targets = np.concatenate([behaved.targets, draw.normal(size=(3, 40, 1))], -1)
    data = cl.Dataset(
        behaved.inputs, targets, kind="mixed", input_names=behaved.input_names, class_names=["left", "right"]
    )
    net = cl.NeuroDisRNN(2, 2, 3, n_signals=1, key=0)
    rule = cl.signal_rule(net, data, n_points=8)
    states = cl.latents(net, data).states
    assert rule.values[0] < states.min() < states.max() < rule.values[-1]
    assert rule.observation_labels[3] == "right, rewarded"
    np.testing.assert_allclose(rule.density.sum(1), 1.0, atol=1e-6)


def test_figures_show_how_often_each_value_occurs():
    data, model = two_choices(), linear_system(out=[[0.0, 0.0], [1.0, 2.0]])
    with_data = plots.plot_update_rules(cl.update_rules(model, dataset=data))
    assert all(len(axes.collections) == 1 for axes in with_data.axes)
    without = plots.plot_update_rules(cl.update_rules(model))
    assert all(not axes.collections for axes in without.axes)
    lines = plots.plot_choice_rule(cl.choice_rule(model, dataset=data)).axes[0]
    assert len(lines.collections) == 2
