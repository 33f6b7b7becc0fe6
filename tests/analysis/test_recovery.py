"""Known parameters are found again from simulated choices."""

import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl

RANGES = {"learning_rate": (0.1, 0.8), "inverse_temperature": (1.0, 5)}


@pytest.fixture(scope="module")
def recovery() -> cl.Recovery:
    return cl.parameter_recovery(
        cl.QLearning, cl.DriftingBandit(), n_subjects=24, n_trials=300, ranges=RANGES, n_starts=4, seed=3
    )


def test_q_learning_is_recovered(recovery):
    assert recovery.parameter_names == ("learning_rate", "inverse_temperature")
    assert recovery.true.shape == recovery.fitted.shape == (24, 2)
    low, high = np.array([0.1, 1.0]), np.array([0.8, 5.0])
    assert ((recovery.true >= low) & (recovery.true <= high)).all()
    assert np.ptp(recovery.true, axis=0) == pytest.approx(high - low, rel=0.2)
    assert (recovery.correlation > 0.8).all()
    assert (np.abs(recovery.bias) < 0.1 * (high - low)).all()
    assert (recovery.coverage > 0.8).all()


def test_figures_of_a_recovery(recovery):
    expected = [np.corrcoef(recovery.true[:, i], recovery.fitted[:, i])[0, 1] for i in range(2)]
    np.testing.assert_allclose(recovery.correlation, expected)
    np.testing.assert_allclose(recovery.summary.correlation, expected)
    np.testing.assert_allclose(recovery.summary.bias, (recovery.fitted - recovery.true).mean(0))
    table = recovery.table
    assert len(table) == 48
    second = table[(table.subject == "1") & (table.parameter == "inverse_temperature")].iloc[0]
    assert second.true == recovery.true[1, 1]
    assert second.fitted == recovery.fitted[1, 1]


def test_the_same_seed_gives_the_same_recovery(recovery):
    again = cl.parameter_recovery(
        cl.QLearning, cl.DriftingBandit(), n_subjects=24, n_trials=300, ranges=RANGES, n_starts=4, seed=3
    )
    np.testing.assert_array_equal(again.fitted, recovery.fitted)
    np.testing.assert_array_equal(again.true, recovery.true)


def test_fixed_parameters_are_those_of_the_agent_in_every_subject():
    agent = cl.SideBias(cl.QLearning(0.9, 2.0), bias=2.0)
    found = cl.parameter_recovery(
        agent, cl.DriftingBandit(), n_subjects=3, n_trials=200, fixed=("learning_rate", "bias"), n_starts=2
    )
    assert found.parameter_names == ("inverse_temperature",)
    assert found.fit.agent("1").bias == pytest.approx(2.0)
    assert found.fit.agent("1").agent.learning_rate == pytest.approx(0.9)


class Leaning(cl.Agent):
    lean: float = 0.5

    def initial_state(self, n_arms):
        return jnp.zeros(n_arms)

    def logits(self, state):
        return state.at[1].add(self.lean)

    def update(self, state, choice, reward):
        return state


@pytest.mark.parametrize(
    ("agent", "options", "sentence"),
    [
        (Leaning, {}, r"nothing is known of typical values of lean; give ranges=\{\"lean\": \(low, high\)\}"),
        (cl.QLearning, {"ranges": {"beta": (1, 2)}}, 'QLearning has no parameter "beta"'),
        (cl.QLearning, {"ranges": {"learning_rate": (0.5, 0.2)}}, r"learning_rate is \(0.5, 0.2\); expected"),
        (cl.QLearning, {"ranges": {"learning_rate": (0.5, 2.0)}}, "both from 0 to 1"),
        (cl.QLearning, {"n_subjects": 1}, "n_subjects = 1; expected 2 or more"),
    ],
)
def test_impossible_recoveries_are_refused(agent, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        cl.parameter_recovery(agent, cl.DriftingBandit(), n_trials=10, **options)


@pytest.mark.slow
def test_a_hundred_subjects_of_five_hundred_trials():
    ranges = {"learning_rate": (0.1, 0.9), "inverse_temperature": (1.0, 6.0)}
    found = cl.parameter_recovery(
        cl.QLearning, cl.DriftingBandit(), n_subjects=100, n_trials=500, ranges=ranges, seed=1
    )
    assert (found.correlation >= 0.9).all()
    assert found.fit.converged.all()
    assert (found.coverage > 0.9).all()


@pytest.mark.slow
def test_forgetting_perseveration_and_bias_are_recovered_together():
    found = cl.parameter_recovery(
        cl.perseverative_q_learning, cl.DriftingBandit(), n_subjects=60, n_sessions=5, n_trials=500
    )
    summary = found.summary.set_index("parameter")
    for name in ("learning_rate", "inverse_temperature", "forget_rate", "bias"):
        assert summary.correlation[name] > 0.9, name
    assert (summary.coverage.drop("choice_rate") > 0.8).all()
    # a trace that hardly weighs says nothing of its rate
    rate, weight = (found.parameter_names.index(name) for name in ("choice_rate", "choice_weight"))
    weighs = np.abs(found.true[:, weight]) > 0.5
    among = cl.Recovery(
        found.parameter_names,
        found.true[weighs],
        found.fitted[weighs],
        found.standard_errors[weighs],
        found.fit,
    )
    assert among.correlation[rate] > 0.9
    assert among.coverage[rate] > 0.8
