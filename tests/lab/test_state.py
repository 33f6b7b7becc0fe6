"""The state is one tree of traitlets that mirrors every control."""

import pytest
import traitlets as t

from cogrnn_lab.lab.settings.section import OneOf, Section, parameters_of
from cogrnn_lab.lab.settings.state import LabState


def test_parameters_come_from_the_constructor():
    def make(n, *, rate: float = 0.5, width: int = 3, on: bool = True, name: str = "x", key=None):
        return n, rate, width, on

    section = parameters_of(make)
    assert section.own_names() == ["rate", "width", "on"]
    choice = OneOf({"made": make})
    choice.parameters.width = 7
    assert choice.make(1) == (1, 0.5, 7, True)


def test_state_survives_a_round_trip():
    state, other = LabState(), LabState()
    state.data.agent.kind = "leaky actor-critic"
    state.data.agent.parameters.actor_rate = 2.5
    state.penalties.update_input = 0.02
    state.training.seed = 7
    other.update(state.to_dict())
    assert other.to_dict() == state.to_dict()
    assert other.data.agent.parameters.actor_rate == 2.5


def test_switching_back_and_forth_keeps_the_numbers():
    state = LabState()
    state.data.agent.parameters.learning_rate = 0.7
    state.data.agent.kind = "leaky actor-critic"
    state.data.agent.kind = "Q-learning"
    assert state.data.agent.parameters.learning_rate == 0.7


def test_what_is_unknown_is_refused():
    state = LabState()
    with pytest.raises(t.TraitError, match="expected one of Q-learning"):
        state.data.agent.kind = "Rescorla"
    with pytest.raises(ValueError, match="unknown setting 'latnet'"):
        state.penalties.update({"latnet": 1.0})
    with pytest.raises(t.TraitError):
        state.penalties.latent = -1.0


def test_on_change_hears_of_nested_sections():
    state, heard = LabState(), []
    state.data.on_change(lambda: heard.append(1))
    state.data.environment.parameters.drift = 0.2
    state.data.n_sessions = 50
    state.data.table.choice = "side"
    state.penalties.latent = 0.5
    assert len(heard) == 3


def test_penalties_have_a_trait_for_every_weight():
    import dataclasses

    from cogrnn_lab.training import Penalties

    assert {field.name for field in dataclasses.fields(Penalties)} <= set(LabState().penalties.trait_names())


def test_set_quietly_tells_once_all_are_set():
    class Pair(Section):
        a, b = t.Int(0), t.Int(0)

    pair, seen = Pair(), []
    pair.observe(lambda change: seen.append((pair.a, pair.b)), ["a", "b"])
    pair.set_quietly(a=1, b=2)
    assert set(seen) == {(1, 2)}
