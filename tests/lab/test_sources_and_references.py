"""Several subjects, signals, published sets, trial tasks and classical models, as the lab offers them."""

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.lab import references
from cogrnn_lab.lab.run import PREVIEWED_TRIALS
from cogrnn_lab.lab.state import PUBLISHED, TASK


@pytest.fixture
def small(make_lab):
    """A lab on few short sessions."""
    lab = make_lab()
    lab.state.data.set_quietly(n_sessions=12, n_trials=20)
    return lab


def test_subjects_share_the_sessions_and_differ_in_the_parameter_that_was_picked(small):
    data = small.state.data
    data.set_quietly(n_subjects=4, varied="learning_rate", lowest=0.2, highest=0.8)
    assert small.dataset.n_sessions == 12
    assert len(small.dataset.subjects) == 4
    rates = np.unique(small.dataset.columns["learning_rate"])
    np.testing.assert_allclose(rates, [0.2, 0.4, 0.6, 0.8], rtol=1e-6)
    data.varied = "gain"
    assert "no parameter &quot;gain&quot;" in small.top.message.value
    assert len(small.dataset.subjects) == 4, "what was there is still there"


def test_a_signal_is_recorded_for_the_neuro_network(small):
    small.state.data.signal = "reward prediction error"
    small.state.model.kind = "neuro DisRNN"
    assert small.dataset.kind == "mixed"
    assert small.run_state == "ready"
    assert isinstance(small.model, cl.NeuroDisRNN)


@pytest.mark.parametrize(("kind", "made"), [("GRU", cl.GRU), ("LSTM", cl.LSTM), ("plain RNN", cl.VanillaRNN)])
def test_networks_without_bottlenecks_have_hidden_units_and_no_bottleneck_sliders(small, kind, made):
    small.state.model.kind = kind
    small.state.model.parameters.n_hidden = 5
    assert isinstance(small.model, made)
    assert small.model.n_hidden == 5
    assert list(small.penalty_controls.sliders) == ["l2"]


def test_every_agent_and_environment_can_be_picked(small):
    data = small.state.data
    for agent in data.agent.constructors:
        data.agent.kind = agent
        assert small.run_state == "ready", (agent, small.top.message.value)
    for environment in data.environment.constructors:
        data.environment.kind = environment
        assert small.run_state == "ready", (environment, small.top.message.value)


def test_a_published_set_that_cannot_be_had_leaves_the_run_as_it_is(small, monkeypatch):
    before = small.dataset

    def offline(name):
        raise ConnectionError(f"{name} could not be downloaded (is this machine online?)")

    monkeypatch.setattr("cogrnn_lab.lab.run.published", offline)
    small.state.data.source = PUBLISHED
    assert "is this machine online?" in small.top.message.value
    assert "ConnectionError" not in small.top.message.value
    assert small.dataset is before
    monkeypatch.setattr("cogrnn_lab.lab.run.published", lambda name: before.select([0, 1, 2]))
    small.state.data.published = cl.published_names()[1]
    assert small.dataset.n_sessions == 3


def test_a_task_is_trained_on_through_its_stages_and_lesioned(small, train):
    data = small.state.data
    data.source = TASK
    data.task.kind = "go / no-go"
    data.task.parameters.set_quietly(dt=50.0)
    small.data_controls._task.add.click()
    data.task.parameters.set_quietly(cue=300.0)
    small.data_controls._task.add.click()
    data.advance = 0.0  # a stage lasts until the first check
    small.state.training.steps = 100
    assert isinstance(small.model, cl.ConstrainedRNN)
    assert small.dataset.n_sessions == PREVIEWED_TRIALS
    assert "rates" in small.penalty_controls.sliders
    assert "2. cue 300" in small.data_controls._task.listed.value
    train(small, 60)
    assert small.run_state == "finished"
    curve = small.runner.run.curve
    assert curve.stages == [0, 1]
    assert "accuracy on fresh trials" in small.display.learning.readout.value
    figures = small.display.tasks
    assert np.asarray(figures.weights.cells.color).shape == (50, 50)
    whole = figures.psychometric.readout.value
    figures.weights.dots.__class__
    figures.weights._clicked(None, {"data": {"index": 0}})
    assert small.state.view.lesion == [figures.weights.order[0]]
    small.state.view.lesion = list(range(50))
    small.runner.drive.turn()
    assert "lesioned" in figures.psychometric.readout.value
    assert figures.psychometric.readout.value.startswith(whole)


def test_leaving_the_tasks_brings_the_first_network_and_its_figures_back(small):
    figures = small.display.widget.children
    rate = small.state.training.learning_rate
    small.state.data.source = TASK
    assert small.display.widget.children != figures
    assert small.state.training.learning_rate < rate
    small.state.data.source = "simulated agent"
    assert small.display.widget.children == figures
    assert small.state.training.learning_rate == rate
    assert isinstance(small.model, cl.DisRNN)


def test_choices_have_no_physical_time(small):
    small.state.model.kind = "constrained RNN"
    assert "physical time" in small.top.message.value


def test_the_best_classical_model_is_a_line_on_the_curve(small, monkeypatch):
    monkeypatch.setattr(references, "FITTED", ("Q-learning",))
    small.state.view.classical = True
    small.references.wait()
    curve = small.runner.run.curve
    assert curve.classical is not None
    name, likelihood = curve.classical
    assert name == "Q-learning"
    ceiling = small.runner.run.held_out.generating_likelihood
    assert likelihood == pytest.approx(ceiling, abs=0.03)
    small.runner.drive.turn()
    np.testing.assert_allclose(small.display.learning.likelihood_lines["classical"].y, likelihood)
