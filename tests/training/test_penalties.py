"""Weights of penalties: a mapping that is never changed, open for names of one's own."""

import copy
import dataclasses

import jax
import pytest

import cogrnn_lab as cl
from cogrnn_lab.training.penalties import NAMES


def test_penalties_are_a_mapping_with_attributes():
    penalties = cl.Penalties(0.5, my_term=0.25)
    assert penalties.latent == penalties["latent"] == 0.5
    assert penalties.my_term == penalties["my_term"] == 0.25
    assert tuple(penalties) == (*NAMES, "my_term")
    assert penalties.as_dict() == dict(penalties)
    assert penalties.own_names == ("my_term",)
    with pytest.raises(AttributeError, match="no penalty 'sparsity'; known are latent"):
        penalties.sparsity


def test_penalties_are_replaced_scaled_and_compared_but_never_changed():
    penalties = cl.Penalties(latent=0.5, my_term=0.25)
    assert penalties.replace(latent=0.0).as_dict() == cl.Penalties(my_term=0.25).as_dict()
    assert 2 * penalties == penalties * 2 == cl.Penalties(latent=1.0, my_term=0.5)
    assert penalties != cl.Penalties(latent=0.5)
    assert hash(penalties) == hash(cl.Penalties(my_term=0.25, latent=0.5))
    assert copy.deepcopy(penalties) == penalties
    assert cl.Penalties(**penalties.as_dict()) == penalties
    with pytest.raises(AttributeError, match=r"penalties.replace\(latent"):
        penalties.latent = 1.0  # pyright: ignore[reportAttributeAccessIssue]
    assert repr(penalties) == "Penalties(latent=0.5, my_term=0.25)"


def test_penalties_are_a_tree_of_numbers():
    doubled = jax.tree.map(lambda weight: 2 * weight, cl.Penalties(latent=0.5, my_term=0.25))
    assert doubled == cl.Penalties(latent=1.0, my_term=0.5)


def test_weights_and_names_that_cannot_be_are_refused():
    for wrong in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="penalty my_term is"):
            cl.Penalties(my_term=wrong)
    with pytest.raises(ValueError, match="can't be called 'replace'"):
        cl.Penalties(replace=1.0)
    phase = cl.Phase(1, cl.Penalties(latent=1.0))
    assert dataclasses.replace(phase, steps=2).penalties.latent == 1.0
