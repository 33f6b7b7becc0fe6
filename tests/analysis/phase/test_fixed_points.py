"""Fixed points of systems that are known: where they are, how stable, how slow, and lines of them."""

from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from known_systems import MATRIX, OFFSETS, flip_flop, linear_system, two_choices

import cogrnn_lab as cl


def test_a_linear_system_has_one_fixed_point_for_each_observation():
    found = cl.fixed_points(linear_system(), two_choices(), n_starts=16)
    assert found.observation_labels == (
        "left, unrewarded", "left, rewarded", "right, unrewarded", "right, rewarded"
    )  # fmt: skip
    assert found.observation.tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(found.states, np.linalg.solve(np.eye(2) - MATRIX, OFFSETS.T).T, atol=1e-4)
    expected = np.sort(np.linalg.eigvals(MATRIX))[::-1]
    np.testing.assert_allclose(found.eigenvalues, np.tile(expected, (4, 1)), atol=1e-3)
    np.testing.assert_allclose(
        found.time_constants, np.tile(-1 / np.log(np.abs(expected)), (4, 1)), rtol=5e-3
    )
    assert found.time_unit == "trials"
    assert set(found.stability) == {"stable"}
    assert found.is_fixed.all()
    assert (found.line == -1).all()
    assert found.n_starts.sum() == 4 * 16


def test_a_flip_flop_has_two_stable_points_and_a_saddle_between():
    model, data = flip_flop()
    found = cl.fixed_points(model, data, [0.0])
    assert found.observation_labels == ("pulse 0",)
    order = np.argsort(found.states[:, 0])
    root = 0.9575040  # tanh(2 h) = h
    np.testing.assert_allclose(found.states[order], [[-root, 0], [0, 0], [root, 0]], atol=1e-3)
    assert [found.stability[i] for i in order] == ["stable", "saddle", "stable"]
    np.testing.assert_allclose(found.eigenvalues[order[1]], [2.0, 0.5], atol=1e-3)
    assert found.time_constants[order[1], 0] == pytest.approx(-1 / np.log(2.0), rel=1e-3)
    assert not found.is_outside[order[[0, 2]]].any()
    assert "2 stable points" in found.sentences[0]
    assert "1 saddle point" in found.sentences[0]


def test_fixed_points_that_are_outside_beside_slow_ones_within_are_told_as_both():
    """It said "only fixed points and no fixed ones"."""
    found = cl.fixed_points(*flip_flop(), [0.0])
    within = np.array([True, False, False])
    mixed = replace(found, is_fixed=within, is_outside=within)
    assert mixed.sentences == ("pulse 0: slow points, and fixed points only outside of what the data visit",)
    away = replace(found, is_fixed=within, is_outside=~within | within)
    assert away.sentences == ("pulse 0: fixed points only outside of what the data visit",)


def test_q_learning_has_a_line_of_fixed_points_along_the_value_of_what_was_not_chosen():
    data = two_choices()
    found = cl.fixed_points(cl.QLearning(learning_rate=0.3), data, n_starts=32)
    for label, chosen, reward in [("left, rewarded", 0, 1.0), ("right, unrewarded", 1, 0.0)]:
        own = found.of(label)
        np.testing.assert_allclose(found.states[own, chosen], reward, atol=1e-3)
        assert np.ptp(found.states[own, 1 - chosen]) > 0.5
        np.testing.assert_allclose(found.eigenvalues[own], np.tile([1.0, 0.7], (len(own), 1)), atol=1e-4)
        assert {found.stability[i] for i in own} == {"marginal"}
        assert set(found.line[own]) == {0}
        assert (found.line_length[own] > 0.5).all()
        sentence = found.sentences[found.observation_labels.index(label)]
        assert "a line of fixed points" in sentence


def test_a_forgetting_q_learner_goes_to_the_reward_and_to_0():
    found = cl.fixed_points(cl.QLearning(0.3, 3.0, forget_rate=0.1), two_choices(), "right, rewarded")
    np.testing.assert_allclose(found.states, [[0.0, 1.0]], atol=1e-4)
    np.testing.assert_allclose(found.eigenvalues, [[0.9, 0.7]], atol=1e-4)
    np.testing.assert_allclose(found.output, [[0.0, 3.0]], atol=1e-3)


def test_points_that_the_data_never_come_near_are_said_to_be_outside():
    slow = linear_system(np.diag([0.5, 0.995]), np.tile([0.0, 0.05], (4, 1)))
    data = two_choices(n_trials=10)
    moved = eqx.tree_at(lambda m: m.start, slow, jnp.array([1.0, 0.0]))
    found = cl.fixed_points(moved, data, n_starts=8)
    np.testing.assert_allclose(found.states[:, 1], 10.0, rtol=0.02)
    assert found.is_outside.all()
    assert set(found.stability) == {"marginal"}
    assert "outside of what the data visit" in found.sentences[0]


def test_a_place_where_the_state_only_creeps_is_a_slow_point():
    """h <- h + 0.3 (h^2 + 0.02) near 0 has no fixed point, but is slowest at 0: a ghost."""

    class Ghost(cl.Network):
        n_inputs: int = eqx.field(static=True, default=2)
        n_outputs: int = eqx.field(static=True, default=2)

        def initial_state(self, subject=None):
            return jnp.array([-1.0])

        def next_state(self, state, inputs, *, subject=None, key=None, noise=1.0):
            moved = state + 0.3 * (state**2 + 0.02)
            return jnp.where(moved > 1.0, -1.0, moved)

        def readout(self, state, *, subject=None):
            return jnp.concatenate([state, -state])

    found = cl.fixed_points(Ghost(), two_choices(), [0.0, 0.0], slow=0.05)
    assert found.is_fixed.tolist() == [False]
    assert found.states[0, 0] == pytest.approx(0.0, abs=0.02)
    assert found.speed[0] * found.spread == pytest.approx(0.006, rel=0.05)
    assert "no fixed ones" in found.sentences[0]


def test_time_constants_are_in_seconds_where_steps_have_a_length():
    model = cl.ConstrainedRNN(
        1, 1, 2, dt=10.0, tau=100.0, w_rec=np.zeros((2, 2)), start=np.array([1.0, 0.5]), key=0
    )
    data = cl.Dataset(np.zeros((2, 40, 1)), np.zeros((2, 40, 1)), kind="continuous", time_step=0.01)
    found = cl.fixed_points(model, data, n_starts=8)
    assert found.time_unit == "seconds"
    np.testing.assert_allclose(found.time_constants, -0.01 / np.log(0.9), rtol=1e-3)


@pytest.mark.parametrize("kind", ["DisRNN", "GRU", "LSTM", "VanillaRNN", "ConstrainedRNN", "Multisubject"])
def test_points_of_every_cell_are_where_its_own_step_stays(kind):
    models = {
        "DisRNN": lambda: cl.DisRNN(2, 2, 3, key=0),
        "Multisubject": lambda: cl.MultisubjectDisRNN(2, 2, 3, n_subjects=2, key=0),
        "ConstrainedRNN": lambda: cl.ConstrainedRNN(2, 2, 6, key=0),
    }
    model = models.get(kind, lambda: getattr(cl, kind)(2, 2, 3, key=0))()
    whose = {"subject": 0} if kind == "Multisubject" else {}
    found = cl.fixed_points(model, two_choices(3, 40), n_starts=8, **whose)
    fixed = np.flatnonzero(found.is_fixed & ~found.is_outside)
    assert found.eigenvalues.shape == found.states.shape
    for i in fixed[:4]:
        state = jnp.asarray(found.states[i], jnp.float32)
        new, _, _ = model.step(state, jnp.asarray(found.observations[found.observation[i]]), **whose)
        np.testing.assert_allclose(new, state, atol=2e-3 * found.spread)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"observation": "left, stung"}, "no observation 'left, stung'; there are left, unrewarded"),
        ({"subject": "ann"}, "SwitchingLinearRNN knows no subjects"),
        ({"n_starts": 1}, "expected 2 or more"),
        ({"observations": np.zeros((1, 3))}, r"expected \(observation, 2\)"),
    ],
)
def test_wrong_arguments_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        cl.fixed_points(linear_system(), two_choices(2, 20), **wrong)
