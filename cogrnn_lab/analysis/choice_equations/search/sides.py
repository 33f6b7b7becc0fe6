"""Numbers that differ between alternatives: let go where the choices tell them apart."""

from dataclasses import replace

import numpy as np

from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted, informed, maximized
from cogrnn_lab.analysis.choice_equations.parts.form import RATE
from cogrnn_lab.analysis.choice_equations.parts.structure import FIXED, Structure, Units
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded
from cogrnn_lab.analysis.choice_equations.search.moves import Quadratic
from cogrnn_lab.analysis.choice_equations.search.search import Step, price_of_a_number, priced


def told_apart(fitted: Fitted, data: Recorded) -> tuple[Fitted, tuple[Step, ...]]:
    """Numbers of one alternative apart from those of the others, as long as the price falls."""
    steps: list[Step] = []
    wide = by_side(fitted)
    each = price_of_a_number(data)
    while True:
        units = wide.structure.units
        info = informed(wide.structure, wide.vector, units.directions, data)
        curvature = np.asarray(info.fisher) + 1e-3 * np.eye(len(units.entries))
        picture = Quadratic(wide.unit_values, np.asarray(info.gradient), curvature)
        options = []
        for group in range(wide.structure.n_numbers):
            members = np.flatnonzero(wide.structure.owner == group)
            sides = np.array([units.entries[u].alternative for u in members])
            if len(np.unique(sides)) < 2:
                continue
            for side in np.unique(sides)[1:] if len(np.unique(sides)) == 2 else np.unique(sides):
                apart = _apart(wide.structure, members[sides == side])
                gain, free = picture.best(apart)
                options.append((gain, apart, free, group, side))
        options.sort(key=lambda option: option[0])
        best = None
        for gain, apart, free, group, side in options[:2]:
            if -gain < 0.7 * each:
                break
            new = maximized(apart, free, data)
            if priced(new, data) < priced(wide, data) - each / 2:
                best = new, f"number {group + 1} of alternative {side} apart from the others"
                break
        if best is None:
            return (wide if steps else fitted), tuple(steps)
        wide = best[0]
        steps.append(Step(best[1], wide.structure.n_numbers, wide.nll, priced(wide, data)))


def by_side(fitted: Fitted) -> Fitted:
    """The same equations with units for each alternative, still tied."""
    structure = fitted.structure
    if any(e.alternative >= 0 and e.kind == RATE for e in structure.units.entries):
        return fitted
    wide = Units.by_side(structure.form)
    place = []
    for entry in wide.entries:
        shared = structure.units.at(**entry._asdict())
        if len(shared) == 0:
            shared = structure.units.at(**entry._replace(alternative=-1)._asdict())
        place.append(int(shared[0]))
    owner, sign, fixed = (a[place] for a in (structure.owner, structure.sign, structure.fixed))
    return replace(fitted, structure=Structure(wide, owner, sign, fixed))


def _apart(structure: Structure, members: np.ndarray) -> Structure:
    owner = structure.owner.copy()
    owner[members] = owner.max(initial=FIXED) + 1
    return replace(structure, owner=owner).tidied()
