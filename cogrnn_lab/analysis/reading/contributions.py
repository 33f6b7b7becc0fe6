"""How much each latent of a network matters: what its bottleneck tells, and its share in the choices."""

from dataclasses import dataclass

import numpy as np

from cogrnn_lab.analysis.reading.bottlenecks import bottlenecks, latent_labels
from cogrnn_lab.analysis.reading.information import Spread, bits_through
from cogrnn_lab.analysis.reading.latents import Latents, latents
from cogrnn_lab.data import Dataset
from cogrnn_lab.models import Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of

# Bits above which a latent counts. An open channel that carries a constant tells 0, whatever it pays.
LEAST_BITS = 0.05


@dataclass(frozen=True)
class LatentContributions:
    """Contributions of the latents of a network along recorded trials.

    The contributions are in the units of the choice, so that those of other seeds can be laid beside them;
    shares of latents that vary together do not add up to 1.

    Fields:
        openness: (latent,) 1 - sigma of its bottleneck.
        bits: (latent,) what the bottleneck tells of the latent's value from trial to trial.
        share: (latent,) share of the variance of the logits that the latent's contribution has.
        log_odds: (session, trial, latent, alternative) contributions: latent x its weight in the linear fit
            of the centered logits, less the mean.
        r2: R² of that fit.
        names: (latent,) names of the latents.
    """

    openness: np.ndarray
    bits: np.ndarray
    share: np.ndarray
    log_odds: np.ndarray
    r2: float
    names: tuple[str, ...]

    @property
    def counted(self) -> np.ndarray:
        """(latent,) True for latents that tell more than 0.05 bits a trial."""
        return self.bits > LEAST_BITS

    @property
    def n_latents(self) -> int:
        """Number of latents that count."""
        return int(self.counted.sum())


def latent_contributions(
    model: Network | HoldsNetwork, dataset: Dataset, along: Latents | None = None
) -> LatentContributions:
    """Tell openness, bits and share of the choices of every latent, over the valid trials of a data set.

    In a network without bottlenecks all latents are open, and no noise limits what they tell: their bits are
    infinite where they vary.

    Arguments:
        model: Any network, or a `Run` or a `Discovery` that has one.
        dataset: Sessions of choices.
        along: The latents on these data, where they are at hand.

    Returns:
        A `LatentContributions`.

    Raises:
        ValueError: Where the data set has no choices.

    Example:
        >>> import jax
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=20)
        >>> model = cl.DisRNN(2, 2, 3, key=jax.random.key(0))
        >>> cl.latent_contributions(model, data).bits.shape
        (3,)
    """
    model = network_of(model)
    if not dataset.n_classes:
        raise ValueError("contributions are to the log odds of choices, but the data set has none")
    along = latents(model, dataset) if along is None else along
    valid = np.asarray(along.valid, bool)
    states = np.asarray(along.states, float)[valid]
    logits = np.asarray(along.outputs, float)[valid][:, : along.n_classes]
    logits = logits - logits.mean(1, keepdims=True)
    varying, centered = states - states.mean(0), logits - logits.mean(0)
    weights = np.linalg.lstsq(varying, centered, rcond=1e-6)[0]
    total = (centered**2).sum()
    residual = ((centered - varying @ weights) ** 2).sum()
    own = np.zeros((*valid.shape, *weights.shape))
    own[valid] = varying[:, :, None] * weights
    share = (varying**2).sum(0) * (weights**2).sum(1) / total if total > 0 else np.zeros(len(weights))
    return LatentContributions(
        openness=bottlenecks(model).latent_openness,
        bits=bits_of(model, states),
        share=share,
        log_odds=own,
        r2=float(1.0 - residual / total) if total > 0 else 0.0,
        names=latent_labels(len(weights)),
    )


def bits_of(model: Network, states: np.ndarray) -> np.ndarray:
    """Bits (latent,) that each bottleneck tells of its latent's values (trial, latent).

    Without bottlenecks they are infinite where a latent varies.
    """
    groups = bottlenecks(model).groups
    if "latent" not in groups:
        return np.where(states.std(0) > 0, np.inf, 0.0)
    sigma = groups["latent"].sigma[:, 0]
    spreads = [Spread.of(column) for column in states.T]
    return np.array([bits_through(one, float(own)) for one, own in zip(spreads, sigma, strict=True)])


def telling_latents(model: Network, states: np.ndarray) -> list[int]:
    """Latents that tell something from trial to trial along states (trial, latent); others are constant."""
    return np.flatnonzero(bits_of(model, states) > LEAST_BITS).tolist()
