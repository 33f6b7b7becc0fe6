"""Padding and masked trials have no part in training, whatever they hold."""

import jax
import numpy as np
import pytest

import cogrnn_lab as cl

N_SESSIONS, N_TRIALS = 4, 6
VALID = np.arange(N_TRIALS)[None] < np.array([[6], [4], [5], [3]])


def dataset(padding: float, action_mask=None) -> cl.Dataset:
    """Sessions of different length, with `padding` behind them."""
    rng = np.random.default_rng(0)
    inputs = np.where(VALID[..., None], rng.normal(size=(N_SESSIONS, N_TRIALS, 2)), padding)
    choices = np.where(VALID, rng.integers(0, 2, (N_SESSIONS, N_TRIALS)), padding)[..., None]
    return cl.Dataset(inputs, choices, n_classes=2, valid=VALID, action_mask=action_mask)


def trained(data: cl.Dataset) -> cl.Run:
    network = cl.GRU(2, 2, 3, key=jax.random.key(0))
    return cl.fit(network, data, data, phases=cl.Phase(3), batch_size=3, report_every=3)


@pytest.mark.parametrize("padding", [np.nan, 1e30, -7.0])
def test_what_padding_holds_changes_no_bit_of_a_run(padding):
    clean, dirty = trained(dataset(0.0)), trained(dataset(padding))
    np.testing.assert_array_equal(dirty.losses, clean.losses)
    assert dirty.reports[-1].valid_loss == clean.reports[-1].valid_loss
    for one, other in zip(jax.tree.leaves(dirty.model), jax.tree.leaves(clean.model), strict=True):
        np.testing.assert_array_equal(one, other)


def test_padding_on_which_no_alternative_is_on_offer_changes_no_bit_of_a_run():
    on_offer = np.broadcast_to(VALID[..., None], (N_SESSIONS, N_TRIALS, 2))
    none, every = trained(dataset(0.0, on_offer)), trained(dataset(0.0, np.ones_like(on_offer)))
    assert np.isfinite(none.losses).all()
    np.testing.assert_array_equal(none.losses, every.losses)
    for one, other in zip(jax.tree.leaves(none.model), jax.tree.leaves(every.model), strict=True):
        np.testing.assert_array_equal(one, other)
