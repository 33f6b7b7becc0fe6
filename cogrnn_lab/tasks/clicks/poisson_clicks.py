"""Poisson clicks on two sides, as stimuli in time bins."""

import math
from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from cogrnn_lab.argument_kinds import Number, Numbers
from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter

# Longest run of clicks in a bin that is looked for: rarer ones are not seen in 2**24 bins.
_RAREST = 2.0**-25


class Stimuli(NamedTuple):
    """Clicks in each bin of each trial, how many bins the stimulus has, and the log ratio of the rates."""

    left: Float[Array, "bin trial"]
    right: Float[Array, "bin trial"]
    n_bins: Int[Array, " trial"]
    gamma: Float[Array, " trial"]


def _as_gammas(gammas: Numbers) -> Any:
    return np.atleast_1d(np.float32(gammas))


def _as_durations(duration: Numbers) -> Any:
    if np.size(duration) not in (1, 2):
        raise ValueError(
            f"duration has {np.size(duration)} numbers; expected seconds, or (shortest, longest) in seconds."
        )
    return tuple(np.broadcast_to(np.ravel(duration), 2).astype(float).tolist())


def _as_width(bin_width: Number) -> float:
    return float(bin_width)


class PoissonClicks(eqx.Module):
    """Trains of clicks on the left and on the right, as Poisson processes.

    Arguments:
        total_rate: Clicks per second, both sides together; the same on every trial.
        gammas: Log ratios of the right rate to the left one, (gamma,); each trial has one of them.
        duration: (shortest, longest) stimulus in seconds, equally likely between, in whole bins; or one
            number.
        bin_width: Seconds.
        stereo_click: Whether one click on both sides, before all others, marks the start.

    Raises:
        ValueError: Where a number is out of range, or a stimulus is shorter than a bin.

    Source:
        Brunton, Botvinick and Brody, Science 2013.

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.PoissonClicks(duration=(0.5, 1.0), bin_width=0.02).n_bins
        (25, 50)
    """

    total_rate: Parameter = parameter(40.0)
    gammas: Float[Array | np.ndarray, " gamma"] = eqx.field(
        default=(-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5), converter=_as_gammas
    )
    duration: tuple[float, float] = eqx.field(
        static=True,
        default=(0.2, 1.0),
        converter=_as_durations,
    )
    bin_width: float = eqx.field(static=True, default=0.01, converter=_as_width)
    stereo_click: bool = eqx.field(static=True, default=True)

    def __check_init__(self):
        check_range(self.total_rate, "total_rate", 0.0, math.inf, "It is in clicks per second")
        if jnp.ndim(self.total_rate) > 0:
            raise ValueError(f"total_rate = {self.total_rate}; expected one number.")
        if not np.isfinite(self.gammas).all():
            raise ValueError(f"gammas = {self.gammas}; expected finite log ratios of rates.")
        if not 0 < self.bin_width < math.inf:
            raise ValueError(f"bin_width = {self.bin_width}; expected seconds above 0.")
        if not np.isfinite(self.duration).all() or not 1 <= self.n_bins[0] <= self.n_bins[1]:
            raise ValueError(
                f"duration = {self.duration}; expected (shortest, longest) seconds of at least one bin "
                f"({self.bin_width} s), the shorter first."
            )

    @property
    def n_bins(self) -> tuple[int, int]:
        """Bins of the shortest and of the longest stimulus."""
        shortest, longest = (round(seconds / self.bin_width) for seconds in self.duration)
        return shortest, longest

    @property
    def most_clicks(self) -> int:
        """Largest number of clicks on one side that is drawn in a bin."""
        expected = float(np.asarray(self.total_rate)) * self.bin_width
        term, above, most = math.exp(-expected), 1 - math.exp(-expected), 0
        while above > _RAREST and term > 0:
            most += 1
            term *= expected / most
            above -= term
        return max(most, 1)

    @property
    def n_uniforms(self) -> int:
        """Number of uniform random numbers that make a stimulus."""
        return 2 + 2 * self.n_bins[1]

    def drawn(self, uniform: Float[Array, "trial number"], most_clicks: int) -> Stimuli:
        """Draw stimuli.

        Arguments:
            uniform: Uniform random numbers, (trial, `n_uniforms`).
            most_clicks: Largest number of clicks on one side in a bin, as `most_clicks`.

        Returns:
            Clicks in each bin, (bin, trial), the bins of each stimulus, and the log ratio of its rates.
        """
        shortest, longest = self.n_bins
        n_bins = shortest + jnp.floor(uniform[:, 0] * (longest - shortest + 1)).astype(jnp.int32)
        gammas = jnp.asarray(self.gammas)
        gamma = gammas[jnp.floor(uniform[:, 1] * gammas.size).astype(jnp.int32)]
        expected = self.total_rate * self.bin_width
        of_side = uniform[:, 2:].reshape(-1, 2, longest)
        during = jnp.arange(longest)[:, None] < n_bins[None]

        def of(side: int, sign: float) -> Array:
            rate = expected / (1 + jnp.exp(-sign * gamma))
            counts = jnp.where(during, poisson(of_side[:, side].T, rate, most_clicks), 0.0)
            return counts.at[0].add(1.0) if self.stereo_click else counts

        return Stimuli(of(0, -1.0), of(1, 1.0), n_bins, gamma)


def poisson(
    uniform: Float[Array, "bin trial"], expected: Float[Array, " trial"], most: int
) -> Float[Array, "bin trial"]:
    """Poisson numbers, at most `most`, from uniform ones."""
    term = jnp.exp(-expected)
    total, counts = term, jnp.zeros_like(uniform)
    for count in range(1, most + 1):
        counts = counts + (uniform >= total[None])
        term = term * expected / count
        total = total + term
    return counts
