"""The statistics of behavior, each a proportion of choices under several conditions."""

from itertools import product
from typing import NamedTuple

import numpy as np

from cogrnn_lab.analysis.behavioral.blocks import Switches
from cogrnn_lab.analysis.behavioral.curves import BehaviorCurve, Drawn, curve_of, sums
from cogrnn_lab.analysis.behavioral.past_trials import PastTrials, back

MOST_WORDS = 256
OUTCOMES = ("lost", "won")


class Windows(NamedTuple):
    """How far the statistics look: see `behavior`."""

    n_outcomes: int = 3
    n_lags: int = 5
    longest_run: int = 10
    word_length: int = 3
    before_switch: int = 10
    after_switch: int = 20


def win_stay_lose_shift(trials: PastTrials, drawn: Drawn, confidence: float) -> BehaviorCurve:
    """How often a won choice is made again, and a lost one left."""
    won = back(trials.won, 1, np.nan)
    counted = trials.could_stay & np.isfinite(won)
    condition = np.where(won == 1, 0, 1)
    values = np.where(won == 1, trials.stays, 1 - trials.stays)
    parts = sums(values, condition, counted, 2), sums(np.ones_like(values), condition, counted, 2)
    return curve_of("stay and shift", ("win-stay", "lose-shift"), *parts, drawn, confidence)


def switch_by_outcomes(trials: PastTrials, n_outcomes: int, drawn: Drawn, confidence: float) -> BehaviorCurve:
    """How often another choice is made after each series of outcomes, the latest named last."""
    condition, known = outcome_histories(trials, n_outcomes)
    counted = trials.could_stay & known
    names = tuple(", ".join(OUTCOMES[won] for won in series) for series in product((0, 1), repeat=n_outcomes))
    # The latest outcome varies slowest, so that series that end alike lie side by side.
    order = sorted(range(len(names)), key=lambda place: _reversed_bits(place, n_outcomes))
    rank = np.argsort(order)
    values = 1 - trials.stays
    parts = (
        sums(values, rank[condition], counted, len(names)),
        sums(np.ones_like(values), rank[condition], counted, len(names)),
    )
    named = tuple(names[place] for place in order)
    return curve_of("switch by outcomes", named, *parts, drawn, confidence)


def outcome_histories(trials: PastTrials, n_outcomes: int) -> tuple[np.ndarray, np.ndarray]:
    """The last outcomes of each trial as a number, the latest its lowest bit; and where all are known."""
    code = np.zeros(trials.choice.shape, int)
    known = np.ones(trials.choice.shape, bool)
    for lag in range(1, n_outcomes + 1):
        won = back(trials.won, lag, np.nan)
        known &= np.isfinite(won)
        code += np.where(won == 1, 1, 0) << (lag - 1)
    return code, known


def _reversed_bits(number: int, n: int) -> int:
    return sum(((number >> bit) & 1) << (n - 1 - bit) for bit in range(n))


def switch_by_run(
    trials: PastTrials, longest: int, drawn: Drawn, confidence: float
) -> tuple[BehaviorCurve, BehaviorCurve]:
    """How often another choice is made after 1, 2, ... of the same; and the shares of lengths of runs."""
    run = trials.run_before
    counted = trials.could_stay & (run > 0)
    condition = np.minimum(run, longest) - 1
    values = 1 - trials.stays
    parts = (
        sums(values, condition, counted, longest),
        sums(np.ones_like(values), condition, counted, longest),
    )
    names = (*(str(k) for k in range(1, longest)), f"{longest} or more")
    x = np.arange(1, longest + 1, dtype=float)
    hazard = curve_of("switch by run", names, *parts, drawn, confidence, x=x)
    lengths = curve_of("run lengths", names, *parts, drawn, confidence, x=x, is_length=True)
    return hazard, lengths


def choice_words(trials: PastTrials, length: int, drawn: Drawn, confidence: float) -> BehaviorCurve:
    """How often each series of choices is made, among all series of as many trials."""
    n = trials.n_alternatives
    if n**length > MOST_WORDS:
        raise ValueError(
            f"word_length = {length} with {n} alternatives makes {n**length} words; expected {MOST_WORDS} or "
            "fewer: give a shorter word_length."
        )
    past = np.zeros(trials.choice.shape, int)
    counted = trials.counted & (trials.offered.sum(-1) > 1)
    for lag in range(length - 1, 0, -1):
        before = back(trials.choice, lag, -1)
        counted &= before >= 0
        past = past * n + np.maximum(before, 0)
    hits = np.stack(
        [sums(trials.present[..., k], past, counted, n ** (length - 1)) for k in range(n)], axis=-1
    ).reshape(len(past), -1)
    total = np.repeat(counted.sum(1)[:, None].astype(float), n**length, axis=1)
    names = tuple(" ".join(word) for word in product(trials.names, repeat=length))
    return curve_of("choice words", names, hits, total, drawn, confidence)


def around_switches(
    trials: PastTrials, switches: Switches, windows: Windows, drawn: Drawn, confidence: float
) -> BehaviorCurve:
    """How often what becomes the best alternative is chosen, from before a block switch to after it."""
    n_before, n_after = windows.before_switch, windows.after_switch
    x = np.arange(-n_before, n_after, dtype=float)
    hits, total = (np.zeros((len(trials.choice), len(x))) for _ in range(2))
    for session, trial, _, new in switches.each:
        for place, offset in enumerate(range(-n_before, n_after)):
            at = trial + offset
            if not 0 <= at < trials.choice.shape[1] or not trials.counted[session, at]:
                continue
            # Trials of another block than those that meet at the switch are of another switch.
            if switches.block[session, at] == switches.block[session, trial - (offset < 0)]:
                hits[session, place] += trials.present[session, at, new]
                total[session, place] += 1
    names = tuple(f"{offset:+d}" for offset in range(-n_before, n_after))
    return curve_of("around block switches", names, hits, total, drawn, confidence, x=x)
