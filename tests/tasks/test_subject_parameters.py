"""Agents with parameters for several subjects: the same choices as each would make alone."""

import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.random_numbers import keys_of, session_keys
from cogrnn_lab.tasks.agents.subject_parameters import subject_parameters

RATES = np.array([0.1, 0.5, 0.9], np.float32)


class Pair(cl.Agent):
    """An agent that has an agent as a part, and weights that are no parameter."""

    inside: cl.Agent
    scale: float = 1.0
    weights: np.ndarray = None

    def initial_state(self, n_arms):
        return self.inside.initial_state(n_arms)

    def logits(self, state):
        return self.scale * self.inside.logits(state) + self.weights

    def update(self, state, choice, reward):
        return self.inside.update(state, choice, reward)


@pytest.fixture(scope="module")
def data():
    return cl.simulate(cl.QLearning(jnp.asarray(RATES)), cl.DriftingBandit(), n_sessions=4, n_trials=30)


def test_one_data_set_of_all_subjects(data):
    assert data.subject_names == ("0", "1", "2")
    assert data.n_sessions == 12
    np.testing.assert_array_equal(data.subject, np.repeat([0, 1, 2], 4))
    assert data.session_names == ("1", "2", "3", "4") * 3
    np.testing.assert_array_equal(data.columns["learning_rate"], np.tile(np.repeat(RATES, 4)[:, None], 30))
    np.testing.assert_array_equal(data.subject_values("learning_rate"), RATES)
    assert "inverse_temperature" not in data.columns
    frame = data.to_dataframe()
    np.testing.assert_allclose(frame.groupby("subject").learning_rate.mean(), RATES)


def test_the_first_subject_is_who_it_would_be_alone(data):
    alone = cl.simulate(cl.QLearning(float(RATES[0])), cl.DriftingBandit(), n_sessions=4, n_trials=30)
    np.testing.assert_array_equal(data.targets[:4], alone.targets)
    np.testing.assert_array_equal(data.columns["p_choice"][:4], alone.columns["p_choice"])
    several = cl.simulate(cl.QLearning(RATES[:1]), cl.DriftingBandit(), n_sessions=4, n_trials=30)
    np.testing.assert_array_equal(several.targets, alone.targets)


def test_every_subject_chooses_by_its_own_parameters(data):
    """Each subject's probabilities are those of an agent of one subject that is led along its choices."""
    for subject, rate in enumerate(RATES):
        own = data.select(data.subject == subject)
        logits = cl.agent_logits(cl.QLearning(float(rate)), own)
        p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
        made = np.take_along_axis(p, own.columns["choice"][..., None], -1)[..., 0]
        np.testing.assert_allclose(made, own.columns["p_choice"], rtol=1e-5)
    together = cl.agent_logits(cl.QLearning(RATES), data)
    np.testing.assert_allclose(together[data.subject == 2], logits, rtol=1e-5)
    score = cl.evaluate(cl.QLearning(RATES), data)
    assert score.normalized_likelihood == pytest.approx(data.generating_likelihood, rel=1e-5)


def test_more_sessions_or_subjects_change_nothing(data):
    more = cl.simulate(cl.QLearning([*RATES.tolist(), 0.3]), cl.DriftingBandit(), n_sessions=6, n_trials=30)
    kept = np.isin(more.session_names, ["1", "2", "3", "4"]) & (more.subject < 3)
    np.testing.assert_array_equal(more.targets[kept], data.targets)
    assert (data.targets[:4] != data.targets[4:8]).mean() > 0.2
    np.testing.assert_array_equal(session_keys(3, 5, 2)[1], session_keys(3, 5, 2, 4)[1, :5])
    np.testing.assert_array_equal(
        session_keys(3, 5, 2, 4)[1, 10:15], keys_of(3, np.full(5, 2), np.arange(5), 1)
    )
    every = session_keys(0, 50, 3, 50).reshape(-1, 2)
    assert len(np.unique(every, axis=0)) == len(every)


def test_parts_of_an_agent_have_parameters_of_their_own():
    agent = Pair(cl.QLearning(learning_rate=RATES), scale=np.array([1.0, 2.0, 3.0]), weights=np.zeros(2))
    parts = subject_parameters(agent)
    assert parts.n_subjects == 3
    assert set(parts.values) == {"inside.learning_rate", "scale"}
    data = cl.simulate(agent, cl.DriftingBandit(), n_sessions=2, n_trials=20)
    own = data.select(data.subject == 1)
    alone = Pair(cl.QLearning(0.5), scale=2.0, weights=np.zeros(2))
    np.testing.assert_allclose(
        cl.evaluate(alone, own).normalized_likelihood, own.generating_likelihood, rtol=1e-5
    )


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: cl.QLearning(RATES, np.ones(2)),
            "different numbers of subjects: learning_rate 3, inverse_temperature 2; expected arrays of one",
        ),
        (
            lambda: cl.QLearning(np.full((2, 2), 0.5)),
            r"learning_rate has shape \(2, 2\); expected one number",
        ),
        (lambda: cl.QLearning(np.zeros(0)), r"learning_rate has shape \(0,\)"),
    ],
)
def test_arrays_that_are_no_subjects_are_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        cl.simulate(make(), cl.DriftingBandit(), n_sessions=2, n_trials=5)


def test_an_agent_for_other_subjects_is_refused(data):
    with pytest.raises(
        ValueError, match=r"parameters for 2 subjects \(learning_rate\), but the data set has 3"
    ):
        cl.agent_logits(cl.QLearning(RATES[:2]), data)
    with pytest.raises(ValueError, match=r"learning_rate = .*; expected 0 to 1"):
        cl.QLearning([0.5, 1.5])


def test_values_of_subjects_are_constant_within_each(data):
    with pytest.raises(ValueError, match=r'column "choice" has 2 values within subject "0"'):
        data.subject_values("choice")
    with pytest.raises(ValueError, match='no column "beta"; its columns are: choice'):
        data.subject_values("beta")
