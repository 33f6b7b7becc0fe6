"""Experiments in the lab: what a part of the network is for, tried on a copy of it."""

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.lab.engine.experiment import SETTINGS, Trial, parts_of
from cogrnn_lab.lab.panels.experiments import NOTHING
from cogrnn_lab.lab.settings.state import EXPERIMENTS

PATIENCE = 120.0


def tried(lab) -> None:
    panel = lab.display["experiments"]
    for aside in (panel.along, panel.playing):
        aside.now()
        aside.wait(PATIENCE)
    lab.runner.drive.wake()


@pytest.fixture(scope="module")
def shared(lab_in_tab):
    return lab_in_tab(EXPERIMENTS)


@pytest.fixture
def lab(shared):
    shared.display["experiments"].undo()
    return shared


def test_channels_are_offered_in_the_words_of_the_data_and_closed(lab):
    panel, before = lab.display["experiments"], jax.tree.leaves(lab.model)
    assert panel.words.value == NOTHING
    names = dict(panel.picker.options)
    assert {"latent 1", "latent 2 → choice", "previous reward → latent 1"} <= set(names)
    panel.picker.value = names["previous reward → latent 1"]
    tried(lab)
    sample = lab.display.view.sample
    change = cl.Perturbation(channels={"previous reward -> latent 1": 0.0})
    expected = cl.perturb(lab.model, sample, change, **SETTINGS)
    told = f"{expected.likelihood_before:.4f} → {expected.likelihood_after:.4f}"
    assert told in panel.words.value
    for mark, own in zip(panel.predicted.points, (expected.before, expected.after), strict=True):
        curves = (own.stay_and_shift.value, own.switch_by_outcomes.value)
        np.testing.assert_allclose(mark.y, np.concatenate(curves))
    plays = cl.perturb(lab.model, sample, change, closed_loop=True, **SETTINGS)
    assert f"{plays.reward_before:.3f} → {plays.reward_after:.3f}" in panel.words.value
    np.testing.assert_allclose(panel.played.points[1].y[0], plays.after.win_stay)
    for old, new in zip(before, jax.tree.leaves(lab.model), strict=True):
        np.testing.assert_array_equal(old, new, "the network in training is as it was")


def test_a_latent_is_held_or_scaled_by_a_slider_and_let_go(lab):
    panel, view = lab.display["experiments"], lab.state.view
    panel.picker.value = "latent 2"
    assert view.latent == 1, "it is selected in the other figures, too"
    panel.action.value = "hold"
    panel.held.value = 0.5
    assert (view.action, view.held) == ("hold", 0.5)
    assert panel.held.layout.display == "" != panel.factor.layout.display
    tried(lab)
    expected = cl.perturb(
        lab.model, lab.display.view.sample, cl.Perturbation(clamp={"latent 2": 0.5}), **SETTINGS
    )
    assert f"→ {expected.likelihood_after:.4f}" in panel.words.value
    panel.picker.value = "latent 2 -> choice"  # a channel has no value to be held at
    assert panel.action.options == ("close", "scale")
    assert panel.action.value == "close"
    panel.action.value = "scale"
    panel.factor.value = 2.0
    tried(lab)
    doubled = cl.Perturbation(channels={"latent 2 -> choice": 2.0})
    expected = cl.perturb(lab.model, lab.display.view.sample, doubled, **SETTINGS)
    assert f"→ {expected.likelihood_after:.4f}" in panel.words.value
    panel.reset.click()
    assert (view.part, view.action, view.factor, view.held) == ("", "close", 1.0, 0.0)
    assert panel.words.value == NOTHING
    assert panel.body.children == ()


def test_it_is_marked_once_training_has_gone_on(lab):
    panel = lab.display["experiments"]
    lab.state.view.part = "latent 1"
    tried(lab)
    step = lab.trainer.step_count
    assert panel.readout.value.endswith(f"of step {step}")
    lab.step()
    lab.runner.drive.turn()
    assert f"of step {step}, the network is at {step + 1}" in panel.readout.value
    lab.state.view.part = "latent 9"
    tried(lab)
    assert "latent 9" in panel.words.value, "what is no part of it is said"
    assert "error" not in lab.top.message.value


def test_units_of_a_network_without_bottlenecks_fall_silent_or_are_held():
    network = cl.GRU(2, 2, 3, key=0)
    assert Trial("latent 2").on(network).text == "lesion of latent 2"
    assert Trial("latent 2", "hold", held=0.5).on(network).text == "latent 2 held at 0.5"
    found = cl.bottlenecks(network)
    assert parts_of(found, [1, 0, 2]) == [(f"latent {i}", f"latent {i}") for i in (2, 1, 3)]
