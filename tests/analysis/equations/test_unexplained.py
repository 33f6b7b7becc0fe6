"""Equations that are only close to what made the choices are called an approximation, others are not."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_expit

import cogrnn_lab as cl
from cogrnn_lab.analysis.choice_equations.checks import history as history_module
from cogrnn_lab.analysis.choice_equations.checks import rivals
from cogrnn_lab.analysis.choice_equations.checks.history import HistoryTest, history_test
from cogrnn_lab.analysis.choice_equations.checks.unexplained import Beside, unexplained
from cogrnn_lab.analysis.choice_equations.fitting.maximum import maximized, scored
from cogrnn_lab.analysis.choice_equations.parts.form import Form
from cogrnn_lab.analysis.choice_equations.parts.structure import Structure, Units
from cogrnn_lab.analysis.choice_equations.parts.trials import recorded
from cogrnn_lab.data.outcomes import recorded_outcomes

# Weights by lag that are no sum of fading traces.
IRREGULAR = cl.HistoryRegression(4, jnp.array([1.2, 0.0, 0.0, 0.8]), jnp.array([0.4, 0.0, -0.4, 0.0]))


def chosen_by(agent, seed=1, n_sessions=40, n_trials=100, **bandit):
    return cl.simulate(
        agent, cl.DriftingBandit(**bandit), n_sessions=n_sessions, n_trials=n_trials, seed=seed
    )


def q_learning() -> Structure:
    """Rate and half the inverse temperature."""
    structure = Structure.free(Units.mirrored(Form(1, 2, 4)))
    rates, targets = (structure.units.at(kind=kind) for kind in ("rate", "target"))
    structure = structure.fixing(structure.units.at(kind="bias"), 0.0).fixing(rates[2:], 0.0)
    return structure.joining([rates[1]], rates[0], 1.0).joining([targets[0]], targets[1], -1.0)


@pytest.fixture(scope="module")
def irregular():
    data = chosen_by(IRREGULAR, n_sessions=60)
    return data, cl.equations(None, data, n_latents=(1, 2), n_starts=1, terms=(), rivals=False)


def logistic_gain(data, lags=5):
    """Nats that a logistic regression on the same terms gains against guessing, in plain NumPy."""
    choice, reward = recorded_outcomes(data)
    side, gain = 2.0 * choice - 1.0, reward - reward[:, :-1].mean()
    n_sessions, n_trials = choice.shape

    def back(values, lag):
        return np.c_[np.zeros((n_sessions, lag)), values[:, : n_trials - lag]]

    same = side[:, 1:] == side[:, :-1]
    repeated = np.c_[np.zeros(n_sessions), same]
    columns = []
    for lag in range(1, lags + 1):
        columns += [back(side, lag), back(side * gain, lag)]
    for lag in range(1, lags):
        both = back(side * repeated, lag)
        columns += [both, both * back(gain, lag), both * back(gain, lag) * back(gain, lag + 1)]
    design, sign = np.stack(columns, -1).reshape(-1, len(columns)), side.reshape(-1)

    def nll(weights):
        logit = sign * (design @ weights)
        slope = -(np.exp(log_expit(-logit)) * sign) @ design
        return -log_expit(logit).sum(), slope

    best = minimize(nll, np.zeros(len(columns)), jac=True, method="BFGS")
    return len(sign) * np.log(2) - best.fun


def test_the_gain_is_what_a_regression_gains():
    """Of weights so small that a quadratic picture holds."""
    agent = cl.HistoryRegression(3, jnp.array([0.0, 0.15, 0.1]), jnp.array([0.1, 0.0, 0.1]))
    data = chosen_by(agent, n_sessions=60, n_trials=150)
    known = recorded(data)
    structure = q_learning()
    nothing = structure.fixing(np.arange(len(structure.owner)), 0.0)
    found = history_test(maximized(nothing, np.zeros(0), known), known, 0.0)
    gain = logistic_gain(data)
    assert gain > 25
    assert found.gain == pytest.approx(gain, rel=0.03)
    assert found.n_terms == 22


def test_under_the_agents_own_equations_it_is_chance():
    gains, probabilities = [], []
    for seed in range(12):
        known = recorded(chosen_by(cl.QLearning(0.3, 3.0), seed=seed))
        fitted = maximized(q_learning(), np.array([0.3, 1.5]), known)
        found = history_test(fitted, known, 0.0)
        gains.append(found.gain - found.n_terms / 2)
        probabilities.append(found.p_value)
    # standard deviation of the mean of 12: √(22/2) / √12 = 0.96
    assert abs(np.mean(gains)) < 3 * 0.96
    assert min(probabilities) > 0.001
    assert 0.2 < np.mean(probabilities) < 0.8


def test_parts_of_the_sessions_add_up(irregular, monkeypatch):
    _, found = irregular
    whole = history_test(found.fitted, found.data, 8.0)
    monkeypatch.setattr(history_module, "KEPT_AT_ONCE", 100_000)
    parts = history_test(found.fitted, found.data, 8.0)
    assert parts.n_terms == whole.n_terms
    assert parts.gain == pytest.approx(whole.gain, rel=1e-3)


def test_an_approximation_is_called_one(irregular, tmp_path):
    _, found = irregular
    assert found.is_approximation
    last = found.text.split("\n")[-1]
    assert last.startswith("This is an approximation: choices and outcomes of up to 5 trials back still tell")
    assert found.unexplained.history_lag in (3, 4, 5)
    again = cl.load_equations(found.save(tmp_path / "found.npz"))
    assert again.is_approximation
    np.testing.assert_equal(vars(again.unexplained), vars(found.unexplained))


def test_equations_that_have_the_form_are_none():
    for agent in (cl.QLearning(0.3, 3.0), cl.WinStayLoseShift(0.2)):
        found = cl.equations(None, chosen_by(agent), n_latents=(1,), n_starts=2, terms=(), rivals=False)
        assert not found.is_approximation
        assert "approximation" not in found.text


def test_more_alternatives_and_missed_trials():
    data = chosen_by(cl.QLearning(0.3, 3.0), n_sessions=20, n_arms=3)
    mask = data.mask.copy()
    mask[:, ::7] = False
    found = cl.equations(
        None, data._replace(mask=mask), n_latents=(1,), n_starts=1, terms=(), choose_every=0, rivals=False
    )
    assert not found.is_approximation
    assert 0 < found.unexplained.history_terms <= 22
    assert np.isfinite(found.unexplained.history_p)


def test_a_network_that_predicts_better_says_so():
    chance = HistoryTest(gain=10.0, n_terms=22, spared=8.0, p_value=0.9, lag=1)
    draw = np.random.default_rng(0)
    better = unexplained(chance, Beside("the GRU", 0.5 + draw.normal(size=40), 4000))
    assert better.text.startswith("This is an approximation: the GRU predicts sessions unseen by both better")
    assert 0 < better.network_low < better.network_gain < better.network_high
    np.testing.assert_allclose(better.network_gain, 0.005, atol=0.004)
    as_good = unexplained(chance, Beside("the GRU", 0.1 * draw.normal(size=40), 4000))
    assert as_good.text == ""
    few = unexplained(chance, Beside("the GRU", np.full(3, 0.5), 300))
    assert few.text == ""
    assert np.isnan(few.network_gain)
    both = unexplained(
        chance._replace(gain=80.0, p_value=1e-9, lag=2), Beside("the GRU", np.full(9, 0.5), 900)
    )
    assert "of 2 trials back (about 69 nats in all, p = 1e-09), and the GRU predicts" in both.text


def test_a_network_is_compared_on_sessions_that_are_known_to_be_unseen():
    """Elsewhere it may have learned the sessions by heart; a network that learned nothing is far behind."""
    data = chosen_by(cl.QLearning(0.3, 3.0))
    network = cl.SwitchingLinearRNN(2, 2, 1, key=jax.random.key(0))
    settings = {"n_latents": (1,), "n_starts": 1, "terms": (), "rivals": False}
    train, choose = data.split(every=4)
    found = cl.equations(network, train, choose=choose, **settings)
    left = found.unexplained
    assert left.network_low < left.network_gain < left.network_high < 0
    expected = cl.evaluate(found.agent, choose).nll - cl.evaluate(network, choose).nll
    np.testing.assert_allclose(left.network_gain, expected, atol=0.003)
    assert not found.is_approximation
    assert np.isnan(cl.equations(network, data, **settings).unexplained.network_gain)


def test_a_file_without_the_test_is_no_statement(irregular):
    assert not replace(irregular[1], unexplained=None).is_approximation


def test_every_session_is_predicted_by_what_was_fitted_to_the_others():
    data = chosen_by(cl.QLearning(0.3, 3.0), n_sessions=10, n_trials=40)
    known = recorded(data)
    fitted = maximized(q_learning(), np.array([0.3, 1.5]), known)
    ours, theirs = rivals._ours(fitted, known), rivals._theirs(cl.WinStayLoseShift(), data)
    for fold in (0, 3):
        out = np.arange(10) % 4 == fold
        rest, held_out = data.select(np.flatnonzero(~out)), data.select(np.flatnonzero(out))
        alone = maximized(q_learning(), fitted.free, recorded(rest, known))
        np.testing.assert_allclose(ours[out], scored(alone, recorded(held_out, known)), rtol=1e-4)
        if fold == 3:  # of the last fold one session more could be fitted to than of the others
            continue
        model = cl.fit_agent(cl.WinStayLoseShift(), rest, by="all")
        np.testing.assert_allclose(theirs[out], cl.evaluate(model, held_out).session_nll, rtol=1e-3)


@pytest.mark.slow
def test_a_classical_model_without_such_a_form_is_told_where_it_predicts_better(monkeypatch):
    """A learning rate that follows surprise leaves nothing that lagged outcomes would show."""
    monkeypatch.setattr(rivals, "WITHOUT_FORM", ("Pearce-Hall, forgetting",))
    data = chosen_by(cl.PearceHall(0.9, 0.5, 6.0), n_sessions=120, n_trials=150)
    settings = {"n_latents": (1,), "n_starts": 2, "terms": ()}
    found = cl.equations(None, data, **settings)
    left = found.unexplained
    assert left.model == "Pearce-Hall, forgetting"
    assert 0 < left.model_low < left.model_gain < left.model_high
    assert f"{left.model} predicts sessions unseen by both better, by " in found.text
    assert found.is_approximation
    alone = cl.equations(None, data, **settings, rivals=False).unexplained
    assert (alone.model, np.isnan(alone.model_gain)) == ("", True)
    learner = cl.equations(None, chosen_by(cl.QLearning(0.3, 3.0), n_sessions=60), **settings)
    assert learner.unexplained.model_low < 0
    assert not learner.is_approximation
