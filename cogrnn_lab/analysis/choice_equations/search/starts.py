"""Where searches for equations begin: from random numbers, and from what smaller equations have found."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted, maximized
from cogrnn_lab.analysis.choice_equations.parts.form import BIAS, DRIVE, RATE, SLOPE, TARGET, Form
from cogrnn_lab.analysis.choice_equations.parts.structure import FIXED, Structure, Units
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded

# Steps of the first fit, in which all numbers are free and not all are determined.
FIRST_STEPS = 25


class Start(NamedTuple):
    """Equations with all their numbers free, and where they come from."""

    source: str
    fitted: Fitted


def full_form(n_mechanisms: int, n_alternatives: int, data: Recorded) -> Form:
    """The form of this many mechanisms for some data, without further terms."""
    return Form(n_mechanisms, n_alternatives, len(data.relations), data.has_amounts, len(data.input_names))


def random_start(form: Form, data: Recorded, seed: int) -> Start:
    """All numbers drawn at random, then fitted: rates uniform, targets normal in log odds."""
    units = Units.mirrored(form)
    draw = np.random.default_rng([seed, form.n_mechanisms])
    n = len(units.kinds)
    small = np.isin(units.kinds, (BIAS, DRIVE))
    values = np.where(units.kinds == RATE, draw.uniform(0.05, 0.95, n), draw.normal(0.0, 1.0, n))
    return started(f"random start {seed}", units, np.where(small, 0.0, values), data)


def started(source: str, units: Units, values: Float[np.ndarray, " unit"], data: Recorded) -> Start:
    """All units free from these values on, fitted."""
    structure = Structure.free(units)
    structure = _without_further_terms(structure)
    return Start(source, maximized(structure, structure.nearest(values), data, FIRST_STEPS))


def embedded(smaller: Fitted, units: Units) -> tuple[Structure, Float[np.ndarray, " unit"]]:
    """Equations among more units, all further ones at rest, and the values of all units."""
    before = smaller.structure
    n = len(units.entries)
    owner, sign, fixed, values = np.full(n, FIXED), np.ones(n), np.zeros(n), np.zeros(n)
    for unit, entry in enumerate(before.units.entries):
        place = units.at(**entry._asdict())[0]
        owner[place], sign[place] = before.owner[unit], before.sign[unit]
        fixed[place], values[place] = before.fixed[unit], smaller.unit_values[unit]
    return Structure(units, owner, sign, fixed), values


def grown(smaller: Fitted, data: Recorded) -> Iterator[Start]:
    """Equations with one mechanism more: the last choice, a slow trace of choices, or a second value."""
    before = smaller.structure.form
    form = full_form(before.n_mechanisms + 1, before.n_alternatives, data)
    units = Units.mirrored(form)
    half = form.n_relations // 2
    outcomes = np.array([-0.3, 0.3] if half == 2 else [0.0])
    for name, rate, target in (
        ("the last choice", 1.0, np.full(half, 0.3)),
        ("a trace of choices", 0.2, np.full(half, 0.5)),
        ("a slow value", 0.1, outcomes),
    ):
        structure, values = embedded(smaller, units)
        mine = np.flatnonzero(units.mechanisms == form.n_mechanisms - 1)
        for unit in mine:
            relation = units.entries[unit].relation
            if units.kinds[unit] == RATE:
                values[unit] = rate
            elif units.kinds[unit] == TARGET and relation < half:
                values[unit] = target[relation]
        owner = structure.owner.copy()
        owner[mine] = owner.max(initial=FIXED) + 1 + np.arange(len(mine))
        structure = replace(structure, owner=owner)
        fitted = maximized(structure, structure.nearest(values), data, FIRST_STEPS)
        yield Start(f"{before.n_mechanisms} latents and {name}", fitted)


def _without_further_terms(structure: Structure) -> Structure:
    further = [u for u, kind in enumerate(structure.units.kinds) if kind not in _PLAIN]
    return structure.fixing(further, 0.0) if further else structure


_PLAIN = (RATE, TARGET, SLOPE, BIAS, DRIVE)
