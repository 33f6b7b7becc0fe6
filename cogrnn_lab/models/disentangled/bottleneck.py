"""The Gaussian information bottleneck that every channel of a disentangled network passes through."""

import math
from collections.abc import Sequence
from itertools import accumulate

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from cogrnn_lab.random_numbers import uniforms

# Keeps log(sigma) and its gradient finite when a channel is wide open.
SMALLEST_SIGMA = 1e-5
LARGEST_START_SIGMA = 0.05


class Bottleneck(eqx.Module):
    """Channels that pass `multiplier * x + noise * sigma * eps`, eps standard normal, each at a price.

    The information of a channel is the Kullback-Leibler divergence of its output from the unit Gaussian,
    0.5 * (mu**2 + sigma**2 - 1 - log(sigma**2)) with mu = multiplier * x (Miller, Eckstein, Botvinick &
    Kurth-Nelson, NeurIPS 2023). A channel with sigma near 0 is open, one with sigma near 1 closed.

    Fields: `multiplier` (*shape) or None where the bottleneck has none; `spread` (*shape), sigma = |spread| +
    1e-5.
    """

    multiplier: Float[Array, "*shape"] | None
    spread: Float[Array, "*shape"]

    @classmethod
    def several(
        cls, shapes: Sequence[tuple[int, ...]], *, multiplier: Sequence[bool], key: PRNGKeyArray
    ) -> "list[Bottleneck]":
        """Open bottlenecks of the given shapes, with a multiplier or without, all from one draw."""
        sizes = [math.prod(shape) for shape in shapes]
        draws = np.float32(LARGEST_START_SIGMA) * uniforms(key, (sum(sizes),))
        return [
            cls(
                jnp.asarray(np.ones(shape, np.float32)) if has_multiplier else None,
                jnp.asarray(draws[end - size : end].reshape(shape)),
            )
            for shape, has_multiplier, size, end in zip(
                shapes, multiplier, sizes, accumulate(sizes), strict=True
            )
        ]

    @classmethod
    def stacked(cls, parts: "Sequence[Bottleneck]") -> "Bottleneck":
        """Bottlenecks one below the other, along their first axis, as one with a multiplier."""
        return cls(
            jnp.concatenate([part.gain for part in parts]), jnp.concatenate([part.spread for part in parts])
        )

    @property
    def shape(self) -> tuple[int, ...]:
        return self.spread.shape

    @property
    def sigma(self) -> Float[Array, "*shape"]:
        """Standard deviation of the channel's noise."""
        return jnp.abs(self.spread) + SMALLEST_SIGMA

    @property
    def gain(self) -> Float[Array, "*shape"]:
        """The multiplier, or ones where there is none."""
        return jnp.ones_like(self.spread) if self.multiplier is None else self.multiplier

    @property
    def resting_information(self) -> Float[Array, "*shape"]:
        """Information (nats) of each channel for an input of 0."""
        variance = self.sigma**2
        return 0.5 * (variance - 1.0 - jnp.log(variance))

    def __call__(
        self, x: Float[Array, "*shape"], eps: Float[Array, "*shape"] | None = None, noise: float | Array = 1.0
    ) -> Float[Array, "*shape"]:
        """What comes out for the input `x`; noiseless where `eps` (standard normal draws) is None."""
        mean = self.gain * x
        return mean if eps is None else mean + noise * self.sigma * eps

    def information(self, x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        """Nats that each channel passes for the input `x`."""
        return 0.5 * (self.gain * x) ** 2 + self.resting_information
