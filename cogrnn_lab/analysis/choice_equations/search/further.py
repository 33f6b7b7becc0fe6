"""Terms beside the move to a target: tried where the likelihood leans towards them."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted, informed, maximized
from cogrnn_lab.analysis.choice_equations.parts.form import RATE, TARGET, Form
from cogrnn_lab.analysis.choice_equations.parts.structure import FIXED, Structure, Units
from cogrnn_lab.analysis.choice_equations.parts.terms import (
    OTHER,
    PROBABILITY,
    PROBABILITY_OTHER,
    TERMS,
    Term,
)
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded
from cogrnn_lab.analysis.choice_equations.search.moves import Quadratic
from cogrnn_lab.analysis.choice_equations.search.search import price_of_a_number
from cogrnn_lab.analysis.choice_equations.search.starts import FIRST_STEPS, Start, embedded

# Prices of a number by which a single term has to promise to gain before searches with terms begin.
PROMISING = 1.5


def with_terms(best: Fitted, data: Recorded, terms: tuple[Term, ...] = TERMS) -> Iterator[Start]:
    """Starts with further terms, where one of them alone would already pay.

    The equations found so far with their choice probabilities, and an actor with a critic.
    """
    small = Form(
        best.structure.form.n_mechanisms,
        best.structure.form.n_alternatives,
        best.structure.form.n_relations,
        best.structure.form.has_amounts,
        best.structure.form.n_inputs,
        tuple(t for t in terms if t not in (OTHER, PROBABILITY_OTHER)) or terms,
    )
    structure, values = embedded(best, Units.mirrored(small))
    fitted = maximized(structure, structure.nearest(values), data, 1)
    if gain(fitted, data) < PROMISING * price_of_a_number(data):
        return
    yield Start(f"{small.n_mechanisms} latents with terms", fitted)
    needed = {PROBABILITY, OTHER, PROBABILITY_OTHER}
    if needed <= set(terms) and not data.has_amounts:
        yield actor_critic(small.n_alternatives, data)


def gain(fitted: Fitted, data: Recorded) -> float:
    """Nats that the likelihood promises to gain by the best further term alone (score statistic)."""
    structure = fitted.structure
    units = structure.units
    info = informed(structure, fitted.vector, units.directions, data)
    picture = Quadratic(
        fitted.unit_values,
        np.asarray(info.gradient),
        np.asarray(info.fisher) + 1e-3 * np.eye(len(units.entries)),
    )
    names = {term.name for term in structure.form.terms}
    added = [u for u, kind in enumerate(units.kinds) if kind in names and structure.owner[u] == FIXED]
    return max((-picture.best(structure.releasing([u]))[0] for u in added), default=0.0)


def actor_critic(n_alternatives: int, data: Recorded) -> Start:
    """An actor and a critic, fitted."""
    structure, values = actor_critic_structure(n_alternatives, data)
    fitted = maximized(structure, structure.nearest(values), data, FIRST_STEPS)
    return Start("an actor and a critic", fitted)


def actor_critic_structure(
    n_alternatives: int, data: Recorded
) -> tuple[Structure, Float[np.ndarray, " unit"]]:
    """A preference that follows its gradient by the error of an expected reward (Sutton and Barto, 2.8).

    preference ← (1 - f) preference + k (r - E) (chosen - p), E ← E + rate (r - E), with rewards counted from
    the middle, -1 and 1: in terms, chosen × r, chosen × E, p × r and p × E have a number each.
    """
    form = Form(2, n_alternatives, len(data.relations), False, len(data.input_names), TERMS)
    units = Units.mirrored(form)
    n = len(units.entries)
    structure = Structure(units, np.full(n, FIXED), np.ones(n), np.zeros(n))
    values = np.zeros(n)
    rows = (
        (RATE, 0, (1, 1, 1, 1), 0.1),
        (TARGET, 0, (-1, 1, 0, 0), 2.0),
        (PROBABILITY.name, 0, (1, -1, 1, -1), 0.3),
        (OTHER.name, 0, (-1, -1, 0, 0), 0.3),
        (PROBABILITY_OTHER.name, 0, (1, 1, 1, 1), 0.3),
        (RATE, 1, (1, 1, 1, 1), 0.3),
    )
    owner, sign, fixed = (a.copy() for a in (structure.owner, structure.sign, structure.fixed))
    for group, (kind, mechanism, signs, value) in enumerate(rows):
        for relation, s in enumerate(signs):
            unit = units.at(kind=kind, mechanism=mechanism, relation=relation)
            if s:
                owner[unit], sign[unit], values[unit] = group, s, s * value
    for relation, value in enumerate((-1.0, 1.0, -1.0, 1.0)):  # its scale is free, so it is set
        fixed[units.at(kind=TARGET, mechanism=1, relation=relation)] = value
    return Structure(units, owner, sign, fixed), values
