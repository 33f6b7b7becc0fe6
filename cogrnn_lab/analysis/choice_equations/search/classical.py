"""Mechanisms as the classical models have them, tried in place of those that the search has ended with.

The search moves from structure to structure and may end where each single move is dearer though a classical
model would be cheaper, or with the mirror image of one. A value of the library's models is a rate for each of
a few groups of observations, and targets that mirror each other or are nothing; there are only some of them.
Beside it there may be the last choice, or a trace of choices: where choices are few, the search takes a value
that counts no reward as well for both at once, from which no single move leads to the two.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted, maximized
from cogrnn_lab.analysis.choice_equations.parts.form import RATE, SLOPE, TARGET
from cogrnn_lab.analysis.choice_equations.parts.structure import FIXED, Structure, Units
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded
from cogrnn_lab.analysis.choice_equations.search.search import BETTER, Found, Step, priced, searched
from cogrnn_lab.analysis.choice_equations.search.starts import full_form

# What rates and targets are after: chosen without and with reward, another chosen without and with reward.
# A letter is a free number, "-w" the mirror image of w, "1" is one.
_LEARNS = (("a", "a"), ("l", "g"))
_FORGETS = (("", ""), ("f", "f"))
_SCALES = (("-w", "w", "", ""), ("", "w", "", ""), ("-w", "w", "-w", "-w"))
_BINARY = tuple(
    (learns + forgets, scale)
    for learns in _LEARNS
    for forgets in _FORGETS
    for scale in (_SCALES if forgets[0] else _SCALES[:2])
) + tuple((("a", "a", "a", "a"), scale) for scale in _SCALES)
# Chosen, another chosen; the slope by the amount is free, and nothing is learned where nothing is paid.
_AMOUNTS = tuple((rates, ("w", "")) for rates in (("a", ""), ("a", "a"), ("a", "f")))
# The last choice, and a trace of choices, by whether it was this alternative.
_COMPANIONS = (("1", "c"), ("r", "c"))
# Nats by which a classical form may be dearer than another with as many numbers, as the prior of a published
# mechanism: the other is the best of some hundreds that tie the same numbers in other ways, log(400) = 6.
# Which of two gauges of a latent is chosen may hang on less, on the first trials of sessions alone.
FAVOR = 6.0
# Choices by which forms are screened, and forms that are then fitted to all.
SCREENED_CHOICES, MOST_FITTED = 8_000, 12
_FIRST = {"a": 0.3, "l": 0.2, "g": 0.4, "f": 0.2, "w": 1.5, "r": 0.3, "c": 0.5}


def as_classical(found: Found, data: Recorded) -> Found:
    """The equations with mechanisms as a classical model has them, where that is cheaper.

    Of equations with fewer such mechanisms they also take the place where they have no more numbers and are
    hardly dearer, and do not give it back for less. What takes a place is searched from anew.
    """
    known = {found.fitted.structure.key}
    while True:
        better = _cheapest_classical(found, data)
        if better is None:
            return found
        new = _searched_from(better, found.steps, data)
        key = new.fitted.structure.key
        if key in known or _gives_back(found, new, data):
            return found
        known.add(key)
        found = new


def _searched_from(better: Fitted, steps: tuple[Step, ...], data: Recorded) -> Found:
    """Where a search from a classical form ends; the form itself where that is hardly cheaper."""
    price = priced(better, data)
    what = "mechanisms as a classical model has them"
    steps = (*steps, Step(what, better.structure.n_numbers, better.nll, price))
    after = searched(better, data)
    favor = FAVOR if _degree(after.fitted, data) < _degree(better, data) else 0.0
    if after.price < price - favor:
        return Found(after.fitted, after.price, (*steps, *after.steps))
    return Found(better, price, steps)


def _gives_back(found: Found, new: Found, data: Recorded) -> bool:
    """Whether less of it is classical, and what there is would be favored over it again."""
    if new.fitted.structure.n_numbers < found.fitted.structure.n_numbers or new.price <= found.price - FAVOR:
        return False
    return _degree(new.fitted, data) < _degree(found.fitted, data)


def _cheapest_classical(found: Found, data: Recorded) -> Fitted | None:
    """The cheapest classical form nearby; None where what was found is better."""
    own, degree = found.fitted.structure, _degree(found.fitted, data)
    best, least = None, found.price - BETTER
    others = [one for one in _nearby(found.fitted, data) if one.structure.key != own.key]
    for one in _promising(others, data):
        new = maximized(one.structure, one.free, data)
        favored = one.degree > degree and new.structure.n_numbers <= own.n_numbers
        price = priced(new, data) - (FAVOR if favored else 0.0)
        if price < least:
            best, least = new, price
    return best


def _promising(forms: list["_Nearby"], data: Recorded) -> list["_Nearby"]:
    """Those that are cheapest by some of the sessions, from the numbers that these have given them.

    All forms are fitted to all sessions only where these are few.
    """
    part = data.every(max(1, int(data.n_choices.sum()) // SCREENED_CHOICES))
    if len(part.n_choices) == len(data.n_choices):
        return forms
    scale = data.n_choices.sum() / part.n_choices.sum()
    fitted = [maximized(one.structure, one.free, part) for one in forms]
    prices = [priced(one, data) + (scale - 1) * one.nll for one in fitted]
    best = np.argsort(prices)[:MOST_FITTED]
    return [forms[i]._replace(free=fitted[i].free) for i in best]


class _Nearby(NamedTuple):
    """A structure with numbers to begin from, and whether the value alone is classical (1) or all is (2)."""

    structure: Structure
    free: np.ndarray
    degree: int


def _degree(fitted: Fitted, data: Recorded) -> int:
    """How much of a form is classical, as `_Nearby` counts it."""
    key = fitted.structure.key
    return max((one.degree for one in _nearby(fitted, data) if one.structure.key == key), default=0)


def _nearby(fitted: Fitted, data: Recorded) -> Iterator[_Nearby]:
    """Structures with a classical value in place of a latent, with numbers to begin from.

    What else there is stays; or is nothing, the last choice or a trace of choices.
    """
    form, structure = fitted.structure.form, fitted.structure
    by_side = any(e.kind == RATE and e.alternative >= 0 for e in structure.units.entries)
    if form.terms or by_side or form.n_mechanisms > 2:
        return
    units = Units.mirrored(full_form(form.n_mechanisms, form.n_alternatives, data))
    yield from _with_value(*_beside_a_value(fitted, units, None), 0, 2)
    units = Units.mirrored(full_form(2, form.n_alternatives, data))
    for companion in _COMPANIONS:
        yield from _with_value(*_beside_a_value(fitted, units, companion), 0, 2)
    if form.n_mechanisms == 2:
        for mechanism in range(2):
            mine = np.flatnonzero(structure.units.mechanisms == mechanism)
            values = np.where(structure.units.mechanisms == mechanism, 0.0, fitted.unit_values)
            yield from _with_value(structure.fixing(mine, 0.0), values, mechanism, 1)


def _with_value(others: Structure, values: np.ndarray, mechanism: int, degree: int) -> Iterator[_Nearby]:
    """Structures with each classical value in a mechanism at rest."""
    has_amounts = others.form.has_amounts
    for rates, scale in _AMOUNTS if has_amounts else _BINARY:
        new, begin = _placed(others, mechanism, {RATE: rates, SLOPE if has_amounts else TARGET: scale})
        yield _Nearby(new, new.nearest(np.where(begin != 0, begin, values)), degree)


def _beside_a_value(
    fitted: Fitted, units: Units, companion: tuple[str, str] | None
) -> tuple[Structure, np.ndarray]:
    """The biases and drives that were found, a first latent at rest, and a companion as the second."""
    alone = fitted.structure.fixing(np.flatnonzero(fitted.structure.units.mechanisms >= 0), 0.0)
    placed = [units.at(**entry._asdict())[0] for entry in alone.units.entries]
    rest = Structure(units, *(np.full(len(units.entries), fill) for fill in (FIXED, 1.0, 0.0)))
    values = np.zeros(len(units.entries))
    rest.owner[placed], rest.sign[placed], rest.fixed[placed] = alone.owner, alone.sign, alone.fixed
    values[placed] = np.where(alone.units.mechanisms < 0, fitted.unit_values, 0.0)
    if companion is None:
        return rest, values
    half = rest.form.n_relations // 2
    rate, weight = companion
    pattern = {RATE: (rate,) * 2 * half, TARGET: (weight,) * half + ("",) * half}
    new, begin = _placed(rest, 1, pattern)
    return new, np.where(begin != 0, begin, values)


def _placed(
    structure: Structure, mechanism: int, pattern: dict[str, tuple[str, ...]]
) -> tuple[Structure, np.ndarray]:
    """A structure with these numbers in a latent at rest, and values of its units to begin from."""
    owner, sign, fixed = structure.owner.copy(), structure.sign.copy(), structure.fixed.copy()
    groups: dict[str, int] = {}
    begin = np.zeros(len(owner))
    for kind, letters in pattern.items():
        for relation, letter in enumerate(letters):
            if not letter:
                continue
            (unit,) = structure.units.at(kind=kind, mechanism=mechanism, relation=relation)
            if letter == "1":
                owner[unit], sign[unit], fixed[unit] = FIXED, 1.0, 1.0
                continue
            name = letter[-1]
            owner[unit] = groups.setdefault(name, structure.n_numbers + len(groups))
            sign[unit] = -1.0 if letter[0] == "-" else 1.0
            begin[unit], fixed[unit] = sign[unit] * _FIRST[name], 0.0
    return Structure(structure.units, owner, sign, fixed).tidied(), begin
