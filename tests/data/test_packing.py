"""Sessions in rows: nothing is lost, little is padding, and a network computes the same."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.data.packing import packed, rows_and_positions, trial_arrays
from cogrnn_lab.training.compiled.batches import SessionBatches
from cogrnn_lab.training.compiled.steps import StepSettings, penalized_loss
from cogrnn_lab.training.losses import categorical_nll


@pytest.fixture(scope="module")
def uneven() -> cl.Dataset:
    """Two subjects whose sessions have 5 to 40 trials, with missed choices and restricted alternatives."""
    rng = np.random.default_rng(0)
    lengths = np.array([40, 5, 33, 12, 7, 21, 18])
    valid = np.arange(40) < lengths[:, None]
    choices = rng.integers(0, 2, (7, 40, 1))
    on_offer = rng.random((7, 40, 2)) < 0.8
    np.put_along_axis(on_offer, choices, True, axis=2)
    return cl.Dataset(
        rng.normal(size=(7, 40, 3)),
        choices,
        mask=rng.random((7, 40)) < 0.9,
        valid=valid,
        subject=[0, 0, 0, 1, 1, 1, 1],
        action_mask=on_offer,
    )


def test_rows_hold_every_session_once_and_little_padding():
    lengths = np.random.default_rng(1).integers(121, 831, 400)
    row, position = rows_and_positions(lengths, 830)
    taken = np.zeros((row.max() + 1, 830), int)
    for r, p, n in zip(row, position, lengths, strict=True):
        taken[r, p : p + n] += 1
    assert taken.max() == 1
    assert taken.sum() == lengths.sum()
    assert taken.mean() > 0.93


def test_rows_give_the_same_loss_and_gradient(uneven):
    arrays = packed(uneven)
    assert arrays.valid.sum() == uneven.valid.sum()
    assert len(arrays.valid) < uneven.n_sessions
    penalties = cl.Penalties(*[0.01] * 9)
    settings = StepSettings(penalties.as_arrays(), jnp.asarray(1.0), jnp.asarray(1.0))
    model = cl.MultisubjectDisRNN(3, 2, 2, n_subjects=2, update_width=3, key=jax.random.key(0))

    @jax.jit
    def loss_and_gradient(data):
        return jax.value_and_grad(lambda m: penalized_loss(m, data, settings, categorical_nll, None)[0])(
            model
        )

    together, apart = loss_and_gradient(arrays), loss_and_gradient(cl.TrialArrays.of(uneven))
    for a, b in zip(jax.tree.leaves(together), jax.tree.leaves(apart), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-6)


def test_trials_that_do_not_count_may_have_no_alternative(uneven):
    """On padding or a missed trial: the log-softmax of nothing must not make the gradient NaN."""
    arrays = cl.TrialArrays.of(uneven)
    counted = arrays.mask.any(-1, keepdims=True)
    closed = arrays.action_mask & counted
    assert not closed.any(-1).all()
    outputs = jax.random.normal(jax.random.key(0), closed.shape)

    def loss(outputs, available):
        return jnp.sum(categorical_nll(outputs, arrays.targets, arrays.mask, available))

    found = jax.value_and_grad(loss)(outputs, closed)
    expected = jax.value_and_grad(loss)(outputs, arrays.action_mask)
    assert np.isfinite(found[1]).all()
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_even_sessions_stay_as_they_are():
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=6, n_trials=20)
    assert trial_arrays(data).begins is None


def test_a_trainer_takes_about_as_many_sessions_as_it_was_told(uneven):
    model = cl.DisRNN(3, 2, 1, update_width=3, update_depth=1, choice_depth=0, key=jax.random.key(0))
    trainer = cl.Trainer(model, uneven, batch_size=4)
    assert trainer.batch_size == 4
    n_rows = len(packed(uneven).valid)
    assert trainer.setup.design.batches == SessionBatches(round(4 * n_rows / 7))
    report = trainer.advance(2)
    assert np.isfinite(report.loss)
