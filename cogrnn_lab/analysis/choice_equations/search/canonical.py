"""One way to write equations that say the same: latents that rest left out, every latent facing one way.

Two alternatives choose by the difference of their latents alone, so a latent may be exchanged between them
with the other sign, and where it moves by one rate whoever was chosen, only the difference of the two targets
counts. Of such forms the one is kept in which an alternative learns from its own outcomes.
"""

from dataclasses import replace

import numpy as np

from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted
from cogrnn_lab.analysis.choice_equations.parts.form import RATE, SLOPE, TARGET, Form
from cogrnn_lab.analysis.choice_equations.parts.structure import FIXED, Place, Structure, Units


def canonical(fitted: Fitted) -> Fitted:
    """The same equations, written in one way."""
    structure = fitted.structure
    if structure.form.n_alternatives == 2 and not structure.form.terms:
        structure = _facing(structure)
    structure = _ordered(structure)
    free, sign = fitted.free.copy(), structure.sign.copy()
    for group in range(structure.n_numbers):
        main = _main_unit(structure, group)
        if structure.units.kinds[main] != RATE and sign[main] < 0:
            sign[structure.owner == group] *= -1
            free[group] *= -1
    return replace(fitted, structure=replace(structure, sign=sign), free=free)


def _facing(structure: Structure) -> Structure:
    for mechanism in range(structure.form.n_mechanisms):
        structure = _own_targets(structure, mechanism)
        other = _own_targets(structure.reflected(mechanism), mechanism)
        structure = min(structure, other, key=lambda one: (one.n_terms, _learns_of_others(one, mechanism)))
    return structure


def _learns_of_others(structure: Structure, mechanism: int) -> int:
    """Count the kinds of numbers that differ by what came of the choice of another."""
    half = structure.form.n_relations // 2
    found = 0
    for kind in (RATE, TARGET, SLOPE):
        units = [
            u
            for u in structure.units.at(kind=kind, mechanism=mechanism)
            if structure.units.entries[u].relation >= half
        ]
        found += any(not _same(structure, units[0], unit) for unit in units[1:])
    return found


def _own_targets(structure: Structure, mechanism: int) -> Structure:
    """Where one rate moves a latent whoever was chosen, the target is that of the chosen."""
    units = structure.units
    half = structure.form.n_relations // 2
    for unit in units.at(kind=RATE, mechanism=mechanism):
        entry = units.entries[unit]
        if entry.relation >= half or entry.alternative >= 0:
            continue
        twin = _twin(units, unit, half)
        if not _same(structure, unit, twin):
            continue
        for kind in (TARGET, SLOPE):
            for own in units.at(**{**entry._asdict(), "kind": kind}):
                other = _twin(units, own, half)
                own_rests = structure.owner[own] == FIXED and structure.fixed[own] == 0
                if own_rests and structure.owner[other] != FIXED:
                    structure = structure.joining([int(own)], int(other), -1.0).fixing([int(other)], 0.0)
    return structure


def _twin(units: Units, unit: Place, half: int) -> int:
    entry = units.entries[unit]
    return int(units.at(**{**entry._asdict(), "relation": (entry.relation + half) % (2 * half)})[0])


def _same(structure: Structure, one: Place, other: Place) -> bool:
    if structure.owner[one] != structure.owner[other]:
        return False
    if structure.owner[one] == FIXED:
        return bool(structure.fixed[one] == structure.fixed[other])
    return bool(structure.sign[one] == structure.sign[other])


def _main_unit(structure: Structure, group: int) -> int:
    """The unit by which the sign of a number is read: the one after reward, of what was chosen."""
    units = structure.units
    members = np.flatnonzero(structure.owner == group)
    half = structure.form.n_relations // 2
    own = [u for u in members if 0 <= units.entries[u].relation < half]
    return int((own or list(members))[-1 if own else 0])


def _ordered(structure: Structure) -> Structure:
    """Only mechanisms that do something (or one, where none does), those that learn from rewards first."""
    form = structure.form
    there = (structure.owner != FIXED) | (structure.fixed != 0)
    units = structure.units
    awake = [m for m in range(form.n_mechanisms) if there[units.mechanisms == m].any()] or [0]
    if form.terms:  # they speak of the next latent, so that the order means something
        return structure
    half = form.n_relations // 2

    def rank(mechanism: int) -> tuple[bool, bool, int]:
        targets = units.at(kind=TARGET, mechanism=mechanism)
        own = [u for u in targets if units.entries[u].relation < half]
        learns = form.has_amounts and there[units.at(kind=SLOPE, mechanism=mechanism)].any()
        learns = learns or any(not _same(structure, own[0], u) for u in own[1:])
        rates = units.at(kind=RATE, mechanism=mechanism)
        at_once = bool((structure.fixed[rates] == 1).all())
        return not learns, at_once, mechanism

    awake.sort(key=rank)
    smaller = Form(
        len(awake), form.n_alternatives, form.n_relations, form.has_amounts, form.n_inputs, form.terms
    )
    by_side = any(e.alternative >= 0 and e.mechanism >= 0 for e in units.entries)
    new = Units.by_side(smaller) if by_side else Units.mirrored(smaller)
    place = [
        units.at(**entry._replace(mechanism=awake[entry.mechanism])._asdict())[0]
        if entry.mechanism >= 0
        else units.at(**entry._asdict())[0]
        for entry in new.entries
    ]
    return Structure(new, structure.owner[place], structure.sign[place], structure.fixed[place])
