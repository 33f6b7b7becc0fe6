"""Conditions of trials, samples of sessions and embeddings: the small analyses behind figures."""

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.analysis.dynamics.conditions import conditions_by
from cogrnn_lab.analysis.reading.embeddings import embedding_correlation
from cogrnn_lab.analysis.scoring.session_sample import session_sample


def test_few_values_are_conditions_of_their_own():
    assert conditions_by(np.array([3, 1, 3])).values.tolist() == [1.0, 3.0], "whole numbers are numbers, too"
    found = conditions_by(np.array([0.5, -1.0, 0.5, 2.0]))
    assert not found.is_binned
    np.testing.assert_array_equal(found.values, [-1.0, 0.5, 2.0])
    np.testing.assert_array_equal(found.index, [1, 0, 1, 2])


def test_many_values_are_binned_into_about_equally_many_trials():
    numbers = np.random.default_rng(0).permutation(100) / 10
    found = conditions_by(numbers, n_bins=4)
    assert found.is_binned
    assert np.bincount(found.index).tolist() == [25, 25, 25, 25]
    np.testing.assert_allclose(found.values, [1.2, 3.7, 6.2, 8.7])
    for k in range(4):
        assert numbers[found.index == k].mean() == pytest.approx(found.values[k])


def test_values_that_are_mostly_the_same_fill_fewer_bins_and_none_is_empty():
    numbers = np.concatenate([np.zeros(90), np.arange(1, 11)])
    found = conditions_by(numbers)
    assert np.bincount(found.index).min() > 0
    assert len(found.values) == found.index.max() + 1


@pytest.mark.parametrize(
    ("embedding", "expected"),
    [([1, 2, 3, 4], 1.0), ([4, 3, 2, 1], -1.0), ([0, 9, 10, 11], 1.0), ([2, 2, 2, 2], None)],
)
def test_a_correlation_of_ranks_does_not_mind_distances(embedding, expected):
    found = embedding_correlation(np.array(embedding, float), np.array([0.1, 0.2, 0.8, 0.9]))
    assert found == (None if expected is None else pytest.approx(expected))


def of_subjects(*n_sessions: int) -> cl.Dataset:
    """Subjects with so many sessions each."""
    total = sum(n_sessions)
    zeros = np.zeros((total, 3, 1), np.float32)
    subject = np.repeat(np.arange(len(n_sessions)), n_sessions)
    return cl.Dataset(
        zeros, zeros, n_classes=2, subject=subject, subject_names=[f"s{i}" for i in range(len(n_sessions))],
        session_names=[str(i) for i in range(total)],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("n_sessions", "taken"),
    [((20, 20, 20), [4, 4, 4]), ((2, 30, 30), [2, 5, 5]), ((3, 4), [3, 4]), ((100,), [12])],
)
def test_a_sample_is_of_all_subjects_alike(n_sessions, taken):
    sample = session_sample(of_subjects(*n_sessions), 12)
    assert np.bincount(sample.subject, minlength=len(taken)).tolist() == taken


def test_of_very_many_subjects_some_are_taken_from_all_over():
    sample = session_sample(of_subjects(*[2] * 50), 10)
    assert sample.n_sessions == len(set(sample.subject)) == 10
    assert (sample.subject.min(), sample.subject.max()) == (0, 49)
