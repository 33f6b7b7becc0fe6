"""Names of parameters, and scales of outcomes, of agents within others: the same wherever the agent is."""

import warnings

import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.discovery.course.finished import key_of, key_of_agent
from cogrnn_lab.tasks.agents.library.scaled_outcomes import rewards_in_words
from cogrnn_lab.tasks.player_checks import AGENT, check_player

SCALE = cl.OutcomeScale(-1, 1)
TWICE = cl.Lapse(cl.Lapse(cl.QLearning(), 0.1), 0.3)


def test_parameters_have_the_same_names_on_every_scale():
    """ "agent.lapse_rate" was the inner one, and, where rewards were not 0 and 1, the outer one."""
    names = [parameter.name for parameter in cl.agent_parameters(TWICE)]
    assert names == ["learning_rate", "inverse_temperature", "agent.lapse_rate", "lapse_rate"]
    scaled = cl.agent_parameters(cl.ScaledOutcomes(TWICE, SCALE))
    assert [parameter.name for parameter in scaled] == names
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=20)
    columns = data.columns | {"reward": 2 * data.rewards - 1}
    other = data._replace(columns=columns, outcome_scale=None)
    fit = cl.fit_agent(TWICE, other, fixed=["agent.lapse_rate", "learning_rate"], n_starts=1, max_steps=1)
    assert fit.outcomes == cl.OutcomeScale(-1, 1, -1)
    assert fit.parameter_names == ("inverse_temperature", "lapse_rate")
    assert fit.agent("0").agent.agent.lapse_rate == pytest.approx(0.1)


@pytest.mark.parametrize("wrapped", [lambda agent: agent, lambda agent: cl.Lapse(agent, 0.1)])
def test_an_agent_of_another_scale_is_told_of(wrapped):
    """It played without a word, a reward of 0 being half of one; within Lapse its scale was lost as well."""
    agent = wrapped(cl.ScaledOutcomes(cl.QLearning(), SCALE))
    with pytest.warns(UserWarning, match="pays 0 to 1, but the agent .* takes -1 as nothing and 1 as a full"):
        played = cl.simulate(agent, cl.DriftingBandit(), n_sessions=2, n_trials=30)
    assert played.outcomes == SCALE
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        cl.simulate(agent, cl.DriftingBandit(), n_sessions=2, n_trials=30)
    (name,) = {one.filename for one in told if "pays 0 to 1" in str(one.message)}
    assert name == __file__, "it names the line that plays, and none of the package"
    assert "-1 is its 0" in rewards_in_words(agent)
    same = wrapped(cl.ScaledOutcomes(cl.QLearning(), cl.OutcomeScale(0, 1)))
    assert cl.simulate(same, cl.DriftingBandit(), n_sessions=2, n_trials=30).outcomes.high == 1


def test_a_two_step_player_keeps_its_scale_and_is_checked():
    sizes = {"n_sessions": 1, "n_trials": 20}
    with pytest.warns(UserWarning, match="pays 0 to 1"):
        played = cl.simulate_two_step(cl.ScaledOutcomes(cl.TwoStepLearner(), SCALE), **sizes)
    assert played.outcomes == SCALE
    with pytest.raises(TypeError, match=r"the agent is the class TwoStepLearner, .* call the class"):
        check_player(cl.TwoStepLearner, AGENT)
    check_player(cl.TwoStepLearner(), (AGENT[0], "an example of one's own"))  # it wanted an environment
    with pytest.raises(ValueError, match=r"PerStimulus learns from stimuli, which the two-step task"):
        cl.simulate_two_step(cl.PerStimulus(cl.TwoStepLearner(), 2), **sizes)
    with pytest.raises(ValueError, match="learns from foregone"):
        cl.simulate_two_step(cl.CounterfactualQLearning(), **sizes)
    values = cl.PerStimulus(cl.TwoStepLearner(), 2)
    np.testing.assert_array_equal(values.second_values(values.initial_state(2), jnp.asarray(0)), [0.5, 0.5])


def test_a_scale_that_was_set_is_not_lost_in_joining():
    """It was dropped without a word where one data set had none."""
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=20)
    points = data._replace(
        columns=data.columns | {"reward": 10 * data.rewards},
        inputs=data.inputs * np.float32([1, 10]),
        outcome_scale=None,
    )
    one, other = (part._replace(outcome_scale=None) for part in points.split())
    assert one.concat(other).outcome_scale is None
    kept = one.with_outcomes((0, 10, 0)).concat(other)
    assert kept.outcome_scale == cl.OutcomeScale(0, 10, 0)
    with pytest.warns(UserWarning, match=r"different outcome scales \(above 0 is a win; .*above 50 is a win"):
        assert one.with_outcomes((0, 100)).concat(other).outcome_scale is None


def test_names_of_alternatives_come_from_a_network_within_another_agent():
    network = cl.GRU(2, 2, 2, key=0).with_names(class_names=("left", "right"))
    agent = cl.Lapse(cl.NetworkAgent(network), 0.1)
    assert cl.simulate(agent, cl.DriftingBandit(), n_sessions=1, n_trials=5).class_names == ("left", "right")


def test_the_fit_of_an_agent_with_code_of_ones_own_is_not_kept():
    """A discovery that went on took the fit of the class before, where only its closure was another."""

    def stays(strength: float) -> cl.Agent:
        class Stays(cl.QLearning):
            def logits(self, state):
                return strength * state

        return Stays()

    assert repr(stays(1.0)) == repr(stays(2.0))
    for own in (stays(1.0), cl.Lapse(stays(2.0), 0.1)):
        assert key_of_agent(own) is None
    one, two = (cl.SideBias(cl.QLearning(), np.float32([bias, 0.0])) for bias in (0.0, 1.0))
    assert key_of(*key_of_agent(one)) != key_of(*key_of_agent(two))
    assert key_of(*key_of_agent(cl.QLearning)) == key_of(*key_of_agent(cl.QLearning()))
