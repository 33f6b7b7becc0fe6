"""What the channels of a disentangled network really tell: mutual information, in bits.

The Kullback-Leibler divergence that a channel pays is only an upper bound of it, often a loose one (Alemi
et al., "Deep variational information bottleneck", ICLR 2017): it also counts a mean and a spread that differ
from those of the unit Gaussian where nothing varies from trial to trial.
"""

from dataclasses import dataclass, field
from typing import Any

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float
from scipy.special import ndtr

from cogrnn_lab.analysis.reading.distinct_values import few_values
from cogrnn_lab.analysis.reading.latents import noiseless_rollout
from cogrnn_lab.argument_kinds import Numbers
from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.models import Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.training.compatibility import as_network_knows

# More different values than this are taken as continuous, and as evenly spread within as many bins.
MOST_VALUES = 128
# As many values as are found faster one after the other than by sorting.
FEW_VALUES = 8
# Points of integration within one standard deviation of the noise, or within one bin.
POINTS = 8
# How far beyond the values the integral goes, in standard deviations of the noise.
REACH = 8.0
NOISE_ENTROPY = 0.5 * np.log2(2 * np.pi * np.e)
# Variance of the input, in units of that of the noise, below which only it matters: I = log(1 + s²) / 2 with
# an error of the order of s⁶ (Guo, Shamai & Verdú, IEEE Trans. Inf. Theory 2005).
FAINT = 0.01


@dataclass(frozen=True)
class Spread:
    """Distribution of a number over trials.

    `values` (value,) with `weights` (value,) that sum to 1; `width` of the bin around each value within which
    the number is evenly spread, 0 where it takes these values exactly.
    """

    values: np.ndarray
    weights: np.ndarray
    width: float = 0.0

    @classmethod
    def of(cls, samples: Float[np.ndarray, " trial"]) -> "Spread":
        """The distribution of samples: exact where few values occur, else a histogram."""
        return cls.placed(samples)[0]

    @classmethod
    def placed(cls, samples: Float[np.ndarray, " trial"]) -> "tuple[Spread, np.ndarray]":
        """The distribution of samples, and (trial,) the place of each sample among the values."""
        samples = np.ascontiguousarray(samples, float)
        exact = _counted(samples)
        if exact is not None:
            values, places, counts = exact
            return cls(values, counts / len(samples)), places
        low, high = samples.min(), samples.max()
        width = (high - low) / MOST_VALUES
        bins = np.minimum(((samples - low) / width).astype(int), MOST_VALUES - 1)
        counts = np.bincount(bins, minlength=MOST_VALUES)
        taken = counts > 0
        middles = low + (np.arange(MOST_VALUES) + 0.5) * width
        places = (np.cumsum(taken) - 1)[bins]
        return cls(middles[taken], counts[taken] / len(samples), float(width)), places


def _counted(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Values of samples, place and count of each; None where they are many, which some of them tell."""
    values = few_values(samples, FEW_VALUES)
    if values is not None:
        places = sum((samples > value).astype(int) for value in values[:-1]) + np.zeros(len(samples), int)
        return values, places, np.bincount(places, minlength=len(values))
    if len(np.unique(samples[: 4 * MOST_VALUES])) > MOST_VALUES:
        return None
    values, places, counts = np.unique(samples, return_inverse=True, return_counts=True)
    return (values, places, counts) if len(values) <= MOST_VALUES else None


@dataclass(frozen=True)
class Spreads:
    """Distributions of what enters channels, each worked out once: groups often carry the same numbers."""

    known: list[tuple[np.ndarray, Spread]] = field(default_factory=list)

    def of(self, samples: Float[np.ndarray, " trial"]) -> Spread:
        """The distribution of samples."""
        middle = len(samples) // 2
        for column, spread in self.known:
            if column[middle] == samples[middle] and np.array_equal(column, samples):
                return spread
        self.known.append((samples, Spread.of(samples)))
        return self.known[-1][1]


def channel_information(
    model: Network | HoldsNetwork, dataset: Dataset
) -> dict[str, Float[np.ndarray, "source *reader"]]:
    """Compute the mutual information of every channel's input and output, in bits per trial.

    Inputs are those of the noiseless network on the valid trials; the output of a channel is its multiplier x
    input + sigma x standard normal noise.

    Arguments:
        model: Any network, or a `Run` or a `Discovery` that has one.
        dataset: Sessions along which it runs.

    Returns:
        Bits by bottleneck group, in the shape of the group's channels: (latent,) for `latent`, (input,
        latent) for `update_input`. Empty for a network without bottlenecks.

    Raises:
        ValueError: Where the data do not fit the network.

    Example:
        >>> import jax
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=20)
        >>> model = cl.DisRNN(2, 2, 3, key=jax.random.key(0))
        >>> bool((cl.channel_information(model, data)["update_input"] <= 1 + 1e-9).all())  # binary inputs
        True
    """
    model = network_of(model)
    dataset = as_network_knows(model, dataset)
    if not model.groups:
        return {}
    return bits_of_channels(model, entering_channels(model, dataset))


def bits_of_channels(
    model: Any, entering: dict[str, Float[np.ndarray, "trial source"]], known: Spreads | None = None
) -> dict[str, Float[np.ndarray, "source *reader"]]:
    """`channel_information` where what enters the channels is at hand, and some distributions are known."""
    bits, known = {}, Spreads() if known is None else known
    for group, along in entering.items():
        gain, sigma = gain_and_sigma(model.bottlenecks[group])
        spreads = [known.of(column) for column in along.T]
        bits[group] = np.zeros(sigma.shape)
        for at in np.ndindex(sigma.shape):
            bits[group][at] = bits_through(spreads[at[0]], float(sigma[at]), float(gain[at]))
    return bits


def entering_channels(model: Network, dataset: Dataset) -> dict[str, Float[np.ndarray, "trial source"]]:
    """What enters the bottlenecks of each group on the valid trials, by the noiseless network.

    The data are as the network knows them. A source is contiguous, as most is asked of one at a time.
    """
    entering = jax.device_get(_entering(model, TrialArrays.of(dataset)))
    valid = np.flatnonzero(dataset.valid)
    return {
        group: along.reshape(-1, along.shape[-1]).T.take(valid, axis=1).astype(float).T
        for group, along in entering.items()
    }


@eqx.filter_jit
def _entering(model: Any, data: TrialArrays) -> dict[str, Array]:
    states = noiseless_rollout(model, data).states
    return model.entering(data.inputs, states, subject=data.subject)


def gain_and_sigma(bottleneck: Any) -> tuple[np.ndarray, np.ndarray]:
    """Multiplier and noise of each channel, in double precision."""
    return np.asarray(bottleneck.gain, float), np.asarray(bottleneck.sigma, float)


def mutual_information(values: Numbers, sigma: float, gain: float = 1.0, *, weights: Numbers = None) -> float:
    """Compute the bits that `gain * x + sigma * noise` tells about x, by numerical integration.

    It is h(gain x + sigma noise) - h(sigma noise), h the differential entropy. With sigma near 0 it nears the
    entropy of x where x takes few values.

    Arguments:
        values: Samples of x; or, with `weights`, the values that it takes.
        sigma: Standard deviation of the Gaussian noise, above 0.
        gain: What x is multiplied by.
        weights: How often each value occurs, in any unit.

    Returns:
        Mutual information in bits.

    Raises:
        ValueError: Where sigma is not positive, or there is not a weight for each value.

    Example:
        >>> round(cl.mutual_information([0, 1], sigma=0.01, weights=[1, 1]), 6)  # a coin
        1.0

    Source:
        Cover & Thomas, "Elements of information theory", 2006, ch. 9.
    """
    values = np.asarray(values, float)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise ValueError(
            f"values have the shape {values.shape}; expected one or more finite numbers, (value,)"
        )
    if not 0 < sigma < np.inf:
        raise ValueError(f"sigma is {sigma}; expected a standard deviation above 0")
    if weights is None:
        return bits_through(Spread.of(values), sigma, gain)
    shares = np.asarray(weights, float)
    if values.shape != shares.shape or not (shares >= 0).all() or not shares.sum() > 0:
        raise ValueError(
            f"weights have shape {shares.shape} and values {values.shape}; expected one weight of at least 0 "
            "for each value"
        )
    return bits_through(Spread(values, shares / shares.sum()), sigma, gain)


def bits_through(spread: Spread, sigma: float, gain: float = 1.0) -> float:
    """`mutual_information` where the distribution of x is at hand."""
    told = bits_of_values(spread, sigma, gain)
    return max(float(spread.weights @ told), 0.0)


def bits_of_values(
    spread: Spread, sigma: float, gain: float = 1.0, weights: np.ndarray | None = None
) -> Float[np.ndarray, "value *set"]:
    """Bits that the noisy copy tells where x has each value; their mean is the mutual information.

    It is the divergence of what leaves the channel at this value from what leaves it altogether, KL(p(z | x)
    || p(z)), the specific surprise of DeWeese & Meister (Network 1999).

    Arguments:
        spread: The distribution of x.
        sigma: Standard deviation of the noise, above 0.
        gain: What x is multiplied by.
        weights: (value, set) other weights of the same values, a distribution a column, each of which is
            taken by itself; None: those of `spread`.

    Returns:
        (value,), or (value, set).
    """
    if not sigma > 0:
        raise ValueError(f"sigma is {sigma}, expected the positive standard deviation of a channel's noise")
    shares = spread.weights[:, None] if weights is None else weights
    values = (gain / sigma) * (spread.values - np.average(spread.values, weights=spread.weights))
    width = abs(gain / sigma) * spread.width
    power = shares.T @ values**2 - (shares.T @ values) ** 2 + width**2 / 12
    if (power < FAINT).all():
        squares = (values[:, None] - shares.T @ values) ** 2 + width**2 / 12
        told = (np.log1p(power) + (squares - power) / (1 + power)) / (2 * np.log(2))
    else:
        told = _told(values, shares, width)
    return told[:, 0] if weights is None else told


def _told(values: np.ndarray, shares: np.ndarray, width: float) -> np.ndarray:
    """`bits_of_values` in units of sigma: E[-log2 p(z)] at each value, less the entropy of the noise."""
    if width * POINTS >= 1:
        return _told_of_bins(values, shares, width)
    told = np.zeros(shares.shape)
    order = np.argsort(values)
    apart = np.flatnonzero(np.diff(values[order]) > 2 * REACH) + 1  # values that no noise confuses
    for members in np.split(order, apart):
        own = values[members]
        z = np.arange(own.min() - REACH, own.max() + REACH + 1 / POINTS, 1 / POINTS)
        kernel = np.exp(-((z[:, None] - own) ** 2) / (2 + width**2 / 6))
        kernel /= kernel.sum(0) / POINTS
        told[members] = kernel.T @ _surprise(kernel @ shares[members]) / POINTS
    return told - NOISE_ENTROPY


def _told_of_bins(values: np.ndarray, shares: np.ndarray, width: float) -> np.ndarray:
    """The same where x is even within each bin.

    z goes along with the bins, so that what leaves a channel is the shares smoothed by the density of one
    bin and the noise.
    """
    per_bin = POINTS if width >= 1 else int(np.ceil(width * POINTS))
    step = width / per_bin
    reach = int(np.ceil((REACH + width / 2) / step))
    distance = step * np.arange(-reach, reach + 1)
    of_bin = ndtr(distance + width / 2) - ndtr(distance - width / 2)
    of_bin /= of_bin.sum() * step
    bins = per_bin * np.rint((values - values.min()) / width).astype(int)
    told = np.zeros(shares.shape)
    for own, weights in zip(told.T, shares.T, strict=True):
        in_place = np.zeros(bins.max() + 1)
        in_place[bins] = weights
        surprise = _surprise(np.convolve(in_place, of_bin))
        own[:] = step * np.convolve(surprise, of_bin, mode="valid")[bins]  # one bin is like its mirror image
    return told - NOISE_ENTROPY


def _surprise(p: np.ndarray) -> np.ndarray:
    """-log2 of densities, 0 where there are none."""
    return -np.log2(np.where(p > 0, p, 1.0))
