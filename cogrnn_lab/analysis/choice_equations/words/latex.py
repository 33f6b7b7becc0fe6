"""Equations as LaTeX."""

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
from cogrnn_lab.analysis.choice_equations.words.naming import Labels
from cogrnn_lab.analysis.choice_equations.words.sentences import number

_SYMBOLS = {
    VALUE: "V",
    CRITIC: "E",
    HABIT: "H",
    LAST_CHOICE: "C",
    WIN_STAY: "W",
    LAST_OUTCOME: "O",
    OTHER: "Z",
}


def latex(found: tuple[Mechanism, ...], biases: np.ndarray, labels: Labels) -> str:
    """One `aligned` block: the logit of an alternative a, and how each latent moves by observation."""
    awake = [one for one in found if one.what != NOTHING]
    symbols = _symbols(awake)
    terms = list(dict.fromkeys(symbols[one.index, one.side] for one in awake if one.what != CRITIC)) or ["0"]
    bias = " + b_a" if np.any(biases != 0) else ""
    lines = [rf"\operatorname{{logit}}_a &= {' + '.join(terms)}{bias}"]
    for alternative, value in enumerate(biases):
        if value != 0:
            lines.append(rf"b_{{\text{{{labels.alternatives[alternative]}}}}} &= {number(value)}")
    for one in awake:
        lines += _update(one, symbols[one.index, one.side], labels)
    body = " \\\\\n".join(lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def _symbols(awake: list[Mechanism]) -> dict[tuple[int, int], str]:
    counts: dict[str, list[int]] = {}
    for one in awake:
        places = counts.setdefault(one.what, [])
        if one.index not in places:
            places.append(one.index)
    symbols = {}
    for one in awake:
        places = counts[one.what]
        mark = "" if len(places) == 1 else f"^{{({places.index(one.index) + 1})}}"
        side = "a" if one.side < 0 else str(one.side)
        symbols[one.index, one.side] = f"{_SYMBOLS[one.what]}{mark}_{{{side}}}"
    return symbols


def _update(one: Mechanism, symbol: str, labels: Labels) -> list[str]:
    cases: dict[str, list[str]] = {}
    for relation, rate in enumerate(one.rates):
        target = number(one.targets[relation].value)
        if one.slopes and one.slopes[relation].value:
            slope = number(one.slopes[relation].value / labels.unit)
            target = rf"{slope}\,r" if one.targets[relation].value == 0 else rf"{target} + {slope}\,r"
        if rate.is_fixed(0.0):
            new = symbol
        elif rate.is_fixed(1.0):
            new = target
        else:
            new = rf"{symbol} + {number(rate.value)}\,({target} - {symbol})"
        for term, row in one.further.items():
            if row[relation].value:
                new += rf" + {number(row[relation].value)}\,\text{{{term}}}"
        cases.setdefault(new, []).append(labels.relations[relation])
    if len(cases) == 1:
        return [rf"{symbol} &\leftarrow {next(iter(cases))}"]
    rows = r" \\ ".join(rf"{new} & \text{{{' or '.join(_shortened(seen))}}}" for new, seen in cases.items())
    return [rf"{symbol} &\leftarrow \begin{{cases}} {rows} \end{{cases}}"]


def _shortened(seen: list[str]) -> list[str]:
    """Both outcomes of the same choice are the choice."""
    for choice in ("chosen", "other chosen"):
        both = [f"{choice}, no reward", f"{choice}, reward"]
        if all(name in seen for name in both):
            seen = [choice, *(name for name in seen if name not in both)]
    return seen
