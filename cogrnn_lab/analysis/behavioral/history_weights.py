"""Logistic regression of choices on the choices and rewards of the last trials, with intervals."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from cogrnn_lab.analysis.behavioral.curves import Drawn, percentiles
from cogrnn_lab.analysis.behavioral.past_trials import PastTrials, back

BIAS, CHOICE, REWARD, BOTH = "bias", "choice", "reward", "choice x reward"
# Precision of a normal prior on every weight, of standard deviation 10: without it the weights of who always
# repeats would be infinite.
RIDGE = 0.01
STEPS, SMALL = 50, 1e-8
WITHOUT_EXCEPTION = 8.0  # log odds


@dataclass(frozen=True)
class HistoryWeights:
    """Weights of the last trials in the log odds of choices (conditional logit).

    Fields:
        terms: (weight,) "choice": of having chosen the alternative; "choice x reward": of a full reward for
            it; "reward": of a full reward, whatever was chosen, for the alternative in `alternatives` against
            the first; "bias": for that alternative always.
        lags: (weight,) trials back, 1 the last one; 0 for the bias.
        alternatives: (weight,) name of the alternative, "" where the weight is that of all.
        value: (weight,) log odds.
        standard_error: (weight,) from the resamples; from the curvature where there is one session.
        low: (weight,) lower end of the interval.
        high: (weight,) upper end.
        n: Choices that were fitted: those whose last trials all have a choice and a known reward.

    Source:
        Lau and Glimcher, J Exp Anal Behav 2005. Intervals: bootstrap with one Newton step from the estimate
        in each resample.
    """

    terms: tuple[str, ...]
    lags: Int[np.ndarray, " weight"]
    alternatives: tuple[str, ...]
    value: Float[np.ndarray, " weight"]
    standard_error: Float[np.ndarray, " weight"]
    low: Float[np.ndarray, " weight"]
    high: Float[np.ndarray, " weight"]
    n: int

    def of(self, term: str, alternative: str = "") -> Float[np.ndarray, " lag"]:
        """Give the weights of a term, the last trial first.

        Arguments:
            term: "choice", "choice x reward", "reward" or "bias".
            alternative: Name of the alternative, for a reward or a bias.
        """
        return self.value[self.places(term, alternative)]

    def places(self, term: str, alternative: str = "") -> np.ndarray:
        """Find the indices of the weights of a term, the last trial first.

        Arguments:
            term: "choice", "choice x reward", "reward" or "bias".
            alternative: Name of the alternative, for a reward or a bias.
        """
        pairs = zip(self.terms, self.alternatives, strict=True)
        return np.array([i for i, pair in enumerate(pairs) if pair == (term, alternative)], int)

    @property
    def table(self) -> pd.DataFrame:
        """A row for each weight."""
        return pd.DataFrame(
            {
                "term": list(self.terms),
                "lag": self.lags,
                "alternative": list(self.alternatives),
                "value": self.value,
                "standard_error": self.standard_error,
                "low": self.low,
                "high": self.high,
            }
        )


def history_weights(
    trials: PastTrials, n_lags: int, drawn: Drawn, confidence: float
) -> tuple[HistoryWeights | None, tuple[str, ...]]:
    """Fit the weights, and say what could not be fitted."""
    knows_rewards = bool(np.isfinite(trials.amount).any())
    counted = trials.counted & (trials.offered.sum(-1) > 1)
    for lag in range(1, n_lags + 1):
        counted &= back(trials.choice, lag, -1) >= 0
        if knows_rewards:
            counted &= np.isfinite(back(trials.amount, lag, np.nan))
    notes = []
    amounts = trials.amount[np.isfinite(trials.amount)]
    varies = knows_rewards and bool(np.ptp(amounts) > 0)
    if not varies:
        why = "all rewards are the same" if knows_rewards else "no reward is known"
        notes.append(f"The history regression has no rewards: {why}.")
    design, names = _design(trials, counted, n_lags, varies)
    if counted.sum() <= len(names):
        return None, (
            *notes,
            f"No history regression: {counted.sum()} choices have {n_lags} known trials before.",
        )
    offered, chosen = trials.offered[counted], trials.present[counted]
    chosen = chosen / chosen.sum(-1, keepdims=True)
    weights = _fitted(design, offered, chosen)
    session = np.nonzero(counted)[0]
    resampled, error = _spread(weights, design, offered, chosen, session, len(trials.choice), drawn)
    if resampled is None:
        low, high = weights - 1.96 * error, weights + 1.96 * error
    else:
        error = resampled.std(0)
        low, high = percentiles(resampled, weights, confidence)
    if np.abs(weights).max() > WITHOUT_EXCEPTION:
        notes.append(
            "The history regression has weights beyond 8 log odds: choices follow the last trials almost "
            "without exception, so that their size is not known."
        )
    terms, lags, alternatives = zip(*names, strict=True)
    fitted = HistoryWeights(
        terms, np.array(lags), alternatives, weights, error, low, high, int(counted.sum())
    )
    return fitted, tuple(notes)


def _design(
    trials: PastTrials, counted: np.ndarray, n_lags: int, with_rewards: bool
) -> tuple[np.ndarray, list[tuple[str, int, str]]]:
    """Predictors (choice, alternative, weight) and (term, lag, alternative) of each."""
    n = trials.n_alternatives
    columns, names = [], []
    for lag in range(1, n_lags + 1):
        one_hot = back(trials.choice, lag, -1)[counted][:, None] == np.arange(n)
        columns.append(one_hot.astype(float))
        names.append((CHOICE, lag, ""))
        if with_rewards:
            amount = back(trials.amount, lag, np.nan)[counted][:, None]
            columns.append(one_hot * amount)
            names.append((BOTH, lag, ""))
            for k in range(1, n):
                columns.append(amount * (np.arange(n) == k))
                names.append((REWARD, lag, trials.names[k]))
    for k in range(1, n):
        columns.append(np.broadcast_to((np.arange(n) == k).astype(float), (int(counted.sum()), n)))
        names.append((BIAS, 0, trials.names[k]))
    return np.stack(columns, axis=-1), names


def _probabilities(weights: np.ndarray, design: np.ndarray, offered: np.ndarray) -> np.ndarray:
    utility = np.where(offered, design @ weights, -np.inf)
    odds = np.exp(utility - utility.max(-1, keepdims=True))
    return odds / odds.sum(-1, keepdims=True)


def _loss(weights: np.ndarray, design: np.ndarray, offered: np.ndarray, chosen: np.ndarray) -> float:
    p = np.where(chosen > 0, _probabilities(weights, design, offered), 1.0)
    return float(-(chosen * np.log(np.maximum(p, 1e-300))).sum() + 0.5 * RIDGE * weights @ weights)


def _slopes(
    weights: np.ndarray, design: np.ndarray, offered: np.ndarray, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Score of each choice (choice, weight), and predictors whose squares add up to its curvature."""
    p = _probabilities(weights, design, offered)
    centered = design - np.einsum("ta,taf->tf", p, design)[:, None, :]
    return np.einsum("ta,taf->tf", chosen - p, design), np.sqrt(p)[..., None] * centered


def _fitted(design: np.ndarray, offered: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The most likely weights by Newton's method; the likelihood is concave, long steps are halved."""
    weights = np.zeros(design.shape[-1])
    loss = _loss(weights, design, offered, chosen)
    for _ in range(STEPS):
        scores, roots = _slopes(weights, design, offered, chosen)
        flat = roots.reshape(-1, len(weights))
        curvature = flat.T @ flat + RIDGE * np.eye(len(weights))
        step = np.linalg.solve(curvature, scores.sum(0) - RIDGE * weights)
        new = _loss(weights + step, design, offered, chosen)
        while new > loss + SMALL and np.abs(step).max() > SMALL:
            step = step / 2
            new = _loss(weights + step, design, offered, chosen)
        weights, gained, loss = weights + step, loss - new, new
        if gained < SMALL * max(1.0, loss):
            break
    return weights


def _spread(
    weights: np.ndarray,
    design: np.ndarray,
    offered: np.ndarray,
    chosen: np.ndarray,
    session: np.ndarray,
    n_sessions: int,
    drawn: Drawn,
) -> tuple[np.ndarray | None, np.ndarray]:
    """Weights in each resample, None where nothing can be drawn anew; and errors from the curvature."""
    scores, roots = _slopes(weights, design, offered, chosen)
    size = len(weights)
    score, curvature = np.zeros((n_sessions, size)), np.zeros((n_sessions, size, size))
    starts = np.searchsorted(session, np.arange(n_sessions + 1))
    for one in range(n_sessions):
        part = slice(starts[one], starts[one + 1])
        score[one] = scores[part].sum(0)
        flat = roots[part].reshape(-1, size)
        curvature[one] = flat.T @ flat
    prior = RIDGE * np.eye(size)
    error = np.sqrt(np.diag(np.linalg.inv(curvature.sum(0) + prior)))
    if drawn.weights is None:
        return None, error
    bent = (drawn.weights @ curvature.reshape(n_sessions, -1)).reshape(-1, size, size) + prior
    steps = np.linalg.solve(bent, (drawn.weights @ score - RIDGE * weights)[..., None])[..., 0]
    return weights + steps, error
