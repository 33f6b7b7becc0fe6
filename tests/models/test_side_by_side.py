"""Sessions side by side: the padding that fills a processor's vectors changes no result."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.models.side_by_side import WHOLE, by_sessions

SIZES = (1, 15, 16, 17, 33)
X = np.random.default_rng(0).normal(size=(max(SIZES), 3)).astype(np.float32)


def noted(sizes: list[int]):
    """A function of sessions that notes how many it is given."""

    def compute(weight, x, eps):
        sizes.append(x.shape[0])
        assert eps.shape[-1] == x.shape[0]
        return {"scaled": weight * x, "drawn": eps.T}

    return compute


@pytest.mark.parametrize("n", SIZES)
def test_a_batch_is_filled_up_and_only_its_own_sessions_come_back(n):
    sizes, drawn = [], []

    def draw(n_rows):
        drawn.append(n_rows)
        return jnp.arange(2.0 * n_rows).reshape(2, n_rows)

    result = by_sessions(noted(sizes), jnp.asarray(2.0), jnp.asarray(X[:n]), draw)
    whole = n if n < WHOLE else -(-n // WHOLE) * WHOLE
    assert sizes == drawn == [whole]
    np.testing.assert_array_equal(result["scaled"], 2.0 * X[:n])
    np.testing.assert_array_equal(result["drawn"], np.arange(2.0 * whole).reshape(2, whole)[:, :n].T)


@pytest.mark.parametrize("n", [15, 17])
def test_padding_adds_nothing_to_a_gradient(n):
    def loss(weight):
        return (
            by_sessions(noted([]), weight, jnp.asarray(X[:n]), lambda k: jnp.zeros((1, k)))["scaled"] ** 2
        ).sum()

    expected = 2.0 * 1.5 * (X[:n] ** 2).sum()
    assert float(jax.grad(loss)(jnp.asarray(1.5))) == pytest.approx(expected, rel=1e-5)


def test_a_session_has_the_same_outputs_in_a_batch_of_any_size():
    model = cl.VanillaRNN(3, 2, 2, key=jax.random.key(0))
    run = eqx.filter_jit(lambda model, inputs, begins: cl.rollout(model, inputs, begins=begins).outputs)
    inputs = np.random.default_rng(1).normal(size=(17, 4, 3)).astype(np.float32)
    begins = np.zeros((17, 4), bool)
    begins[:, 2] = np.arange(17) % 2 == 0
    outputs = np.asarray(run(model, inputs, begins))
    for some in (slice(1), slice(15), slice(16), slice(16, 17)):
        apart = run(model, inputs[some], begins[some])
        np.testing.assert_allclose(apart, outputs[some], rtol=1e-5, atol=1e-6)
