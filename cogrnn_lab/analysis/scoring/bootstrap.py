"""Bootstrap of likelihoods: sessions drawn anew within subjects, and subjects drawn anew."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from cogrnn_lab.counts import checked_coverage


class Resamples(NamedTuple):
    """Indices of the sessions and subjects of each bootstrap resample.

    `sessions` (resample, session): a session of the same subject in the place of each; `subjects` (resample,
    subject): a subject in the place of each; `replicate` (resample, subject): the resample whose sessions
    that subject has there, so that a subject that is drawn twice has other sessions each time.
    """

    sessions: Int[np.ndarray, "resample session"]
    subjects: Int[np.ndarray, "resample subject"]
    replicate: Int[np.ndarray, "resample subject"]

    @classmethod
    def draw(cls, subject: Int[np.ndarray, " session"], n_resamples: int, seed: int) -> "Resamples":
        """Draw resamples; `subject` of each session, counted from 0 without gaps and ascending."""
        rng = np.random.default_rng(seed)
        counts = np.bincount(subject)
        first = np.cumsum(counts) - counts
        within = (rng.random((n_resamples, len(subject))) * counts[subject]).astype(int)
        shape = (n_resamples, len(counts))
        return cls(
            sessions=first[subject] + within,
            subjects=rng.integers(0, len(counts), shape),
            replicate=rng.integers(0, n_resamples, shape),
        )


def resampled_sums(
    values: Float[np.ndarray, " session"], subject: Int[np.ndarray, " session"], resamples: Resamples
) -> tuple[Float[np.ndarray, "resample subject"], Float[np.ndarray, " resample"]]:
    """Sum over the sessions of each subject, and over all of the subjects that were drawn."""
    starts = np.flatnonzero(np.diff(subject, prepend=-1))
    by_subject = np.add.reduceat(values[resamples.sessions], starts, axis=1)
    return by_subject, by_subject[resamples.replicate, resamples.subjects].sum(1)


def interval(resampled: Float[np.ndarray, "resample *rest"], level: float) -> Float[np.ndarray, "*rest 2"]:
    """Compute the percentile interval that holds the share `level` of the resamples."""
    level = checked_coverage(level)
    tails = [(1 - level) / 2, (1 + level) / 2]
    return np.moveaxis(np.quantile(resampled, tails, axis=0), 0, -1)
