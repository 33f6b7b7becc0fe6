"""Equations in words that one can read aloud."""

import numpy as np

from cogrnn_lab.analysis.choice_equations.words.mechanisms import (
    CRITIC,
    HABIT,
    LAST_CHOICE,
    LAST_OUTCOME,
    NOTHING,
    OTHER,
    VALUE,
    WIN_STAY,
    Mechanism,
)
from cogrnn_lab.analysis.choice_equations.words.naming import Labels, titles


def sentences(
    found: tuple[Mechanism, ...], free: np.ndarray, biases: np.ndarray, labels: Labels
) -> list[str]:
    """A sentence or two for each latent, then the biases and how the choice is made."""
    called = titles(found, free)
    awake = [one for one in found if one.what != NOTHING]
    lines = []
    for one in awake:
        each = "each alternative" if one.side < 0 else labels.alternatives[one.side]
        lines.append(_SAID[one.what](one, called[one.index], each, labels))
    for alternative, bias in enumerate(biases):
        if bias != 0:
            more = "more" if bias > 0 else "less"
            lines.append(
                f"{labels.alternatives[alternative]} is preferred {more} than {labels.alternatives[0]} from "
                f"the outset, by {number(abs(bias))} in log odds."
            )
    if not awake:
        lines.append("Nothing of what happened before moves the choice, as far as these data can tell.")
    names = list(dict.fromkeys(called[one.index] for one in awake if one.what != CRITIC))
    if len(names) > 1:
        listed = f"{', '.join(names[:-1])} and {names[-1]}"
        lines.append(f"The log odds of an alternative are the sum of its {listed}.")
    return lines


def recognized(found: tuple[Mechanism, ...], n_biases: int) -> str:
    """Say which classical model these equations are, or that they are none."""
    kinds = sorted(one.what for one in found if one.what != NOTHING and one.side <= 0)
    beside = []
    if LAST_CHOICE in kinds:
        beside.append("perseveration on the last choice")
    if HABIT in kinds:
        beside.append("perseveration by a fading trace of choices")
    if n_biases:
        beside.append("a side bias")
    rest = [kind for kind in kinds if kind not in (LAST_CHOICE, HABIT)]
    plain = kinds.count(LAST_CHOICE) <= 1 and kinds.count(HABIT) <= 1
    known = None
    if plain and rest == [VALUE] and all(one.side < 0 for one in found):
        known = _learner(next(one for one in found if one.what == VALUE))
    elif plain and rest == [WIN_STAY]:
        known = "win-stay lose-shift"
    elif plain and not rest and kinds:
        known, beside = beside[0], beside[1:]
    elif not kinds:
        known, beside = (beside[0] if beside else "choosing at random"), []
    if known is None and CRITIC in rest and rest.count(OTHER) == 1 and len(rest) == 2:
        known = "an actor-critic"
    if known is None:
        return "none of the classical models"
    return known + (f" with {' and '.join(beside)}" if beside else "")


def _learner(one: Mechanism) -> str | None:
    """The name of a model with one value for each alternative."""
    own, other = one.own_rates, one.other_rates
    separate = not all(own[0].same(rate) for rate in own[1:])
    suffix = " with separate rates for gains and losses" if separate else ""
    if one.stays:
        return f"Q-learning{suffix}"
    together = all(other[0].same(rate) for rate in other[1:])
    towards = [one.targets[one.half + i] for i in range(one.half)]
    one_place = all(towards[0].same(t) for t in towards[1:])
    at_none = towards[0].same(one.targets[0]) or towards[0].is_fixed(0.0)
    if together and one_place and at_none:
        same = not separate and own[0].same(other[0])
        return f"forgetting Q-learning{' with one rate' if same else ''}{suffix}"
    return None


def number(value: float) -> str:
    """Three significant digits, at most three decimals."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}" if abs(value) >= 1 else f"{value:.3f}"


def _value(one: Mechanism, title: str, each: str, labels: Labels) -> str:
    own, half = one.own_rates, one.half
    if all(own[0].same(rate) for rate in own[1:]):
        learns = f"moves by {number(own[0].value)} of the way to what it paid"
    else:
        learns = (
            f"moves to what it paid by separate rates for gains and losses, {number(own[1].value)} of the "
            f"way after reward and {number(own[0].value)} without"
        )
    if one.slopes:
        counts = f"a reward counts {number(one.slopes[0].value / labels.unit)} for each unit"
        if not one.targets[0].is_fixed(0.0):
            counts += f", none {number(one.targets[0].value)}"
    else:
        counts = (
            f"a reward counts {number(one.targets[1].value)} in log odds and none "
            f"{number(one.targets[0].value)}, {number(one.targets[1].value - one.targets[0].value)} apart"
        )
    return f"The {title} of {each} {learns} when it is chosen ({counts}), and {_otherwise(one, half)}."


def _otherwise(one: Mechanism, half: int) -> str:
    rates, targets = one.other_rates, one.targets[half:]
    if one.stays:
        return "stays when it is not"
    if all(rates[0].same(r) for r in rates[1:]) and all(targets[0].same(t) for t in targets[1:]):
        where = _where_to(one, targets[0])
        return f"forgets {number(rates[0].value)} of it when it is not, fading to {where}"
    parts = [
        "stays" if rate.is_fixed(0.0) else f"moves {_by(rate.value)} to {number(target.value)}"
        for rate, target in zip(rates, targets, strict=True)
    ]
    return f"when it is not, {parts[0]} where the other was not rewarded and {parts[1]} where it was"


def _where_to(one: Mechanism, target) -> str:
    if target.is_fixed(0.0):
        return "0, where it began"
    if not one.slopes and target.same(one.targets[0]):
        return "what no reward would make of it"
    return number(target.value)


def _by(rate: float) -> str:
    return "at once" if rate == 1 else f"by {number(rate)} of the way"


def _habit(one: Mechanism, title: str, each: str, labels: Labels) -> str:
    up, down = one.rates[0], one.rates[one.half]
    rates = (
        f"by {number(up.value)}"
        if up.same(down)
        else f"by {number(up.value)} up and {number(down.value)} down"
    )
    weight = one.targets[0].value - one.targets[one.half].value
    return (
        f"The {title} of {each} follows how often it was chosen lately, {rates} a trial, "
        f"and counts {number(weight)} in log odds where it always was."
    )


def _last_choice(one: Mechanism, title: str, each: str, labels: Labels) -> str:
    weight = one.targets[0].value - one.targets[one.half].value
    likes = "repeated" if weight > 0 else "avoided"
    return f"The last choice is {likes}, by {number(abs(weight))} in log odds, whatever it gave."


def _win_stay(one: Mechanism, title: str, each: str, labels: Labels) -> str:
    return (
        f"A rewarded choice is repeated and an unrewarded one left, by {number(one.targets[1].value)} in log "
        "odds (win-stay, lose-shift), and nothing before it counts."
    )


def _critic(one: Mechanism, title: str, each: str, labels: Labels) -> str:
    return (
        f"The {title} moves by {number(one.rates[0].value)} of the way to what was paid, whichever was "
        "chosen; it reaches the choice through what is learned from it."
    )


def _stepwise(one: Mechanism, title: str, each: str, labels: Labels) -> str:
    """Any update, one observation after the other."""
    parts = []
    for relation, (rate, target) in enumerate(zip(one.rates, one.targets, strict=True)):
        seen = labels.relations[relation]
        goal = number(target.value)
        if one.slopes and one.slopes[relation].value:
            goal += f" + {number(one.slopes[relation].value / labels.unit)} × reward"
        does = "stays" if rate.is_fixed(0.0) else f"moves {_by(rate.value)} to {goal}"
        for term, row in one.further.items():
            if row[relation].value:
                does += f" and adds {number(row[relation].value)} × {term}"
        parts.append(f"{does} ({seen})")
    named = "A" if title == OTHER or title.startswith(OTHER) else "The"
    return f"{named} {title} of {each} {'; '.join(parts)}."


_SAID = {
    VALUE: _value,
    HABIT: _habit,
    CRITIC: _critic,
    LAST_CHOICE: _last_choice,
    WIN_STAY: _win_stay,
    LAST_OUTCOME: _stepwise,
    OTHER: _stepwise,
}
