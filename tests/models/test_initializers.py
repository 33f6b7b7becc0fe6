"""How constrained networks start, and the masks between populations."""

import equinox as eqx
import jax
import numpy as np
import pytest

import cogrnn_lab as cl

init = cl.initializers
N, EXCITATORY = 60, 48
SIGN = np.where(np.arange(N) < EXCITATORY, 1, -1).astype(np.int8)
FREE = np.zeros(N, np.int8)
CONNECTED = (np.random.default_rng(9).random((N, N)) < 0.4) & ~np.eye(N, dtype=bool)

INITIALIZERS = {
    "radius": init.SpectralRadius(1.3),
    "glorot normal": init.GlorotNormal(),
    "glorot uniform": init.GlorotUniform(),
    "normal": init.Normal(0.2),
    "uniform": init.Uniform(-0.3, 0.3),
    "constant": init.Constant(0.5),
    "balanced": init.Balanced(init.Uniform(-0.3, 0.3)),
}


@pytest.mark.parametrize("name", INITIALIZERS)
def test_signs_and_connections_are_honored(name):
    weights = np.asarray(INITIALIZERS[name](jax.random.key(0), CONNECTED, SIGN))
    assert (weights[:, :EXCITATORY] >= 0).all()
    assert (weights[:, EXCITATORY:] <= 0).all()
    np.testing.assert_array_equal(weights != 0, CONNECTED)


@pytest.mark.parametrize("sign", [FREE, SIGN], ids=["free", "Dale"])
def test_spectral_radius_is_that_of_the_effective_matrix(sign):
    weights = np.asarray(init.SpectralRadius(1.3)(jax.random.key(0), CONNECTED, sign))
    assert np.abs(np.linalg.eigvals(weights)).max() == pytest.approx(1.3, rel=1e-4)
    model = cl.ConstrainedRNN(1, 1, 30, dale_ratio=0.8, key=jax.random.key(1))
    assert np.abs(np.linalg.eigvals(np.asarray(model.w_rec))).max() == pytest.approx(1.1, rel=1e-4)


def test_a_network_without_loops_starts_too():
    forward = np.tril(np.ones((N, N), bool), -1)
    weights = np.asarray(init.SpectralRadius()(jax.random.key(0), forward, FREE))
    assert np.isfinite(weights).all()
    assert weights[forward].std() == pytest.approx(N**-0.5, rel=0.1)


def test_balanced_weights_cancel_in_expectation():
    weights = init.Balanced(init.Constant(0.5))(jax.random.key(0), CONNECTED, SIGN)
    np.testing.assert_allclose(weights.sum(1), 0.0, atol=1e-4)
    only_excitatory = init.Balanced(init.Constant(0.5))(jax.random.key(0), CONNECTED, abs(SIGN))
    np.testing.assert_array_equal(only_excitatory, 0.5 * CONNECTED)


def test_glorot_counts_connections_only():
    half = np.broadcast_to((np.arange(N) < 20)[None], (400, N))  # 20 into each of 400, 400 out of each of 20
    normal = np.asarray(init.GlorotNormal()(jax.random.key(0), half, FREE))
    uniform = np.asarray(init.GlorotUniform()(jax.random.key(0), half, FREE))
    assert normal[:, :20].std() == pytest.approx(np.sqrt(2 / 420), rel=0.03)
    limit = np.sqrt(6 / 420)
    assert 0.99 * limit < np.abs(uniform).max() <= limit


def test_other_start_values():
    model = cl.ConstrainedRNN(
        2, 1, 50, w_in=init.Normal(0.0, mean=0.3), w_rec=init.ScaledIdentity(0.7), b_rec=0.2,
        key=jax.random.key(0),
    )  # fmt: skip
    np.testing.assert_allclose(model.w_rec, 0.7 * np.eye(50))
    np.testing.assert_allclose(model.w_in, 0.3, rtol=1e-6)
    np.testing.assert_allclose(model.b_rec, 0.2)
    start = np.asarray(model.initial_state())
    assert start.mean() == pytest.approx(0.1, abs=0.005)
    assert start.std() == pytest.approx(0.01, rel=0.3)


def test_given_weights_are_what_the_network_uses():
    w_rec = np.array([[0.2, -0.3], [0.4, -0.5]])
    model = cl.ConstrainedRNN(1, 1, 2, dale_ratio=0.5, w_rec=w_rec, key=jax.random.key(0))
    np.testing.assert_allclose(model.w_rec, w_rec)
    free = cl.ConstrainedRNN(1, 1, 2, signs=[0, -1], w_rec=-np.abs(w_rec), key=jax.random.key(0))
    np.testing.assert_allclose(free.w_rec, -np.abs(w_rec))


def test_blocks_between_populations():
    units = {"E1": 3, "E2": 2, "I": 1}
    mask = cl.block_mask({("E1", "E2"): True, ("I", "E1"): 1.0, ("E2", "E2"): 0}, units)
    expected = np.zeros((6, 6), bool)
    expected[3:5, :3] = True
    expected[:3, 5:] = True
    np.testing.assert_array_equal(mask, expected)
    into = cl.block_mask({("stimulus", "E2"): True}, {"stimulus": 2, "cue": 1}, units)
    np.testing.assert_array_equal(into, np.outer([0, 0, 0, 1, 1, 0], [1, 1, 0]).astype(bool))
    model = cl.ConstrainedRNN(
        3, 1, 6, populations=units, input_mask=into, recurrent_mask=mask, signs=[1] * 5 + [-1],
        key=jax.random.key(0),
    )  # fmt: skip
    assert model.populations == (("E1", 3), ("E2", 2), ("I", 1))
    np.testing.assert_array_equal(model.w_rec != 0, expected)


def test_sparse_masks():
    mask = cl.sparse_mask(200, 200, 0.1, autapses=False, key=jax.random.key(0))
    assert mask.mean() == pytest.approx(0.1, rel=0.1)
    assert not mask.diagonal().any()
    units = {"E": 100, "I": 50}
    mask = cl.block_mask({("E", "I"): 0.3, ("I", "E"): 0.3}, units, key=jax.random.key(0))
    assert mask[100:, :100].mean() == pytest.approx(0.3, rel=0.1)
    assert not np.array_equal(mask[100:, :100], mask[:100, 100:].T)


def test_wrong_masks_are_refused():
    units = {"E": 2, "I": 1}
    with pytest.raises(ValueError, match="connection from 'E' to 'X': known are from E, I to E, I"):
        cl.block_mask({("E", "X"): True}, units)
    with pytest.raises(ValueError, match=r"connection from 'E' to 'I' has probability 0.5: pass key="):
        cl.block_mask({("E", "I"): 0.5}, units)
    with pytest.raises(ValueError, match=r"probability is 2.0, expected a probability from 0 to 1"):
        cl.sparse_mask(2, 2, 2.0, key=jax.random.key(0))


def test_compiled_constructors_draw_the_same():
    def make(key):
        return cl.ConstrainedRNN(1, 1, 5, dale_ratio=0.8, fixed={"b_rec": True}, key=key), cl.GRU(
            1, 1, 2, key=key
        )

    keys = jax.random.split(jax.random.key(0), 2)
    several = eqx.filter_jit(eqx.filter_vmap(make))(keys)
    single = make(keys[1])
    for a, b in zip(jax.tree.leaves(several), jax.tree.leaves(single), strict=True):
        np.testing.assert_allclose(a[1], b, rtol=2e-4, atol=1e-5)
