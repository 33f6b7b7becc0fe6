"""How much flows through each channel of a network: bits that it tells, and nats that are paid for it."""

from dataclasses import dataclass
from typing import Any

import equinox as eqx
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
from cogrnn_lab.analysis.flow.conditions import Conditions, conditions_of, subjects_as_conditions
from cogrnn_lab.analysis.reading.bottlenecks import ChannelGroup, bottlenecks
from cogrnn_lab.analysis.reading.contributions import LEAST_BITS
from cogrnn_lab.analysis.reading.information import (
    Spread,
    bits_of_values,
    entering_channels,
    gain_and_sigma,
)
from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.models import Network, n_parameters
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.training.compatibility import as_network_knows
from cogrnn_lab.training.losses import choice_nll


@dataclass(frozen=True)
class GroupFlow:
    """What flows through the channels of one kind, from sources (rows) to their readers (columns).

    Fields:
        name: Name of the group, which is also that of its penalty.
        title: Name for people.
        from_names: Names of the sources.
        to_names: Names of the readers.
        openness: (from, to) 1 - sigma.
        bits: (from, to) mutual information of what enters a channel and what leaves it, in bits per trial.
        nats: (from, to) Kullback-Leibler divergence that is paid for it, in nats per trial.
        by_condition: (condition, from, to) bits that a trial of the condition tells, among all trials. Their
            mean, weighted by how often each condition is, is `bits`.
        within_condition: (condition, from, to) mutual information among the trials of the condition alone: 0
            of a channel that tells only which condition it is.
        by_subject: (subject, from, to) bits that a trial of the subject tells, among all trials.
        within_subject: (subject, from, to) mutual information among the trials of the subject alone.
    """

    name: str
    title: str
    from_names: tuple[str, ...]
    to_names: tuple[str, ...]
    openness: np.ndarray
    bits: np.ndarray
    nats: np.ndarray
    by_condition: np.ndarray
    within_condition: np.ndarray
    by_subject: np.ndarray
    within_subject: np.ndarray

    @property
    def open_channels(self) -> float:
        """Sum of 1 - sigma: how many channels are open, without a threshold."""
        return float(self.openness.sum())


@dataclass(frozen=True)
class InformationFlow:
    """Bits through every channel of a network, overall, by condition and by subject, and what it then needs.

    Fields:
        groups: `GroupFlow` by name of the bottleneck group.
        conditions: Names of the conditions.
        condition_share: (condition,) share of the trials.
        subjects: Names of the subjects.
        subject_share: (subject,) share of the trials.
        latent_order: (latent,) indices of the latents, those that tell most first.
        n_parameters: Parameters of the whole network.
        n_effective: Parameters of the trimmed network; see `information_flow`.
        n_choices: How many choices count.
        nll: Negative log-likelihood in nats per choice; NaN where the data are numbers.
        trimmed_nll: The same of the trimmed network.
    """

    groups: dict[str, GroupFlow]
    conditions: tuple[str, ...]
    condition_share: np.ndarray
    subjects: tuple[str, ...]
    subject_share: np.ndarray
    latent_order: np.ndarray
    n_parameters: int
    n_effective: int
    n_choices: int
    nll: float
    trimmed_nll: float

    @property
    def open_channels(self) -> dict[str, float]:
        """Sum of 1 - sigma of each group."""
        return {name: group.open_channels for name, group in self.groups.items()}

    @property
    def latent_bits(self) -> np.ndarray:
        """(latent,) bits that each latent carries from trial to trial."""
        return self.groups["latent"].bits[:, 0]

    @property
    def counted(self) -> np.ndarray:
        """(latent,) True for latents that tell more than 0.05 bits a trial; see `LatentContributions`."""
        return self.latent_bits > LEAST_BITS

    @property
    def likelihood(self) -> float:
        """Normalized likelihood of the choices."""
        return float(np.exp(-self.nll))

    @property
    def trimmed_likelihood(self) -> float:
        """Normalized likelihood of the choices by the trimmed network."""
        return float(np.exp(-self.trimmed_nll))

    @property
    def bic(self) -> float:
        """Bayesian information criterion of the trimmed network, in nats: k log n - 2 log L (Schwarz 1978).

        On the sessions given, which should be those of the training, as the criterion wants it.
        """
        return float(
            self.n_effective * np.log(max(self.n_choices, 1)) + 2 * self.n_choices * self.trimmed_nll
        )

    @property
    def table(self) -> pd.DataFrame:
        """A row for each channel: group, source, reader, openness, bits, price_nats."""
        rows = [
            {
                "group": name,
                "source": source,
                "reader": reader,
                "openness": group.openness[i, j],
                "bits": group.bits[i, j],
                "price_nats": group.nats[i, j],
            }
            for name, group in self.groups.items()
            for i, source in enumerate(group.from_names)
            for j, reader in enumerate(group.to_names)
        ]
        return pd.DataFrame(rows)


def information_flow(
    model: Network | HoldsNetwork, dataset: Dataset, conditions: Any = None
) -> InformationFlow:
    """Measure the mutual information of every channel of a network, in bits per trial, and its price.

    A closed channel passes nothing that varies. The trimmed network has only channels that tell more than
    0.05 bits a trial, from and to latents that do; readers get the mean of what the others carried. Its
    parameters are the weights and biases that are left: of the update network of each such latent and its
    start value, of the choice network and that of the signals, and the numbers of each subject's embedding
    that are read. Counting what is not zero is unbiased for the lasso (Zou et al. 2007); for the small
    networks inside it is an upper bound, as their weights work together.

    Arguments:
        model: A network with bottlenecks, or a `Run` or a `Discovery` that has one.
        dataset: Sessions along which it runs; for `bic`, those that it was trained on.
        conditions: (session, trial) labels of any kind, by which bits are told apart; by default the previous
            choice and whether it was rewarded.

    Returns:
        An `InformationFlow`.

    Raises:
        ValueError: The network has no bottlenecks, the data do not fit it, or the conditions have another
            shape.

    Example:
        >>> import jax
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=3, n_trials=30)
        >>> flow = cl.information_flow(cl.DisRNN(2, 2, 3, key=jax.random.key(0)), data)
        >>> flow.groups["update_input"].by_condition.shape, flow.conditions[1]
        ((5, 2, 3), '0, not rewarded')

    Source:
        Cover & Thomas, "Elements of information theory", 2006, ch. 9; bits by condition: DeWeese & Meister,
        "How to measure the information gained from one symbol", Network 1999; Zou, Hastie & Tibshirani, "On
        the degrees of freedom of the lasso", Ann. Stat. 2007; Schwarz, Ann. Stat. 1978.
    """
    network: Any = network_of(model)
    check_has_bottlenecks(network, "flow of information")
    known = as_network_knows(network, dataset)
    read = bottlenecks(network, known)
    of_trials = (conditions_of(dataset, conditions), subjects_as_conditions(dataset))
    entering = entering_channels(network, known)
    groups = {
        name: _group_flow(read.groups[name], network.bottlenecks[name], entering[name], of_trials)
        for name in read.groups
    }
    kept = channels_that_tell(network, {name: group.bits for name, group in groups.items()})
    means = {name: along.mean(0).astype(np.float32) for name, along in entering.items()}
    full, trimmed = _session_nlls(network, kept, means, TrialArrays.of(known), known.n_classes or 0)
    n_choices = int(np.asarray(known.mask)[..., 0].sum()) if known.n_classes else 0
    latent_bits = groups["latent"].bits[:, 0]
    return InformationFlow(
        groups=groups,
        conditions=of_trials[0].names,
        condition_share=of_trials[0].shares,
        subjects=of_trials[1].names,
        subject_share=of_trials[1].shares,
        latent_order=np.argsort(-latent_bits, kind="stable"),
        n_parameters=n_parameters(network),
        n_effective=n_parameters_kept(network, kept, latent_bits > LEAST_BITS),
        n_choices=n_choices,
        nll=float(np.asarray(full, float).sum() / n_choices) if n_choices else float("nan"),
        trimmed_nll=float(np.asarray(trimmed, float).sum() / n_choices) if n_choices else float("nan"),
    )


def channels_that_tell(model: Any, bits: dict[str, np.ndarray]) -> Kept:
    """Channels that end at a network and tell enough, from sources that do to latents that do."""
    latents = bits["latent"][:, 0] > LEAST_BITS
    kept = {
        group: (bits[group] > LEAST_BITS).reshape(whole.shape)
        for group, whole in everything_kept(model).items()
    }
    for group in kept:
        if group.startswith("update"):
            kept[group] &= latents[None]
    for latent in np.flatnonzero(~latents):
        kept = without_source(model, kept, "latent", int(latent))
    for source in np.flatnonzero(bits["subject"][:, 0] <= LEAST_BITS) if "subject" in bits else ():
        kept = without_source(model, kept, "subject", int(source))
    return kept


def _group_flow(
    group: ChannelGroup, bottleneck: Any, entering: np.ndarray, of_trials: tuple[Conditions, Conditions]
) -> GroupFlow:
    gain, sigma = (array.reshape(group.sigma.shape) for array in gain_and_sigma(bottleneck))
    shape = sigma.shape
    bits = np.zeros(shape)
    among, within = ([np.zeros((len(one.names), *shape)) for one in of_trials] for _ in range(2))
    for source, column in enumerate(entering.T):
        spread, places = Spread.placed(column)
        weights = [one.weights(places, len(spread.values)) for one in of_trials]
        everything = np.concatenate([spread.weights[:, None], *weights], axis=1)
        for reader in range(len(group.to_names)):
            told = bits_of_values(
                spread, float(sigma[source, reader]), float(gain[source, reader]), everything
            )
            bits[source, reader] = max(spread.weights @ told[:, 0], 0.0)
            begin = 1
            for k, own in enumerate(weights):
                end = begin + own.shape[1]
                among[k][:, source, reader] = own.T @ told[:, 0]
                within[k][:, source, reader] = np.maximum((own * told[:, begin:end]).sum(0), 0.0)
                begin = end
    return GroupFlow(
        name=group.name,
        title=group.title,
        from_names=group.from_names,
        to_names=group.to_names,
        openness=group.openness,
        bits=bits,
        nats=np.asarray(group.nats, float),
        by_condition=among[0],
        within_condition=within[0],
        by_subject=among[1],
        within_subject=within[1],
    )


@eqx.filter_jit
def _session_nlls(
    model: Any, kept: dict[str, Any], means: dict[str, Any], data: TrialArrays, n_classes: int
) -> tuple[Array, Array]:
    """(session,) nats of the network, and of the network without what is not kept."""
    trimmed = with_channels_closed(model, kept, means)
    return session_nll(model, data, n_classes), session_nll(trimmed, data, n_classes)


def session_nll(model: Any, data: TrialArrays, n_classes: int) -> Array:
    """Nats of the choices of each session, without noise; within compiled code."""
    outputs = model.rollout(data.inputs, subject=data.subject, key=None, noise=0.0).outputs
    if not n_classes:
        return outputs[:, 0, 0] * 0.0
    logits = outputs[..., :n_classes]
    return choice_nll(logits, data.targets[..., :1], data.mask[..., :1], data.action_mask).sum(1)
