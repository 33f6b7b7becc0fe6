"""The search for the best parameters, on a problem of least squares whose optimum is known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from cogrnn_lab.fitting.fisher_scoring import LATE_SHARE, Search, maximize_likelihood
from cogrnn_lab.fitting.likelihood import Likelihood

N_STARTS = 8


def valley(free: jax.Array) -> Likelihood:
    """Half the squared residuals of Rosenbrock's valley, whose floor bends towards (1, 1)."""
    x, y = free[..., 0], free[..., 1]
    residuals = jnp.stack([10 * (y - x**2), 1 - x], -1)
    nothing = jnp.zeros_like(x)
    rows = jnp.stack([-20 * x, nothing + 10], -1), jnp.stack([nothing - 1, nothing], -1)
    jacobian = jnp.stack(rows, -2)
    return Likelihood(
        0.5 * (residuals**2).sum(-1),
        (jacobian * residuals[..., None]).sum(-2),
        jnp.swapaxes(jacobian, -1, -2) @ jacobian,
    )


@pytest.fixture(scope="module")
def starts() -> np.ndarray:
    return np.random.default_rng(0).uniform(-3, 3, (N_STARTS, 2, 2)).astype(np.float32)


compiled = jax.jit(maximize_likelihood, static_argnums=0)


def searched(starts: np.ndarray, max_steps: int, evaluate=valley) -> Search:
    return jax.device_get(compiled(evaluate, jnp.asarray(starts), max_steps))


def test_a_search_ends_where_it_would_alone_however_long_the_others_take(starts):
    together = searched(starts, 200)
    assert together.converged.all()
    np.testing.assert_allclose(together.free, 1.0, atol=0.05)
    n_late = int(N_STARTS * LATE_SHARE)
    steps = np.sort(together.n_steps, axis=0)
    assert (steps[-1] > steps[-n_late - 1]).all()  # some go on after the others have ended
    for start in range(N_STARTS):
        alone = searched(starts[start : start + 1], 200)
        np.testing.assert_array_equal(alone.n_steps[0], together.n_steps[start])
        np.testing.assert_allclose(alone.free[0], together.free[start], rtol=1e-4)


def test_searches_end_unfinished_after_the_steps_that_they_have(starts):
    few = searched(starts, 3)
    assert few.n_steps.max() == 3
    assert not few.converged.all()
    assert (few.likelihood.nll < valley(jnp.asarray(starts)).nll).any()


def test_a_start_without_a_likelihood_is_stuck_and_its_neighbors_go_on(starts):
    def broken(free: jax.Array) -> Likelihood:
        found = valley(free)
        return found._replace(nll=jnp.where(free[..., 0] > 3.5, jnp.nan, found.nll))

    starts = starts.copy()
    starts[3, 1] = 4.0
    found = searched(starts, 200, broken)
    assert found.stuck[3, 1]
    assert not found.converged[3, 1]
    assert found.converged.sum() == 2 * N_STARTS - 1
