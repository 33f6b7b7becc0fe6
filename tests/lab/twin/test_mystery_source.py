"""The mystery agent in the lab: nothing on the page or in the code tells it before it is revealed."""

import json
import re
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.analysis.reading.agent_rule import true_rule
from cogrnn_lab.lab.page.openings import parts
from cogrnn_lab.lab.settings.state import MYSTERY
from cogrnn_lab.lab.twin.script import as_notebook, as_script, sections
from cogrnn_lab.tasks.mystery import KINDS


@pytest.fixture
def mystery_lab(make_lab, small_state, train):
    def make(number: int):
        state = small_state()
        state.data.set_quietly(source=MYSTERY, mystery=number)
        lab = make_lab(state=state)
        assert lab.run_state == "ready", lab.top.message.value
        train(lab, 16)
        return lab

    return make


def told_by(lab) -> str:
    """State of every widget, as a page gets it; lists of options hold all agents, and are left out."""
    everything = list(parts([lab, *lab.display.widgets, *lab.data_controls.widgets]))
    states = [one.get_state() for one in everything]
    assert len(states) > 500
    return json.dumps([{k: v for k, v in s.items() if k != "_options_labels"} for s in states], default=str)


def words_of(lab) -> tuple[str, set[str]]:
    """All that is told on the page, in the settings and by the exported code; and each word of it."""
    parts_ = sections(lab.runner.run, lab.state, lab._figure_code(lab.runner.run))
    told = told_by(lab) + as_script(parts_, "The run") + as_notebook(parts_, "The run")
    told += json.dumps(lab.state.to_dict())
    told = told.replace(json.dumps(lab.state.data.agent.to_dict()), "")  # what was picked before
    return told, set(re.split(r"[^\w.-]+", told))


@pytest.mark.parametrize("number", [1, 5])
def test_nothing_tells_it_before_it_is_revealed(mystery_lab, number):
    lab = mystery_lab(number)
    answer = cl.mystery_agent(number).reveal()
    told, words = words_of(lab)
    _, of_any = words_of(mystery_lab(2))  # what is there whatever is hidden, such as steps of sliders
    assert answer.kind not in told
    assert not {f"{value}" for value in answer.numbers.values()} & (words - of_any)
    assert lab.state.view.guess.kind == KINDS[0]
    lab.state.view.revealed = True
    lab.runner.drive.wake()
    told, words = words_of(lab)
    assert answer.kind in told, "it would have been seen"
    assert {f"{value:.2f}" for value in answer.numbers.values()} <= words


def test_the_guess_of_the_moment_of_revealing_is_scored(mystery_lab):
    lab = mystery_lab(5)
    panel, answer = lab.display["mystery"], cl.mystery_agent(5).reveal()
    assert panel.widget in lab.display.widget.children
    lab.state.view.guess.kind = answer.kind
    for name, value in answer.numbers.items():
        setattr(lab.state.view.guess.parameters, name, value)
    panel.reveal.click()
    assert panel.score.points == pytest.approx(100.0)
    assert f"<b>{answer.kind}</b>, as you guessed. <b>100 of 100 points.</b>" in panel.answer.value
    assert panel.reveal.disabled
    lab.state.view.guess.kind = next(kind for kind in KINDS if kind != answer.kind)
    lab.runner.drive.wake()
    assert panel.score.points == pytest.approx(100.0), "the guess is taken"
    lab.state.data.mystery = 6
    lab.reset()
    assert panel.answer.value == ""
    assert not lab.state.view.revealed
    assert not panel.reveal.disabled


def test_other_sources_have_no_such_panel(lab):
    assert lab.display["mystery"].widget not in lab.display.widget.children


def test_true_rules_are_drawn_over_the_found_ones_once_revealed(mystery_lab, clock):
    lab = mystery_lab(5)
    panel = lab.display["update_rules"]
    assert panel.truth_words.value == ""
    lab.state.view.revealed = True
    for _ in range(4):
        clock.now += 2.0
        lab.runner.drive.wake()
    assert panel.truth_words.value != ""


def test_the_true_rule_of_a_network_that_is_the_agent_is_its_own():
    """A latent that is the agent's state, scaled and shifted, has the agent's own update as its true rule."""
    agent = cl.RewardSeeking(learning_rate=0.3)
    data = cl.simulate(agent, cl.DriftingBandit(), n_sessions=8, n_trials=100)
    own = Scaled()
    values = np.linspace(-2.0, 2.0, 9)
    observations = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    rule: Any = type("Rule", (), {"values": values, "observations": observations})
    found = true_rule(agent, own, data, 0, rule)
    assert found.share == pytest.approx(1.0, abs=1e-5)
    for row, (choice, reward) in zip(found.change, observations, strict=True):
        seen = np.array([choice, reward])
        expected = [float(own.next_state(np.array([v], np.float32), seen)[0]) for v in values]
        np.testing.assert_allclose(row, np.array(expected) - values, atol=1e-4)


class Scaled(cl.Network):
    """Reward seeking with a rate of 0.3 in one latent: 2 x + 0.5 of its state."""

    n_inputs: int = eqx.field(static=True, default=2)
    n_outputs: int = eqx.field(static=True, default=2)

    def initial_state(self, subject=None):
        # before the first trial the network reads zeros, a choice of 0 that paid nothing; after it x is 0
        return jnp.full(1, 2.0 * (-0.3 / 0.7) + 0.5)

    def next_state(self, state, inputs, *, subject=None, key=None, noise=1.0):
        side = 2.0 * inputs[0] - 1.0
        towards = side * (2.0 * inputs[1] - 1.0)
        raw = (state - 0.5) / 2.0
        return 2.0 * (raw + 0.3 * (towards - raw)) + 0.5

    def readout(self, state, *, subject=None):
        return jnp.concatenate([0.0 * state, 3.0 * (state - 0.5) / 2.0])
