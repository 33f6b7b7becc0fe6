"""The small residual networks inside a disentangled RNN, which update its latents and choose."""

import math
from itertools import accumulate

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from cogrnn_lab.models.activation import activation_function
from cogrnn_lab.random_numbers import standard_normals


class ResidualMLP(eqx.Module):
    """Linear to the stream, then `depth` times h = h + activation(W h + b), then linear to the output.

    Arguments: `n_inputs`, `n_outputs`, `width` (units of the stream), `depth` (residual layers, may be 0),
    `activation` (a name), `key`. Weights start normal with standard deviation 1/sqrt(fan-in) for the first
    and last layer and 1/sqrt(width * depth) for the residual ones; biases at 0.

    Several networks of one shape are one module whose arrays begin with the axes `stack`.
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
        activation: str = "leaky_relu",
        stack: tuple[int, ...] = (),
        key: PRNGKeyArray,
    ):
        activation_function(activation)
        shapes = ((width, n_inputs), (depth, width, width), (n_outputs, width))
        scales = (n_inputs**-0.5, (width * max(depth, 1)) ** -0.5, width**-0.5)
        ends = list(accumulate(map(math.prod, shapes)))
        draws = standard_normals(key, {"weights": (*stack, ends[-1])})["weights"]
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
        activation = activation_function(self.activation)
        stream = self.in_weight @ x + self.in_bias
        for weight, bias in zip(self.hidden_weight, self.hidden_bias, strict=True):
            stream = stream + activation(weight @ stream + bias)
        return self.out_weight @ stream + self.out_bias

    def apply_columns(self, x: Float[Array, "input column"]) -> Float[Array, "output column"]:
        """The same for many inputs side by side, one a column: the layout in which the CPU is fast."""
        activation = activation_function(self.activation)
        stream = self.in_weight @ x + self.in_bias[:, None]
        for weight, bias in zip(self.hidden_weight, self.hidden_bias, strict=True):
            stream = stream + activation(weight @ stream + bias[:, None])
        return self.out_weight @ stream + self.out_bias[:, None]

    def l2(self) -> Float[Array, ""]:
        """Sum of squared hidden-layer weights (first and last layer and biases don't count)."""
        return jnp.sum(self.hidden_weight**2)
