"""Penalties that a network brings with it, beside those of the recipe."""

import jax
import pytest
import traitlets as t

import cogrnn_lab as cl
from cogrnn_lab.lab.settings.state import LabState
from cogrnn_lab.training import Penalties


def test_a_penalty_of_a_network_is_off_until_it_is_set_and_then_reaches_the_trainer():
    state = LabState()
    state.penalties.offer(("latent", "sparsity"))
    assert state.weights(("latent", "sparsity")) == Penalties(latent=state.penalties.latent, sparsity=0.0)
    state.penalties.sparsity = 0.3
    assert state.weights(("latent", "sparsity"))["sparsity"] == 0.3
    assert "sparsity" not in state.weights(("latent",)).as_dict(), "another network knows nothing of it"


def test_a_second_offer_changes_no_weight():
    penalties = LabState().penalties
    latent = penalties.latent
    penalties.offer(["sparsity"])
    penalties.sparsity = 0.3
    penalties.offer(["sparsity", "latent", "own"])
    assert (penalties.sparsity, penalties.latent, penalties.own) == (0.3, latent, 0.0)


def test_a_weight_of_it_has_the_limits_of_the_others():
    penalties = LabState().penalties
    penalties.offer(["sparsity"])
    for wrong in (-0.1, 10.1, float("nan")):
        with pytest.raises(t.TraitError, match=f"sparsity = {wrong}; expected 0 to 10"):
            penalties.sparsity = wrong
        with pytest.raises(t.TraitError, match=f"latent = {wrong}; expected 0 to 10"):
            penalties.latent = wrong
    penalties.sparsity = 10.0


def test_a_network_of_which_nothing_was_offered_yet_has_weights_of_zero():
    weights = LabState().weights(("sparsity", "l2"))
    assert weights["sparsity"] == 0.0
    assert weights.l2 == LabState().penalties.l2
    assert LabState().weights(()) == Penalties()


def test_one_lab_offers_nothing_to_another_and_settings_are_read_after_the_offer():
    state, other = LabState(), LabState()
    state.penalties.offer(["sparsity"])
    state.penalties.sparsity = 0.3
    with pytest.raises(ValueError, match="unknown setting 'sparsity'"):
        other.penalties.update(state.penalties.to_dict())
    other.penalties.offer(state.penalties.to_dict())
    other.penalties.update(state.penalties.to_dict())
    assert other.penalties.to_dict() == state.penalties.to_dict()


def test_a_listener_from_before_hears_of_it():
    penalties, heard = LabState().penalties, []
    penalties.on_change(lambda: heard.append(1))
    penalties.offer(["sparsity"])
    heard.clear()
    penalties.sparsity = 0.3
    assert heard == [1]


@pytest.mark.parametrize("name", ["noise", "update", "offer", "observe"])
def test_a_penalty_that_is_called_as_another_control_is_refused(name):
    """Before, "noise" moved the scale of the noise too, and "update" took the place of a method."""
    penalties = LabState().penalties
    with pytest.raises(ValueError, match=f'called "{name}", which the lab has another use for'):
        penalties.check(["sparsity", name])
    penalties.check(["sparsity", "latent", "l2"])


def test_a_network_with_such_a_penalty_makes_no_run(make_lab):
    class Noisy(cl.GRU):
        def penalty_terms(self):
            return {"noise": self.l2()}

    lab = make_lab(model=Noisy(2, 2, 2, key=jax.random.key(0)))
    assert "a penalty of the network is called &quot;noise&quot;" in lab.top.message.value
    assert lab.top.train.disabled
