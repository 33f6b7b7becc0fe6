"""The search for the best parameters, on problems whose optimum is known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from cogrnn_lab.fitting.bounds import Bounds
from cogrnn_lab.fitting.fisher_scoring import (
    LATE_SHARE,
    ROUNDING,
    TOLERANCE,
    Likelihood,
    Search,
    maximize_likelihood,
)

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


def least_squares(matrix, target, floor: float = 0.0):
    """Half the squared residuals of matrix · x - target, plus a constant."""
    matrix, target = np.asarray(matrix, np.float32), np.asarray(target, np.float32)

    def evaluate(free: jax.Array) -> Likelihood:
        residuals = free @ matrix.T - target[None, None]
        information = jnp.broadcast_to(matrix.T @ matrix, (*free.shape, free.shape[-1]))
        return Likelihood(floor + 0.5 * (residuals**2).sum(-1), residuals @ matrix, information)

    return evaluate


def counted(free: jax.Array) -> Likelihood:
    """30 of 100 and 90 of 100 choices of probability sigmoid(free), 0.3 and 0.9 at best."""
    hits, n = jnp.array([[[30.0, 90.0]]]), 100.0
    p = jax.nn.sigmoid(free)
    nll = -(hits * jax.nn.log_sigmoid(free) + (n - hits) * jax.nn.log_sigmoid(-free)).sum(-1)
    information = (n * p * (1 - p))[..., None] * jnp.eye(2)[None, None]
    return Likelihood(nll, n * p - hits, information)


def half_open(free: jax.Array) -> Likelihood:
    """A valley beside a region without a likelihood: x - log x of each, NaN from 0 on down."""
    logs = jnp.where(free > 0, jnp.log(jnp.where(free > 0, free, 1.0)), jnp.nan)
    information = (1 / free**2)[..., None] * jnp.eye(2)[None, None]
    return Likelihood((free - logs).sum(-1), 1 - 1 / free, information)


def anywhere(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(-3, 3, (N_STARTS, *shape)).astype(np.float32)


AT_BOUNDS = np.tile(
    Bounds((0.0, 0.0), (1.0, 1.0)).free(np.array([[[0.0, 1.0]], [[1.0, 0.0]]])), (N_STARTS // 2, 1, 1)
).astype(np.float32)
BINOMIAL = -100 * (0.3 * np.log(0.3) + 0.7 * np.log(0.7) + 0.9 * np.log(0.9) + 0.1 * np.log(0.1))

# name: (likelihood, starts, the least negative log-likelihood)
PROBLEMS = {
    "bent valley": (valley, anywhere(2, 2), 0.0),
    "well conditioned": (least_squares(np.eye(3) * 5, [5.0, -5.0, 0.0], 100.0), anywhere(2, 3), 100.0),
    "rank deficient": (least_squares([[3.0, -3.0], [6.0, -6.0]], [3.0, 6.0]), anywhere(2, 2), 0.0),
    "badly scaled": (least_squares([[300.0, 0.0], [0.0, 1.0]], [300.0, 1.0]), anywhere(2, 2), 0.0),
    "flat": (least_squares(np.zeros((1, 2)), [2.0]), anywhere(2, 2), 2.0),
    "from a bound": (counted, AT_BOUNDS, BINOMIAL),
    "beside no likelihood": (half_open, np.abs(anywhere(2, 2)) + 0.05, 2.0),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_problem_is_solved_from_every_start(name):
    evaluate, starts, least = PROBLEMS[name]
    found = searched(starts, 300, evaluate)
    assert found.converged.all(), np.argwhere(~found.converged)
    assert not found.stuck.any()
    np.testing.assert_allclose(found.likelihood.nll, least, rtol=2e-6, atol=20 * TOLERANCE)
    assert np.isfinite(found.free).all()


@pytest.mark.parametrize("name", PROBLEMS)
def test_no_search_ends_worse_than_it_began(name):
    evaluate, starts, _ = PROBLEMS[name]
    before = np.asarray(evaluate(jnp.asarray(starts)).nll)
    for n_steps in (1, 2, 5):
        after = searched(starts, n_steps, evaluate).likelihood.nll
        assert (after <= before * (1 + 2 * n_steps * ROUNDING) + 1e-6).all()


def test_a_flat_likelihood_leaves_the_start_as_it_is():
    evaluate, starts, _ = PROBLEMS["flat"]
    np.testing.assert_array_equal(searched(starts, 50, evaluate).free, starts)
