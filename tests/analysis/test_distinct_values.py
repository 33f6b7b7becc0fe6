"""Few values told apart without sorting, and counts within even bins: the same as the plain ways tell."""

import numpy as np
import pytest

from cogrnn_lab.analysis.reading.distinct_values import few_values, kinds_of_rows
from cogrnn_lab.analysis.reading.visited import densities_at, density_at


@pytest.mark.parametrize("late", [False, True])
def test_few_values_are_those_of_the_column_also_where_one_comes_late(late):
    column = np.tile([2.0, 0.0, -1.0], 1000)
    if late:
        column[2999] = 7.0  # beyond the first look
    np.testing.assert_array_equal(few_values(column, 4), np.unique(column))
    assert (few_values(column, 3) is None) == late
    assert few_values(np.append(column, [np.nan]), 8) is None
    assert few_values(np.arange(3000.0), 4) is None


@pytest.mark.parametrize("n_columns", [0, 1, 2, 8])
def test_kinds_of_rows_are_the_unique_rows(n_columns):
    rows = np.random.default_rng(0).integers(-1, 3, (5000, n_columns)).astype(np.float32)
    kinds, place = kinds_of_rows(rows, 4)
    np.testing.assert_array_equal(kinds[place], rows)
    np.testing.assert_array_equal(kinds, np.unique(rows, axis=0) if n_columns else np.zeros((1, 0)))
    rich = np.c_[rows, np.arange(5000.0)]
    kinds, place = kinds_of_rows(rich, 4)
    np.testing.assert_array_equal(kinds[place], rich)


@pytest.mark.parametrize("n_points", [1, 2, 50])
def test_densities_are_histograms_around_the_points(n_points):
    rng = np.random.default_rng(1)
    values = np.linspace(-1.0, 2.0, n_points)
    half = 0.5 * (values[1] - values[0]) if n_points > 1 else np.inf
    edges = np.append(values - half, values[-1] + half)
    samples = np.concatenate([rng.normal(size=5000), edges[np.isfinite(edges)], values])
    sets = rng.integers(-1, 3, len(samples))
    expected = [np.histogram(samples[sets == one], edges)[0] / len(samples) for one in range(3)]
    np.testing.assert_allclose(densities_at(values, samples, sets, 3), expected)
    np.testing.assert_allclose(density_at(values, samples), np.histogram(samples, edges)[0] / len(samples))
