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
    """Gaussian bottlenecks: channels that pass `multiplier * x + noise * sigma * eps`, eps ~ N(0, 1).

    The information of a channel is the Kullback-Leibler divergence of its output from the unit Gaussian, 0.5
    * (mu**2 + sigma**2 - 1 - log(sigma**2)) with mu = multiplier * x. A channel with sigma near 0 is open,
    one with sigma near 1 closed.

    Arguments:
        multiplier: Factors (*shape), or None where the bottleneck has none.
        spread: Trained numbers (*shape) behind the noise, sigma = |spread| + 1e-5.

    Source:
        Miller, Eckstein, Botvinick & Kurth-Nelson, NeurIPS 2023.

    Example:
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> closed = cl.Bottleneck(jnp.zeros(1), jnp.ones(1))
        >>> round(float(closed.information(jnp.ones(1))[0]), 3)
        0.0
    """

    multiplier: Float[Array, "*shape"] | None
    spread: Float[Array, "*shape"]

    @classmethod
    def several(
        cls, shapes: Sequence[tuple[int, ...]], *, multiplier: Sequence[bool], key: PRNGKeyArray
    ) -> "list[Bottleneck]":
        """Draw open bottlenecks of the given shapes, all from one draw.

        Arguments:
            shapes: Shape of each bottleneck.
            multiplier: Whether each has a multiplier.
            key: Random key.

        Returns:
            The bottlenecks.
        """
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
        """Stack bottlenecks along their first axis into one that has a multiplier.

        Arguments:
            parts: Bottlenecks whose shapes differ in the first axis alone.

        Returns:
            The one bottleneck.
        """
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
        """Pass values through the channels.

        Arguments:
            x: Values (*shape) that enter.
            eps: Standard normal draws (*shape); None for no noise.
            noise: Scale of the noise.

        Returns:
            Values (*shape) that leave.
        """
        mean = self.gain * x
        return mean if eps is None else mean + noise * self.sigma * eps

    def information(self, x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        """Compute the information that each channel passes.

        Arguments:
            x: Values (*shape) that enter.

        Returns:
            Nats (*shape).
        """
        return 0.5 * (self.gain * x) ** 2 + self.resting_information
