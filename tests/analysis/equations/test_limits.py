"""What data cannot tell is said, whatever the equations are."""

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.analysis.choice_equations.checks.limits import limits
from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted
from cogrnn_lab.analysis.choice_equations.parts.form import Form
from cogrnn_lab.analysis.choice_equations.parts.structure import Structure, Units
from cogrnn_lab.analysis.choice_equations.parts.trials import recorded
from cogrnn_lab.data.outcomes import recorded_outcomes
from cogrnn_lab.data.previous_trial import previous_trial_inputs

QUICK = {"n_latents": (1,), "n_starts": 1, "terms": ()}


def data_of(choice=None, reward=None, n_classes=2):
    """Choices of Q-learning, with others or other rewards in their place."""
    played = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=12, n_trials=60, seed=0)
    own_choice, own_reward = recorded_outcomes(played)
    choice = own_choice if choice is None else choice
    reward = own_reward if reward is None else np.full(own_reward.shape, float(reward))
    inputs = previous_trial_inputs(choice, reward, n_classes, valid=np.ones(choice.shape, bool))
    return cl.Dataset(
        np.asarray(inputs, np.float32),
        choice[..., None],
        n_classes=n_classes,
        columns={"choice": choice, "reward": reward},
    )


@pytest.mark.parametrize("reward", [0.0, 1.0, 5.0])
def test_rewards_that_never_differ_tell_nothing(reward):
    """They were said to count -1.96 or 1.96 in log odds, without a word."""
    found = cl.equations(None, data_of(reward=reward), **QUICK)
    assert f"All outcomes are alike ({reward:g}), so that nothing can be told of what they do" in found.text


def test_what_is_hardly_ever_chosen_is_rare_and_no_more():
    choice = np.zeros((12, 60), int)
    choice[3, 7] = choice[8, 41] = 1
    found = cl.equations(None, data_of(choice), **QUICK)
    assert found.complexity <= 1
    assert "1 was chosen 2 times in 720 choices: that it is rare is all that can be told" in found.text


def test_an_alternative_that_was_never_chosen():
    data = recorded(data_of(n_classes=3))
    structure = Structure.free(Units.mirrored(Form(1, 3, 4)))
    fitted = Fitted(structure, np.zeros(structure.n_numbers), np.full(12, 40.0))
    (said,) = limits(fitted, data, ("left", "middle", "right"))
    assert said.startswith("right was chosen not once in 720 choices")


def test_choices_without_exception():
    found = cl.equations(None, data_of(np.tile(np.arange(60) % 2, (12, 1))), **QUICK)
    assert "The choices are almost certain under these equations" in found.text


def test_sessions_of_one_trial():
    played = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=80, n_trials=1, seed=0)
    found = cl.equations(None, played, **QUICK)
    assert "No trial follows another" in found.text


def test_ordinary_data_have_no_such_limit():
    data = data_of()
    known = recorded(data)
    structure = Structure.free(Units.mirrored(Form(1, 2, 4)))
    assert limits(Fitted(structure, np.zeros(9), np.full(12, 40.0)), known, ("0", "1")) == []
