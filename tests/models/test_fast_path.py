"""Which networks run on a fast path: those for whose class it was written, and no other."""

import equinox as eqx
import jax
import jax.numpy as jnp
import pytest

import cogrnn_lab as cl
from cogrnn_lab.models.fast_path import is_own, way_of

KEY = jax.random.key(0)


class Renamed(cl.GRU):
    """Overrides nothing."""

    def speed(self):
        return 1.0


class OtherTransition(cl.GRU):
    def next_state(self, state, inputs, *, subject=None, key=None, noise=1.0):
        return state


class OfThatTransition(OtherTransition):
    """The override is in the class above."""


class WithOwnCell(OtherTransition):
    """A fast path of its own, for the changed transition."""

    @property
    def cell(self):
        return super().cell


class OtherAgain(WithOwnCell):
    """Changes what the fast path above was written for."""

    def readout(self, state, *, subject=None):
        return jnp.zeros(self.n_outputs)


class OtherCall(cl.GRU):
    def __call__(self, inputs, *, subject=None, key=None, noise=1.0):
        return super().__call__(inputs, subject=subject, key=key, noise=noise)


class OtherCallAndCosts(OtherCall):
    def costs(self, state):
        return {"rates": jnp.mean(state**2)}


class OtherRates(cl.ConstrainedRNN):
    def rates(self, states):
        return jnp.abs(states)


class OtherMLP(cl.ResidualMLP):
    """A part that computes something else."""

    def __call__(self, x):
        return 2.0 * super().__call__(x)


GRU_WAYS = {
    cl.GRU: "fast",
    Renamed: "fast",
    OtherTransition: "step",
    OfThatTransition: "step",
    WithOwnCell: "fast",
    OtherAgain: "step",
    OtherCall: "call",
    OtherCallAndCosts: "call",
}
DISRNN = {"update_width": 2, "update_depth": 1, "choice_width": 2, "choice_depth": 1, "key": KEY}


@pytest.mark.parametrize("kind", GRU_WAYS)
def test_way_of_a_class_by_what_it_overrides(kind):
    assert way_of(kind(2, 2, 2, key=KEY)) == GRU_WAYS[kind]


def test_within_its_own_call_a_network_runs_as_the_rest_of_it_says():
    assert way_of(OtherCall(2, 2, 2, key=KEY), within_call=True) == "fast"
    assert way_of(OtherCallAndCosts(2, 2, 2, key=KEY), within_call=True) == "step"
    assert way_of(cl.GRU(2, 2, 2, key=KEY), within_call=True) == "fast"


def test_every_network_of_the_package_is_fast():
    networks = [
        cl.LSTM(2, 2, 2, key=KEY),
        cl.VanillaRNN(2, 2, 2, key=KEY),
        cl.ConstrainedRNN(2, 2, 2, key=KEY),
        cl.DisRNN(2, 2, 2, **DISRNN),
        cl.MultisubjectDisRNN(2, 2, 2, n_subjects=2, **DISRNN),
        cl.NeuroDisRNN(2, 2, 2, n_signals=1, **DISRNN),
    ]
    assert [way_of(network) for network in networks] == ["fast"] * len(networks)


def test_a_method_that_the_fast_path_uses_counts_too():
    assert way_of(OtherRates(2, 2, 2, key=KEY)) == "step"


@pytest.mark.parametrize("part", ["update_net", "choice_net"])
def test_a_part_of_another_class_is_not_passed_over(part):
    model = cl.DisRNN(2, 2, 2, **DISRNN)
    old = getattr(model.core, part)
    other = OtherMLP(1, 1, 1, 1, key=KEY)
    for name in ("in_weight", "in_bias", "hidden_weight", "hidden_bias", "out_weight", "out_bias"):
        other = eqx.tree_at(lambda net, name=name: getattr(net, name), other, getattr(old, name))
    assert way_of(eqx.tree_at(lambda m: getattr(m.core, part), model, other)) == "step"
    assert way_of(model) == "fast"


def test_who_owns_a_method():
    assert is_own(OfThatTransition, "next_state", cl.GRU)
    assert not is_own(OfThatTransition, "next_state", OtherTransition)
    assert not is_own(cl.GRU, "next_state", cl.GRU)
    assert is_own(cl.GRU, "next_state", cl.Network)
    assert not is_own(cl.GRU, "rollout", cl.Network)
