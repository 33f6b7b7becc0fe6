"""Reference agents and the stay baseline under other codings of the same outcomes."""

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.data.outcome_scale import scale_of_amounts
from cogrnn_lab.tasks.agents.library.scaled_outcomes import on_scale

CODINGS = {"-1 and 0": (-1, 0), "1 and 2": (1, 2), "-1 and 1": (-1, 1), "points": (3, 70)}


@pytest.fixture(scope="module")
def plain() -> cl.Dataset:
    return cl.simulate(cl.QLearning([0.5, 0.2], 4.0), cl.BlockBandit(), n_sessions=2, n_trials=60)


def recoded(data: cl.Dataset, low: float, high: float) -> cl.Dataset:
    """The same behavior as a table would bring it whose rewards are written in another way."""
    frame = data.to_dataframe().drop(columns=["previous choice", "previous reward", "p_choice"])
    frame["reward"] = np.where(frame.reward > 0, high, low)
    return cl.read_table(frame, subject="subject", session="session")


@pytest.mark.parametrize("coding", CODINGS)
def test_fits_and_the_stay_baseline_do_not_depend_on_the_coding(plain, coding):
    here, there = plain, recoded(plain, *CODINGS[coding])
    stay = cl.stay_baseline(*here.split()).normalized_likelihood
    assert cl.stay_baseline(*there.split()).normalized_likelihood == pytest.approx(stay, rel=1e-6)
    fits = [cl.fit_agent(cl.WinStayLoseShift, data, n_starts=2) for data in (here, there)]
    np.testing.assert_allclose(fits[1].nll, fits[0].nll, rtol=1e-6)
    scored = [cl.evaluate(fit, data).nll for fit, data in zip(fits, (here, there), strict=True)]
    assert scored[1] == pytest.approx(scored[0], rel=1e-6)


def test_a_fitted_learner_has_the_same_rates_and_keeps_its_scale(plain):
    low, high = CODINGS["points"]
    other = recoded(plain, low, high)
    here, there = (cl.fit_agent(cl.QLearning, data, n_starts=3) for data in (plain, other))
    assert there.parameter_names == here.parameter_names
    np.testing.assert_allclose(there.nll, here.nll, rtol=1e-5)
    np.testing.assert_allclose(there.estimates, here.estimates, rtol=1e-3, atol=1e-3)
    assert here.outcomes is None
    assert there.outcomes == cl.OutcomeScale(low, high, low)
    assert "3 is its 0 (nothing) and 70 its 1" in str(there)
    assert "as they were paid" in str(here)
    # the agent itself takes rewards as they are paid, also of one session with wins alone
    agent = there.agent("1")
    session = other.select(other.subject == 1)
    assert cl.evaluate(agent, session).nll == pytest.approx(cl.evaluate(there, session).nll, rel=1e-6)
    assert session.outcomes == other.outcomes


@pytest.mark.parametrize("name", cl.classical_models())
def test_every_classical_model_predicts_the_same_from_gains_and_losses(plain, name):
    agent = cl.classical_models()[name]
    other = recoded(plain, -1, 1)
    logits = cl.agent_logits(on_scale(agent, other.outcomes), other)
    np.testing.assert_allclose(logits, cl.agent_logits(agent, plain), rtol=1e-5, atol=1e-5)


def test_an_agent_of_ones_own_is_given_what_was_paid(plain):
    class Follows(cl.QLearning):
        @property
        def reward_units(self):
            return "paid"

    other = recoded(plain, 1, 2)
    assert cl.fit_agent(Follows, other, n_starts=1, max_steps=1).outcomes is None
    with pytest.warns(UserWarning, match="made for rewards of 0 and 1, but here 1 is nothing and 2 a full"):
        cl.agent_logits(cl.QLearning(), other)


def test_data_of_another_coding_than_was_fitted_are_told(plain):
    other = recoded(plain, 5, 9)
    fit = cl.fit_agent(cl.WinStayLoseShift, plain, n_starts=1)
    with pytest.warns(UserWarning, match="go from 5 to 9, but the fitted agent knows rewards from 0 to 1"):
        fit.logits(other)
    with pytest.warns(UserWarning, match="the stay baseline knows rewards from 0 to 1"):
        cl.stay_baseline(plain, other)
    with pytest.warns(UserWarning, match="made for rewards of 0 and 1"):
        cl.record_signals(cl.QLearning(), other, cl.RewardPredictionError())


def test_simulated_agents_take_rewards_as_they_were_paid():
    task = cl.PayoutMatrix(np.tile([[3.0, -1.0], [-1.0, 3.0]], (20, 1)))
    data = cl.simulate(cl.QLearning(0.4, 2.0), task, n_sessions=2, n_trials=40)
    assert data.outcomes.is_plain
    assert cl.evaluate(cl.QLearning(0.4, 2.0), data).normalized_likelihood == pytest.approx(
        data.generating_likelihood, rel=1e-5
    )
    scale = cl.OutcomeScale(-1, 3)
    agent = cl.ScaledOutcomes(cl.QLearning(0.4, 2.0), scale)
    scaled = cl.simulate(agent, task, n_sessions=2, n_trials=40)
    assert scaled.outcomes == scale
    fit = cl.fit_agent(cl.QLearning(0.4, 2.0), scaled, n_starts=1, max_steps=1)
    assert fit.outcomes == scale


def test_the_scale_is_that_of_the_range():
    def scale(*amounts):
        return scale_of_amounts(np.array(amounts, np.float32))

    assert scale(0, 1, 1, np.nan).is_plain
    assert scale(0, 0).is_plain
    assert scale().is_plain
    assert scale(1, 2, 2) == cl.OutcomeScale(1, 2, win_above=1)
    assert scale(-1, 1) == cl.OutcomeScale(-1, 1, win_above=-1)
    assert scale(-1, 0) == cl.OutcomeScale(-1, 0, win_above=-1)
    assert scale(1, 33, 100) == cl.OutcomeScale(1, 100, win_above=50.5)
    assert scale(-250, 0, 100, 50) == cl.OutcomeScale(-250, 250, win_above=0)  # losses are below zero
    assert scale(0, 0, 1, 4) == cl.OutcomeScale(0, 4, win_above=0)  # often nothing was paid
    assert scale(*[0] + [5] * 10 + [9] * 9) == cl.OutcomeScale(0, 9, win_above=4.5)
    assert scale(5, 5) == cl.OutcomeScale(0, 5, win_above=0)
    assert scale(-2, -2) == cl.OutcomeScale(-2, 0, win_above=-2)


def test_the_scale_can_be_set(plain):
    other = recoded(plain, 1, 2)
    assert cl.fit_agent(cl.QLearning, other, n_starts=1, max_steps=1, outcomes=(0, 2)).outcomes == (
        cl.OutcomeScale(0, 2, win_above=1)
    )
    found = cl.compare({"stays": cl.WinStayLoseShift}, other, n_starts=1, n_bootstrap=2, outcomes=(0, 2, 0.5))
    assert found.notes == ("rewards: above 0.5 is a win; agents take 0 as 0 and 2 as 1",)
    assert found.notes[0] in str(found)
    always = cl.stay_baseline(*other.split(), outcomes=(0, 2, 0.5)).nll
    assert always != cl.stay_baseline(*other.split()).nll
    for wrong, sentence in (
        ((2, 1), "which is above it"),
        ((1,), r"expected cl.OutcomeScale"),
        ((0, np.inf), "finite"),
    ):
        with pytest.raises(ValueError, match=sentence):
            plain.with_outcomes(wrong)


def test_parts_keep_the_scale_and_joined_data_find_theirs(plain):
    other = recoded(plain, 1, 2)
    train, held_out = other.with_outcomes((0, 2)).split()
    assert train.outcomes == held_out.outcomes == cl.OutcomeScale(0, 2)
    assert train.concat(held_out).outcomes == cl.OutcomeScale(0, 2)
    with pytest.warns(UserWarning, match="the data sets have different outcome scales"):
        assert train.concat(other.select([1])).outcomes == cl.OutcomeScale(1, 2, win_above=1)


def test_the_reward_seeking_agent_is_fitted_on_the_same_scale(plain):
    fits = [cl.fit_agent(cl.RewardSeeking, data, n_starts=2) for data in (plain, recoded(plain, 3, 70))]
    np.testing.assert_allclose(fits[1].nll, fits[0].nll, rtol=1e-5)
