"""What the channels of a disentangled network really tell: mutual information, in bits.

The Kullback-Leibler divergence that a channel pays is only an upper bound of it, often a loose one (Alemi
et al., "Deep variational information bottleneck", ICLR 2017): it also counts a mean and a spread that differ
from those of the unit Gaussian where nothing varies from trial to trial.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

from cogrnn_lab.analysis.reading.latents import noiseless_rollout
from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.models import Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.training.compatibility import as_network_knows

# More different values than this are taken as continuous, and as evenly spread within as many bins.
MOST_VALUES = 128
# Points of integration within one standard deviation of the noise, or within one bin.
POINTS = 8
# How far beyond the values the integral goes, in standard deviations of the noise.
REACH = 8.0


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
        values, counts = np.unique(np.asarray(samples, float), return_counts=True)
        if len(values) <= MOST_VALUES:
            return cls(values, counts / counts.sum())
        binned, edges = np.histogram(values, MOST_VALUES, weights=counts)
        middles, taken = (edges[:-1] + edges[1:]) / 2, binned > 0
        return cls(middles[taken], binned[taken] / binned.sum(), float(edges[1] - edges[0]))


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
    data, network = TrialArrays.of(dataset), _disentangled(model)
    states = noiseless_rollout(model, data).states
    entering = network.entering(data.inputs, states, subject=data.subject)
    bits = {}
    for group, along in entering.items():
        bottleneck = network.bottlenecks[group]
        gain, sigma = np.asarray(bottleneck.gain, float), np.asarray(bottleneck.sigma, float)
        spreads = [Spread.of(column) for column in np.asarray(along, float)[dataset.valid].T]
        bits[group] = np.zeros(sigma.shape)
        for at in np.ndindex(sigma.shape):
            bits[group][at] = bits_through(spreads[at[0]], float(sigma[at]), float(gain[at]))
    return bits


def mutual_information(values: Any, sigma: float, gain: float = 1.0, *, weights: Any = None) -> float:
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
    if weights is None:
        return bits_through(Spread.of(np.asarray(values, float)), sigma, gain)
    values, shares = np.asarray(values, float), np.asarray(weights, float)
    if values.shape != shares.shape or not (shares >= 0).all() or not shares.sum() > 0:
        raise ValueError(
            f"weights have shape {shares.shape} and values {values.shape}; expected one weight of at least 0 "
            "for each value"
        )
    return bits_through(Spread(values, shares / shares.sum()), sigma, gain)


def bits_through(spread: Spread, sigma: float, gain: float = 1.0) -> float:
    """`mutual_information` where the distribution of x is at hand."""
    if not sigma > 0:
        raise ValueError(f"sigma is {sigma}, expected the positive standard deviation of a channel's noise")
    center = np.average(spread.values, weights=spread.weights)
    values, width = gain * (spread.values - center), abs(gain) * spread.width
    if width == 0.0:
        return _of_exact_values(values / sigma, spread.weights)
    return _of_bins(values / sigma, spread.weights, width / sigma)


def _of_exact_values(values: np.ndarray, weights: np.ndarray) -> float:
    """Bits where x takes these values (in units of sigma): -E[log2 p(z) / p(z | x)] around each of them."""
    noise = np.linspace(-REACH, REACH, int(2 * REACH * POINTS) + 1)
    density = np.exp(-(noise**2) / 2)
    density /= density.sum()
    bits = 0.0
    for value, weight in zip(values, weights, strict=True):
        exponents = (noise**2 - (value + noise - values[:, None]) ** 2) / 2
        bits -= weight * (density @ np.log2(weights @ np.exp(np.minimum(exponents, 600.0))))
    return max(float(bits), 0.0)


def _of_bins(values: np.ndarray, weights: np.ndarray, width: float) -> float:
    """Bits where x is even within bins of this width (all in units of sigma), from the density of z."""
    step = max(width, 1.0) / POINTS
    z = np.arange(values.min() - REACH - width, values.max() + REACH + width + step, step)
    distance = z[:, None] - values
    # The bin blurred by the noise; where it is narrow its middle is the same and rounds better.
    if width > 1e-3:
        kernel = (ndtr(distance + width / 2) - ndtr(distance - width / 2)) / width
    else:
        kernel = np.exp(-(distance**2) / 2) / np.sqrt(2 * np.pi)
    p = kernel @ weights
    p = p / (p.sum() * step)
    entropy = -np.sum(p * np.log2(np.where(p > 0, p, 1.0))) * step
    return max(float(entropy - 0.5 * np.log2(2 * np.pi * np.e)), 0.0)


def _disentangled(model: Any) -> Any:
    """A network with groups of bottlenecks has `bottlenecks` and `entering`."""
    return model
