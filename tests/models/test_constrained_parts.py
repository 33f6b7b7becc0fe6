"""Matrices of a constrained network: signs, connections, fixed entries, and how far its weights reach."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.models.constrained.initializers import spectral_radius
from cogrnn_lab.models.constrained.matrix import ConstrainedMatrix
from cogrnn_lab.models.constrained.partly_fixed import PartlyFixed

init = cl.initializers
RNG = np.random.default_rng(0)
N = 100
ALL = np.ones((N, N), bool)
FREE = np.zeros(N, np.int8)


def matrix(raw, connected, sign, fixed=False) -> ConstrainedMatrix:
    sign = jnp.asarray(np.asarray(sign, np.int8))
    return ConstrainedMatrix(PartlyFixed.of(raw, fixed), jnp.asarray(connected), sign)


def test_effective_weights_of_any_raw_ones():
    raw = RNG.normal(size=(6, 4)).astype(np.float32)
    connected = RNG.random((6, 4)) < 0.6
    effective = np.asarray(matrix(raw, connected, [1, -1, 0, 1]).effective)
    expected = np.stack([abs(raw[:, 0]), -abs(raw[:, 1]), raw[:, 2], abs(raw[:, 3])], axis=1) * connected
    np.testing.assert_array_equal(effective, expected)
    # Weights that obey already are used as they are.
    np.testing.assert_array_equal(matrix(effective, connected, [1, -1, 0, 1]).effective, effective)


def test_what_the_gradient_of_a_constrained_matrix_reaches():
    raw = np.array([[0.5, -0.5], [0.5, 0.5]], np.float32)
    connected = np.array([[True, True], [False, True]])
    fixed = np.array([[False, False], [False, True]])
    part = matrix(raw, connected, [1, -1], fixed)
    slope = jax.grad(lambda free: eqx.tree_at(lambda m: m.weights.free, part, free).effective.sum())
    # Excitatory +1; a negative raw weight of an inhibitory unit +1; not connected and fixed 0.
    np.testing.assert_array_equal(slope(jnp.asarray(raw)), [[1.0, 1.0], [0.0, 0.0]])
    np.testing.assert_array_equal(part.is_trained, [[True, True], [False, False]])


def test_fixed_entries_keep_every_bit_whatever_happens_to_the_rest():
    values = np.array([-0.0, 1 / 3, 3e38, 2.0], np.float32)
    is_fixed = np.array([True, True, True, False])
    part = PartlyFixed.of(values, is_fixed)
    changed = eqx.tree_at(lambda p: p.free, part, jnp.full(4, 9.0))
    np.testing.assert_array_equal(np.asarray(changed.value).view(np.int32)[:3], values.view(np.int32)[:3])
    assert float(changed.value[3]) == 9.0
    slope = jax.grad(lambda free: (eqx.tree_at(lambda p: p.free, part, free).value ** 2).sum())
    np.testing.assert_array_equal(slope(jnp.asarray(values)), [0.0, 0.0, 0.0, 4.0])
    # Nothing that an optimizer changes is behind a fixed entry.
    arrays = [leaf for leaf in jax.tree.leaves(part) if eqx.is_inexact_array(leaf)]
    assert len(arrays) == 1
    np.testing.assert_array_equal(PartlyFixed.unfixed(jnp.ones(3)).is_trained, [True] * 3)


def test_a_mask_of_other_type_or_shape_is_refused():
    message = r"fixed\['w_in'\] is of type float64 and shape \(3,\), expected True, False, or a mask of bool"
    with pytest.raises(ValueError, match=message):
        PartlyFixed.of(np.zeros(3, np.float32), np.ones(3), "w_in")


@pytest.mark.parametrize(("ratio", "n_units", "n_excitatory"), [(0.29, 100, 29), (0.5, 5, 2)])
def test_dales_law_rounds_the_excitatory_units_down(ratio, n_units, n_excitatory):
    model = cl.ConstrainedRNN(1, 1, n_units, dale_ratio=ratio, autapses=False, key=jax.random.key(0))
    w_rec, w_out = np.asarray(model.w_rec), np.asarray(model.w_out)
    apart = ~np.eye(n_units, dtype=bool)
    assert (w_rec[:, :n_excitatory][apart[:, :n_excitatory]] > 0).all()
    assert (w_rec[:, n_excitatory:][apart[:, n_excitatory:]] < 0).all()
    assert not w_rec.diagonal().any()
    assert (np.asarray(model.w_in) > 0).all()
    assert (w_out[:, :n_excitatory] > 0).all()
    assert not w_out[:, n_excitatory:].any()
    assert dict(model.populations) == {"excitatory": n_excitatory, "inhibitory": n_units - n_excitatory}


@pytest.mark.parametrize(
    ("initializer", "radius"),
    [
        # Independent weights of standard deviation s: s sqrt(n), the circular law (Girko 1984).
        (init.Normal(0.2), 0.2 * np.sqrt(N)),
        (init.Uniform(-0.3, 0.3), 0.3 / np.sqrt(3) * np.sqrt(N)),
        (init.GlorotNormal(), 1.0),
        (init.GlorotUniform(), 1.0),
        # A mean m adds one eigenvalue at about m n.
        (init.Normal(0.2, mean=0.1), 0.1 * N),
        (init.SpectralRadius(0.7), 0.7),
        (init.ScaledIdentity(0.4), 0.4),
        (init.Constant(-0.02), 0.02 * N),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, init.Initializer) else f"{value:.2f}",
)
def test_spectral_radius_of_each_initializer(initializer, radius):
    weights = np.asarray(initializer(jax.random.key(1), ALL, FREE))
    measured = np.abs(np.linalg.eigvals(weights.astype(np.float64))).max()
    assert measured == pytest.approx(radius, rel=0.15)
    assert float(spectral_radius(weights.astype(np.float32))) == pytest.approx(measured, rel=1e-3)


def test_a_constant_without_autapses_has_the_radius_of_a_complete_graph():
    connected = ~np.eye(N, dtype=bool)
    weights = init.Constant(0.01)(jax.random.key(0), connected, FREE)
    assert float(spectral_radius(weights)) == pytest.approx(0.01 * (N - 1), rel=1e-4)


def test_balance_scales_inhibition_by_what_each_unit_receives():
    """Three excitatory and one inhibitory connection into unit 0: the one counts for three."""
    connected = np.array([[1, 1, 1, 1], [1, 0, 0, 1], [1, 1, 0, 0], [0, 0, 0, 1]], bool)
    sign = np.array([1, 1, 1, -1], np.int8)
    weights = init.Balanced(init.Constant(0.5))(jax.random.key(0), connected, sign)
    expected = [[0.5, 0.5, 0.5, -1.5], [0.5, 0, 0, -0.5], [0.5, 0.5, 0, 0], [0, 0, 0, -0.5]]
    np.testing.assert_allclose(weights, expected, rtol=1e-6)


def test_an_initializer_for_other_shapes_is_refused():
    with pytest.raises(ValueError, match=r"SpectralRadius is for recurrent weights, got the shape \(2, 3\)"):
        init.SpectralRadius()(jax.random.key(0), np.ones((2, 3), bool), np.zeros(3, np.int8))


def small(**arguments) -> cl.ConstrainedRNN:
    return cl.ConstrainedRNN(
        2, 1, 5, dale_ratio=0.6, fixed={"b_rec": True}, key=jax.random.key(2), **arguments
    )


def test_a_network_without_constraints_computes_the_same_and_may_change_everywhere():
    model = small(autapses=False)
    free = model.without_constraints()
    inputs = jnp.asarray(RNG.normal(size=(2, 4, 2)), jnp.float32)
    np.testing.assert_allclose(cl.rollout(free, inputs).outputs, cl.rollout(model, inputs).outputs, rtol=1e-6)
    assert cl.n_parameters(free) == 5 * 2 + 5 * 5 + 1 * 5 + 5 + 1 + 5
    # 3 excitatory units read out, no autapses, biases of units fixed.
    assert cl.n_parameters(model) == 5 * 2 + 5 * 4 + 1 * 3 + 1 + 5


def test_silenced_units_are_as_if_their_outgoing_weights_were_0():
    model = small()
    silent = np.array([True, False, False, True, False])
    silenced = model.without_output_of(jnp.asarray(silent))
    np.testing.assert_array_equal(silenced.w_rec, np.where(silent[None], 0.0, model.w_rec))
    np.testing.assert_array_equal(silenced.w_out, np.where(silent[None], 0.0, model.w_out))
    np.testing.assert_array_equal(silenced.w_in, model.w_in)


def test_connections_between_populations_are_counted():
    units = {"E": 40, "I": 10}
    blocks = {("E", "E"): 0.25, ("E", "I"): True, ("I", "E"): 1.0, ("I", "I"): False}
    mask = cl.block_mask(blocks, units, key=jax.random.key(3))
    assert mask[40:, :40].sum() == 400
    assert mask[:40, 40:].sum() == 400
    assert mask[40:, 40:].sum() == 0
    spread = np.sqrt(1600 * 0.25 * 0.75)
    assert abs(mask[:40, :40].sum() - 400) < 4 * spread
    np.testing.assert_array_equal(mask, cl.block_mask(blocks, units, key=jax.random.key(3)))
    assert not np.array_equal(mask, cl.block_mask(blocks, units, key=jax.random.key(4)))


def test_sparse_masks_at_the_limits():
    key = jax.random.key(0)
    assert cl.sparse_mask(4, 6, 1.0, key=key).sum() == 24
    assert cl.sparse_mask(4, 6, 0.0, key=key).sum() == 0
    assert cl.sparse_mask(4, 6, 1.0, autapses=False, key=key).sum() == 20
