"""Agents that keep values for each stimulus, and agents that learn from what was foregone."""

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl


@pytest.fixture(scope="module")
def cues() -> cl.Dataset:
    """Three subjects of different learning rates on four cues with arms of their own."""
    agent = cl.PerStimulus(cl.QLearning([0.15, 0.4, 0.8], 5.0), 4)
    task = cl.StimulusBandits(cl.DriftingBandit(drift=0.15), 4)
    return cl.simulate(agent, task, n_sessions=2, n_trials=600, seed=1)


def table(data: cl.Dataset) -> pd.DataFrame:
    """As people bring it: a row for each trial, with names of the cues."""
    frame = data.to_dataframe()
    names = np.array(["bird", "cat", "dog", "fish"])
    return frame[["subject", "session", "choice", "reward"]].assign(cue=names[frame.stimulus])


def test_values_of_a_stimulus_are_those_of_its_trials_alone(cues):
    agent = cl.QLearning(0.3, 2.0)
    logits = cl.agent_logits(cl.PerStimulus(agent, 4), cues)
    for stimulus in range(4):
        here = np.flatnonzero(cues.stimuli[0] == stimulus)
        alone = cl.Dataset(
            np.zeros((1, len(here), 1)),
            cues.choices[:1, here, None],
            columns={"reward": cues.rewards[:1, here]},
        )
        np.testing.assert_allclose(logits[0, here], cl.agent_logits(agent, alone)[0], rtol=1e-5)


def test_learning_rates_of_four_stimuli_are_recovered_from_a_table(cues):
    data = cl.read_table(table(cues), subject="subject", stimulus="cue")
    assert data.n_stimuli == 4
    assert data.stimulus_names == ("cue = bird", "cue = cat", "cue = dog", "cue = fish")
    np.testing.assert_array_equal(data.stimuli, cues.stimuli)
    assert "stimuli shown before the choice: 4 (cue = bird; cue = cat" in data.summary
    fit = cl.fit_agent(cl.classical_models(data)["Q-learning"], data, n_starts=4)
    assert fit.parameter_names == ("learning_rate", "inverse_temperature")
    np.testing.assert_allclose(fit.estimates[:, 0], [0.15, 0.4, 0.8], atol=0.12)
    assert "values are kept for each of 4 stimuli" in str(fit)


def test_stimuli_come_back_from_the_table_of_a_data_set(cues):
    data = cl.read_table(table(cues), subject="subject", stimulus="cue")
    frame = data.to_dataframe()
    assert "cue" not in frame
    again = cl.read_table(frame, subject="subject", stimulus="cue")
    assert again.stimulus_inputs == data.stimulus_inputs
    np.testing.assert_array_equal(again.inputs, data.inputs)


def test_compare_keeps_values_for_each_stimulus_and_says_so(cues):
    data = cl.read_table(table(cues), subject="subject", stimulus="cue").select([0, 1])
    models = {"per cue": cl.classical_models(data)["Q-learning"], "one for all": cl.QLearning()}
    found = cl.compare(models, data, n_starts=1, n_bootstrap=2)
    assert found.best_classical == "per cue"
    assert found.likelihood[0] > found.likelihood[1] + 0.05
    assert "per cue: values are kept for each of 4 stimuli" in found.notes
    assert any(note.startswith("one for all: the 4 stimuli are not told apart") for note in found.notes)


def test_stimuli_travel_with_parts_and_joined_data(cues):
    train, held_out = cues.split()
    assert train.n_stimuli == held_out.n_stimuli == train.concat(held_out).n_stimuli == 4
    np.testing.assert_array_equal(train.stimuli, cues.stimuli[::2])
    with pytest.raises(ValueError, match="stimulus_inputs differs"):
        train.concat(held_out._replace(stimulus_inputs=()))


def test_two_columns_of_stimuli_are_told_apart_in_every_combination():
    frame = pd.DataFrame(
        {"choice": [0, 1, 1, 0, 1], "reward": [0, 1, 0, 1, 1], "a": list("xyxyx"), "b": [1, 1, 2, 2, 3]}
    )
    data = cl.read_table(frame, session=None, stimulus=["a", "b"])
    assert data.n_stimuli == 6
    assert data.stimuli.tolist() == [[0, 3, 1, 4, 2]]
    assert data.stimulus_names[4] == "a = y, b = 2"


def test_an_agent_for_other_stimuli_is_refused(cues):
    with pytest.raises(ValueError, match="keeps values for 3 stimuli, but the data set has 4"):
        cl.agent_logits(cl.PerStimulus(cl.QLearning(), 3), cues)
    with pytest.raises(ValueError, match=r"shows none; cl.StimulusBandits\(environment, 3\)"):
        cl.simulate(cl.PerStimulus(cl.QLearning(), 3), cl.BlockBandit(), n_sessions=1, n_trials=5)
    with pytest.raises(ValueError, match="not one-hot"):
        cl.Dataset(np.ones((1, 2, 2)), np.ones((1, 2, 1)), stimulus_inputs=[("input 1", "input 2")])
    with pytest.raises(ValueError, match="a group of names for each column"):
        cl.Dataset(np.ones((1, 2, 2)), np.ones((1, 2, 1)), stimulus_inputs=["input 1", "input 2"])


@pytest.fixture(scope="module")
def full_feedback() -> cl.Dataset:
    agent = cl.CounterfactualQLearning([0.6, 0.15], [0.1, 0.5], 4.0)
    return cl.simulate(agent, cl.DriftingBandit(drift=0.1), n_sessions=2, n_trials=800, seed=2)


def test_rates_of_chosen_and_unchosen_outcomes_are_recovered_from_a_table(full_feedback):
    frame = full_feedback.to_dataframe()[["subject", "session", "choice", "reward", "foregone"]]
    frame = frame.assign(reward=10 + 40 * frame.reward, other=10 + 40 * frame.pop("foregone"))
    data = cl.read_table(frame, subject="subject", foregone="other")
    assert data.input_names == full_feedback.input_names
    fit = cl.fit_agent(cl.CounterfactualQLearning, data, n_starts=4)
    np.testing.assert_allclose(fit.estimates[:, 0], [0.6, 0.15], atol=0.12)
    np.testing.assert_allclose(fit.estimates[:, 1], [0.1, 0.5], atol=0.12)
    assert fit.outcomes == cl.OutcomeScale(10, 50, win_above=10)
    assert "foregone outcomes are learned from" in str(fit)


def test_counterfactual_values_are_those_of_the_formula(full_feedback):
    data = full_feedback.select([0])
    values, expected = np.full(2, 0.5), []
    outcomes = data.choices[0], data.rewards[0], data.columns["foregone"][0]
    for choice, reward, foregone in zip(*outcomes, strict=True):
        expected.append(2.0 * values)
        values = values.copy()
        values[choice] += 0.4 * (reward - values[choice])
        values[1 - choice] += 0.2 * (foregone - values[1 - choice])
    logits = cl.agent_logits(cl.CounterfactualQLearning(0.4, 0.2, 2.0), data)
    np.testing.assert_allclose(logits[0], expected, rtol=1e-4)


def test_data_without_foregone_outcomes_are_refused_in_words(full_feedback):
    names = [name for name in cl.classical_models(full_feedback) if "counterfactual" in name]
    assert len(names) == 2
    assert not any("counterfactual" in name for name in cl.classical_models())
    plain = cl.simulate(cl.QLearning(), cl.BlockBandit(), n_sessions=1, n_trials=20)
    with pytest.raises(ValueError, match=r'learns from the column "foregone".*read_table\(..., foregone='):
        cl.fit_agent(cl.CounterfactualQLearning, plain)
    with pytest.raises(ValueError, match="environment has 3 arms, expected 2"):
        cl.simulate(cl.CounterfactualQLearning(), cl.DriftingBandit(n_arms=3), n_sessions=1, n_trials=5)


def test_stimuli_are_found_under_the_new_names_of_inputs(cues):
    data = cl.read_table(table(cues), subject="subject", stimulus="cue")
    renamed = data.with_names(input_names=[f"input {k}" for k in range(data.n_inputs)])
    np.testing.assert_array_equal(renamed.stimuli, data.stimuli)
    assert set(renamed.stimulus_names) <= set(renamed.input_names)
