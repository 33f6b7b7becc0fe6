"""The recipe of the lab: which phase follows a step, and how defaults follow the data."""

import pytest

from cogrnn_lab.lab.engine.recipe import (
    ON_TASK,
    PENALIZED,
    RATE,
    RATE_ON_TASK,
    WARM_UP,
    next_phase,
    next_phase_on_task,
    suit_recipe,
    total_steps,
)
from cogrnn_lab.lab.settings.network_choice import Nature
from cogrnn_lab.lab.settings.state import LabState
from cogrnn_lab.training import Penalties

NAMES = ("latent", "l2")
CHOICES, CLICKS, TASK = Nature(), Nature(of_clicks=True), Nature(on_task=True)


@pytest.fixture
def state() -> LabState:
    state = LabState()
    state.training.set_quietly(warmup_steps=6, steps=10, warmup_rate=0.02, learning_rate=0.004)
    state.penalties.set_quietly(latent=0.5, l2=0.25, update_input=3.0, noise=0.75)
    return state


@pytest.mark.parametrize(
    ("step", "current", "name", "left"),
    [
        (0, "", WARM_UP, 6),
        (5, WARM_UP, WARM_UP, 1),
        (6, WARM_UP, PENALIZED, 10),
        (15, PENALIZED, PENALIZED, 1),
        (16, PENALIZED, PENALIZED, 0),
        (20, PENALIZED, PENALIZED, 0),  # the steps were made fewer meanwhile
    ],
)
def test_the_phase_changes_at_the_end_of_the_warm_up(state, step, current, name, left):
    phase = next_phase(state, NAMES, step, current)
    assert (phase.name, phase.steps) == (name, left)


def test_only_the_penalized_phase_has_the_penalties_of_the_network_and_the_noise(state):
    warm_up, penalized = next_phase(state, NAMES, 5), next_phase(state, NAMES, 6)
    assert (warm_up.penalties, warm_up.noise, warm_up.learning_rate) == (Penalties(), 0.0, 0.02)
    assert penalized.penalties == Penalties(latent=0.5, l2=0.25), "update_input is none of this network's"
    assert (penalized.noise, penalized.learning_rate) == (0.75, 0.004)


def test_a_warm_up_that_is_made_longer_afterwards_does_not_come_back(state):
    state.training.warmup_steps = 100
    assert next_phase(state, NAMES, 8, WARM_UP).steps == 92
    phase = next_phase(state, NAMES, 8, PENALIZED)
    assert (phase.name, phase.steps) == (PENALIZED, 102), "up to the steps of the whole run"


def test_without_a_warm_up_penalties_act_from_the_first_step(state):
    state.training.warmup_steps = 0
    phase = next_phase(state, NAMES, 0)
    assert (phase.name, phase.steps) == (PENALIZED, 10)


def test_a_task_has_one_phase_and_none_of_the_steps_of_a_warm_up(state):
    assert (total_steps(state), total_steps(state, on_task=True)) == (16, 10)
    phase = next_phase_on_task(state, NAMES, 4)
    assert (phase.name, phase.steps, phase.noise) == (ON_TASK, 6, 0.75)
    assert phase.penalties == Penalties(latent=0.5, l2=0.25)
    assert next_phase_on_task(state, NAMES, 11).steps == 0


def test_default_penalties_go_to_a_tenth_on_clicks_and_come_back():
    state = LabState()
    before = state.penalties.to_dict()
    assert suit_recipe(state, CHOICES, CLICKS).startswith("Penalties are a tenth")
    on = [name for name, value in before.items() if value > 0 and name != "noise"]
    assert on
    for name in on:
        assert getattr(state.penalties, name) == pytest.approx(before[name] / 10, rel=1e-5)
    assert state.penalties.noise == before["noise"], "the noise is no penalty"
    assert suit_recipe(state, CLICKS, CLICKS) == ""
    assert suit_recipe(state, CLICKS, CHOICES) == "Penalties are the usual ones again."
    assert state.penalties.to_dict() == before


@pytest.mark.parametrize(("before", "now"), [(CHOICES, CLICKS), (CLICKS, CHOICES)])
def test_one_penalty_that_somebody_moved_keeps_all_as_they_are(before, now):
    state = LabState()
    suit_recipe(state, CHOICES, before)
    state.penalties.choice_latent = 0.123
    moved = state.penalties.to_dict()
    assert suit_recipe(state, before, now) == ""
    assert state.penalties.to_dict() == moved


def test_the_learning_rate_follows_the_data_until_somebody_sets_it():
    state = LabState()
    suit_recipe(state, CHOICES, TASK)
    assert state.training.learning_rate == RATE_ON_TASK
    suit_recipe(state, TASK, CHOICES)
    assert state.training.learning_rate == RATE
    state.training.learning_rate = 0.0123
    suit_recipe(state, CHOICES, TASK)
    assert state.training.learning_rate == 0.0123
