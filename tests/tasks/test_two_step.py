"""The two-step task: its learner, its simulation, and its tables."""

import jax
import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl


@pytest.fixture(scope="module")
def planners() -> cl.Dataset:
    """One subject who plans and one who does not."""
    agent = cl.TwoStepLearner(0.5, 0.7, model_based=[6.0, 0.0], model_free=[0.0, 6.0])
    return cl.simulate_two_step(agent, n_sessions=3, n_trials=700, seed=3, drift=0.05)


def table(data: cl.Dataset) -> pd.DataFrame:
    """As people bring it: choices from 1, names of states, and whether the transition was common."""
    frame = data.to_dataframe()
    state = frame.second_state.to_numpy()
    return pd.DataFrame(
        {
            "subject": frame.subject,
            "session": frame.session,
            "level1": frame.choice + 1,
            "level2": frame.second_choice + 1,
            "planet": np.array(["purple", "red"])[state],
            "stimulus2": 2 * state + frame.second_choice + 1,
            "common": np.where(state == frame.choice, "common", "rare"),
            "reward": frame.reward,
        }
    )


def test_logits_are_those_of_the_formulas_of_daw_2011(planners):
    data = planners.select([0])
    alpha, eligibility, planning, habit = 0.35, 0.6, 2.0, 1.5
    first, second, straight, expected = np.full(2, 0.5), np.full((2, 2), 0.5), 0, []
    trials = data.choices[0], data.columns["second_state"][0], data.columns["second_choice"][0]
    for choice, state, action, reward in zip(*trials, data.rewards[0], strict=True):
        p = 0.5 + 0.2 * np.sign(straight)  # to the state of the same number
        best = second.max(1)
        model_based = np.array([p * best[0] + (1 - p) * best[1], p * best[1] + (1 - p) * best[0]])
        expected.append(planning * model_based + habit * first)
        first, second = first.copy(), second.copy()
        second_error = reward - second[state, action]
        first_error = second[state, action] - first[choice]
        second[state, action] += alpha * second_error
        first[choice] += alpha * (first_error + eligibility * second_error)
        straight += 1 if state == choice else -1
    agent = cl.TwoStepLearner(alpha, eligibility, planning, habit)
    np.testing.assert_allclose(cl.agent_logits(agent, data)[0], expected, rtol=1e-4, atol=1e-5)


def test_common_transitions_are_as_frequent_as_asked_and_rewards_stay_within_bounds(planners):
    common = planners.columns["second_state"] == planners.choices
    assert common.mean() == pytest.approx(0.7, abs=0.03)
    p = planners.columns["p_reward_11"]
    assert 0.25 <= p.min() < 0.3 and 0.7 < p.max() <= 0.75  # noqa: PT018
    assert planners.generating_likelihood > 0.53


@pytest.mark.slow
def test_planners_and_others_are_told_apart_from_a_table(planners):
    data = cl.read_two_step(
        table(planners), first="level1", second="level2", state="planet", subject="subject", session="session"
    )
    fit = cl.fit_agent(cl.TwoStepLearner, data, n_starts=6)
    found = dict(zip(fit.parameter_names, fit.estimates.T, strict=True))
    assert found["model_based"][0] > 4 and found["model_based"][1] < 1.5  # noqa: PT018
    assert found["model_free"][0] < 1.5 and found["model_free"][1] > 4  # noqa: PT018
    np.testing.assert_allclose(found["learning_rate"], 0.5, atol=0.15)


@pytest.mark.parametrize(
    ("columns", "states"),
    [
        ({"second": "level2", "state": "planet"}, ("purple", "red")),
        ({"second": "level2", "transition": "common"}, ("common after 1", "common after 2")),
        ({"second": "stimulus2"}, ("1 or 2", "3 or 4")),
        ({"second": "stimulus2", "state": "planet"}, ("purple", "red")),
    ],
)
def test_every_form_of_table_is_the_same_data(planners, columns, states):
    part = planners.select([0, 3])
    data = cl.read_two_step(table(part), first="level1", subject="subject", session="session", **columns)
    assert data.input_names[2:] == tuple(f"previous second state = {name}" for name in states)
    np.testing.assert_array_equal(data.inputs, part.inputs)
    for name in ("choice", "reward", "second_state", "second_choice"):
        np.testing.assert_array_equal(data.columns[name], part.columns[name])
    assert f"first choice 1 leads to state {states[0]} in 69% of its trials" in data.summary


def test_trials_without_a_second_choice_keep_their_first(planners):
    frame = table(planners.select([0])).head(60).drop(columns="planet")
    frame["reward"] = frame.reward.astype(float)
    frame["stimulus2"] = frame.stimulus2.astype(float)
    frame.loc[[4, 9], ["stimulus2", "reward"]] = np.nan
    frame.loc[20, ["level1", "stimulus2", "reward"]] = np.nan
    data = cl.read_two_step(frame, first="level1", second="stimulus2", subject="subject", session="session")
    assert data.mask.sum() == 59
    assert data.columns["second_choice"][0, [4, 9, 20]].tolist() == [-1, -1, -1]
    assert "2 trials without a second choice: the first choice counts" in data.summary
    values = cl.agent_logits(cl.TwoStepLearner(model_based=None), data)[0]
    np.testing.assert_array_equal(values[5], values[4])
    np.testing.assert_array_equal(values[21], values[20])


def test_labels_of_missed_choices_are_not_those_of_states(planners):
    part = planners.select([0])
    frame = table(part).replace({"planet": {"purple": 0, "red": 1}})
    columns = {
        "first": "level1",
        "second": "level2",
        "state": "planet",
        "subject": "subject",
        "session": "session",
    }
    frame.loc[7, ["level1", "level2", "planet"]] = 0
    data = cl.read_two_step(frame, **columns, missed=[0])
    assert data.mask.sum() == part.n_trials - 1
    others = np.arange(part.n_trials) != 7
    np.testing.assert_array_equal(
        data.columns["second_state"][0, others], part.columns["second_state"][0, others]
    )


def test_trials_that_the_table_left_out_are_missed(planners):
    frame = table(planners.select([0])).head(60).assign(trial=np.arange(1, 61)).drop(index=[7, 8])
    data = cl.read_two_step(frame, first="level1", second="stimulus2", subject="subject", trial="trial")
    assert data.missed.sum() == 2
    whole = table(planners.select([0])).head(60)
    whole = cl.read_two_step(whole, first="level1", second="stimulus2", subject="subject")
    logits, expected = (cl.agent_logits(cl.TwoStepLearner(), one)[0] for one in (data, whole))
    np.testing.assert_array_equal(logits[:8], expected[:8])
    np.testing.assert_array_equal(logits[9], logits[7])


@pytest.mark.slow
def test_classical_models_for_two_step_data_find_who_plans(planners):
    data = planners.select([0, 1])
    models = cl.classical_models(data)
    chosen = {name: models[name] for name in ("model-based", "model-free")}
    found = cl.compare(chosen, data, n_starts=1, n_bootstrap=2)
    assert found.best_classical == "model-based"


def test_two_step_data_have_their_classical_models_and_inputs_for_networks(planners):
    added = set(cl.classical_models(planners)) - set(cl.classical_models(2))
    assert added == {"model-based, model-free", "model-based", "model-free"}
    network = cl.GRU(planners.n_inputs, 2, 3, key=jax.random.key(0))
    assert 0 < cl.evaluate(network, planners).normalized_likelihood < 1


def test_what_is_no_two_step_table_is_refused(planners):
    frame = table(planners.select([0])).head(100)
    read = {"first": "level1", "subject": "subject", "session": "session"}
    for further, sentence in (
        ({"second": "level2"}, "do not tell the second state"),
        ({"second": "level2", "state": "planet", "transition": "common"}, "two ways to tell"),
        ({"second": "level2", "state": "stimulus2"}, "holds 4 second states"),
        ({"second": "level2", "transition": "planet"}, 'expected "common" and "rare"'),
        ({"second": "levle2", "state": "planet"}, 'no column "levle2" for second.*level2'),
    ):
        with pytest.raises(ValueError, match=sentence):
            cl.read_two_step(frame, **read, **further)
    with pytest.warns(UserWarning, match="leads mostly to a state of its own"):
        cl.read_two_step(frame.assign(planet=["x", "y"] * 50), **read, second="level2", state="planet")
    with pytest.raises(ValueError, match="no bandit tells; simulate_two_step"):
        cl.simulate(cl.TwoStepLearner(), cl.BlockBandit(), n_sessions=1, n_trials=5)
    with pytest.raises(NotImplementedError, match="no values of second choices"):
        cl.simulate_two_step(cl.QLearning(), n_sessions=1, n_trials=5)
    with pytest.raises(ValueError, match="both None"):
        cl.TwoStepLearner(model_based=None, model_free=None)
