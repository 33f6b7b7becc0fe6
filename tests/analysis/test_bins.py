"""One way to bin: equally many in each bin, equal numbers together, nothing empty."""

import numpy as np
import pytest

from cogrnn_lab.analysis.bins import own_levels, quantile_bins
from cogrnn_lab.analysis.dynamics.conditions import conditions_by


@pytest.mark.parametrize("n_bins", [1, 2, 3, 7])
def test_bins_hold_equally_many_and_ascend(n_bins):
    numbers = np.random.default_rng(0).permutation(np.arange(84.0)) ** 2
    bins = quantile_bins(numbers, n_bins)
    assert np.bincount(bins.index).tolist() == [84 // n_bins] * n_bins
    assert (np.diff(bins.means) > 0).all()
    for index, mean in enumerate(bins.means):
        assert mean == pytest.approx(numbers[bins.index == index].mean())


@pytest.mark.parametrize(
    "numbers", [[0, 0, 0, 0, 0, 1], [0, 1, 1, 1, 1, 1], [2, 2, 2], [0, 0, 1, 1, 2, 2, 3]]
)
@pytest.mark.parametrize("n_bins", [1, 2, 3, 4])
def test_equal_numbers_share_a_bin_and_no_bin_is_empty(numbers, n_bins):
    numbers = np.array(numbers, float)
    bins = quantile_bins(numbers, n_bins)
    assert len(bins.means) == bins.index.max() + 1 <= n_bins
    assert set(bins.index) == set(range(len(bins.means)))
    for value in np.unique(numbers):
        assert np.unique(bins.index[numbers == value]).size == 1


def test_levels_are_the_values():
    bins = own_levels(np.array([0.5, -1.0, 0.5]))
    assert (bins.index.tolist(), bins.means.tolist()) == ([1, 0, 1], [-1.0, 0.5])


def test_conditions_are_bins_where_there_are_too_many_values():
    numbers = np.arange(40.0)
    conditions = conditions_by(numbers, most=8, n_bins=4)
    assert conditions.is_binned
    np.testing.assert_array_equal(conditions.index, quantile_bins(numbers, 4).index)
    assert not conditions_by(numbers % 5).is_binned
