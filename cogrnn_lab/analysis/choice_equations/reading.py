"""The latents of a network in units of what they contribute to the choice, and how each one moves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cogrnn_lab.analysis.choice_equations.parts.form import BIAS, RATE, TARGET
from cogrnn_lab.analysis.choice_equations.parts.structure import Units
from cogrnn_lab.analysis.choice_equations.parts.trials import NONE, Recorded, recorded
from cogrnn_lab.analysis.choice_equations.search.starts import Start, full_form, started
from cogrnn_lab.analysis.reading.contributions import telling_latents
from cogrnn_lab.analysis.reading.latents import latents
from cogrnn_lab.data import Dataset
from cogrnn_lab.models import Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of

# Share of the logit's standard deviation that a latent contributes where it counts as one.
LEAST_SHARE = 0.05
MOST_LATENTS = 4
# Slopes this near to 1 leave the target open.
LEAST_RATE = 0.02
FARTHEST_TARGET = 4.0


@dataclass(frozen=True)
class LatentReading:
    """Latents of a network measured by their contributions to the log odds, and their moves by observation.

    Latents that contribute too little are left out. Log odds are of the last alternative against the first.

    Fields:
        latents: (latent,) indices in the network, from 0.
        share: (latent,) standard deviation of each contribution divided by that of the log odds.
        weights: (latent, alternative) weights, centered over alternatives, that turn a latent into its
            contribution.
        contributions: (session, trial, latent, alternative) contributions to the logits.
        logit_r2: R² of the logits predicted from the contributions and a constant.
        observations: Names of the observations, combinations of previous choice and reward.
        rates: (observation, latent) fraction of the distance to its target that a latent moves.
        targets: (observation, latent) targets in log odds.
        move_r2: (observation, latent) R² of the change predicted from rate and target.
        further_r2: (observation, latent) the same with all latents, the choice probability, and its products
            with them as further predictors.
        begins: (latent,) log odds on the first trial.
        constant: Log odds that no latent contributes.
    """

    latents: tuple[int, ...]
    share: np.ndarray
    weights: np.ndarray
    contributions: np.ndarray
    logit_r2: float
    observations: tuple[str, ...]
    rates: np.ndarray
    targets: np.ndarray
    move_r2: np.ndarray
    further_r2: np.ndarray
    begins: np.ndarray
    constant: float


def read_latents(
    model: Network | HoldsNetwork, dataset: Dataset, *, among: Sequence[int] | None = None
) -> LatentReading:
    """Measure the latents of a network along recorded trials by what they contribute to the choice.

    Signs, scales and seeds of networks then agree, and numbers mean something: the distance of the two
    targets of a value is the inverse temperature.

    Arguments:
        model: Any network that predicts choices, or a `Run` or a `Discovery` that has one.
        dataset: Choices and rewards as `agent_logits` reads them, with inputs that fit the network.
        among: Indices from 0 of the latents that are read; by default those that tell more than 0.05 bits
            from trial to trial. Of others, which carry next to a constant, the fit of the log odds makes what
            it likes.

    Returns:
        A `LatentReading`.

    Raises:
        ValueError: The data are no choices, or do not fit the network.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> task = cl.DriftingBandit(drift=0.1)
        >>> data = cl.simulate(cl.QLearning(), task, n_sessions=2, n_trials=50, seed=1)
        >>> network = cl.SwitchingLinearRNN(2, 2, 2, key=jax.random.key(0))
        >>> cl.read_latents(network, data).observations
        ('0, no reward', '0, reward', '1, no reward', '1, reward')
    """
    model = network_of(model)
    data = recorded(dataset)
    along = latents(model, dataset)
    valid = dataset.valid
    states = np.asarray(along.states, float)
    outputs = np.asarray(along.outputs[..., : along.n_classes], float)
    logits = outputs - outputs.mean(-1, keepdims=True)
    asked = list(telling_latents(model, states[valid]) if among is None else among)
    design = np.c_[np.ones(valid.sum()), states[valid][:, asked]]
    weights, *_ = np.linalg.lstsq(design, logits[valid], rcond=None)
    odds = _odds(weights)
    share = np.zeros(states.shape[-1])
    share[asked] = states[valid][:, asked].std(0) * np.abs(odds[1:])
    share /= max((logits[valid][:, -1] - logits[valid][:, 0]).std(), 1e-9)
    kept = [int(i) for i in np.argsort(-share) if share[i] > LEAST_SHARE][:MOST_LATENTS]
    design = np.c_[np.ones(valid.sum()), states[valid][:, kept]]
    weights, *_ = np.linalg.lstsq(design, logits[valid], rcond=None)
    missing = ((logits[valid] - design @ weights) ** 2).sum()
    weights = weights - weights.mean(1, keepdims=True)
    odds = _odds(weights)
    own = states[..., kept] * odds[1:]
    moves = _moves(own, odds[0], data, valid, along.n_classes)
    return LatentReading(
        latents=tuple(kept),
        share=share[kept],
        weights=weights[1:],
        contributions=states[..., kept, None] * weights[1:],
        logit_r2=float(1 - missing / max((logits[valid] ** 2).sum(), 1e-12)),
        observations=moves[0],
        rates=moves[1],
        targets=moves[2],
        move_r2=moves[3],
        further_r2=moves[4],
        begins=own[:, 0].mean(0),
        constant=float(odds[0]),
    )


def network_starts(name: str, model: Network, dataset: Dataset, data: Recorded) -> Iterator[Start]:
    """Equations for two alternatives as a network has them: a latent as one difference, or one for each."""
    if dataset.n_classes != 2 or data.has_amounts:
        return
    reading = read_latents(model, dataset)
    if not reading.latents:
        return
    form = full_form(len(reading.latents), 2, data)
    units = Units.mirrored(form)
    # observations are 0 without and with reward, 1 without and with reward; sides mirror each other
    rates = (reading.rates[:2] + reading.rates[2:]) / 2
    shifted = reading.targets - reading.begins
    targets = (shifted[2:] - shifted[:2]) / 2
    for kind, fading in (("one difference", 1.0), ("one for each", 0.5)):
        values = np.zeros(len(units.entries))
        for unit, entry in enumerate(units.entries):
            outcome = entry.relation % 2
            if entry.kind == RATE:
                own = rates[outcome, entry.mechanism]
                values[unit] = np.clip(own if entry.relation < 2 else fading * own, 0.0, 1.0)
            elif entry.kind == TARGET and entry.relation < 2:
                values[unit] = targets[outcome, entry.mechanism]
            elif entry.kind == BIAS:
                values[unit] = reading.constant + reading.begins.sum()
        yield started(f"{name}, {kind}", units, values, data)


def _odds(weights: np.ndarray) -> np.ndarray:
    """Compute what each contributes to the log odds of the last alternative against the first."""
    return weights[..., -1] - weights[..., 0]


def _moves(own: np.ndarray, constant: float, data: Recorded, valid: np.ndarray, n_classes: int) -> Any:
    relation = np.transpose(np.asarray(data.trials.relation), (2, 0, 1))
    half = len(data.relations) // 2
    chosen = np.where(relation[..., 0] == NONE, NONE, (relation < half).argmax(-1))
    outcome = np.where(relation[..., 0] == NONE, NONE, relation[..., 0] % half)
    p = 1 / (1 + np.exp(-(own.sum(-1) + constant)))
    both = valid[:, 1:] & valid[:, :-1]
    names, rows = [], []
    for choice in range(n_classes):
        for result in range(half):
            here = both & (chosen[:, 1:] == choice) & (outcome[:, 1:] == result)
            names.append(f"{choice}{(', no reward', ', reward')[result] if half == 2 else ''}")
            rows.append(_affine(own[:, :-1][here], own[:, 1:][here], p[:, :-1][here]))
    return (tuple(names), *(np.array(part) for part in zip(*rows, strict=True)))


def _affine(before: np.ndarray, after: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, ...]:
    """Rate, target, and R² of the change of each latent after one observation."""
    n, k = before.shape
    rates, targets, r2, further = (np.zeros(k) for _ in range(4))
    for latent in range(k):
        change = after[:, latent] - before[:, latent]
        if n < 3:
            continue
        alone = np.c_[np.ones(n), before[:, latent]]
        (offset, slope), *_ = np.linalg.lstsq(alone, change, rcond=None)
        rates[latent] = -slope
        if abs(slope) > LEAST_RATE:
            targets[latent] = np.clip(-offset / slope, -FARTHEST_TARGET, FARTHEST_TARGET)
        r2[latent] = _explained(alone, change)
        further[latent] = _explained(np.c_[np.ones(n), before, p, p[:, None] * before], change)
    return rates, targets, r2, further


def _explained(design: np.ndarray, change: np.ndarray) -> float:
    total = ((change - change.mean()) ** 2).sum()
    if total < 1e-12 * len(change):
        return 1.0
    fitted, *_ = np.linalg.lstsq(design, change, rcond=None)
    return float(1 - ((change - design @ fitted) ** 2).sum() / total)
