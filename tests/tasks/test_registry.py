"""Names under which agents, environments and tasks can be picked, and a user's own beside them."""

import math

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.tasks.agents.library.classical_models import COUNTERFACTUAL_MODELS
from cogrnn_lab.tasks.registry import AGENTS, ENVIRONMENTS, TASKS


@pytest.fixture(autouse=True)
def as_before():
    """Each test leaves the registries as they were."""
    before = [dict(registry) for registry in (AGENTS, ENVIRONMENTS, TASKS)]
    yield
    for registry, content in zip((AGENTS, ENVIRONMENTS, TASKS), before, strict=True):
        registry.clear()
        registry.update(content)


def test_every_classical_model_has_its_one_name():
    models = cl.classical_models()
    further = {"Pearce-Hall", "reward seeking", *COUNTERFACTUAL_MODELS}
    assert set(AGENTS) == {*models, *further}
    for name, model in models.items():
        template = AGENTS[name].template
        assert [p.path for p in cl.agent_parameters(template)] == [p.path for p in cl.agent_parameters(model)]
        if name != "history regression":  # a simulation needs weights, of which a fit starts without
            assert str(template) == str(model)


@pytest.mark.parametrize("name", list(AGENTS))
def test_each_parameter_of_an_agent_is_a_setting_with_its_limits(name):
    entry = AGENTS[name]
    parameters = cl.agent_parameters(entry.template)
    assert [one.name for one in entry.settings] == [p.name for p in parameters]
    assert [one.allowed for one in entry.settings] == [p.limits.allowed for p in parameters]
    for setting, parameter in zip(entry.settings, parameters, strict=True):
        value = 0.125 if not parameter.shape else (0.125,) * parameter.size
        np.testing.assert_array_equal(parameter.value(entry.make(**{setting.name: value})), value)


def test_what_an_agent_does_not_allow_is_refused_as_by_its_constructor():
    with pytest.raises(ValueError, match=r"learning_rate = 2\.0; expected 0 to 1\. It is a fraction"):
        AGENTS["Bari 2019"].make(learning_rate=2)
    with pytest.raises(ValueError, match=r'no parameter "gain"; it has learning_rate, inverse_temp'):
        AGENTS["Q-learning"].make(gain=1.0)


def test_a_bias_of_one_number_is_towards_every_arm_after_the_first():
    agent = AGENTS["Bari 2019"].make(n_arms=4, bias=0.5)
    np.testing.assert_array_equal(agent.bias, [0.5, 0.5, 0.5])
    assert AGENTS["Bari 2019"].make(bias=0.5).bias == 0.5
    np.testing.assert_array_equal(AGENTS["Bari 2019"].make(n_arms=3, bias=(0.5, -1.0)).bias, [0.5, -1.0])


def test_weights_of_different_number_count_nothing_further_back():
    made = AGENTS["history regression"].make(reward_weights=(2.0, 1.0, 0.5), choice_weights=(-1.0,))
    written = cl.SideBias(cl.HistoryRegression(3, (2.0, 1.0, 0.5), (-1.0, 0.0, 0.0)))
    sizes = {"n_sessions": 3, "n_trials": 30}
    here, there = (cl.simulate(agent, cl.DriftingBandit(), **sizes) for agent in (made, written))
    np.testing.assert_array_equal(here.columns["p_choice"], there.columns["p_choice"])


def test_subjects_can_differ_in_numbers_but_not_in_those_of_each_arm_or_trial_back():
    differing = [one.name for one in AGENTS["Bari 2019"].settings if one.per_subject]
    assert differing == ["learning_rate", "inverse_temperature", "forget_rate", "choice_weight"]
    assert not any(one.per_subject for one in AGENTS["history regression"].settings)


@pytest.mark.parametrize("name", list(ENVIRONMENTS))
def test_every_environment_is_made_and_played(name):
    data = cl.simulate(cl.QLearning(), ENVIRONMENTS[name].make(), n_sessions=2, n_trials=20)
    assert data.n_classes == 2
    for setting in ENVIRONMENTS[name].settings:
        assert setting.allowed[0] <= setting.default <= setting.allowed[1]


@pytest.mark.parametrize("name", list(TASKS))
def test_every_task_is_made_with_its_settings(name):
    entry = TASKS[name]
    defaults = {one.name: one.default for one in entry.settings}
    assert {"dt", "tau", "duration"} <= set(defaults)
    assert entry.make(**defaults).batch(jax.random.key(0), 4).inputs.shape[0] == 4
    with pytest.raises(ValueError, match=f"\"{name}\" has no setting 'tempo'; it has "):
        entry.make(tempo=1.0)


class WinStay(cl.Agent):
    """Prefers an arm by its last reward; `strength` has no limits of its own."""

    strength: float = 2.0

    def initial_state(self, n_arms):
        """No preference."""
        return jax.numpy.zeros(n_arms)

    def logits(self, state):
        """By strength."""
        return self.strength * state

    def update(self, state, choice, reward):
        """The last reward alone."""
        return jax.numpy.zeros_like(state).at[choice].set(reward)


def test_an_agent_of_ones_own_is_added_as_a_class_or_as_a_template_and_again():
    cl.register_agent("win-stay", WinStay, limits={"strength": (0.0, 20.0)})
    (setting,) = AGENTS["win-stay"].settings
    assert (setting.name, setting.default, setting.allowed, setting.per_subject) == (
        "strength",
        2.0,
        (0.0, 20.0),
        True,
    )
    assert AGENTS["win-stay"].make(strength=3.0).strength == 3.0
    cl.register_agent("win-stay", WinStay(5.0))  # the cell is run again after a change
    assert AGENTS["win-stay"].settings[0].default == 5.0
    assert AGENTS["win-stay"].settings[0].allowed == (-math.inf, math.inf)


def test_an_environment_of_ones_own_keeps_what_its_template_has():
    cl.register_environment("four arms", cl.DriftingBandit(0.2, n_arms=4))
    made = ENVIRONMENTS["four arms"].make(drift=0.05)
    assert (made.n_arms, made.drift) == (4, 0.05)
    with pytest.raises(ValueError, match="n_arms = 1; expected 2 or more"):
        ENVIRONMENTS["four arms"].make(n_arms=1)
    cl.register_environment("four levels", cl.UncoupledBandit((0.1, 0.2, 0.3, 0.4)))
    assert ENVIRONMENTS["four levels"].make(baited=True).levels.size == 4


class Ramp(cl.NumpyTask):
    """Follows a ramp."""

    duration = 100.0
    slope = 0.5

    def trial_parameters(self, rng):
        """Where it begins."""
        return {"start": rng.uniform()}

    def trial(self, t, parameters):
        """The ramp is shown and asked for."""
        level = parameters["start"] + self.slope * t / 100
        return [level], [level], [1]

    def accuracy(self, outputs, batch):
        """Of no interest here."""
        return np.ones(len(batch.inputs))


def test_tasks_of_ones_own_in_either_way_of_writing_them():
    cl.register_task("ramp", Ramp)
    cl.register_task("steep ramp", Ramp(slope=2.0))
    defaults = {one.name: one.default for one in TASKS["ramp"].settings}
    assert defaults == {"dt": 10.0, "tau": 100.0, "duration": 100.0, "slope": 0.5}
    assert TASKS["ramp"].make(slope=1.0).slope == 1.0
    made = TASKS["steep ramp"].make(duration=200.0)
    assert (made.slope, made.duration, made.n_steps) == (2.0, 200.0, 20)
    cl.register_task("long", cl.FlipFlop(duration=4000.0))
    assert TASKS["long"].make(dt=20.0).n_steps == 200


def test_what_cannot_be_registered_says_why():
    with pytest.raises(ValueError, match='"Q-learning" is a name of the package; register it under another'):
        cl.register_agent("Q-learning", WinStay)
    with pytest.raises(ValueError, match='limits are given for "power", which is no setting; expected some '):
        cl.register_agent("win-stay", WinStay, limits={"power": (0, 1)})
    with pytest.raises(TypeError, match="SideBias cannot be made without arguments"):
        cl.register_agent("bias", cl.SideBias)
    with pytest.raises(TypeError, match=r"expected an environment, such as cl.DriftingBandit"):
        cl.register_environment("agent", cl.QLearning())
    with pytest.raises(TypeError, match="PayoutMatrix cannot be made without arguments"):
        cl.register_environment("payouts", cl.PayoutMatrix)
    with pytest.raises(TypeError, match=r"expected a task, such as cl.FlipFlop"):
        cl.register_task("bandit", cl.DriftingBandit)
