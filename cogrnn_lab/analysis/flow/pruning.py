"""What each channel of a network is worth: likelihood as channels are closed, one after the other."""

from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Array

from cogrnn_lab.analysis.flow.closing import (
    Kept,
    check_has_bottlenecks,
    everything_kept,
    n_parameters_kept,
    with_channels_closed,
    without_source,
)
from cogrnn_lab.analysis.flow.information_flow import session_nll
from cogrnn_lab.analysis.reading.bottlenecks import Bottlenecks, bottlenecks, input_labels
from cogrnn_lab.analysis.reading.information import channel_information, entering_channels
from cogrnn_lab.analysis.scoring.bootstrap import Resamples, interval, resampled_sums
from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.models import Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.training.compatibility import as_network_knows

ORDERS = ("openness", "bits")


@dataclass(frozen=True)
class PruningCurve:
    """Likelihood of a network as its channels are closed, the least open or least telling first.

    The first point is the whole network; at the last all channels are closed, and every choice is predicted
    alike. Intervals are of the bootstrap over sessions.

    Fields:
        closed: (channel,) names of the channels in the order in which they are closed.
        groups: (channel,) bottleneck group of each.
        order: By what they are ordered, "openness" or "bits".
        value: (channel,) openness or bits of each.
        likelihood: (channel + 1,) normalized likelihood of the reported sessions.
        interval: (channel + 1, 2) of the likelihood; NaN with a single session.
        difference: (channel + 1,) likelihood less that of the whole network.
        difference_interval: (channel + 1, 2) of paired resamples; NaN with a single session.
        n_parameters: (channel + 1,) of the network that is left, counted as by `information_flow`.
        chance: Likelihood of guessing.
        level: Coverage of the intervals.
    """

    closed: tuple[str, ...]
    groups: tuple[str, ...]
    order: str
    value: np.ndarray
    likelihood: np.ndarray
    interval: np.ndarray
    difference: np.ndarray
    difference_interval: np.ndarray
    n_parameters: np.ndarray
    chance: float
    level: float

    @property
    def n_spare(self) -> int:
        """How many channels can be closed before the likelihood is lower beyond its paired interval."""
        lower = np.flatnonzero(self.difference_interval[:, 1] < 0)
        return int(lower[0]) - 1 if len(lower) else len(self.closed)

    @property
    def table(self) -> pd.DataFrame:
        """A row for each point: what was closed last, its value, likelihood with interval, parameters."""
        return pd.DataFrame(
            {
                "closed": ("nothing", *self.closed),
                self.order: (np.nan, *self.value),
                "likelihood": self.likelihood,
                "low": self.interval[:, 0],
                "high": self.interval[:, 1],
                "difference": self.difference,
                "n_parameters": self.n_parameters,
            }
        )


def pruning_curve(
    model: Network | HoldsNetwork,
    dataset: Dataset,
    reported: Dataset | None = None,
    *,
    order: str = "openness",
    level: float = 0.95,
    n_bootstrap: int = 1000,
    seed: int = 0,
) -> PruningCurve:
    """Close the channels of a network one after the other, and score what is left on reported sessions.

    The reader of a closed channel gets the mean of what it carried; a latent whose own bottleneck is closed
    is closed wherever it is read. The whole order is one compiled call.

    Arguments:
        model: A network with bottlenecks, or a `Run` or a `Discovery` that has one.
        dataset: Sessions that give the order and the means, as a rule those of the training.
        reported: Sessions that are scored, as a rule those that nothing saw; by default `dataset`.
        order: By "openness", 1 - sigma, or by "bits" per trial; the lowest first.
        level: Coverage of the intervals, from 0 to 1.
        n_bootstrap: Resamples: sessions within subjects, and where a subject has only one, subjects as well.
        seed: Of the resamples.

    Returns:
        A `PruningCurve`.

    Raises:
        ValueError: The network has no bottlenecks, the data do not fit it or have no choices, or `order` is
            something else.

    Example:
        >>> import jax
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=20)
        >>> network = cl.DisRNN(2, 2, 2, update_depth=1, choice_depth=1, key=jax.random.key(0))
        >>> curve = cl.pruning_curve(network, data)
        >>> len(curve.closed), curve.likelihood.shape
        (12, (13,))

    Source:
        Mean ablation: Morcos et al., "On the importance of single directions for generalization", ICLR 2018.
    """
    network: Any = network_of(model)
    check_has_bottlenecks(network, "channel to be closed")
    if order not in ORDERS:
        raise ValueError(f"order is {order!r}; expected one of {', '.join(map(repr, ORDERS))}")
    known = as_network_knows(network, dataset)
    scored = as_network_knows(network, dataset if reported is None else reported, "reported sessions")
    if not known.n_classes:
        raise ValueError("the curve is of the likelihood of choices, but the data set has none")
    read = bottlenecks(network, input_names=input_labels(network, known))
    values = (
        {name: group.openness for name, group in read.groups.items()}
        if order == "openness"
        else channel_information(network, known)
    )
    closing = _order(
        read, {name: np.reshape(own, read.groups[name].sigma.shape) for name, own in values.items()}
    )
    steps = _steps(network, closing)
    means = {
        name: along.mean(0).astype(np.float32) for name, along in entering_channels(network, known).items()
    }
    masks = {group: jnp.asarray(np.stack([step[group] for step in steps])) for group in steps[0]}
    nll = np.asarray(
        _nll_of_steps(network, masks, means, TrialArrays.of(scored), int(known.n_classes)), float
    )
    counted = np.asarray(scored.mask)[..., 0].sum(1).astype(float)
    likelihood = np.exp(-nll.sum(1) / counted.sum())
    drawn = _resampled(nll, counted, np.asarray(scored.subject), n_bootstrap, seed)
    return PruningCurve(
        closed=tuple(name for name, *_ in closing),
        groups=tuple(group for _, group, *_ in closing),
        order=order,
        value=np.array([value for *_, value in closing]),
        likelihood=likelihood,
        interval=interval(drawn, level),
        difference=likelihood - likelihood[0],
        difference_interval=interval(drawn - drawn[:, :1], level),
        n_parameters=np.array([n_parameters_kept(network, *_still_open(network, step)) for step in steps]),
        chance=1.0 / known.n_classes,
        level=level,
    )


def _order(read: Bottlenecks, values: dict[str, np.ndarray]) -> list[tuple[str, str, tuple[int, ...], float]]:
    """Name, group, place and value of each channel, the lowest first."""
    channels = []
    for group, own in values.items():
        names = read.groups[group]
        for i, j in np.ndindex(own.shape):
            alone = group in ("latent", "subject")
            name = names.from_names[i] if alone else f"{names.from_names[i]} → {names.to_names[j]}"
            channels.append((name, group, (i, j), float(own[i, j])))
    return sorted(channels, key=lambda channel: channel[3])


def _steps(model: Any, closing: list[tuple[str, str, tuple[int, ...], float]]) -> list[Kept]:
    """What is kept after none, one, two ... of the channels were closed."""
    steps = [everything_kept(model)]
    for _, group, at, _ in closing:
        if group in ("latent", "subject"):
            steps.append(without_source(model, steps[-1], group, at[0]))
            continue
        kept = {name: own.copy() for name, own in steps[-1].items()}
        kept[group][at[: kept[group].ndim]] = False
        steps.append(kept)
    return steps


def _still_open(model: Any, kept: Kept) -> tuple[Kept, np.ndarray]:
    """Channels and latents by which something can still reach the outputs."""
    reached = kept["choice_latent"].copy()
    if "neural" in kept:
        reached |= kept["neural"][: model.n_latents]
    for _ in range(model.n_latents):
        reached = reached | (kept["update_latent"] & reached[None]).any(1)
    updates = {g: own & reached[None] for g, own in kept.items() if g.startswith("update")}
    return kept | updates, reached


@eqx.filter_jit
def _nll_of_steps(
    model: Any, kept: dict[str, Array], means: dict[str, Any], data: TrialArrays, n_classes: int
) -> Array:
    """(step, session) nats; steps follow each other, as all at once would hold every rollout in memory."""
    return jax.lax.map(
        lambda own: session_nll(with_channels_closed(model, own, means), data, n_classes), kept
    )


def _resampled(
    nll: np.ndarray, counted: np.ndarray, subject: np.ndarray, n_resamples: int, seed: int
) -> np.ndarray:
    """(resample, step) likelihoods of sessions drawn anew; NaN where there is only one."""
    if len(counted) < 2:
        return np.full((2, len(nll)), np.nan)
    order = np.argsort(subject, kind="stable")
    number = np.unique(subject[order], return_inverse=True)[1]
    draws = Resamples.draw(number, n_resamples, seed)
    varies_within = np.bincount(number).min() > 1
    sums = []
    for row in (counted, *nll):
        by_subject, overall = resampled_sums(row[order], number, draws)
        sums.append(by_subject.sum(1) if varies_within else overall)
    return np.exp(-np.stack(sums[1:], axis=1) / np.maximum(sums[0], 1.0)[:, None])
