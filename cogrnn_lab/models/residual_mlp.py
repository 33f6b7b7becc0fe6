"""The small residual networks inside a disentangled RNN, which update its latents and choose."""

import math
from itertools import accumulate

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from cogrnn_lab.models.activation import activation_function


class ResidualMLP(eqx.Module):
    """Linear to the stream, then `depth` times h = h + activation(W h + b), then linear to the output.

    Arguments: `n_inputs`, `n_outputs`, `width` (units of the stream), `depth` (residual layers, may be 0),
    `activation` (a name), `key`. Weights start normal with standard deviation 1/sqrt(fan-in) for the first
    and last layer and 1/sqrt(width * depth) for the residual ones; biases at 0.

    Several networks of one shape are made as one stacked module by `eqx.filter_vmap(ResidualMLP...)`: then
    every array has a leading axis for the network.
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
        key: PRNGKeyArray,
    ):
        activation_function(activation)
        shapes = ((width, n_inputs), (depth, width, width), (n_outputs, width))
        scales = (n_inputs**-0.5, (width * max(depth, 1)) ** -0.5, width**-0.5)
        # One draw for all: every further one costs a fresh process a third of a second of compilation.
        draws = jax.random.normal(key, (sum(map(math.prod, shapes)),))
        ends = list(accumulate(map(math.prod, shapes)))
        weights = [
            scale * draw.reshape(shape)
            for scale, draw, shape in zip(scales, jnp.split(draws, ends[:-1]), shapes, strict=True)
        ]
        self.in_weight, self.hidden_weight, self.out_weight = weights
        self.in_bias, self.hidden_bias = jnp.zeros(width), jnp.zeros((depth, width))
        self.out_bias = jnp.zeros(n_outputs)
        self.activation = activation

    @classmethod
    def stacked(cls, n_networks: int, *args, key: PRNGKeyArray, **kwargs) -> "ResidualMLP":
        """`n_networks` networks of one shape, each started from its own key, as one module."""
        return eqx.filter_vmap(lambda k: cls(*args, key=k, **kwargs))(jax.random.split(key, n_networks))

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
