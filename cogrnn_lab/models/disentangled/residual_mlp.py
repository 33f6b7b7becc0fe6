"""The small residual networks inside a disentangled RNN, which update its latents and choose."""

import math
from itertools import accumulate

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from cogrnn_lab.models.activation import Activation, activation_function, activation_name
from cogrnn_lab.random_numbers import KeyOrSeed, as_key, standard_normals


class ResidualMLP(eqx.Module):
    """Residual network: linear to a stream h, `depth` times h ← h + activation(W h + b), linear out.

    Weights start normal with standard deviation 1/sqrt(fan-in) for the first and last layer and 1/sqrt(width
    * depth) for the residual ones; biases at 0.

    Arguments:
        n_inputs: Number of inputs.
        n_outputs: Number of outputs.
        width: Units of the stream.
        depth: Residual layers, may be 0.
        activation: Nonlinearity by name, such as "leaky_relu", or a function, such as `jax.nn.elu`.
        stack: Axes in front of every array, for several networks of one shape in one module.
        key: Random key of the start values, or a seed.

    Raises:
        ValueError: The activation is not known.

    Example:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> cl.ResidualMLP(3, 2, width=4, depth=1, key=jax.random.key(0))(jnp.zeros(3)).shape
        (2,)
    """

    in_weight: Float[Array, "*stack width input"]
    in_bias: Float[Array, "*stack width"]
    hidden_weight: Float[Array, "*stack depth width width"]
    hidden_bias: Float[Array, "*stack depth width"]
    out_weight: Float[Array, "*stack output width"]
    out_bias: Float[Array, "*stack output"]
    activation: str = eqx.field(static=True)

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        width: int,
        depth: int,
        *,
        activation: str | Activation = "leaky_relu",
        stack: tuple[int, ...] = (),
        key: KeyOrSeed | None = None,
    ):
        activation = activation_name(activation)
        shapes = ((width, n_inputs), (depth, width, width), (n_outputs, width))
        scales = (n_inputs**-0.5, (width * max(depth, 1)) ** -0.5, width**-0.5)
        ends = list(accumulate(map(math.prod, shapes)))
        draws = standard_normals(as_key(key, "a ResidualMLP"), {"weights": (*stack, ends[-1])})["weights"]
        self.in_weight, self.hidden_weight, self.out_weight = (
            jnp.asarray(np.float32(scale) * draws[..., end - math.prod(shape) : end].reshape(*stack, *shape))
            for scale, end, shape in zip(scales, ends, shapes, strict=True)
        )
        self.in_bias, self.hidden_bias, self.out_bias = (
            jnp.asarray(np.zeros((*stack, *shape), np.float32))
            for shape in ((width,), (depth, width), (n_outputs,))
        )
        self.activation = activation

    def __call__(self, x: Float[Array, " input"]) -> Float[Array, " output"]:
        """Compute the outputs for one input.

        Arguments:
            x: Inputs (input,).

        Returns:
            Outputs (output,).
        """
        activation = activation_function(self.activation)
        stream = self.in_weight @ x + self.in_bias
        for weight, bias in zip(self.hidden_weight, self.hidden_bias, strict=True):
            stream = stream + activation(weight @ stream + bias)
        return self.out_weight @ stream + self.out_bias

    def apply_columns(self, x: Float[Array, "input column"]) -> Float[Array, "output column"]:
        """Compute the outputs for many inputs side by side, the layout in which the CPU is fast.

        Arguments:
            x: Inputs (input, column), one a column.

        Returns:
            Outputs (output, column).
        """
        activation = activation_function(self.activation)
        stream = self.in_weight @ x + self.in_bias[:, None]
        for weight, bias in zip(self.hidden_weight, self.hidden_bias, strict=True):
            stream = stream + activation(weight @ stream + bias[:, None])
        return self.out_weight @ stream + self.out_bias[:, None]

    def l2(self) -> Float[Array, ""]:
        """Sum of squared hidden-layer weights (first and last layer and biases don't count)."""
        return jnp.sum(self.hidden_weight**2)
