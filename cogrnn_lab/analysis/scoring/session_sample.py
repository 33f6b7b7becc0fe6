"""A sample of sessions that is fair to subjects."""

import numpy as np

from cogrnn_lab.data import Dataset


def session_sample(dataset: Dataset, n: int) -> Dataset:
    """Select at most `n` sessions, as many of each subject as of any other as far as there are.

    Arguments:
        dataset: Sessions of any number of subjects.
        n: How many sessions at most.

    Returns:
        The sample, its sessions in their order in `dataset`; where there are more subjects than `n`, one
        session each of subjects that are evenly spaced among all.
    """
    if dataset.n_sessions <= n:
        return dataset
    subject = np.asarray(dataset.subject)
    turn = np.empty(subject.size, int)  # which session of its subject each one is
    for one in np.unique(subject):
        mine = subject == one
        turn[mine] = np.arange(mine.sum())
    by_turn = np.lexsort((subject, turn))
    first = by_turn[: np.unique(subject).size]
    evenly = np.linspace(0, first.size - 1, n).round().astype(int)
    chosen = first[evenly] if first.size > n else by_turn[:n]
    return dataset.select(np.sort(chosen))
