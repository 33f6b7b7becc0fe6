"""By how much one model predicts choices better than another, and after which histories."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cogrnn_lab.analysis.behavioral.behavior import CONFIDENCE, N_RESAMPLES, log_likelihood_of
from cogrnn_lab.analysis.behavioral.curves import Drawn, draw_sessions, percentiles, sums
from cogrnn_lab.analysis.behavioral.past_trials import PastTrials, back
from cogrnn_lab.analysis.scoring.predictor import as_predictor
from cogrnn_lab.counts import checked_count, checked_coverage
from cogrnn_lab.data import Dataset

HISTORY, RUN, POSITION = "history", "run length", "position"
LONGEST_RUN, N_POSITIONS = 8, 5
NO_PAST = "no known past"


@dataclass(frozen=True)
class LikelihoodAdvantage:
    """Log likelihood of the choices under one model less that under another, by what came before.

    Fields:
        table: A row for each history: `n` choices, their `share` of all, `advantage` (nats per choice after
            this history) with `low` and `high`, and `contribution` (share x advantage, which add up to the
            total) with `contribution_low` and `contribution_high`.
        total: Nats per choice, over all choices.
        low: Lower end of its interval.
        high: Upper end of its interval.
        first: Name of the first model.
        second: Name of the second.
        by: What the rows are.
        per_trial: (session, trial) nats; NaN where no choice counts.
        text: Where the advantage comes from, in a sentence.
    """

    table: pd.DataFrame
    total: float
    low: float
    high: float
    first: str
    second: str
    by: str
    per_trial: np.ndarray
    text: str

    def __repr__(self) -> str:
        return f"LikelihoodAdvantage({self.text})"


def likelihood_advantage(
    dataset: Dataset,
    first: Any,
    second: Any,
    *,
    by: Any = HISTORY,
    n_back: int = 2,
    names: tuple[str, str] = ("the first model", "the second"),
    confidence: float = CONFIDENCE,
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> LikelihoodAdvantage:
    """Compare two models' predictions trial by trial, and tell after which histories they differ.

    Give sessions that neither model was fitted to: a richer model is better on those of its own.

    Arguments:
        dataset: Choices, trial by trial.
        first: A model as `evaluate` takes it: an agent, a fit, equations, a network, a `Run`, a
            `Discovery`.
        second: The model that it is compared with.
        by: "history", outcomes of the last trials and whether earlier choices were those of the last trial or
            others; "run length", how often the choice before was made in a row; "position", fifths of the
            session; or an array (session, trial) of labels.
        n_back: Trials of a history.
        names: Names of the models, for sentences.
        confidence: Level of the intervals, between 0 and 1.
        n_resamples: How often sessions are drawn anew, the same for both models.
        seed: Of the resamples.

    Returns:
        A `LikelihoodAdvantage`.

    Raises:
        ValueError: `by` is none of these, or has another shape, or a model gives a choice made no chance.

    Example:
        >>> import cogrnn_lab as cl
        >>> agent = cl.QLearning(0.5, 4.0)
        >>> data = cl.simulate(agent, cl.DriftingBandit(), n_sessions=6, n_trials=80)
        >>> found = cl.likelihood_advantage(data, agent, cl.QLearning(0.5, 0.0))
        >>> found.total > 0.1, found.by
        (True, 'history')
    """
    checked_count(n_back, "n_back")
    checked_coverage(confidence, "confidence")
    trials = PastTrials.of(dataset)
    mine, theirs = (log_likelihood_of(as_predictor(one).outputs(dataset), dataset) for one in (first, second))
    nats = mine - theirs
    label, labels, by = _labels(trials, dataset, by, n_back)
    counted = trials.counted
    summed, n = (sums(values, label, counted, len(labels)) for values in (nats, np.ones_like(nats)))
    drawn = draw_sessions(np.asarray(dataset.subject), n_resamples, seed)
    table, total = _table(labels, summed, n, drawn, confidence)
    return LikelihoodAdvantage(
        table=table,
        total=total[0],
        low=total[1],
        high=total[2],
        first=names[0],
        second=names[1],
        by=by,
        per_trial=np.where(counted, nats, np.nan),
        text=_text(table, total, names),
    )


def _labels(
    trials: PastTrials, dataset: Dataset, by: Any, n_back: int
) -> tuple[np.ndarray, tuple[str, ...], str]:
    """Row of each trial (session, trial), names of the rows, and what they are."""
    if not isinstance(by, str):
        given = np.asarray(by)
        if given.shape != trials.choice.shape:
            raise ValueError(
                f"by has shape {given.shape}; expected {trials.choice.shape}, a label for each trial, or "
                f'one of "{HISTORY}", "{RUN}", "{POSITION}".'
            )
        names, place = np.unique(given.astype(str), return_inverse=True)
        return place.reshape(given.shape), tuple(names), "given labels"
    if by == HISTORY:
        return *_histories(trials, n_back), by
    if by == RUN:
        run = np.minimum(trials.run_before, LONGEST_RUN)
        names = (NO_PAST, *(f"{k} in a row" for k in range(1, LONGEST_RUN)), f"{LONGEST_RUN} or more")
        return run, names, by
    if by == POSITION:
        share = np.arange(trials.choice.shape[1]) / np.maximum(dataset.lengths, 1)[:, None]
        place = np.minimum((N_POSITIONS * share).astype(int), N_POSITIONS - 1)
        return place, tuple(f"fifth {k + 1} of the session" for k in range(N_POSITIONS)), by
    raise ValueError(
        f'by = {by!r}; expected "{HISTORY}", "{RUN}", "{POSITION}", or an array (session, trial).'
    )


def _histories(trials: PastTrials, n_back: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """Outcomes of the last trials, the latest last, and where those before were of another choice."""
    code = np.zeros(trials.choice.shape, int)
    known = np.ones(trials.choice.shape, bool)
    last = trials.before
    for lag in range(n_back, 0, -1):
        choice, won = back(trials.choice, lag, -1), back(trials.won, lag, np.nan)
        known &= np.isfinite(won) & (choice >= 0)
        code = code * 4 + np.where(won == 1, 2, 0) + (choice != last)
    code = np.where(known, code, -1)
    present = np.unique(code[trials.counted])
    names = tuple(NO_PAST if one < 0 else _history_name(int(one), n_back) for one in present)
    place = np.minimum(np.searchsorted(present, code), len(present) - 1)
    return place, names


def _history_name(code: int, n_back: int) -> str:
    words = []
    for lag in range(n_back, 0, -1):
        digit = (code >> (2 * (lag - 1))) & 3
        words.append(("won" if digit & 2 else "lost") + (" elsewhere" if digit & 1 else ""))
    return ", ".join(words)


def _table(
    labels: tuple[str, ...], nats: np.ndarray, n: np.ndarray, drawn: Drawn, confidence: float
) -> tuple[pd.DataFrame, tuple[float, float, float]]:
    """Advantage after each history and its part in the total, with intervals of paired resamples."""
    with np.errstate(invalid="ignore", divide="ignore"):
        advantage, contribution = nats.sum(0) / n.sum(0), nats.sum(0) / n.sum()
        again = None
        if drawn.weights is not None:
            summed, counted = drawn.weights @ nats, drawn.weights @ n
            everything = counted.sum(1, keepdims=True)
            again = (summed / counted, summed / everything, summed.sum(1) / everything[:, 0])
    low, high = percentiles(None if again is None else again[0], advantage, confidence)
    part_low, part_high = percentiles(None if again is None else again[1], contribution, confidence)
    total = np.array([nats.sum() / n.sum()])
    ends = percentiles(None if again is None else again[2][:, None], total, confidence)
    table = pd.DataFrame(
        {
            "history": list(labels),
            "n": n.sum(0).astype(int),
            "share": n.sum(0) / n.sum(),
            "advantage": advantage,
            "low": low,
            "high": high,
            "contribution": contribution,
            "contribution_low": part_low,
            "contribution_high": part_high,
        }
    )
    table = table[table["n"] > 0].sort_values("contribution", ascending=False, key=np.abs)
    return table.reset_index(drop=True), (float(total[0]), float(ends[0][0]), float(ends[1][0]))


def _text(table: pd.DataFrame, total: tuple[float, float, float], names: tuple[str, str]) -> str:
    value, low, high = total
    better, worse = names if value >= 0 else names[::-1]
    within = "" if np.isnan(low) else f" ({low:+.4f} to {high:+.4f})"
    text = f"{names[0]} less {names[1]} is {value:+.4f} nats per choice{within}"
    if not np.isnan(low) and low <= 0 <= high:
        text = f"{text}: no difference that can be told."
    else:
        text = f"{better} predicts a choice better than {worse}: {text}."
    sure = table[(table["low"] > 0) | (table["high"] < 0)]
    if not len(sure):
        return f"{text} After no history alone is there one." if not np.isnan(low) else text
    top = sure.iloc[0]
    return (
        f'{text} Most comes after "{top["history"]}" ({100 * top["share"]:.0f} % of choices, '
        f"{top['advantage']:+.4f} nats each, {top['contribution']:+.4f} of the total)."
    )
