"""Numbers of equations by subject and over bootstrap samples: right, shrunk where trials are few, honest."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
from made_discovery import made_equations

import cogrnn_lab as cl
from cogrnn_lab.analysis.choice_equations.fitting.maximum import maximized, scored
from cogrnn_lab.analysis.choice_equations.fitting.uncertainty import errors
from cogrnn_lab.analysis.choice_equations.groups.bootstrap import _samples, _select
from cogrnn_lab.analysis.choice_equations.groups.by_subject import subjects_from_archive, subjects_to_archive
from cogrnn_lab.analysis.choice_equations.groups.refit import Groups, Prior
from cogrnn_lab.analysis.choice_equations.parts.trials import recorded

RATES = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.35], np.float32)
N_SESSIONS, N_TRIALS = 6, 80


@pytest.fixture(scope="module")
def equations() -> cl.Equations:
    """Q-learning with two numbers."""
    return made_equations()


@pytest.fixture(scope="module")
def people() -> cl.Dataset:
    """Eight subjects, the last of whom has 12 choices."""
    data = cl.simulate(
        cl.QLearning(jnp.asarray(RATES), 4.0),
        cl.DriftingBandit(0.1),
        n_sessions=N_SESSIONS,
        n_trials=N_TRIALS,
        seed=2,
    )
    mask = np.array(data.mask)
    last = np.flatnonzero(data.subject == 7)
    mask[last[1:]] = False
    mask[last[0], 12:] = False
    return data._replace(mask=mask)


@pytest.fixture(scope="module")
def found(equations, people) -> cl.EquationsBySubject:
    return equations.by_subject(people)


def test_alone_they_are_what_agents_fitted_to_each_subject_are(found, equations, people):
    """Another search, of another likelihood, on other scales."""
    fit = cl.fit_agent(equations.agent, people.select(people.subject < 7), n_starts=3)
    rows = found.numbers.set_index(["name", "subject"])
    rates = rows.loc["learning rate", "alone"].to_numpy()[:7]
    np.testing.assert_allclose(rates, fit.estimates[:, 0], atol=0.01)
    weights = rows.loc["inverse temperature", "alone"].to_numpy()[:7]
    np.testing.assert_allclose(weights, 2 * fit.estimates[:, 1], atol=0.05)


def test_each_subjects_numbers_are_found_and_lie_in_their_intervals(found):
    rates = found.numbers[found.numbers["name"] == "learning rate"].reset_index(drop=True)
    assert rates["subject"].tolist() == [str(i) for i in range(8)]
    off = (rates["value"] - RATES) / rates["standard_error"]
    assert off[:7].abs().max() < 4
    assert np.corrcoef(rates["value"][:7], RATES[:7])[0, 1] > 0.9
    assert ((rates["low"] < rates["value"]) & (rates["value"] < rates["high"])).all()
    assert found.n_choices["7"] == 12
    population = found.population.set_index("name")
    mean, spread = population.loc["learning rate", ["mean", "spread"]]
    assert mean == pytest.approx(RATES.mean(), abs=0.1)
    assert spread == pytest.approx(RATES[:7].std(), rel=0.5)
    # the inverse temperature is the same in all
    assert population.loc["inverse temperature", "spread"] < 0.8
    assert found.text.startswith("In 8 subjects (mean ± standard deviation between them): learning rate 0.")


def test_those_with_few_trials_are_told_by_the_others(found):
    rates = found.numbers[found.numbers["name"] == "learning rate"].set_index("subject")
    assert found.is_shrunk
    assert rates.loc["7", "shrunk"] > rates["shrunk"].iloc[:7].max()
    assert rates.loc["7", "shrunk"] > 2 * rates["shrunk"].iloc[:7].median()
    weights = found.numbers[found.numbers["name"] == "inverse temperature"].set_index("subject")
    for name, rows in (("learning rate", rates), ("inverse temperature", weights)):
        middle = found.population.set_index("name").loc[name, "mean"]
        alone, value = rows.loc["7", ["alone", "value"]]
        assert abs(value - middle) < 0.2 * abs(alone - middle), name
    many = rates.iloc[:7]
    assert (np.abs(many["value"] - many["alone"]) < 0.5 * many["standard_error"] + 0.03).all()


def test_each_subject_is_predicted_by_its_own_numbers_and_a_stranger_by_the_mean(found, equations, people):
    scores = cl.evaluate(found, people)
    for subject in (0, 6):
        own = scores.session_nll[people.subject == subject].sum()
        assert own == pytest.approx(found.nll[str(subject)], rel=1e-4)
    assert scores.nll < cl.evaluate(equations, people).nll
    assert found.n_parameters == 16
    stranger = people.select([0])._replace(subject=np.zeros(1, np.int32), subject_names=("nobody",))
    mean = replace(found, vectors={"nobody": found.vectors[""], "": found.vectors["0"]})
    np.testing.assert_array_equal(found.logits(stranger), mean.logits(stranger))


def test_two_subjects_are_no_population(equations, people):
    two = equations.by_subject(people.select(people.subject < 2))
    assert not two.is_shrunk
    np.testing.assert_allclose(two.numbers["value"], two.numbers["alone"])
    assert "fewer than 3 subjects" in two.text
    none = replace(
        equations.fitted, structure=equations.fitted.structure.fixing([0, 1], 0.3), free=np.ones(1)
    )
    none = replace(none, structure=none.structure.fixing(np.arange(9), 0.0), free=np.zeros(0))
    with pytest.raises(ValueError, match="no number in which subjects could differ"):
        replace(equations, fitted=none).by_subject(people)


def test_it_is_kept_in_a_file(found, equations):
    again = subjects_from_archive(*subjects_to_archive(found), equations.fitted, equations.data)
    assert again.numbers.equals(found.numbers)
    assert again.population.equals(found.population)
    assert repr(again) == repr(found)
    assert list(again.vectors) == list(found.vectors)


def test_one_group_of_all_sessions_is_the_fit_to_all(equations, people):
    data = recorded(people, equations.data)
    structure = equations.fitted.structure
    expected = maximized(structure, np.array([0.5, 1.0]), data)
    groups = Groups(structure, data, [np.arange(people.n_sessions)])
    start = groups.scale.to(np.array([[0.5, 1.0]]))
    again = groups.maximized(start, Prior.almost_none(groups.scale))
    np.testing.assert_allclose(groups.scale.back(again.scaled)[0], expected.free, rtol=2e-3)
    assert again.nll[0] == pytest.approx(expected.nll, abs=0.02)


def test_rates_at_their_bounds_end():
    """Choices that follow a rule without error have no best numbers: nothing is NaN or runs away."""
    always = cl.simulate(cl.WinStayLoseShift(0.01), cl.DriftingBandit(0.1), n_sessions=6, n_trials=30, seed=1)
    names = tuple("abcdef")
    always = always._replace(subject=np.arange(6, dtype=np.int32), subject_names=names)
    found = made_equations().by_subject(always)
    assert np.isfinite(found.numbers.drop(columns=["subject", "name", "unit"]).to_numpy()).all()
    assert found.numbers["alone"].abs().max() < 41
    assert cl.evaluate(found, always).normalized_likelihood > 0.8


# --- bootstrap ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def one_agent() -> cl.Dataset:
    return cl.simulate(cl.QLearning(0.3, 3.0), cl.DriftingBandit(0.1), n_sessions=20, n_trials=60, seed=5)


@pytest.fixture(scope="module")
def fitted(equations, one_agent) -> cl.Equations:
    data = recorded(one_agent, equations.data)
    return replace(equations, fitted=maximized(equations.fitted.structure, equations.fitted.free, data))


def test_percentiles_agree_with_the_curvature_of_the_likelihood(fitted, one_agent):
    found = fitted.bootstrap(one_agent, 100, searches=0)
    data = recorded(one_agent, fitted.data)
    expected = errors(fitted.fitted, data, 0.95).standard_error * [1, 2]
    np.testing.assert_allclose(found.numbers["standard_error"], expected, rtol=0.4)
    assert (
        (found.numbers["low"] < found.numbers["value"]) & (found.numbers["value"] < found.numbers["high"])
    ).all()
    assert found.resampled_by == "sessions within subjects"
    again = fitted.bootstrap(one_agent, 100, searches=0)
    assert again.numbers.equals(found.numbers)


def test_terms_are_searched_again(fitted, one_agent):
    found = fitted.bootstrap(one_agent, 2, searches=3)
    terms = found.terms.set_index("name")
    assert terms.loc["learning rate", "appears"] > 0.6
    assert terms["in_equations"].sum() == 2
    assert found.mechanisms["share"].sum() == pytest.approx(1.0)
    assert found.mechanisms["mechanism"].iloc[0] == "Q-learning"
    assert (
        "Searched again in 3 samples (sessions within subjects drawn anew), Q-learning was found in "
        in found.text
    )


def test_subjects_of_one_session_are_drawn_as_well(fitted, one_agent):
    people = one_agent._replace(
        subject=np.arange(20, dtype=np.int32), subject_names=tuple(f"p{i}" for i in range(20))
    )
    found = fitted.bootstrap(people, 30, searches=0)
    assert found.resampled_by == "subjects, and sessions within them"
    assert (found.numbers["standard_error"] > 0.01).all()
    # one subject has 14 of the sessions: samples differ in size, and are filled up with nothing that counts
    uneven = people._replace(
        subject=np.minimum(np.arange(20), 6).astype(np.int32), subject_names=tuple("abcdefg")
    )
    samples, _ = _samples(uneven, 5, 0)
    longest = max(map(len, samples))
    data = recorded(one_agent, fitted.data)
    for sessions in samples:
        nll = scored(fitted.fitted, _select(data, sessions, longest))
        assert nll.sum() == pytest.approx(scored(fitted.fitted, data)[sessions].sum(), rel=1e-5)
    with pytest.raises(ValueError, match="there are 3 sessions; drawn anew they tell nothing"):
        fitted.bootstrap(one_agent.select([0, 1, 2]), 10)
