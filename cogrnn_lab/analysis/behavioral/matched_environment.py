"""What a model plays in place of the animal: the environment of the data, or one made of their outcomes."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from cogrnn_lab.analysis.behavioral.blocks import SHORTEST_BLOCKS, reward_probabilities
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.outcomes import tells_rewards
from cogrnn_lab.tasks import Environment, PayoutMatrix
from cogrnn_lab.tasks.bandits.recorded_bandit import RecordedBandit

RECORDED = "recorded"
NEAREST = 10  # recorded outcomes of an alternative from which one is drawn
FAR = 4.0  # standard errors by which rewards differ from what their probabilities say


def environment_of(
    dataset: Dataset, given: Environment | str | None, columns: Any, seed: int
) -> tuple[Environment, np.ndarray, str]:
    """The environment, the number of each session in it, and where it comes from, in a sentence.

    Raises:
        ValueError: None is given and none can be made, or the data can be read in two ways.
    """
    if isinstance(given, Environment):
        within = np.array([(dataset.subject[:i] == own).sum() for i, own in enumerate(dataset.subject)])
        return given, within, f"It played the environment that was given, a {type(given).__name__}."
    if given is not None and given != RECORDED:
        raise ValueError(
            f'environment = {given!r}; expected an environment such as cl.DriftingBandit(), or "recorded".'
        )
    place = np.arange(dataset.n_sessions)
    payouts = _payouts(dataset)
    if payouts is not None:
        world = PayoutMatrix(payouts, _instructed(dataset))
        return world, place, "It played the payouts that the data record."
    p = reward_probabilities(dataset, columns)
    if p is not None and np.isfinite(p[dataset.valid]).all() and _amounts(dataset) is not None:
        world, how = _from_probabilities(dataset, p, given == RECORDED)
        return world, place, how
    if given == RECORDED:
        raise ValueError(
            "the data do not record payouts, or the reward probability of every alternative on every trial "
            "and rewards of two amounts; give an environment."
        )
    return (
        _from_outcomes(dataset, seed),
        place,
        (
            "The environment of the data is not known; it played one made of their outcomes: each choice is "
            f"paid one of the {NEAREST} rewards of this alternative recorded around that trial of "
            "the session. That blurs blocks, and rewards that depend on past choices, as those that wait, "
            "are not such: a difference from the data may be of this environment rather than of the model. "
            "environment= gives the right one."
        ),
    )


def _payouts(dataset: Dataset) -> np.ndarray | None:
    """Recorded payout of every alternative (session, trial, alternative), padded by 0."""
    names = [f"payout_{k + 1}" for k in range(int(dataset.n_classes or 0))]
    if not all(name in dataset.columns for name in names):
        return None
    payouts = np.stack([np.asarray(dataset.columns[name], np.float64) for name in names], axis=-1)
    if not np.isfinite(payouts[dataset.valid]).all():
        return None
    return np.where(dataset.valid[..., None], payouts, 0.0)


def _instructed(dataset: Dataset) -> np.ndarray:
    """The prescribed alternative (session, trial), -1 where the choice was free."""
    column = dataset.columns.get("instructed")
    told = np.zeros(dataset.valid.shape, bool) if column is None else np.asarray(column) == 1
    return np.where(told & dataset.valid & (dataset.choices >= 0), dataset.choices, -1).astype(np.int32)


def _amounts(dataset: Dataset) -> tuple[float, float] | None:
    """The two amounts that are paid; None where there are others."""
    paid = dataset.rewards[(dataset.choices >= 0) & np.isfinite(dataset.rewards)]
    amounts = np.unique(paid)
    if np.isin(amounts, (0.0, 1.0)).all():
        return 0.0, 1.0
    return (float(amounts[0]), float(amounts[1])) if len(amounts) == 2 else None


def _from_probabilities(dataset: Dataset, p: np.ndarray, as_recorded: bool) -> tuple[Environment, str]:
    """The recorded probabilities, with rewards that wait where those of the data did."""
    if not as_recorded and _follow_choices(p):
        raise ValueError(
            "the recorded reward probabilities add up to 1 and change from trial to trial, as those of an "
            "opponent that follows past choices (matching pennies), or of arms that drift against each "
            'other. Give environment=cl.MatchingPennies() for the one, environment="recorded" for the other.'
        )
    filled = np.where(np.isfinite(p), p, 0.0)
    low, high = _amounts(dataset) or (0.0, 1.0)
    plain, waiting = (_surprise(dataset, filled, high, baited) for baited in (False, True))
    has_baits = any(name.startswith("bait_") for name in dataset.columns)
    baited = has_baits or (abs(plain) > FAR and abs(waiting) < abs(plain))
    how = "It played the reward probabilities that the data record"
    if baited and not has_baits:
        how += ", with rewards that wait until they are taken, as the animal's were paid oftener than without"
    elif baited:
        how += ", with rewards that wait until they are taken"
    off = waiting if baited else plain
    if abs(off) > FAR:
        how += (
            f" (rewards of the data differ from these probabilities by {abs(off):.0f} standard errors: "
            "environment= gives the right one)"
        )
    world = RecordedBandit(
        jnp.asarray(filled, jnp.float32),
        jnp.asarray(_instructed(dataset)),
        jnp.asarray([low, high], jnp.float32),
        bool(baited),
    )
    return world, how + "."


def _follow_choices(p: np.ndarray) -> bool:
    known: Any = np.isfinite(p).all(-1)
    both = known[:, 1:] & known[:, :-1]
    changes = ((p[:, 1:] != p[:, :-1]).any(-1) & both).sum()
    adds_up = np.allclose(p[known].sum(-1), 1.0, atol=1e-5)
    return bool(adds_up and changes and both.sum() / changes < SHORTEST_BLOCKS)


def _surprise(dataset: Dataset, p: np.ndarray, high: float, baited: bool) -> float:
    """Standard errors by which the wins of the data exceed what the probabilities say."""
    choice, reward = dataset.choices, dataset.rewards
    waits = np.zeros((len(p), p.shape[2]))
    excess = variance = 0.0
    arms = np.arange(p.shape[2])
    for t in range(p.shape[1]):
        pays = 1 - (1 - waits) * (1 - p[:, t]) if baited else p[:, t]
        chosen = choice[:, t, None] == arms
        known = (choice[:, t] >= 0) & np.isfinite(reward[:, t])
        mean = (pays * chosen).sum(-1)[known]
        excess += float((np.isclose(reward[known, t], high) - mean).sum())
        variance += float((mean * (1 - mean)).sum())
        waits = np.where(chosen, 0.0, pays) if baited else waits
    return excess / np.sqrt(max(variance, 1.0))


def _from_outcomes(dataset: Dataset, seed: int) -> PayoutMatrix:
    """Payouts drawn from the rewards of each alternative that were recorded nearest in the session."""
    if not tells_rewards(dataset):
        raise ValueError(
            "the data have no rewards, so that no environment can be made of them; give environment=."
        )
    rng = np.random.default_rng(seed)
    choice, reward = dataset.choices, dataset.rewards
    known = (choice >= 0) & np.isfinite(reward)
    if not known.any():
        raise ValueError(
            "no reward of the data is known, so that no environment can be made of them; give environment=."
        )
    n = int(dataset.n_classes or 0)
    payouts = np.zeros((*choice.shape, n), np.float32)
    for arm in range(n):
        everywhere = reward[known & (choice == arm)]
        for session in range(len(choice)):
            at = np.flatnonzero(known[session] & (choice[session] == arm))
            if len(at):
                window = min(NEAREST, len(at))
                around = np.searchsorted(at, np.arange(choice.shape[1])) - window // 2
                first = np.clip(around, 0, len(at) - window)
                payouts[session, :, arm] = reward[session, at[first + rng.integers(0, window, len(first))]]
            elif len(everywhere):
                payouts[session, :, arm] = rng.choice(everywhere, choice.shape[1])
            else:
                payouts[session, :, arm] = dataset.outcomes.low
    return PayoutMatrix(payouts, _instructed(dataset))
