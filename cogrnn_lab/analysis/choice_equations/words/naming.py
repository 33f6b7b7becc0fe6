"""Names of the free numbers, by what they do in the latents that they belong to."""

from dataclasses import dataclass

import numpy as np

from cogrnn_lab.analysis.choice_equations.parts.form import BIAS, DRIVE, RATE, SLOPE, TARGET
from cogrnn_lab.analysis.choice_equations.parts.structure import Structure
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded
from cogrnn_lab.analysis.choice_equations.words.mechanisms import (
    CRITIC,
    HABIT,
    LAST_CHOICE,
    LAST_OUTCOME,
    OTHER,
    VALUE,
    WIN_STAY,
    Mechanism,
)
from cogrnn_lab.data import Dataset


@dataclass(frozen=True)
class NamedNumber:
    """A free number (`group`) under its name; what is shown is `factor` times it."""

    group: int
    name: str
    factor: float


@dataclass(frozen=True)
class Labels:
    """Names of alternatives, further inputs and relations, and the unit of rewards."""

    alternatives: tuple[str, ...]
    inputs: tuple[str, ...]
    relations: tuple[str, ...]
    unit: float


def labels_of(dataset: Dataset, data: Recorded) -> Labels:
    """The names of a data set, and how its trials are told."""
    names = dataset.class_names or tuple(str(i) for i in range(dataset.n_classes or 0))
    return Labels(names, data.input_names, data.relations, data.unit)


def titles(found: tuple[Mechanism, ...], free: np.ndarray) -> dict[int, str]:
    """A title for the latent of each mechanism; of several of a kind, by how fast they are."""
    named: dict[int, str] = {}
    for what in (VALUE, CRITIC, HABIT, LAST_CHOICE, WIN_STAY, LAST_OUTCOME, OTHER):
        mine = [m for m in found if m.what == what and m.index not in named]
        unique = {m.index: m for m in mine}
        speed = {i: max(r.value for r in m.rates) for i, m in unique.items()}
        order = sorted(unique, key=lambda i: -speed[i])
        for place, index in enumerate(order):
            named[index] = _title(what, place, len(order))
    return named


def _title(what: str, place: int, n: int) -> str:
    if n == 1:
        return what
    if n == 2 and what in (VALUE, HABIT):
        return f"{('fast', 'slow')[place]} {what}"
    return f"{what} {place + 1}"


def named_numbers(
    structure: Structure, free: np.ndarray, found: tuple[Mechanism, ...], labels: Labels
) -> tuple[NamedNumber, ...]:
    """A name for each free number, in the order in which the latents are told."""
    named: dict[int, NamedNumber] = {}
    called = titles(found, free)
    several = len({m.index for m in found if m.what == VALUE}) > 1

    def add(group: int, name: str, factor: float = 1.0) -> None:
        if group >= 0 and group not in named:
            taken = {n.name for n in named.values()}
            unique, count = name, 2
            while unique in taken:
                unique, count = f"{name} ({count})", count + 1
            named[group] = NamedNumber(group, unique, factor)

    for one in found:
        title = called.get(one.index, one.what)
        where = "" if one.side < 0 else f" of {labels.alternatives[one.side]}"
        prefix = f"{title}: " if several or one.what != VALUE else ""
        _NAMED.get(one.what, _other)(one, prefix, where, add, labels)
        _other(one, f"{title}: ", where, add, labels)  # whatever the rules have left without a name
    for unit, entry in enumerate(structure.units.entries):
        if entry.kind == BIAS:
            add(int(structure.owner[unit]), f"bias to {labels.alternatives[entry.alternative]}")
        elif entry.kind == DRIVE:
            what = labels.inputs[entry.relation]
            add(int(structure.owner[unit]), f"{what} to {labels.alternatives[entry.alternative]}")
    return tuple(named.values())


def _value(one: Mechanism, prefix: str, where: str, add, labels: Labels) -> None:
    rates, half = one.own_rates, one.half
    if all(rates[0].same(rate) for rate in rates[1:]):
        add(rates[0].group, f"{prefix}learning rate{where}")
    else:
        add(rates[1].group, f"{prefix}learning rate after reward{where}")
        add(rates[0].group, f"{prefix}learning rate without reward{where}")
    own = one.targets[:half]
    if one.slopes:
        slope = one.slopes[0]
        add(slope.group, f"{prefix}inverse temperature{where}", slope.sign / labels.unit)
        add(own[0].group, f"{prefix}value of a choice without reward{where}", own[0].sign)
    elif own[1].same(own[0], -1.0):
        add(own[1].group, f"{prefix}inverse temperature{where}", 2.0 * own[1].sign)
    elif own[0].is_fixed(0.0):
        add(own[1].group, f"{prefix}inverse temperature{where}", own[1].sign)
    else:
        add(own[1].group, f"{prefix}value of reward{where}", own[1].sign)
        add(own[0].group, f"{prefix}value of no reward{where}", own[0].sign)
    _fading(one, prefix, where, add)


def _fading(one: Mechanism, prefix: str, where: str, add) -> None:
    others = one.other_rates
    if all(others[0].same(rate) for rate in others[1:]):
        add(others[0].group, f"{prefix}forgetting rate{where}")
    else:
        add(others[1].group, f"{prefix}forgetting rate after another's reward{where}")
        add(others[0].group, f"{prefix}forgetting rate without reward{where}")
    targets = one.targets[one.half :]
    if all(targets[0].same(target) for target in targets[1:]):
        add(targets[0].group, f"{prefix}forgotten value{where}", targets[0].sign)
    else:
        add(targets[1].group, f"{prefix}value after another's reward{where}", targets[1].sign)
        add(targets[0].group, f"{prefix}value after another's lack of reward{where}", targets[0].sign)


def _weight(one: Mechanism, prefix: str, where: str, add, labels: Labels) -> None:
    own, other = one.targets[0], one.targets[one.half]
    factor = 2.0 * own.sign if own.same(other, -1.0) and own.group >= 0 else own.sign
    if one.what == HABIT:
        add(one.rates[0].group, f"{prefix}rate{where}")
        add(one.rates[one.half].group, f"{prefix}rate of fading{where}")
    add(own.group, f"{prefix}weight{where}", factor)
    add(other.group, f"{prefix}weight of what was not chosen{where}", other.sign)


def _win_stay(one: Mechanism, prefix: str, where: str, add, labels: Labels) -> None:
    add(one.targets[1].group, f"{prefix}weight{where}", one.targets[1].sign)


def _other(one: Mechanism, prefix: str, where: str, add, labels: Labels) -> None:
    """Every number by where it stands."""
    for kind, row in ((RATE, one.rates), (TARGET, one.targets), (SLOPE, one.slopes), *one.further.items()):
        for relation, quantity in enumerate(row):
            factor = quantity.sign / labels.unit if kind == SLOPE else quantity.sign
            add(quantity.group, f"{prefix}{kind} ({labels.relations[relation]}){where}", factor)


_NAMED = {VALUE: _value, HABIT: _weight, LAST_CHOICE: _weight, WIN_STAY: _win_stay}
