"""Elementwise nonlinearities by name, so that a saved model can say which one it uses."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

Activation = Callable[[jax.Array], jax.Array]


def retanh(x: jax.Array) -> jax.Array:
    """Rectified hyperbolic tangent: tanh(x) above 0, else 0."""
    return jnp.tanh(jax.nn.relu(x))


def power_law(gain: float = 0.04, exponent: float = 2.0) -> Activation:
    """gain · max(x, 0)^exponent, the expansive transfer function of neurons driven by noise.

    Hansel & van Vreeswijk, J. Neurosci. 2002; the defaults are those of the stabilized supralinear network
    (Rubin, Van Hooser & Miller, Neuron 2015). Register it under a name to use it in a network:

    >>> import cogrnn_lab as cl
    >>> cl.register_activation("cubic", cl.power_law(gain=0.01, exponent=3.0))
    """

    def function(x: jax.Array) -> jax.Array:
        # The inner `where` keeps the gradient finite at 0 for exponents below 1.
        above = jnp.where(x > 0, x, 1.0)
        return jnp.where(x > 0, gain * above**exponent, 0.0)

    return function


ACTIVATIONS: dict[str, Activation] = {
    "leaky_relu": jax.nn.leaky_relu,
    "relu": jax.nn.relu,
    "softplus": jax.nn.softplus,
    "tanh": jnp.tanh,
    "gelu": jax.nn.gelu,
    "silu": jax.nn.silu,
    "sigmoid": jax.nn.sigmoid,
    "linear": lambda x: x,
    "retanh": retanh,
    "power_law": power_law(),
}


def activation_function(name: str) -> Activation:
    """The elementwise function called `name`; a `ValueError` lists the known names."""
    if name not in ACTIVATIONS:
        raise ValueError(
            f"activation {name!r} is not known; choose one of {', '.join(sorted(ACTIVATIONS))}, or make one "
            "of your own known with cl.register_activation(name, function)"
        )
    return ACTIVATIONS[name]


def activation_name(activation: str | Activation) -> str:
    """Name of an activation that is given by name or as a function, such as `jax.nn.relu`.

    A function that is not known yet is registered under its own name. Raises `ValueError` for a name that is
    not known, and for a function without a name of its own or with that of another.
    """
    if isinstance(activation, str):
        activation_function(activation)
        return activation
    for name, function in ACTIVATIONS.items():
        if function is activation:
            return name
    name = getattr(activation, "__name__", "")
    if not name.isidentifier():
        raise ValueError(
            f"the activation {activation!r} has no name of its own, which a saved network needs; give it one "
            "with cl.register_activation(name, function) and pass the name"
        )
    register_activation(name, activation)
    return name


def register_activation(name: str, function: Activation) -> None:
    """Make an elementwise function of your own known under a name, for the `activation` of any network.

    A network is saved with the name alone: register the same function before you load it. Raises
    `ValueError` where the name is taken, and where the function is not elementwise.
    """
    if not isinstance(name, str) or not name:
        raise ValueError(f"the name is {name!r}, expected some text")
    if name in ACTIVATIONS and ACTIVATIONS[name] is not function:
        raise ValueError(f"an activation {name!r} exists already; choose another name")
    shape = jax.ShapeDtypeStruct((2, 3), jnp.float32)
    result = jax.eval_shape(function, shape)
    if not isinstance(result, jax.ShapeDtypeStruct) or result.shape != shape.shape:
        raise ValueError(
            f"the function {name!r} gives shape {getattr(result, 'shape', type(result).__name__)} for shape "
            f"{shape.shape}, expected the same: an activation acts on each number by itself"
        )
    ACTIVATIONS[name] = function
