"""The residual network inside a disentangled RNN, against its formula in NumPy."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from plain_networks import leaky_relu, residual_mlp

import cogrnn_lab as cl

FORMULAS = {
    "leaky_relu": leaky_relu,
    "tanh": np.tanh,
    "softplus": lambda x: np.log1p(np.exp(x)),
}
XS = np.random.default_rng(0).normal(size=(5, 3))


def with_biases(network: cl.ResidualMLP) -> cl.ResidualMLP:
    """The network with biases away from 0, so that a forgotten one shows."""
    rng = np.random.default_rng(7)
    where = lambda m: [m.in_bias, m.hidden_bias, m.out_bias]  # noqa: E731
    biases = [jnp.asarray(rng.normal(size=bias.shape), jnp.float32) for bias in where(network)]
    return eqx.tree_at(where, network, biases)


@pytest.mark.parametrize(
    ("activation", "depth"), [("leaky_relu", 0), ("leaky_relu", 3), ("tanh", 2), ("softplus", 1)]
)
def test_outputs_are_those_of_the_formula(activation, depth):
    network = with_biases(cl.ResidualMLP(3, 2, 4, depth, activation=activation, key=jax.random.key(depth)))
    expected = np.array([residual_mlp(network, x, (), FORMULAS[activation]) for x in XS])
    np.testing.assert_allclose(
        network.apply_columns(jnp.asarray(XS.T, jnp.float32)).T, expected, rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(network(jnp.asarray(XS[0], jnp.float32)), expected[0], rtol=1e-4, atol=1e-5)


def test_each_network_of_a_stack_is_one_of_its_own():
    stack = with_biases(cl.ResidualMLP(3, 2, 4, 1, stack=(3,), key=jax.random.key(2)))
    x = jnp.asarray(XS[0], jnp.float32)
    outputs = np.asarray(eqx.filter_vmap(lambda network: network(x))(stack))
    expected = np.array([residual_mlp(stack, XS[0], index) for index in range(3)])
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-5)
    assert len({tuple(weight.ravel().tolist()) for weight in np.asarray(stack.in_weight)}) == 3


def test_a_network_without_residual_layers_is_affine():
    network = with_biases(cl.ResidualMLP(3, 2, 4, 0, key=jax.random.key(3)))
    a, b = (jnp.asarray(x, jnp.float32) for x in XS[:2])
    np.testing.assert_allclose(network(a + b) + network(0 * a), network(a) + network(b), rtol=1e-4, atol=1e-5)
    assert float(network.l2()) == 0.0


def test_residual_layers_whose_activation_is_0_are_passed_by():
    network = cl.ResidualMLP(3, 2, 4, 2, activation="relu", key=jax.random.key(4))
    silent = eqx.tree_at(lambda m: m.hidden_bias, network, jnp.full((2, 4), -100.0))
    expected = np.asarray(network.out_weight) @ (np.asarray(network.in_weight) @ XS[0])
    np.testing.assert_allclose(silent(jnp.asarray(XS[0], jnp.float32)), expected, rtol=1e-4, atol=1e-5)


def test_l2_is_on_the_hidden_weights_alone():
    network = with_biases(cl.ResidualMLP(3, 2, 4, 2, key=jax.random.key(5)))
    total, gradient = eqx.filter_value_and_grad(lambda m: m.l2())(network)
    assert float(total) == pytest.approx(float((np.asarray(network.hidden_weight) ** 2).sum()), rel=1e-5)
    np.testing.assert_allclose(gradient.hidden_weight, 2.0 * network.hidden_weight, rtol=1e-6)
    for name in ("in_weight", "in_bias", "hidden_bias", "out_weight", "out_bias"):
        assert not np.asarray(getattr(gradient, name)).any(), name


def test_l2_of_a_network_sums_those_of_its_parts():
    sizes = {"update_width": 3, "update_depth": 2, "choice_width": 2, "choice_depth": 1}
    disrnn = cl.DisRNN(2, 2, 2, **sizes, key=jax.random.key(0))
    parts = [disrnn.update_net, disrnn.choice_net]
    expected = sum(float((np.asarray(part.hidden_weight) ** 2).sum()) for part in parts)
    assert float(disrnn.l2()) == pytest.approx(expected, rel=1e-5)
    neuro = cl.NeuroDisRNN(
        2, 2, 2, n_signals=2, neural_width=3, neural_depth=2, **sizes, key=jax.random.key(0)
    )
    parts = [neuro.update_net, neuro.choice_net, neuro.neural.network]
    expected = sum(float((np.asarray(part.hidden_weight) ** 2).sum()) for part in parts)
    assert float(neuro.l2()) == pytest.approx(expected, rel=1e-5)
