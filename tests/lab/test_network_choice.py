"""Where the data become others, the lab goes to a network that suits them, says so, and comes back."""

import pytest

import cogrnn_lab as cl
from cogrnn_lab.lab.settings.network_choice import Nature, NetworkChoice, misfit
from cogrnn_lab.lab.settings.state import LabState

CHOICES, TASK = Nature(), Nature(on_task=True)
RECORDED, SUBJECTS = Nature(has_signal=True), Nature(several_subjects=True)


@pytest.fixture
def model():
    return LabState().model


@pytest.mark.parametrize("picked", ["DisRNN", "neuro DisRNN", "multisubject DisRNN", "GRU"])
def test_a_task_is_for_a_constrained_network_and_choices_for_what_was_there_before(model, picked):
    networks = NetworkChoice(model)
    networks.follow(Nature(has_signal=True, several_subjects=True))
    model.kind = picked
    assert "constrained RNN" in networks.follow(TASK)
    assert model.kind == "constrained RNN"
    networks.follow(Nature(has_signal=True, several_subjects=True))
    assert model.kind == picked


def test_what_was_picked_on_a_task_is_picked_there_again(model):
    networks = NetworkChoice(model)
    networks.follow(TASK)
    model.kind = "LSTM"
    networks.follow(CHOICES)
    assert model.kind == "DisRNN"
    networks.follow(TASK)
    assert model.kind == "LSTM"


def test_a_network_of_signals_or_subjects_waits_until_there_are_some_again(model):
    networks = NetworkChoice(model)
    for nature, kind in ((RECORDED, "neuro DisRNN"), (SUBJECTS, "multisubject DisRNN")):
        networks.follow(nature)
        model.kind = kind
        sentence = networks.follow(CHOICES)
        assert model.kind == "DisRNN"
        assert sentence.startswith(f"The network is now a DisRNN: a {kind} ")
        assert kind in networks.follow(nature)
        assert model.kind == kind


def test_a_network_that_somebody_picks_is_left_alone(model):
    networks = NetworkChoice(model)
    model.kind = "neuro DisRNN"
    assert networks.follow(CHOICES) == ""
    assert model.kind == "neuro DisRNN"
    assert networks.follow(RECORDED) == ""
    assert misfit(model.kind, RECORDED) == ""


def test_the_status_line_says_which_network_it_is_and_why(make_lab):
    lab = make_lab()
    data = lab.state.data
    data.n_subjects = 3
    lab.state.model.kind = "multisubject DisRNN"
    assert isinstance(lab.model, cl.MultisubjectDisRNN)
    data.n_subjects = 1
    assert lab.run_state == "ready"
    assert "The network is now a DisRNN: a multisubject DisRNN tells subjects apart" in lab.top.message.value
    assert isinstance(lab.model, cl.DisRNN)
    data.seed = 5
    assert "network" not in lab.top.message.value, "it is told once"
    data.n_subjects = 3
    assert isinstance(lab.model, cl.MultisubjectDisRNN)


def test_data_that_tell_only_when_they_are_there_are_followed_too(make_lab):
    of_one = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=6, n_trials=20)
    lab = make_lab(dataset=of_one)
    lab.state.data.set_quietly(source="simulated agent", n_subjects=2)
    lab.state.model.kind = "multisubject DisRNN"
    lab.state.data.source = "given data set"
    assert isinstance(lab.model, cl.DisRNN)
    assert "these data are of one" in lab.top.message.value


def test_a_saved_run_keeps_its_network_whatever_it_suits(make_lab, train):
    lab = make_lab()
    lab.state.model.kind = "multisubject DisRNN"  # of one subject: nobody else would pick it
    lab.save("one")
    other = make_lab()
    other.load("one")
    assert isinstance(other.model, cl.MultisubjectDisRNN)
    assert other.state.model.kind == "multisubject DisRNN"
