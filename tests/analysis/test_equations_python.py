"""Equations as code of plain NumPy give the probabilities that the equations give."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab.analysis.choice_equations.fitting.likelihood import trajectories
from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted
from cogrnn_lab.analysis.choice_equations.parts.form import RATE, Form
from cogrnn_lab.analysis.choice_equations.parts.structure import Structure, Units
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded, recorded
from cogrnn_lab.analysis.choice_equations.words.python_code import python_code


def ran(code: str) -> Any:
    """The function that the code defines."""
    names: dict[str, Any] = {}
    exec(code, names)
    return names["choice_probabilities"]


def table(rewards: np.ndarray, n_arms: int, n_trials: int = 30) -> dict[str, np.ndarray]:
    """Choices of two sessions, one of them missed."""
    rng = np.random.default_rng(n_arms)
    choice = rng.integers(0, n_arms, 2 * n_trials)
    choice[7] = -1
    reward = np.where(choice < 0, 0, rng.choice(rewards, len(choice)))
    session = np.repeat([1, 2], n_trials)
    return {"session": session, "choice": choice, "reward": reward, "light": rng.normal(size=len(choice))}


def anything(data: Recorded, n_alternatives: int) -> Fitted:
    """Equations with all terms, every number another."""
    form = Form(2, n_alternatives, len(data.relations), data.has_amounts, len(data.input_names), cl.TERMS)
    structure = Structure.free(Units.by_side(form))
    rng = np.random.default_rng(0)
    values = 0.3 * rng.normal(size=structure.n_numbers)
    rates = structure.units.kinds == RATE
    values[rates] = rng.uniform(0.1, 0.9, rates.sum())
    return Fitted(structure, values, np.zeros(2))


@pytest.mark.parametrize("rewards", [np.array([0, 1]), np.array([1, 40, 100])], ids=["binary", "amounts"])
@pytest.mark.parametrize("n_arms", [2, 3])
def test_code_gives_the_same_probabilities(rewards, n_arms):
    columns = table(rewards, n_arms)
    data = cl.read_table(pd.DataFrame(columns), inputs=["light"], missed=[-1])
    known = recorded(data)
    fitted = anything(known, n_arms)
    code = python_code(fitted, 'a """title"""', known.relations, known.input_names, known.unit)
    logits, _ = trajectories(fitted.structure.form, fitted.vector.astype(np.float32), known.trials)
    logits = np.asarray(logits)
    expected = np.exp(logits - logits.max(1, keepdims=True))
    expected /= expected.sum(1, keepdims=True)
    for session in (0, 1):
        own = {name: values[columns["session"] == session + 1] for name, values in columns.items()}
        given = ran(code)(own["choice"], own["reward"], own["light"][:, None])
        np.testing.assert_allclose(given, expected[:, :, session], atol=2e-5)


def test_what_was_not_on_offer_has_no_probability():
    """The code gave it some; the likelihood never did."""
    columns = table(np.array([0, 1]), 3)
    data = cl.read_table(pd.DataFrame(columns), missed=[-1])
    offered = np.random.default_rng(1).random((2, 30, 3)) < 0.6
    offered |= np.arange(3) == np.maximum(data.choices, 0)[..., None]
    data = data._replace(action_mask=offered)
    known = recorded(data)
    fitted = anything(known, 3)
    code = python_code(fitted, "", known.relations, (), known.unit, are_offered=True)
    logits, _ = trajectories(fitted.structure.form, fitted.vector.astype(np.float32), known.trials)
    expected = np.exp(np.asarray(logits)[:, :, 0]) * offered[0]
    given = ran(code)(columns["choice"][:30], columns["reward"][:30], offered[0])
    np.testing.assert_allclose(given, expected / expected.sum(1, keepdims=True), atol=2e-5)


def test_names_are_no_code():
    form = Form(1, 2, 4, False, 1, ())
    structure = Structure.free(Units.mirrored(form))
    fitted = Fitted(structure, np.full(structure.n_numbers, 0.2), np.zeros(1))
    code = python_code(fitted, 'says "so"', ("a", "b", "c", "d"), ("a\nraise SystemExit",), 1.0)
    assert ran(code)([0], [1], np.zeros((1, 1))).shape == (1, 2)


def test_equations_are_code_without_this_package():
    data = cl.simulate(cl.QLearning(0.4, 3.0), cl.DriftingBandit(), n_sessions=20, n_trials=50, seed=1)
    found = cl.equations(None, data, n_latents=(1,), n_starts=1, terms=(), rivals=False)
    assert "cogrnn_lab" not in found.python
    assert found.text.split("\n")[0] in found.python
    given = ran(found.python)(data.choices[3], data.rewards[3])
    expected = found.logits(data)[3]
    np.testing.assert_allclose(np.log(given[:, 1] / given[:, 0]), expected[:, 1] - expected[:, 0], atol=1e-4)


def test_terms_of_ones_own_are_refused():
    own = cl.Term("square", "z^2", lambda latents, probability: latents**2)
    form = Form(1, 2, 4, False, 0, (own,))
    structure = Structure.free(Units.mirrored(form))
    fitted = Fitted(structure, np.full(structure.n_numbers, 0.2), np.zeros(1))
    with pytest.raises(ValueError, match="the term 'square', which is your own"):
        python_code(fitted, "", ("a", "b", "c", "d"), (), 1.0)
