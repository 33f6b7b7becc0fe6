"""Elementwise nonlinearities by name, so that a saved model can say which one it uses."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

Activation = Callable[[jax.Array], jax.Array]


def retanh(x: jax.Array) -> jax.Array:
    """Compute the rectified hyperbolic tangent: tanh(x) above 0, else 0.

    Arguments:
        x: Numbers of any shape.

    Returns:
        Numbers of the same shape.
    """
    return jnp.tanh(jax.nn.relu(x))


@dataclass(frozen=True)
class PowerLaw:
    """Power law, which two cells with the same numbers share; see `power_law`."""

    gain: float
    exponent: float

    def __call__(self, x: jax.Array) -> jax.Array:
        """Compute gain · max(x, 0)^exponent.

        Arguments:
            x: Numbers of any shape.
        """
        # The inner `where` keeps the gradient finite at 0 for exponents below 1.
        above = jnp.where(x > 0, x, 1.0)
        return jnp.where(x > 0, self.gain * above**self.exponent, 0.0)


def power_law(gain: float = 0.04, exponent: float = 2.0) -> Activation:
    """Make a power law, gain · max(x, 0)^exponent: the transfer function of neurons driven by noise.

    Register it under a name to use it in a network.

    Arguments:
        gain: Factor in front, by default that of the stabilized supralinear network.
        exponent: Exponent, above 0.

    Returns:
        An elementwise function.

    Source:
        Hansel & van Vreeswijk, J. Neurosci. 2002; defaults: Rubin, Van Hooser & Miller, Neuron 2015.

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.register_activation("cubic", cl.power_law(gain=0.01, exponent=3.0))
    """
    return PowerLaw(gain, exponent)


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
} | {
    name: getattr(jax.nn, name)
    for name in (
        *("celu", "elu", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "log_sigmoid", "mish"),
        *("relu6", "selu", "soft_sign", "squareplus", "swish"),
    )
}


def activation_function(name: str) -> Activation:
    """Look up the elementwise function of this name.

    Arguments:
        name: Name of a nonlinearity, such as "relu".

    Returns:
        The function.

    Raises:
        ValueError: No function has this name.
    """
    if name not in ACTIVATIONS:
        raise ValueError(
            f"activation {name!r} is not known; choose one of {', '.join(sorted(ACTIVATIONS))}, or make one "
            "of your own known with cl.register_activation(name, function)"
        )
    return ACTIVATIONS[name]


def activation_name(activation: str | Activation) -> str:
    """Name an activation that is given by name or as a function, such as `jax.nn.relu`.

    A function that is not known yet is registered under its own name.

    Arguments:
        activation: Name or elementwise function.

    Returns:
        The name under which the function is registered.

    Raises:
        ValueError: The name is not known, or the function has no name of its own or that of another function.
        TypeError: It is neither a name nor a function.
    """
    if isinstance(activation, str):
        activation_function(activation)
        return activation
    if not callable(activation):
        raise TypeError(
            f"activation is {activation!r}, expected a name such as 'tanh' or a function such as jax.nn.elu"
        )
    for name, function in ACTIVATIONS.items():
        if is_same_function(function, activation):
            return name
    name = getattr(activation, "__name__", "")
    if not name.isidentifier():
        raise ValueError(
            f"the activation {activation!r} has no name of its own, which a saved network needs; give it one "
            "with cl.register_activation(name, function) and pass the name"
        )
    register_activation(name, activation)
    return name


def is_same_function(one: Any, other: Any) -> bool:
    """Whether two functions are the same, or the same lines of code with the same values around them."""
    if one is other or (isinstance(one, PowerLaw) and one == other):
        return True
    # A function that wraps another one is a function of its own, also within `jax.jit` and the like, which
    # are the function.
    one, other = (inspect.unwrap(of, stop=_is_python) for of in (one, other))
    codes = [getattr(function, "__code__", None) for function in (one, other)]
    if None in codes or one.__globals__ is not other.__globals__:
        return False
    return all(_meaning(function) == _meaning(one) for function in (one, other))


def _is_python(of: Any) -> bool:
    return inspect.isfunction(of) or inspect.ismethod(of)


def _meaning(function: Any) -> tuple[Any, ...]:
    """What a function does, in values that can be compared; no line numbers."""
    around = [cell.cell_contents for cell in function.__closure__ or ()]
    around.append(getattr(function, "__self__", None))
    around += [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    plain = [
        value if isinstance(value, (int, float, str, bool, type(None))) else id(value) for value in around
    ]
    code = function.__code__
    return code.co_code, repr([_constant(value) for value in code.co_consts]), code.co_names, tuple(plain)


def _constant(value: Any) -> Any:
    """A constant of code, of which functions within have addresses and line numbers."""
    return (value.co_code, value.co_consts, value.co_names) if hasattr(value, "co_code") else value


def register_activation(name: str, function: Activation) -> None:
    """Register an elementwise function under a name, for the `activation` of any network.

    A network is saved with the name alone: register the same function before you load it. The same function
    may be registered again, also as the same lines of a notebook cell that is run again.

    Arguments:
        name: Name, not empty and not taken by another function.
        function: Elementwise function of a JAX array.

    Raises:
        ValueError: The name is taken, or the function is not elementwise.

    Example:
        >>> import cogrnn_lab as cl
        >>> import jax.numpy as jnp
        >>> cl.register_activation("squared", lambda x: jnp.square(x))
        >>> cl.models.activation.activation_function("squared")(jnp.asarray(3.0)).item()
        9.0
    """
    if not isinstance(name, str) or not name:
        raise ValueError(f"the name is {name!r}, expected some text")
    if name in ACTIVATIONS:
        if is_same_function(ACTIVATIONS[name], function):
            return
        raise ValueError(
            f"an activation {name!r} exists already; choose another name: this is another function, and "
            "networks that use the first would change"
        )
    if not callable(function):
        raise TypeError(f"the function {name!r} is {function!r}, expected a function of a JAX array")
    shape = jax.ShapeDtypeStruct((2, 3), jnp.float32)
    result = jax.eval_shape(function, shape)
    if not isinstance(result, jax.ShapeDtypeStruct) or result.shape != shape.shape:
        raise ValueError(
            f"the function {name!r} gives shape {getattr(result, 'shape', type(result).__name__)} for shape "
            f"{shape.shape}, expected the same: an activation acts on each number by itself"
        )
    ACTIVATIONS[name] = function
