"""What each latent of the equations is, by rules: a value, the last choice, a habit, the last outcome."""

from dataclasses import dataclass

import numpy as np

from cogrnn_lab.analysis.choice_equations.parts.form import RATE, SLOPE, TARGET
from cogrnn_lab.analysis.choice_equations.parts.structure import FIXED, Structure

VALUE, CRITIC, LAST_CHOICE, HABIT, WIN_STAY, LAST_OUTCOME, NOTHING, OTHER = (
    "value",
    "expected reward",
    "last choice",
    "habit",
    "win-stay lose-shift",
    "last outcome",
    "nothing",
    "latent",
)


@dataclass(frozen=True)
class Quantity:
    """One number of an update as it stands: free (`group`, with `sign`) or fixed (group -1, `value`)."""

    group: int
    sign: float
    value: float

    def same(self, other: "Quantity", sign: float = 1.0) -> bool:
        """Tell whether it always is the other one, times `sign`."""
        if self.group != other.group:
            return False
        return self.value == sign * other.value if self.group == FIXED else self.sign == sign * other.sign

    def is_fixed(self, value: float) -> bool:
        """Tell whether it is this value by structure."""
        return self.group == FIXED and self.value == value


@dataclass(frozen=True)
class Mechanism:
    """One latent of one alternative (`side`, -1: of each, mirrored), and what it is.

    `rates`, `targets` and `slopes` by relation (slopes are empty where rewards are nothing or one); `further`
    {term: by relation} that are not 0; `what` one of the names of this module.
    """

    index: int
    side: int
    rates: tuple[Quantity, ...]
    targets: tuple[Quantity, ...]
    slopes: tuple[Quantity, ...]
    further: dict[str, tuple[Quantity, ...]]
    what: str

    @property
    def half(self) -> int:
        """Relations in which the alternative itself was chosen come first; how many they are."""
        return len(self.rates) // 2

    @property
    def own_rates(self) -> tuple[Quantity, ...]:
        """Rates after the alternative was chosen."""
        return self.rates[: self.half]

    @property
    def other_rates(self) -> tuple[Quantity, ...]:
        """Rates after another was chosen."""
        return self.rates[self.half :]

    @property
    def stays(self) -> bool:
        """Whether it stays where it is when another is chosen."""
        return all(rate.is_fixed(0.0) for rate in self.other_rates)


def mechanisms(structure: Structure, free: np.ndarray) -> tuple[Mechanism, ...]:
    """Every latent, read."""
    values = structure.unit_values(free)
    units, form = structure.units, structure.form
    by_side = any(e.alternative >= 0 and e.mechanism >= 0 for e in units.entries)
    sides = range(form.n_alternatives) if by_side else (-1,)

    def quantity(kind: str, mechanism: int, side: int, relation: int) -> Quantity:
        unit = units.at(kind=kind, mechanism=mechanism, alternative=side, relation=relation)[0]
        return Quantity(int(structure.owner[unit]), float(structure.sign[unit]), float(values[unit]))

    def row(kind: str, mechanism: int, side: int) -> tuple[Quantity, ...]:
        return tuple(quantity(kind, mechanism, side, r) for r in range(form.n_relations))

    found = []
    for m in range(form.n_mechanisms):
        for side in sides:
            rates, targets = row(RATE, m, side), row(TARGET, m, side)
            slopes = row(SLOPE, m, side) if form.has_amounts else ()
            further = {term.name: row(term.name, m, side) for term in form.terms}
            further = {k: v for k, v in further.items() if not all(q.is_fixed(0.0) for q in v)}
            what = OTHER if further else _kind(rates, targets, slopes)
            found.append(Mechanism(m, side, rates, targets, slopes, further, what))
    return tuple(found)


def _kind(rates: tuple[Quantity, ...], targets: tuple[Quantity, ...], slopes: tuple[Quantity, ...]) -> str:
    half = len(rates) // 2
    own, other = targets[:half], targets[half:]
    if all(rate.is_fixed(0.0) for rate in rates):
        return NOTHING
    learns = any(not own[0].same(t) for t in own[1:]) or any(not s.is_fixed(0.0) for s in slopes[:half])
    learns_of_others = any(not other[0].same(t) for t in other[1:]) or any(
        not s.is_fixed(0.0) for s in slopes[half:]
    )
    if learns and _common(rates) and _common(targets) and _common(slopes):
        return CRITIC
    if all(rate.is_fixed(1.0) for rate in rates):
        if not learns and not learns_of_others:
            return LAST_CHOICE
        rests = all(t.is_fixed(0.0) for t in other)
        return WIN_STAY if rests and not slopes and own[0].same(own[1], -1.0) else LAST_OUTCOME
    if learns and not any(rate.is_fixed(0.0) for rate in rates[:half]):
        return VALUE
    if learns or learns_of_others:
        return OTHER
    same_rates = all(rates[0].same(r) for r in rates[1:half])
    same_others = all(rates[half].same(r) for r in rates[half:])
    moves = not rates[0].is_fixed(0.0)
    return HABIT if same_rates and same_others and moves and not own[0].is_fixed(0.0) else OTHER


def _common(row: tuple[Quantity, ...]) -> bool:
    """Tell whether the same happens to all alternatives, whichever was chosen."""
    half = len(row) // 2
    return all(own.same(other) for own, other in zip(row[:half], row[half:], strict=True))
