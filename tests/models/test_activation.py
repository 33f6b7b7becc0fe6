"""Nonlinearities by name, against their formulas."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.models import activation as module
from cogrnn_lab.models.activation import ACTIVATIONS, activation_function, activation_name

FORMULAS = {
    "leaky_relu": lambda x: x if x > 0 else 0.01 * x,
    "relu": lambda x: max(x, 0.0),
    "softplus": lambda x: math.log(1 + math.exp(x)),
    "tanh": math.tanh,
    "gelu": lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2))),
    "silu": lambda x: x / (1 + math.exp(-x)),
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "linear": lambda x: x,
    "retanh": lambda x: max(math.tanh(x), 0.0),
    "power_law": lambda x: 0.04 * max(x, 0.0) ** 2,
}
XS = np.array([-3.0, -0.5, 0.0, 0.2, 1.0, 4.0], np.float32)


@pytest.fixture
def own_table(monkeypatch):
    """What a test registers is forgotten after it."""
    monkeypatch.setattr(module, "ACTIVATIONS", dict(ACTIVATIONS))


@pytest.mark.parametrize("name", FORMULAS)
def test_formula(name):
    tolerance = 1e-3 if name == "gelu" else 1e-6  # JAX has the approximation by tanh
    expected = [FORMULAS[name](float(x)) for x in XS]
    np.testing.assert_allclose(
        activation_function(name)(jnp.asarray(XS)), expected, rtol=1e-5, atol=tolerance
    )


@pytest.mark.parametrize("name", FORMULAS)
def test_slope_is_finite_everywhere_and_that_of_the_formula(name):
    slopes = np.asarray(jax.vmap(jax.grad(activation_function(name)))(jnp.asarray(XS)))
    assert np.isfinite(slopes).all()
    for x, slope in zip(XS[XS != 0], slopes[XS != 0], strict=True):
        numeric = (FORMULAS[name](float(x) + 1e-4) - FORMULAS[name](float(x) - 1e-4)) / 2e-4
        assert float(slope) == pytest.approx(numeric, abs=2e-3), x


@pytest.mark.parametrize(("gain", "exponent"), [(0.04, 2.0), (1.0, 0.5), (0.3, 3.0)])
def test_power_law(gain, exponent):
    function, x = cl.power_law(gain, exponent), jnp.array([0.5, 1.0, 3.0])
    np.testing.assert_allclose(function(x), gain * np.asarray(x) ** exponent, rtol=1e-5)
    np.testing.assert_allclose(
        function(2.0 * x), 2.0**exponent * function(x), rtol=1e-5
    )  # no scale of its own
    np.testing.assert_array_equal(function(-x), np.zeros(3))
    assert np.isfinite(jax.grad(function)(0.0))


@pytest.mark.usefixtures("own_table")
def test_a_function_is_named_by_itself():
    def quartic(x):
        return x**4

    assert activation_name("tanh") == "tanh"
    assert activation_name(jax.nn.relu) == "relu"
    assert activation_name(quartic) == "quartic"
    assert activation_function("quartic") is quartic
    assert activation_name(quartic) == "quartic"

    def relu(x):
        return x

    with pytest.raises(ValueError, match="an activation 'relu' exists already; choose another name"):
        activation_name(relu)
    with pytest.raises(ValueError, match=r"has no name of its own, which a saved network needs"):
        activation_name(lambda x: x)
    with pytest.raises(ValueError, match=r"'rleu' is not known; choose one of .*gelu, .*register_activation"):
        activation_name("rleu")


@pytest.mark.usefixtures("own_table")
def test_what_is_registered_has_a_name_and_acts_on_each_number():
    with pytest.raises(ValueError, match="the name is '', expected some text"):
        cl.register_activation("", jnp.abs)
    with pytest.raises(ValueError, match=r"gives shape tuple for shape \(2, 3\), expected the same"):
        cl.register_activation("pair", lambda x: (x, x))
    with pytest.raises(ValueError, match=r"gives shape \(3, 2\) for shape \(2, 3\)"):
        cl.register_activation("turned", jnp.transpose)
    cl.register_activation("size", jnp.abs)
    cl.register_activation("size", jnp.abs)  # the same again, as a notebook that is run twice does
    with pytest.raises(ValueError, match="'size' exists already"):
        cl.register_activation("size", jnp.square)
