"""What can be changed about a structure in one move: numbers fixed, tied, let go, whole mechanisms dropped.

Only ties that mean something are tried: those of the same kind of number within one mechanism (over
observations, or mirrored), and one update after an observation the same as after another.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from cogrnn_lab.analysis.choice_equations.parts.form import BIAS, DRIVE, RATE, START, Entry
from cogrnn_lab.analysis.choice_equations.parts.structure import FIXED, Place, Structure


class Move(NamedTuple):
    """A structure that is one move away, and what the move is, in words."""

    structure: Structure
    what: str


def simplifying(structure: Structure) -> Iterator[Move]:
    """Moves that take away at least one number."""
    yield from _fixed_groups(structure)
    yield from _tied_groups(structure)
    yield from _tied_updates(structure)
    yield from dropping(structure)


def rearranging(structure: Structure) -> Iterator[Move]:
    """Moves of a single unit: let go, or given another fixed value or another group than it has."""
    units = structure.units
    for unit in range(len(units.entries)):
        alone = (structure.owner == structure.owner[unit]).sum() == 1
        is_free = structure.owner[unit] != FIXED
        name = described(units.entries[unit])
        if not is_free or not alone:
            yield Move(structure.releasing([unit]), f"{name} a number of its own")
        if is_free and alone:
            continue  # those are the moves of groups
        for value in _fixed_values(units.entries[unit]):
            if is_free or structure.fixed[unit] != value:
                yield Move(structure.fixing([unit], value), f"{name} = {value:g}")
        for other in _like(structure, unit):
            if structure.owner[other] == structure.owner[unit]:
                signs = (-structure.sign[other] * structure.sign[unit],)
            else:
                signs = (1.0, -1.0)
            for sign in signs:
                if sign > 0 or units.kinds[unit] != RATE:
                    yield Move(structure.joining([unit], other, sign), _tie(structure, unit, other, sign))


def waking(structure: Structure) -> Iterator[Move]:
    """Updates that are at rest (rate 0) begin to move, to each target that there could be.

    The slope of the likelihood says nothing of them, as neither rate nor target has an effect by itself.
    """
    units = structure.units
    at_rest = (structure.owner == FIXED) & (structure.fixed == 0)
    for unit in np.flatnonzero((units.kinds == RATE) & at_rest):
        entry = units.entries[unit]
        awake = [u for u in _like(structure, unit) if not at_rest[u]]
        if not awake:
            continue
        target = int(units.at(**{**entry._asdict(), "kind": "target"})[0])
        released = structure.releasing([unit])
        for other in _like(structure, target):
            for sign in (1.0, -1.0):
                moved = released.joining([target], other, sign)
                yield Move(moved, f"{described(entry)} begins to move")
        yield Move(released, f"{described(entry)} begins to fade")


def _fixed_groups(structure: Structure) -> Iterator[Move]:
    for group, first in enumerate(structure.representatives):
        entry, members = structure.units.entries[first], np.flatnonzero(structure.owner == group)
        for value in _fixed_values(entry):
            yield Move(structure.fixing(members, value), f"{described(entry)} = {value:g}")


def _tied_groups(structure: Structure) -> Iterator[Move]:
    first = structure.representatives
    for i in range(len(first)):
        for j in range(i):
            if not _tieable(structure.units.entries[first[i]], structure.units.entries[first[j]]):
                continue
            members = np.flatnonzero(structure.owner == i)
            for sign in (1.0, -1.0) if structure.units.kinds[first[i]] != RATE else (1.0,):
                tied = structure.joining(members, int(first[j]), sign)
                yield Move(tied, _tie(structure, int(first[i]), int(first[j]), sign))


def _tied_updates(structure: Structure) -> Iterator[Move]:
    """All that happens after one observation as after another, or with the target mirrored."""
    units, form = structure.units, structure.form
    rates = np.flatnonzero(units.kinds == RATE)
    for i in rates:
        for j in rates:
            if i >= j or not _tieable(units.entries[i], units.entries[j]):
                continue
            for sign in (1.0, -1.0):
                tied = structure
                for kind in form.update_kinds:
                    one, other = (
                        int(units.at(**{**units.entries[u]._asdict(), "kind": kind})[0]) for u in (i, j)
                    )
                    tied = tied.joining([other], one, 1.0 if kind == RATE else sign)
                if tied.n_numbers < structure.n_numbers:
                    yield Move(tied, f"{described(units.entries[j])} as {described(units.entries[i])}")


def dropping(structure: Structure) -> Iterator[Move]:
    """A whole mechanism at rest."""
    still = (structure.owner == FIXED) & (structure.fixed == 0)
    for mechanism in range(structure.form.n_mechanisms):
        mine = np.flatnonzero(structure.units.mechanisms == mechanism)
        if not still[mine].all():
            yield Move(structure.fixing(mine, 0.0), f"latent {mechanism + 1} dropped")


def _like(structure: Structure, unit: Place) -> list[int]:
    """Other units that a unit may be tied to, one of each group and each fixed value."""
    seen, found = set(), []
    for other in range(len(structure.owner)):
        if other == unit or not _tieable(structure.units.entries[unit], structure.units.entries[other]):
            continue
        free = structure.owner[other] != FIXED
        if free and structure.owner[other] not in seen:
            seen.add(structure.owner[other])
            found.append(other)
    return found


def _tieable(one: Entry, other: Entry) -> bool:
    return (
        one.kind == other.kind and one.mechanism == other.mechanism and one.kind not in (START, BIAS, DRIVE)
    )


def _fixed_values(entry: Entry) -> tuple[float, ...]:
    return (0.0, 1.0) if entry.kind == RATE else (0.0,)


def _tie(structure: Structure, one: Place, other: Place, sign: float) -> str:
    entries = structure.units.entries
    return f"{described(entries[one])} = {'-' if sign < 0 else ''}{described(entries[other])}"


def described(entry: Entry) -> str:
    """A unit in words that need no name of its mechanism."""
    parts = [entry.kind]
    if entry.mechanism >= 0:
        parts.append(f"of latent {entry.mechanism + 1}")
    if entry.relation >= 0:
        parts.append(f"[{entry.relation}]")
    if entry.alternative >= 0:
        parts.append(f"for alternative {entry.alternative}")
    return " ".join(parts)


class Quadratic(NamedTuple):
    """The negative log-likelihood near a point, by the units: its slope and curvature there."""

    point: Float[np.ndarray, " unit"]
    gradient: Float[np.ndarray, " unit"]
    curvature: Float[np.ndarray, "unit unit2"]

    def best(self, structure: Structure) -> tuple[float, Float[np.ndarray, " free"]]:
        """Nats that the best numbers of a structure lose against the point, and these numbers."""
        # what has no effect may as well stay where it is
        base = np.where(structure.without_effect, 0.0, structure.fixed - self.point)
        jacobian = structure.jacobian
        pull = self.gradient + self.curvature @ base
        constant = self.gradient @ base + 0.5 * base @ self.curvature @ base
        if structure.n_numbers == 0:
            return float(constant), np.zeros(0)
        inner = jacobian.T @ self.curvature @ jacobian
        free = -np.linalg.solve(inner, jacobian.T @ pull)
        return float(constant + 0.5 * free @ (jacobian.T @ pull)), free
