"""Equations as a function of plain NumPy that runs without this package."""

import numpy as np

from cogrnn_lab.analysis.choice_equations.fitting.likelihood import FARTHEST
from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted
from cogrnn_lab.analysis.choice_equations.parts.form import BIAS, DRIVE, RATE, SLOPE, START, TARGET
from cogrnn_lab.analysis.choice_equations.parts.terms import (
    OTHER,
    PROBABILITY,
    PROBABILITY_OTHER,
    PROBABILITY_OWN,
    Term,
)

# A term of the package as NumPy: of latents `z` (latent, alternative) and probabilities `p` (alternative,).
EXPRESSIONS = {
    PROBABILITY: "p",
    PROBABILITY_OWN: "p * z",
    OTHER: "np.roll(z, -1, axis=0)",
    PROBABILITY_OTHER: "p * np.roll(z, -1, axis=0)",
}

_TEMPLATE = '''"""{title}"""

import numpy as np

{tables}


def choice_probabilities(choices, rewards{parameters}):
    """Give the probability of each alternative before each choice of a session.

    Choices count from 0, and one below 0 is missed: nothing is learned from it.{more}
    """
    z = np.array(START)
    found = []
    for trial, (choice, reward) in enumerate(zip(choices, rewards)):
        logits = z.sum(0) + BIAS{drive}
        p = np.exp(logits - logits.max())
        p = p / p.sum()
        {shown}
        if choice < 0:
            continue
        other = (np.arange(len(BIAS)) != choice).astype(int)
        {relation}
        at = np.arange(len(BIAS))
        z = z + RATE[:, at, was] * ({target} - z){terms}
    return np.array(found)
'''

_OFFERED = "offered = p * np.asarray(available[trial])\n        found.append(offered / offered.sum())"


def python_code(
    fitted: Fitted,
    title: str,
    relations: tuple[str, ...],
    inputs: tuple[str, ...],
    unit: float,
    *,
    are_offered: bool = False,
) -> str:
    """Write the code.

    Arguments:
        fitted: Structure and values.
        title: What the equations are, for the docstring.
        relations: What the trial before was to an alternative, in words.
        inputs: Names of further inputs.
        unit: Reward that counts as an amount of 1.
        are_offered: Whether only some alternatives were on offer.

    Raises:
        ValueError: The equations have a term of the user's own, of which only a function of JAX is known.
    """
    form = fitted.structure.form
    numbers = {name: np.asarray(part, float) for name, part in form.split(fitted.vector).items()}
    used = [term for term in form.terms if np.any(numbers[term.name])]
    own = [term.name for term in used if term not in EXPRESSIONS]
    if own:
        raise ValueError(
            f"these equations have the term {own[0]!r}, which is your own: it is known as a function of JAX "
            "only; use `equations.agent` or `equations.logits` instead"
        )
    kinds = [RATE, TARGET, *([SLOPE] if form.has_amounts else [])]
    tables = [f"# (latent, alternative, what happened to it: {_plain('; '.join(relations))})"]
    tables += [_table(kind.upper(), numbers[kind]) for kind in kinds]
    tables += [
        f"# weight of {term.name}\n{_table(_name(i), numbers[term.name])}" for i, term in _places(used)
    ]
    tables += ["# log odds of each alternative", _table(BIAS.upper(), numbers[BIAS])]
    tables.append(_table(START.upper(), numbers[START]))
    if form.n_inputs:
        tables += [
            f"# (alternative, input: {_plain(', '.join(inputs))})",
            _table(DRIVE.upper(), numbers[DRIVE]),
        ]
    amount = "" if unit == 1.0 else f" / {unit!r}"
    binary = "was = 2 * other + (reward > 0)  # 0, 1: chosen without, with reward; 2, 3: another one was"
    return _TEMPLATE.format(
        title=_plain(title),
        tables="\n".join(tables),
        parameters=(", inputs" if form.n_inputs else "") + (", available" if are_offered else ""),
        more=(f"\n    `inputs` (trial, input) are {_plain(', '.join(inputs))}." if form.n_inputs else "")
        + ("\n    `available` (trial, alternative) tells which were on offer." if are_offered else ""),
        shown=_OFFERED if are_offered else "found.append(p)",
        drive=" + DRIVE @ inputs[trial]" if form.n_inputs else "",
        relation="was = other  # 0: chosen, 1: another one was" if form.has_amounts else binary,
        target=f"TARGET[:, at, was] + SLOPE[:, at, was] * reward{amount}"
        if form.has_amounts
        else "TARGET[:, at, was]",
        terms=_further(used),
    )


def _further(used: list[Term]) -> str:
    """What is added to the move; latents with further terms are stopped where choices are long certain."""
    if not used:
        return ""
    added = " + ".join(f"{_name(i)}[:, at, was] * {_expression(term)}" for i, term in _places(used))
    return f" + {added}\n        z = np.clip(z, {-FARTHEST}, {FARTHEST})"


def _places(used: list[Term]) -> list[tuple[int, Term]]:
    return list(enumerate(used, 1))


def _name(place: int) -> str:
    return f"TERM_{place}"


def _expression(term: Term) -> str:
    return f"({EXPRESSIONS[term]})" if " " in EXPRESSIONS[term] else EXPRESSIONS[term]


def _table(name: str, numbers: np.ndarray) -> str:
    return f"{name} = np.array({np.round(numbers, 6).tolist()})"


def _plain(text: str) -> str:
    """Names of a data set as part of a docstring or comment: nothing in them ends it."""
    return " ".join(text.replace("\\", "/").replace('"', "'").split())
