"""Values as the classical models have them, tried in place of a latent that the search has ended with.

The search moves from structure to structure and may end where each single move is dearer though a classical
model would be cheaper, or with the mirror image of one. A value of the library's models is a rate for each of
a few groups of observations, and targets that mirror each other or are nothing; there are only some of them.
"""

from collections.abc import Iterator

import numpy as np

from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted, maximized
from cogrnn_lab.analysis.choice_equations.parts.form import RATE, SLOPE, TARGET
from cogrnn_lab.analysis.choice_equations.parts.structure import FIXED, Structure
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded
from cogrnn_lab.analysis.choice_equations.search.search import BETTER, Found, Step, priced

# What rates and targets are after: chosen without and with reward, another chosen without and with reward.
# A letter is a free number, "-w" the mirror image of w.
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
# Nats by which a classical form may be dearer than another with as many numbers: which of two gauges of a
# latent is chosen may hang on the first trials of sessions alone, and the classical one can be read.
FAVOR = 2.0
_FIRST = {"a": 0.3, "l": 0.2, "g": 0.4, "f": 0.2, "w": 1.5}


def as_classical(found: Found, data: Recorded) -> Found:
    """The equations with a value as a classical model has it in place of a latent, where that is cheaper.

    Of a form that is none of them it also takes the place where it has no more numbers and is hardly dearer.
    """
    own = found.fitted.structure
    starts = list(_with_classical_value(found.fitted))
    is_classical = any(structure.key == own.key for structure, _ in starts)
    best, least = found.fitted, found.price - BETTER
    for structure, free in starts:
        if structure.key == own.key:
            continue
        new = maximized(structure, free, data)
        favor = 0.0 if is_classical or structure.n_numbers > own.n_numbers else FAVOR
        if priced(new, data) - favor < least:
            best, least = new, priced(new, data) - favor
    if best is found.fitted:
        return found
    price = priced(best, data)
    step = Step("a value as a classical model has it", best.structure.n_numbers, best.nll, price)
    return Found(best, price, (*found.steps, step))


def _with_classical_value(fitted: Fitted) -> Iterator[tuple[Structure, np.ndarray]]:
    """Structures in which one latent is such a value and the others stay, with numbers to begin from."""
    form, structure = fitted.structure.form, fitted.structure
    by_side = any(e.kind == RATE and e.alternative >= 0 for e in structure.units.entries)
    if form.terms or by_side or form.n_mechanisms > 2:
        return
    patterns, kind = (_AMOUNTS, SLOPE) if form.has_amounts else (_BINARY, TARGET)
    for mechanism in range(form.n_mechanisms):
        mine = np.flatnonzero(structure.units.mechanisms == mechanism)
        others = structure.fixing(mine, 0.0)
        values = np.where(structure.units.mechanisms == mechanism, 0.0, fitted.unit_values)
        known = set()
        for rates, scale in patterns:
            new, begin = _placed(others, mechanism, {RATE: rates, kind: scale})
            if new.key not in known:
                known.add(new.key)
                yield new, new.nearest(np.where(begin != 0, begin, values))


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
            name = letter[-1]
            owner[unit] = groups.setdefault(name, structure.n_numbers + len(groups))
            sign[unit] = -1.0 if letter[0] == "-" else 1.0
            begin[unit] = sign[unit] * _FIRST[name]
    fixed[owner != FIXED] = 0.0
    return Structure(structure.units, owner, sign, fixed).tidied(), begin
