"""Which numbers of a form are free, which are tied to one another, and which are fixed."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from cogrnn_lab.analysis.choice_equations.parts.form import (
    BIAS,
    DRIVE,
    RATE,
    SLOPE,
    START,
    TARGET,
    Entry,
    Form,
)

FIXED = -1
Place = int | np.integer
Places = Int[np.ndarray, " some"] | list[Any]
OTHERS_MORE = 0.4


@dataclass(frozen=True)
class Units:
    """Numbers of a form that are always the same, as the alternatives mirror each other: one unit.

    `members` (unit, number) bool; `entries` what each unit is, with alternative -1 where it is that of all.
    """

    form: Form
    members: Bool[np.ndarray, "unit number"]
    entries: tuple[Entry, ...]

    @classmethod
    def mirrored(cls, form: Form) -> "Units":
        """Updates are the same for all alternatives; starts and the bias of the first are no units, but 0."""
        return cls._grouped(form, by_side=False)

    @classmethod
    def by_side(cls, form: Form) -> "Units":
        """Every alternative has updates of its own."""
        return cls._grouped(form, by_side=True)

    @classmethod
    def _grouped(cls, form: Form, *, by_side: bool) -> "Units":
        places: dict[Entry, list[int]] = {}
        for place, entry in enumerate(form.entries):
            if entry.kind == START or (entry.kind in (BIAS, DRIVE) and entry.alternative == 0):
                continue
            own = by_side or entry.kind in (BIAS, DRIVE)
            places.setdefault(entry if own else entry._replace(alternative=-1), []).append(place)
        members = np.zeros((len(places), form.size), bool)
        for unit, where in enumerate(places.values()):
            members[unit, where] = True
        return cls(form, members, tuple(places))

    @cached_property
    def kinds(self) -> np.ndarray:
        """The kind of each unit."""
        return np.array([entry.kind for entry in self.entries])

    @cached_property
    def mechanisms(self) -> Int[np.ndarray, " unit"]:
        """The mechanism of each unit, -1 for none."""
        return np.array([entry.mechanism for entry in self.entries])

    @cached_property
    def rates(self) -> Bool[np.ndarray, " unit"]:
        """True where a unit is a rate."""
        return self.kinds == RATE

    @cached_property
    def pulled_by(self) -> Bool[np.ndarray, "unit unit2"]:
        """(rate, target or slope) that only have an effect together."""
        pairs = np.zeros((len(self.entries), len(self.entries)), bool)
        for unit in np.flatnonzero(self.rates):
            for kind in (TARGET, SLOPE):
                pairs[unit, self.at(**{**self.entries[unit]._asdict(), "kind": kind})] = True
        return pairs

    @cached_property
    def in_mechanism(self) -> Bool[np.ndarray, "mechanism unit"]:
        """Which units are of each mechanism."""
        return self.mechanisms[None] == np.arange(self.form.n_mechanisms)[:, None]

    @cached_property
    def of_others(self) -> Bool[np.ndarray, " unit"]:
        """Which units are of what happens when another alternative is chosen."""
        half = self.form.n_relations // 2
        return np.array([e.relation >= half and e.mechanism >= 0 for e in self.entries])

    @property
    def directions(self) -> Float[np.ndarray, "unit number"]:
        """Each unit as a direction in the vector of all numbers."""
        return self.members.astype(float)

    def at(self, **wanted: int | str) -> Int[np.ndarray, " found"]:
        """Units whose entry has these fields."""
        hits = [all(getattr(e, name) == value for name, value in wanted.items()) for e in self.entries]
        return np.flatnonzero(hits)


@dataclass(frozen=True)
class Structure:
    """For each unit the free number that it is (`owner`, FIXED: none) and its `sign`, or a fixed value."""

    units: Units
    owner: Int[np.ndarray, " unit"]
    sign: Float[np.ndarray, " unit"]
    fixed: Float[np.ndarray, " unit"]

    @classmethod
    def free(cls, units: Units) -> "Structure":
        """Every unit a number of its own."""
        n = len(units.entries)
        return cls(units, np.arange(n), np.ones(n), np.zeros(n))

    @property
    def form(self) -> Form:
        """The form whose numbers these are."""
        return self.units.form

    @cached_property
    def n_numbers(self) -> int:
        """Number of free numbers."""
        return int(self.owner.max(initial=FIXED)) + 1

    @cached_property
    def n_terms(self) -> float:
        """Number of updates, targets and further terms that are not 0.

        One that happens when another alternative is chosen counts a little more, as of two equations that
        say the same the one is read more easily in which an alternative learns from its own outcomes.
        """
        there = (self.owner != FIXED) | (self.fixed != 0)
        return float(there.sum() + OTHERS_MORE * (there & self.units.of_others).sum())

    @cached_property
    def without_effect(self) -> Bool[np.ndarray, " unit"]:
        """Units that change nothing: targets of an update whose rate is 0, all of a mechanism at rest."""
        still = (self.owner == FIXED) & (self.fixed == 0)
        rates, pulled, mechanism = self.units.rates, self.units.pulled_by, self.units.in_mechanism
        resting = mechanism[:, ~rates & still].sum(1) == mechanism[:, ~rates].sum(1)
        return (pulled & (still & rates)[:, None]).any(0) | (rates & (mechanism & resting[:, None]).any(0))

    @cached_property
    def jacobian(self) -> Float[np.ndarray, "unit free"]:
        """What each free number does to each unit."""
        matrix = np.zeros((len(self.owner), self.n_numbers))
        free = np.flatnonzero(self.owner != FIXED)
        matrix[free, self.owner[free]] = self.sign[free]
        return matrix

    def unit_values(self, free: Float[np.ndarray, " free"]) -> Float[np.ndarray, " unit"]:
        """The value of each unit."""
        return self.fixed + self.jacobian @ free

    def vector(self, free: Float[np.ndarray, " free"]) -> Float[np.ndarray, " number"]:
        """All numbers of the form."""
        return self.unit_values(free) @ self.units.directions

    def bounds(self) -> tuple[Float[np.ndarray, " free"], Float[np.ndarray, " free"]]:
        """Lowest and highest of each free number."""
        low, high = (edge[self.units.members.argmax(1)] for edge in self.form.bounds())
        first = self.representatives
        return low[first], high[first]

    @cached_property
    def representatives(self) -> Int[np.ndarray, " free"]:
        """The first unit of each free number."""
        return np.array([np.flatnonzero(self.owner == g)[0] for g in range(self.n_numbers)], int)

    def nearest(self, values: Float[np.ndarray, " unit"]) -> Float[np.ndarray, " free"]:
        """Free numbers that come closest to these values of the units."""
        counts = np.maximum((self.jacobian**2).sum(0), 1)
        return self.jacobian.T @ (values - self.fixed) / counts

    def fixing(self, units: Places, value: float) -> "Structure":
        """These units fixed at a value."""
        owner, sign, fixed = self.owner.copy(), self.sign.copy(), self.fixed.copy()
        owner[units], sign[units], fixed[units] = FIXED, 1.0, value
        return replace(self, owner=owner, sign=sign, fixed=fixed).tidied()

    def joining(self, units: Places, to: Place, sign: float) -> "Structure":
        """These units tied to what unit `to` is, times `sign` for the first of them."""
        owner, signs, fixed = self.owner.copy(), self.sign.copy(), self.fixed.copy()
        flip = sign * self.sign[to] * self.sign[units[0]]
        owner[units], signs[units] = self.owner[to], flip * self.sign[units]
        fixed[units] = sign * self.fixed[to]
        return replace(self, owner=owner, sign=signs, fixed=fixed).tidied()

    def releasing(self, units: Places) -> "Structure":
        """Each of these units a number of its own."""
        owner, sign, fixed = self.owner.copy(), self.sign.copy(), self.fixed.copy()
        owner[units] = owner.max(initial=FIXED) + 1 + np.arange(len(units))
        sign[units], fixed[units] = 1.0, 0.0
        return replace(self, owner=owner, sign=sign, fixed=fixed).tidied()

    def tidied(self) -> "Structure":
        """Without numbers that nothing depends on, and free numbers counted from 0 without gaps."""
        owner, sign, fixed = self.owner.copy(), self.sign.copy(), self.fixed.copy()
        units = self.units
        for _ in range(2):
            idle = Structure(units, owner.copy(), sign, fixed.copy()).without_effect
            owner[idle], fixed[idle] = FIXED, 0.0
        used = np.unique(owner[owner != FIXED])
        renumbered = np.where(owner == FIXED, FIXED, np.searchsorted(used, owner))
        return replace(self, owner=renumbered, sign=sign, fixed=fixed)

    def reflected(self, mechanism: int) -> "Structure":
        """For two alternatives: the latents of a mechanism exchanged and with the other sign.

        The log odds stay as they are, and what had happened to one by the choice of the other happens by its
        own choice.
        """
        order, flip = np.arange(len(self.owner)), np.ones(len(self.owner))
        half = self.form.n_relations // 2
        for unit in np.flatnonzero(self.units.mechanisms == mechanism):
            entry = self.units.entries[unit]
            changed = {"relation": (entry.relation + half) % self.form.n_relations}
            if entry.alternative >= 0:
                changed["alternative"] = 1 - entry.alternative
            order[unit] = self.units.at(**{**entry._asdict(), **changed})[0]
            flip[unit] = 1.0 if entry.kind == RATE else -1.0
        free = self.owner[order] != FIXED
        return replace(
            self,
            owner=self.owner[order],
            sign=np.where(free, flip * self.sign[order], 1.0),
            fixed=flip * self.fixed[order] + 0.0,
        )

    @property
    def key(self) -> tuple[bytes, bytes, bytes]:
        """The same for the same structure, however its numbers are counted and signed."""
        free = self.owner != FIXED
        first = self.representatives
        order = np.argsort(np.argsort(first))
        owner = np.where(free, np.append(order, FIXED)[self.owner], FIXED)
        sign = self.sign * np.append(self.sign[first], 0.0)[self.owner]
        return owner.tobytes(), (sign + 0.0).tobytes(), self.fixed.tobytes()
