"""Sessions taken some at a time give the same as all at once."""

import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.analysis.choice_equations.fitting import maximum
from cogrnn_lab.analysis.choice_equations.fitting.likelihood import hessian
from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted, exact_hessian, kept_by_hessian
from cogrnn_lab.analysis.choice_equations.fitting.portions import portions
from cogrnn_lab.analysis.choice_equations.parts.form import Form
from cogrnn_lab.analysis.choice_equations.parts.structure import Structure, Units
from cogrnn_lab.analysis.choice_equations.parts.terms import TERMS
from cogrnn_lab.analysis.choice_equations.parts.trials import NONE, recorded


@pytest.fixture(scope="module")
def known():
    return recorded(cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=7, n_trials=40, seed=1))


def test_each_session_once_in_portions_of_one_size(known):
    parts = list(portions(known.trials, kept=10, most=1000))
    assert [part.target.shape[1] for part in parts] == [3, 3, 3]
    everything = np.concatenate([part.target for part in parts], axis=1)
    np.testing.assert_array_equal(everything[:, :7], known.trials.target)
    assert (everything[:, 7:] == NONE).all()
    (whole,) = portions(known.trials, kept=1, most=1000)
    assert whole is known.trials


def test_the_hessian_of_portions_is_that_of_all(known, monkeypatch):
    structure = Structure.free(Units.mirrored(Form(1, 2, 4)))
    free = np.array([0.3, 0.2, 0.1, 0.4, -1.0, 1.5, 0.2, -0.3, 0.1])
    fitted = Fitted(structure, free, np.zeros(7))
    whole = exact_hessian(fitted, known)
    sizes = []

    def counted(form, vector, directions, trials):
        sizes.append(trials.target.shape[1])
        return hessian(form, vector, jnp.asarray(directions), trials)

    monkeypatch.setattr(maximum, "hessian", counted)
    monkeypatch.setattr(maximum, "KEPT_AT_ONCE", 20_000)
    parts = exact_hessian(fitted, known)
    assert len(sizes) > 1
    assert sum(sizes) >= 7
    np.testing.assert_allclose(parts, whole, rtol=1e-4, atol=1e-3 * np.abs(whole).max())


@pytest.mark.parametrize(("latents", "width", "terms"), [(1, 4, ()), (2, 8, TERMS)])
def test_what_second_derivatives_keep_is_what_the_compiler_asks_for(known, latents, width, terms):
    form = Form(latents, 2, 4, terms=terms)
    vector, directions = jnp.zeros(form.size), jnp.zeros((width, form.size))
    compiled = hessian.lower(form, vector, directions, known.trials).compile()
    asked = compiled.memory_analysis().temp_size_in_bytes / 4 / known.trials.target.size
    assert 0.6 * asked < kept_by_hessian(form, width) < 1.6 * asked
