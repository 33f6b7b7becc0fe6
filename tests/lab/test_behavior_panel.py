"""Behavior in the lab: of the network as it plays and of what it is compared with, beside training."""

import html

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.lab.engine.playing import compared_with, play, sessions_to_play
from cogrnn_lab.lab.settings.state import BEHAVIOR

PATIENCE = 120.0


def shown(plot) -> list[np.ndarray]:
    """Points of each source that is shown."""
    return [mark.y for mark in plot.points if len(mark.y)]


def worked_out(lab) -> None:
    aside = lab.display["behavior"].aside
    aside.now()
    aside.wait(PATIENCE)
    lab.runner.drive.wake()


@pytest.fixture(scope="module")
def lab(lab_in_tab):
    """A lab whose network has played after three steps."""
    lab = lab_in_tab(BEHAVIOR)
    worked_out(lab)
    return lab


def test_it_shows_the_data_the_network_that_plays_and_the_agent(lab):
    panel, run = lab.display["behavior"], lab.runner.run
    agent = cl.QLearning(learning_rate=0.3, inverse_temperature=3.0)
    sessions = run.held_out
    expected = [cl.behavior(sessions, player, n_resamples=400) for player in (None, lab.model, agent)]
    for drawn, own in zip(shown(panel.stay), expected, strict=True):
        np.testing.assert_allclose(drawn, own.stay_and_shift.value)
    for drawn, own in zip(shown(panel.history), expected, strict=True):
        assert own.history is not None
        np.testing.assert_allclose(drawn, own.history.of("choice x reward"))
    low = panel.stay.bars[1].y[0]
    assert low == pytest.approx(expected[1].stay_and_shift.low[0])
    assert panel.readout.value == "6 held-out sessions · of step 3"
    assert "network plays" in panel.legend.value
    assert "generating agent plays" in panel.legend.value
    assert "network: proportions of choices differ" in panel.words.value


def test_the_curve_and_the_weights_are_picked(lab):
    panel, view = lab.display["behavior"], lab.state.view
    assert "around block switches" not in [name for _, name in panel.curve_picker.options], "none there"
    data = cl.behavior(lab.runner.run.held_out, n_resamples=400)
    panel.curve_picker.value = "run lengths"
    np.testing.assert_allclose(
        shown(panel.curve)[0], data.run_lengths.value[np.isfinite(data.run_lengths.value)]
    )
    view.behavior_curve = "switch by outcomes"
    assert list(panel.curve.x_axis.tick_labels.values())[:2] == ["LLL", "WLL"]
    panel.term_picker.value = "choice"
    assert data.history is not None
    np.testing.assert_allclose(shown(panel.history)[0], data.history.of("choice"))


def test_it_is_marked_once_training_has_gone_on_and_the_agent_plays_once(lab):
    panel = lab.display["behavior"]
    agents = [one for name, one in panel._known.items() if name == "generating agent"]
    lab.step()
    lab.runner.drive.turn()
    assert "of step 3, the network is at 4" in panel.readout.value
    worked_out(lab)
    assert panel.readout.value.endswith("of step 4")
    assert panel._known["generating agent"] is agents[0]


def test_block_switches_are_shown_where_there_are_any(make_lab, small_state):
    state = small_state()
    state.data.environment.kind = "blocks with reversals"
    state.data.set_quietly(n_sessions=6, n_trials=120)
    lab = make_lab(state)
    lab.state.view.tab = BEHAVIOR
    worked_out(lab)
    panel = lab.display["behavior"]
    assert panel.curve_picker.value == "around block switches"
    assert panel.curve.x_axis.label == "trials from the switch"
    assert panel.curve.x.min < -5 < 15 < panel.curve.x.max


def test_what_cannot_play_says_why_and_the_data_are_shown(make_lab):
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(6, 30, 2)).astype(np.float32)  # nobody tells these to a network that plays
    choices = rng.integers(0, 2, (6, 30, 1)).astype(np.float32)
    data = cl.Dataset(inputs, choices, n_classes=2, input_names=("light", "sound"))
    lab = make_lab(dataset=data)
    lab.state.view.tab = BEHAVIOR
    worked_out(lab)
    panel = lab.display["behavior"]
    assert "How the network behaves when it plays is not known" in panel.words.value
    assert "classical models" in html.unescape(panel.words.value)
    assert "error" not in lab.top.message.value


def test_the_best_classical_model_plays_where_no_agent_is_known(make_lab):
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=6, n_trials=30)
    run = make_lab(dataset=data).runner.run
    assert compared_with(run, -1) == {}
    run.best_fit = ("Q-learning", cl.fit_agent(cl.QLearning(), run.train))
    sessions, words = sessions_to_play(run)
    played = play(run.trainer.model, sessions, words, compared_with(run, -1), {}, lambda: None)
    assert list(played.behaviors) == ["data", "network", "Q-learning"]
    expected = cl.behavior(sessions, run.best_fit[1], n_resamples=400)
    assert played.behaviors["Q-learning"].win_stay == expected.win_stay
