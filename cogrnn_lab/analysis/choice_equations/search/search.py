"""The structure with the fewest numbers that loses nothing: one move after another, forwards and back.

A quadratic picture of the likelihood by all units, free or not, tells of every structure that is one move
away what its likelihood would be (the Wald statistic for what is taken away, the score statistic for what is
let go); the most promising are fitted. Numbers are priced as in the extended Bayesian information criterion
(Chen & Chen, Biometrika 2008): half a log of the choices each (Schwarz 1978), and a log of the places where a
number might have stood, because the best of many is looked for. Every term that is not 0 costs a little, so
that of two equations with the same likelihood and as many numbers the one with less in it is taken.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted, informed, maximized
from cogrnn_lab.analysis.choice_equations.parts.form import RATE
from cogrnn_lab.analysis.choice_equations.parts.structure import Structure
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded
from cogrnn_lab.analysis.choice_equations.search.moves import (
    Move,
    Quadratic,
    dropping,
    rearranging,
    simplifying,
    waking,
)

TERM_PRICE = 0.5
# Places where a number may stand in equations with two latents or three, about.
PLACES = 20
# How far units may reasonably be from where the quadratic picture was taken; it is bent up beyond.
RATE_REACH, OTHER_REACH = 0.7, 2.0
# Moves that are fitted before a structure is taken to be the best nearby.
MOST_TRIED = 10
# Nats by which a move may look worse than staying and still be tried.
WORTH_TRYING = 6.0
# Nats by which a structure has to be better to be called better.
BETTER = 0.1
WOKEN_RATE = 0.1


class Step(NamedTuple):
    """A change that was made: what, the numbers left, and likelihood and price (nats) after it."""

    what: str
    n_numbers: int
    nll: float
    price: float


class Found(NamedTuple):
    """The end of a search, with its price in nats and the steps that led there."""

    fitted: Fitted
    price: float
    steps: tuple[Step, ...]


def priced(fitted: Fitted, data: Recorded) -> float:
    """Nats of a structure with its numbers: likelihood, numbers, terms."""
    structure = fitted.structure
    return fitted.nll + price_of_a_number(data) * structure.n_numbers + TERM_PRICE * structure.n_terms


def price_of_a_number(data: Recorded) -> float:
    """Nats that one more number has to gain."""
    return float(0.5 * np.log(data.n_choices.sum()) + np.log(PLACES))


def searched(fitted: Fitted, data: Recorded, *, report: Callable[[Step], None] | None = None) -> Found:
    """Moves as long as the price falls."""
    each = price_of_a_number(data)
    steps: list[Step] = []
    price = priced(fitted, data)
    known = {fitted.structure.key}

    def took(what: str, new: Fitted) -> None:
        nonlocal fitted, price
        fitted, price = new, priced(new, data)
        steps.append(Step(what, new.structure.n_numbers, new.nll, price))
        if report is not None:
            report(steps[-1])

    while True:
        picture = _picture(fitted, data)
        several = _several_at_once(fitted, picture, each, data, price)
        if several is not None:
            took(*several)
            continue
        one = _best_move(fitted, picture, each, data, price, known)
        if one is None:
            return Found(fitted, price, tuple(steps))
        took(*one)


def _picture(fitted: Fitted, data: Recorded) -> Quadratic:
    units = fitted.structure.units
    info = informed(fitted.structure, fitted.vector, units.directions, data)
    reach = np.where(units.kinds == RATE, RATE_REACH, OTHER_REACH)
    curvature = np.asarray(info.fisher) + np.diag(1.0 / reach**2)
    return Quadratic(fitted.unit_values, np.asarray(info.gradient), curvature)


def _several_at_once(
    fitted: Fitted, picture: Quadratic, each: float, data: Recorded, price: float
) -> tuple[str, Fitted] | None:
    """Simplifications as long as the quadratic picture pays; half of them where it promised too much."""
    chain: list[tuple[Move, float, np.ndarray]] = []
    structure, lost = fitted.structure, 0.0
    while True:
        best = None
        for move in simplifying(structure):
            loss, free = picture.best(move.structure)
            saved = each * (structure.n_numbers - move.structure.n_numbers)
            saved += TERM_PRICE * (structure.n_terms - move.structure.n_terms)
            gain = saved - (loss - lost)
            # the cheapest for each number that it saves comes first
            merit = (loss - lost) / max(saved, 1e-9)
            if gain > 0.5 * saved and saved > 0 and (best is None or merit < best[0]):
                best = merit, move, loss, free
        if best is None:
            break
        _, move, lost, free = best
        structure = move.structure
        chain.append((move, lost, free))
    while len(chain) > 1:
        move, loss, free = chain[-1]
        new = maximized(move.structure, free, data)
        if priced(new, data) < price - BETTER and new.nll - fitted.nll < loss + 0.5 * each * len(chain):
            return "; ".join(m.what for m, _, _ in chain), new
        chain = chain[: len(chain) // 2]
    return None


def _best_move(
    fitted: Fitted, picture: Quadratic, each: float, data: Recorded, price: float, known: set
) -> tuple[str, Fitted] | None:
    """The first of the most promising moves that lowers the price when it is fitted."""
    structure = fitted.structure
    candidates = []
    for move in _moves(structure):
        if move.structure.key in known:
            continue
        loss, free = picture.best(move.structure)
        change = loss + each * (move.structure.n_numbers - structure.n_numbers)
        change += TERM_PRICE * (move.structure.n_terms - structure.n_terms)
        candidates.append((change, move, free))
    candidates.sort(key=lambda candidate: candidate[0])
    promising = [c for c in candidates if c[0] < WORTH_TRYING][:MOST_TRIED]
    # what a whole latent tells is too much for a quadratic picture
    promising += [(None, move, move.structure.nearest(fitted.unit_values)) for move in dropping(structure)]
    woken = [(None, move, _woken(move.structure, fitted)) for move in waking(structure)]
    for _, move, free in [*promising, *woken]:
        if move.structure.key in known:
            continue
        known.add(move.structure.key)
        new = maximized(move.structure, free, data)
        if priced(new, data) < price - BETTER:
            return move.what, new
    return None


def _moves(structure: Structure) -> Iterable[Move]:
    yield from simplifying(structure)
    yield from rearranging(structure)


def _woken(structure: Structure, fitted: Fitted) -> np.ndarray:
    values = fitted.unit_values.copy()
    begins = (structure.owner >= 0) & (structure.units.kinds == RATE) & (values == 0)
    return structure.nearest(np.where(begins, WOKEN_RATE, values))
