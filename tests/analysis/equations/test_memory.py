"""How many numbers equations carry from trial to trial, where it is known."""

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted
from cogrnn_lab.analysis.choice_equations.fitting.memory import n_carried
from cogrnn_lab.analysis.choice_equations.parts.form import Form
from cogrnn_lab.analysis.choice_equations.parts.structure import Structure, Units
from cogrnn_lab.analysis.choice_equations.parts.terms import PROBABILITY
from cogrnn_lab.analysis.choice_equations.parts.trials import recorded

GAIN = (-1.0, 1.0, 0.0, 0.0)  # targets of a value: of the chosen without and with reward, of the others
# (rates, targets) by relation of each latent: numbers to carry for two alternatives, and for three
KNOWN = [
    ("Q-learning", [((0.3, 0.3, 0.0, 0.0), GAIN)], 2, 3),
    ("forgetting at the rate of learning", [((0.3, 0.3, 0.3, 0.3), GAIN)], 1, 2),
    ("one rate for each outcome, whoever was chosen", [((0.3, 0.1, 0.3, 0.1), GAIN)], 1, 2),
    ("last choice", [((1.0,) * 4, (0.5, 0.5, 0.0, 0.0))], 1, 2),
    (
        "forgetting, and the last choice",
        [((0.3, 0.3, 0.2, 0.2), GAIN), ((1.0,) * 4, (0.5, 0.5, 0.0, 0.0))],
        3,
        5,
    ),
    ("nothing", [((0.0,) * 4, GAIN)], 0, 0),
]


def fitted(form: Form, rows: list) -> Fitted:
    """Equations in which nothing is free."""
    structure = Structure.free(Units.mirrored(form))
    for unit, entry in enumerate(structure.units.entries):
        value = 0.0
        if entry.mechanism >= 0 and entry.kind in ("rate", "target"):
            value = rows[entry.mechanism][entry.kind == "target"][entry.relation]
        structure = structure.fixing([unit], value)
    return Fitted(structure, np.zeros(0), np.zeros(1))


@pytest.mark.parametrize("n_arms", [2, 3])
@pytest.mark.parametrize(("name", "rows", "two", "three"), KNOWN, ids=[row[0] for row in KNOWN])
def test_as_many_as_have_to_be_known_of_the_past(name, rows, two, three, n_arms):
    data = recorded(
        cl.simulate(cl.QLearning(), cl.DriftingBandit(n_arms=n_arms), n_sessions=3, n_trials=60, seed=0)
    )
    assert n_carried(fitted(Form(len(rows), n_arms, 4), rows), data) == {2: two, 3: three}[n_arms], name


def test_what_goes_for_all_alternatives_is_one_number():
    """The critic of an actor-critic; it reaches the choice through a term, so that it isn't left out."""
    data = recorded(cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=3, n_trials=60, seed=0))
    critic = ((0.3,) * 4, (-1.0, 1.0, -1.0, 1.0))
    form = Form(1, 2, 4, terms=(PROBABILITY,))
    alone = fitted(form, [critic])
    assert n_carried(alone, data) == 0  # without a term it does nothing to a difference
    read = alone.structure.fixed.copy()
    read[alone.structure.units.at(kind=PROBABILITY.name)] = 1e-12
    structure = Structure(alone.structure.units, alone.structure.owner, alone.structure.sign, read)
    assert n_carried(Fitted(structure, np.zeros(0), np.zeros(1)), data) == 1
