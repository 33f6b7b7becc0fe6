"""Data sets of single subjects joined, each subject under its own name."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from cogrnn_lab.data.dataset import Dataset
from cogrnn_lab.data.previous_trial import PREVIOUS_MISSED, PREVIOUS_REWARD


def join_subjects(
    datasets: Mapping[str, Dataset] | Iterable[Dataset], *, names: Sequence[str] | None = None
) -> Dataset:
    """Join data sets whose subjects are all different.

    The subjects of a data set that has several are called name/subject. Where only some of the data sets have
    the input "previous trial missed", the others get it too: 1 after a trial without a known choice
    (`Dataset.missed`), 0 elsewhere.

    Arguments:
        datasets: Data sets by the name of the subject, or a list of them. Sessions are padded to the longest
            of all; labels and columns are kept.
        names: A name for each data set of a list. By default subjects keep their names where these differ,
            and are numbered from 0 otherwise, as in `simulate`.

    Returns:
        The joined data set.

    Raises:
        TypeError: Where one of them is no data set.
        ValueError: Where inputs, targets or classes differ, or names are missing or repeated.

    Example:
        >>> import cogrnn_lab as cl
        >>> sizes = {"n_sessions": 2, "n_trials": 20}
        >>> fast = cl.simulate(cl.QLearning(0.8), cl.DriftingBandit(), **sizes)
        >>> slow = cl.simulate(cl.QLearning(0.2), cl.DriftingBandit(), **sizes)
        >>> cl.join_subjects({"fast": fast, "slow": slow}).subject_names
        ('fast', 'slow')
    """
    if isinstance(datasets, Dataset):
        raise TypeError("got one data set; expected several, as a list or by name.")
    if isinstance(datasets, Mapping):
        if names is not None:
            raise ValueError("names were given twice, by the mapping and by names=.")
        names, datasets = [str(name) for name in datasets], datasets.values()
    parts = list(datasets)
    if not parts:
        raise ValueError("no data set was given; expected two or more.")
    for part in parts:
        if not isinstance(part, Dataset):
            raise TypeError(f"got a {type(part).__name__}; expected a Dataset for each subject.")
    renamed = _names(parts, names)
    _refuse_same_names(renamed)
    named = [_renamed(part, new) for part, new in zip(parts, renamed, strict=True)]
    if len({part.input_names for part in named}) > 1:
        named = [_with_missed_input(part) for part in named]
    return named[0].concat(*named[1:])


def _names(parts: Sequence[Dataset], names: Sequence[str] | None) -> list[list[str]]:
    """New names of the subjects of each part that have sessions."""
    own = [[part.subject_names[i] for i in part.subjects] for part in parts]
    if names is None:
        everyone = [name for of_part in own for name in of_part]
        if len(set(everyone)) == len(everyone):
            return own
        names = [str(i) for i in range(len(parts))]
    names = [str(name) for name in names]
    if len(names) != len(parts) or len(set(names)) < len(names):
        raise ValueError(f"names = {names}; expected {len(parts)} different names, one for each data set.")
    return [
        [name] if len(of_part) == 1 else [f"{name}/{one}" for one in of_part]
        for name, of_part in zip(names, own, strict=True)
    ]


def _refuse_same_names(names: Sequence[Sequence[str]]) -> None:
    """Two subjects under one name would be taken for one, as "a" with "b/c" and "a/b" with "c"."""
    everyone = [name for of_part in names for name in of_part]
    twice = next((name for name in everyone if everyone.count(name) > 1), None)
    if twice is not None:
        raise ValueError(
            f'two subjects would be called "{twice}"; expected different names. Give the data sets names '
            'without "/", or others.'
        )


def _renamed(part: Dataset, names: Sequence[str]) -> Dataset:
    """The part with its subjects that have sessions numbered from 0 under new names."""
    subject = np.searchsorted(part.subjects, part.subject).astype(np.int32)
    return part._replace(subject=subject, subject_names=tuple(names))


def _with_missed_input(part: Dataset) -> Dataset:
    if PREVIOUS_MISSED in part.input_names or PREVIOUS_REWARD not in part.input_names:
        return part
    after = part.input_names.index(PREVIOUS_REWARD) + 1
    missed = np.zeros(part.valid.shape, np.float32)
    missed[:, 1:] = part.missed[:, :-1] & part.valid[:, 1:]
    return part._replace(
        inputs=np.insert(part.inputs, after, missed, axis=2),
        input_names=(*part.input_names[:after], PREVIOUS_MISSED, *part.input_names[after:]),
    )
