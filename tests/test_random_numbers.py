"""The fast normal draws are standard normal, independent, and the same for the same key."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from cogrnn_lab.random_numbers import FEW_ROUNDS, _cosine_of_turns, _log, standard_normals


@pytest.fixture(scope="module")
def draws():
    shapes = {"a": (100, 50, 200), "b": (100, 50, 200)}
    made = jax.jit(lambda key: standard_normals(key, shapes, FEW_ROUNDS))(jax.random.key(3))
    return {name: np.asarray(values) for name, values in made.items()}


def test_draws_are_standard_normal(draws):
    values = draws["a"].ravel()
    assert stats.kstest(values, "norm").pvalue > 0.01
    n = values.size
    for power, (mean, variance) in {1: (0, 1), 2: (1, 2), 3: (0, 15), 4: (3, 96), 6: (15, 10170)}.items():
        assert abs((values**power).mean() - mean) < 4 * np.sqrt(variance / n)
    beyond = (np.abs(values) > 4).sum()
    assert abs(beyond - n * 2 * stats.norm.sf(4)) < 4 * np.sqrt(n * 2 * stats.norm.sf(4))
    assert 4.5 < np.abs(values).max() < 6


def test_draws_are_independent_along_every_axis_and_between_uses(draws):
    first, other = draws["a"], draws["b"]
    pairs = [(first[1:], first[:-1]), (first[:, 1:], first[:, :-1]), (first[..., 1:], first[..., :-1])]
    for a, b in [*pairs, (first, other), (first**2 - 1, other**2 - 1), (first[..., 8:], first[..., :-8])]:
        spread = a.std() * b.std() / np.sqrt(a.size)
        assert abs((a * b).mean()) < 4 * spread


def test_a_key_gives_one_noise_and_another_key_another():
    shapes = {"a": (1000,), "b": (3, 1)}
    one, again, other = (standard_normals(jax.random.key(seed), shapes) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one["a"], again["a"])
    assert abs(np.corrcoef(one["a"], other["a"])[0, 1]) < 0.15
    assert not np.isin(one["a"], other["a"]).any()


def test_the_polynomials_are_as_near_as_they_say():
    x = jnp.linspace(2**-25, 1, 100_001)
    np.testing.assert_allclose(_log(x), np.log(np.asarray(x, np.float64)), atol=2e-6)
    turn = jnp.linspace(-0.5, 0.5, 100_001)
    expected = np.cos(2 * np.pi * np.asarray(turn, np.float64))
    np.testing.assert_allclose(_cosine_of_turns(turn), expected, atol=5e-6)


def test_compiled_draws_are_those_of_numpy():
    key, shapes = jax.random.key(5), {"a": (3, 400), "b": (7,)}
    compiled = jax.jit(lambda key: standard_normals(key, shapes))(key)
    for name, values in standard_normals(key, shapes).items():
        np.testing.assert_allclose(compiled[name], values, rtol=1e-4, atol=3e-5)
