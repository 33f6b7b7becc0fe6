"""Several subjects, signals, published sets, trial tasks and classical models, as the lab offers them."""

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.lab.data.sources import PREVIEWED_TRIALS
from cogrnn_lab.lab.engine import references
from cogrnn_lab.lab.page.openings import parts
from cogrnn_lab.lab.settings.catalog import MODELS
from cogrnn_lab.lab.settings.state import PUBLISHED, TASK, LabState
from cogrnn_lab.tasks.registry import AGENTS, ENVIRONMENTS, TASKS


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


def test_agents_environments_and_tasks_are_those_of_the_registries(small):
    data = small.state.data
    assert set(cl.classical_models()) < set(data.agent.constructors) == set(AGENTS)
    assert list(data.environment.constructors) == list(ENVIRONMENTS)
    assert list(data.task.constructors) == list(TASKS)


@pytest.fixture
def registries():
    """The registries, left as they were."""
    before = [(registry, dict(registry)) for registry in (AGENTS, ENVIRONMENTS, TASKS, MODELS)]
    yield
    for registry, content in before:
        registry.clear()
        registry.update(content)


@pytest.mark.usefixtures("registries")
def test_a_registered_agent_and_environment_are_in_the_next_lab(make_lab):
    cl.register_agent("careless", cl.Lapse(cl.QLearning(0.4), 0.2))
    cl.register_environment("slow drift", cl.DriftingBandit(drift=0.02))
    lab = make_lab()
    lab.state.data.agent.kind, lab.state.data.environment.kind = "careless", "slow drift"
    lab.state.data.agent.parameters.lapse_rate = 0.5
    expected = cl.simulate(
        cl.Lapse(cl.QLearning(0.4), 0.5), cl.DriftingBandit(drift=0.02), n_sessions=12, n_trials=30
    )
    np.testing.assert_array_equal(lab.dataset.choices, expected.choices)
    assert {"learning_rate", "lapse_rate"} <= set(lab.state.data.can_vary())


def test_a_network_of_ones_own_is_picked_beside_the_others(make_lab, train):
    def tiny(n_inputs, n_outputs, n_hidden=3, *, key):
        return cl.GRU(n_inputs, n_outputs, n_hidden, key=key)

    state = LabState(networks={"tiny": tiny})
    state.data.set_quietly(n_sessions=12, n_trials=20)
    state.model.kind = "tiny"
    lab = make_lab(state=state)
    assert lab.model.n_hidden == 3
    lab.state.model.parameters.n_hidden = 5
    assert lab.model.n_hidden == 5
    train(lab, 2)
    with pytest.raises(ValueError, match=r"pass them as LabState\(networks=\.\.\.\)"):
        make_lab(state=LabState(), networks={"tiny": tiny})


@pytest.mark.usefixtures("registries")
def test_a_registered_network_is_in_every_lab_that_is_made_afterwards():
    with pytest.raises(ValueError, match='"GRU" is a network of the lab itself'):
        cl.lab.register_network("GRU", cl.GRU)
    with pytest.raises(TypeError, match="expected a class or function"):
        cl.lab.register_network("mine", "GRU")
    before = LabState()
    cl.lab.register_network("mine", cl.GRU)
    assert "mine" in LabState().model.constructors
    assert "mine" not in before.model.constructors


@pytest.mark.parametrize(
    ("kind", "numbers", "agent"),
    [
        (
            "Q-learning, gains and losses",
            {"learning_rate": 0.6, "loss_rate": 0.1, "bias": 1.0},
            cl.SideBias(cl.QLearning(0.6, loss_rate=0.1), 1.0),
        ),
        ("Q-learning, forgetting", {"forget_rate": 0.5}, cl.SideBias(cl.QLearning(forget_rate=0.5), 0.0)),
        (
            "Q-learning, perseveration",
            {"choice_rate": 0.9, "choice_weight": -1.0},
            cl.SideBias(cl.Perseveration(cl.QLearning(), 0.9, -1.0), 0.0),
        ),
        (
            "actor-critic, perseveration",
            {"actor_rate": 2.0, "choice_weight": 1.5},
            cl.SideBias(cl.Perseveration(cl.LeakyActorCritic(actor_rate=2.0), 0.3, 1.5), 0.0),
        ),
        (
            "Pearce-Hall, forgetting",
            {"surprise_rate": 0.6},
            cl.SideBias(cl.PearceHall(surprise_rate=0.6, forget_rate=0.3), 0.0),
        ),
        ("Grossman 2022", {"meta_rate": 0.9}, cl.grossman_2022(meta_rate=0.9)),
        (
            "history regression",
            {"reward_weights": (2.0, 1.0, 0.5), "choice_weights": (-1.0,)},
            cl.SideBias(cl.HistoryRegression(3, (2.0, 1.0, 0.5), (-1.0, 0.0, 0.0)), 0.0),
        ),
    ],
)
def test_each_number_of_a_composed_agent_has_a_control_that_acts(small, kind, numbers, agent):
    data = small.state.data
    data.agent.kind = kind
    data.agent.parameters.set_quietly(**numbers)
    expected = cl.simulate(agent, cl.DriftingBandit(), n_sessions=12, n_trials=20)
    np.testing.assert_array_equal(small.dataset.columns["choice"], expected.columns["choice"])


def test_a_bias_is_one_number_also_for_more_arms(small):
    data = small.state.data
    data.agent.kind = "Bari 2019"
    data.agent.parameters.bias = 0.5
    data.environment.parameters.n_arms = 4
    expected = cl.simulate(
        cl.bari_2019(bias=[0.5] * 3), cl.DriftingBandit(n_arms=4), n_sessions=12, n_trials=20
    )
    np.testing.assert_array_equal(small.dataset.columns["choice"], expected.columns["choice"])


def test_subjects_do_not_differ_in_what_is_one_number_for_each_arm(small):
    data = small.state.data
    data.agent.kind = "history regression"
    data.n_subjects = 3
    assert "nothing in which subjects could differ: set the subjects to 1" in small.top.message.value
    data.agent.kind = "Bari 2019"
    assert data.can_vary() == ["learning_rate", "inverse_temperature", "forget_rate", "choice_weight"]
    data.varied = "choice_weight"
    assert small.run_state == "ready", small.top.message.value
    name, values = small.runner.run.truth
    assert name == "choice_weight"
    np.testing.assert_allclose(values, [0.1, 0.5, 0.9])


def test_the_numbers_of_a_recorded_signal_are_those_of_the_simulation(small):
    data = small.state.data
    data.signal = "chosen value"
    data.recording.parameters.set_quietly(noise=0.0, gain=2.0, baseline=5.0, missing=0.25)
    expected = cl.simulate(
        cl.QLearning(),
        cl.DriftingBandit(),
        n_sessions=12,
        n_trials=20,
        signals=cl.ChosenValue(noise=0.0, gain=2.0, baseline=5.0, missing=0.25),
    )
    np.testing.assert_array_equal(small.dataset.targets, expected.targets)
    np.testing.assert_array_equal(small.dataset.mask, expected.mask)
    other = LabState()
    other.update(small.state.to_dict())
    assert other.data.signal == other.data.recording.kind == "chosen value"
    assert other.data.recording.parameters.gain == 2.0


def test_settings_of_before_there_were_such_numbers_are_still_read(small):
    settings = small.state.to_dict()
    for name in ("recording", "accumulator", "clicks", "n_click_trials", "published_subject"):
        del settings["data"][name]
    settings["data"]["signal"] = "reward prediction error"
    other = LabState()
    other.update(settings)
    assert other.data.recording.kind == "reward prediction error"
    assert other.data.recording.parameters.noise == 0.1


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

    def offline(name, *, subjects):
        raise ConnectionError(f"{name} could not be downloaded (is this machine online?)")

    monkeypatch.setattr("cogrnn_lab.lab.data.published_sets.published", offline)
    small.state.data.source = PUBLISHED
    assert "Press Get data" in small.top.message.value, "nothing is downloaded before that"
    small.data_controls.published.get.click()
    assert "is this machine online?" in small.top.message.value
    assert "ConnectionError" not in small.top.message.value
    assert small.dataset is before


def test_a_published_set_is_got_once_the_button_is_pressed(small, make_lab, monkeypatch):
    before, asked = small.dataset, []

    def get(name, *, subjects):
        asked.append((name, subjects))
        return before.select([0, 1, 2])

    monkeypatch.setattr("cogrnn_lab.lab.data.published_sets.published", get)
    small.state.data.source = PUBLISHED
    small.reset()
    assert asked == []
    assert small.dataset is before
    small.data_controls.published.get.click()
    assert asked == [("rat_bandit", None)]
    assert small.dataset.n_sessions == 3
    small.state.training.seed = 3
    assert len(asked) == 1, "another run on it needs no other download"
    small.save("rats")
    small.state.data.published = "rat_clicks"
    assert "Press Get data" in small.top.message.value
    small.data_controls.published.subject.value = "B083"
    assert small.state.data.published_subject == "B083"
    assert len(asked) == 1
    other = make_lab()
    other.load("rats")
    assert other.dataset.n_sessions == 3
    assert asked[1:] == [("rat_bandit", None)], "opening a run on it is pressing the button"
    small.data_controls.published.subject.value = ""
    small.get_published()
    small.save("all rats")
    other.load("all rats")
    assert other.state.data.published_subject == ""
    assert asked[2:] == [("rat_clicks", None)] * 2


@pytest.mark.slow
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
    assert "the last stage is passed" in small.top.message.value
    n = small.trainer.step_count
    assert small.top.count.value.startswith(f"<b>{n}</b> / {n} ")
    assert small.display["psychometric"].across.label == "onset time (ms)"
    curve = small.runner.run.curve
    assert curve.stages == [0, 1]
    assert "accuracy on fresh trials" in small.display["learning"].readout.value
    weights, psychometric = small.display["weights"], small.display["psychometric"]
    assert np.asarray(weights.cells.color).shape == (50, 50)
    whole = psychometric.readout.value
    weights.dots._handle_custom_msg({"event": "element_click", "data": {"index": 0}}, [])
    assert small.state.view.lesion == [weights.order[0]]
    small.state.view.lesion = list(range(50))
    small.runner.drive.turn()
    assert "lesioned" in psychometric.readout.value
    assert psychometric.readout.value.startswith(whole)


def test_a_task_has_no_fields_of_a_warm_up_and_of_held_out_sessions(small):
    fields = [one for one in parts([small]) if "cog-field" in getattr(one, "_dom_classes", ())]
    named = {one.children[0].value: one for one in fields}
    hidden = [named[name] for name in ("warm-up steps", "warm-up rate", "held-out")]
    small.state.data.source = TASK
    assert {one.layout.display for one in hidden} == {"none"}
    assert named["training steps"].layout.display != "none"
    small.state.data.source = "simulated agent"
    assert {one.layout.display for one in hidden} == {""}


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


def test_connections_of_a_constrained_network_are_set_in_the_lab(small):
    small.state.data.source = TASK
    numbers = small.state.model.parameters
    numbers.set_quietly(n_units=40, excitatory=0.75, areas=2, i_to_i=0.0, inputs_to_inhibitory=False)
    model = small.model
    sizes = {"excitatory 1": 15, "excitatory 2": 15, "inhibitory 1": 5, "inhibitory 2": 5}
    assert dict(model.populations) == sizes
    area = np.repeat([0, 1, 0, 1], list(sizes.values()))
    inhibitory = np.arange(40) >= 30
    there = np.asarray(model.recurrent_matrix.connected)
    assert not there[np.ix_(inhibitory, inhibitory)].any(), "no I to I"
    assert not there[np.ix_(area == 1, inhibitory & (area == 0))].any(), "between areas all are excitatory"
    between = there[np.ix_(area == 1, ~inhibitory & (area == 0))].mean()
    assert 0.1 < between < 0.3
    reached = np.asarray(model.input_matrix.connected).any(1)
    np.testing.assert_array_equal(reached, (area == 0) & ~inhibitory)
    read = np.asarray(model.output_matrix.connected).any(0)
    np.testing.assert_array_equal(read, (area == 1) & ~inhibitory)
    figure = small.display["weights"]
    assert "40 units in 4 populations" in figure.readout.value
    assert figure.names[0] == "excitatory 1 1"
    x, y = (np.asarray(values) for values in (figure.borders.x, figure.borders.y))
    assert {15.0, 30.0, 35.0} <= set(x[np.isfinite(x)]), "lines between the populations"
    np.testing.assert_array_equal(np.isnan(x), np.isnan(y))

    numbers.set_quietly(areas=1, i_to_i=1.0, inputs_to_inhibitory=True, connected=0.3, autapses=True)
    assert 0.2 < np.asarray(small.model.recurrent_matrix.connected).mean() < 0.4
    assert np.asarray(small.model.input_matrix.connected).all()
    numbers.areas = 11
    assert "areas is 11, expected 1 to 10" in small.top.message.value


def test_time_and_noise_of_a_constrained_network_are_set_in_the_lab(small):
    small.state.data.source = TASK
    small.state.data.task.parameters.set_quietly(dt=25.0, tau=80.0)
    small.state.model.parameters.set_quietly(recurrent_noise=0.3, input_noise=0.2)
    model = small.model
    assert (model.dt, model.tau, model.recurrent_noise, model.input_noise) == (25.0, 80.0, 0.3, 0.2)
    for name in ("l1_recurrent", "l2_output", "rates"):
        small.penalty_controls.sliders[name].number.value = 0.02
        assert getattr(small.state.penalties, name) == 0.02


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
    np.testing.assert_allclose(small.display["learning"].likelihood_lines["classical"].y, likelihood)
