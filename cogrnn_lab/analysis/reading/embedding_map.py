"""What the embeddings of subjects tell: known or fitted numbers of each, predicted for subjects left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cogrnn_lab.analysis.reading.embeddings import Embeddings, embedding_correlation, embeddings
from cogrnn_lab.analysis.reading.ridge import held_out_predictions, r2_of, ridge
from cogrnn_lab.analysis.reading.update_rules import UpdateRule, update_rules
from cogrnn_lab.argument_words import told
from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import Dataset
from cogrnn_lab.models import Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.training.compatibility import as_network_knows

LEAST_SUBJECTS = 5


@dataclass(frozen=True)
class EmbeddingMap:
    """Numbers of the subjects as their embeddings predict them, each by a fit to the other subjects.

    Fields:
        subjects: Names of the subjects.
        parameters: Names of the numbers.
        embeddings: (subject, dimension).
        values: (subject, parameter) the numbers themselves.
        predicted: (subject, parameter) by subjects in other folds.
        r2: (parameter,) cross-validated R²; 0 is no better than the mean of the other subjects.
        r2_shuffled: (parameter, shuffle) the same with the numbers dealt out to other subjects at random.
        p_value: (parameter,) share of the shuffles that do as well, the data's own among them.
        directions: (parameter, dimension) along which each number grows, per unit of the embedding.
        correlations: (parameter, dimension) Spearman's, NaN where something does not vary.
    """

    subjects: tuple[str, ...]
    parameters: tuple[str, ...]
    embeddings: np.ndarray
    values: np.ndarray
    predicted: np.ndarray
    r2: np.ndarray
    r2_shuffled: np.ndarray
    p_value: np.ndarray
    directions: np.ndarray
    correlations: np.ndarray

    @property
    def table(self) -> pd.DataFrame:
        """A row for each parameter: R², that of 95 % of the shuffles, and the p value."""
        return pd.DataFrame(
            {
                "r2": self.r2,
                "shuffled (95 %)": np.quantile(self.r2_shuffled, 0.95, axis=1),
                "p": self.p_value,
            },
            index=pd.Index(self.parameters, name="parameter"),
        )


@dataclass(frozen=True)
class EmbeddingPath:
    """Rules on the straight line from the embedding of one subject to that of another.

    Fields:
        ends: Names of the two subjects.
        fractions: (step,) of the way, from 0 to 1.
        embeddings: (step, dimension).
        rules: {latent: `UpdateRule`} of each step.
    """

    ends: tuple[str, str]
    fractions: np.ndarray
    embeddings: np.ndarray
    rules: tuple[dict[int, UpdateRule], ...]


def embedding_map(
    model: Network | HoldsNetwork,
    dataset: Dataset | None = None,
    known: pd.DataFrame | Mapping[str, Any] | None = None,
    *,
    n_folds: int = 10,
    n_shuffles: int = 200,
    seed: int = 0,
) -> EmbeddingMap:
    """Predict numbers of the subjects from their embeddings, by ridge regression across subjects.

    Arguments:
        model: A network that knows subjects, such as a `MultisubjectDisRNN`, or a `Run` or a `Discovery` that
            has one.
        dataset: Sessions of the subjects; needed where nothing is `known`.
        known: Numbers of the subjects, as those that they were simulated with, or that were fitted to each: a
            table with a row for each subject (its index or the column "subject" has their names), or {name of
            the number: one for each subject, in the order of the network, or {subject: number}}. By default
            how often each subject stays after a win and after another outcome, and chooses the last
            alternative.
        n_folds: Parts of the subjects that are left out in turn.
        n_shuffles: How often the numbers are dealt out at random, as a control.
        seed: Seed of folds and shuffles.

    Returns:
        An `EmbeddingMap` of the subjects whose numbers are known.

    Raises:
        TypeError: The network knows no subjects.
        ValueError: A number is no finite one, a subject is not known, or there are fewer than 5.

    Example:
        >>> import cogrnn_lab as cl
        >>> network = cl.MultisubjectDisRNN(2, 2, 3, n_subjects=8, key=0)
        >>> first = cl.embeddings(network).values[:, 0]
        >>> cl.embedding_map(network, known={"learning rate": 0.5 + 0.1 * first}).r2.round(2).tolist()
        [1.0]
    """
    n_folds, n_shuffles = checked_count(n_folds, "n_folds", 2), checked_count(n_shuffles, "n_shuffles")
    if dataset is not None and not isinstance(dataset, Dataset):
        raise TypeError(f"dataset is {told(dataset)}; expected the sessions of the subjects, a cl.Dataset")
    embedded = embeddings(model)
    if known is None:
        known = _behavior(network_of(model), dataset)
    rows, table = _numbers(known, embedded)
    n = len(rows)
    if n < LEAST_SUBJECTS:
        raise ValueError(
            f"numbers of {n} subjects are known; expected {LEAST_SUBJECTS} or more, as subjects are "
            "predicted from others"
        )
    x, y = np.asarray(embedded.values, float)[rows], table.to_numpy(float)
    draw = np.random.default_rng(seed)
    fold = draw.permutation(n) % min(n_folds, n)
    dealt = [draw.permutation(n) for _ in range(n_shuffles)]
    every = np.concatenate([y, *(y[order] for order in dealt)], axis=1)
    predicted, means = held_out_predictions(x, every, fold)
    r2 = r2_of(every, predicted, means).reshape(n_shuffles + 1, -1).T
    return EmbeddingMap(
        subjects=tuple(embedded.names[i] for i in rows),
        parameters=tuple(map(str, table.columns)),
        embeddings=x,
        values=y,
        predicted=predicted[:, : y.shape[1]],
        r2=r2[:, 0],
        r2_shuffled=r2[:, 1:],
        p_value=(1 + (r2[:, 1:] >= r2[:, :1]).sum(1)) / (1 + n_shuffles),
        directions=ridge(x, y)[0].T,
        correlations=np.array([[_spearman(one, number) for one in x.T] for number in y.T]),
    )


def embedding_path(
    model: Network | HoldsNetwork,
    first: int | str,
    second: int | str,
    dataset: Dataset | None = None,
    *,
    n_steps: int = 5,
    latents: Sequence[Any] | None = None,
) -> EmbeddingPath:
    """Follow the update rules from one subject to another, at embeddings between theirs.

    Arguments:
        model: A network that knows subjects, or a `Run` or a `Discovery` that has one.
        first: Name or index of a subject.
        second: Name or index of another one.
        dataset: Sessions, as for `cl.update_rules`.
        n_steps: Embeddings on the way, both ends among them.
        latents: Latents by name or index, as for `cl.update_rules`.

    Returns:
        An `EmbeddingPath`.

    Raises:
        TypeError: The network knows no subjects.
        ValueError: There is no such subject, or it is the same one.

    Example:
        >>> import cogrnn_lab as cl
        >>> network = cl.MultisubjectDisRNN(2, 2, 3, n_subjects=4, key=0)
        >>> len(cl.embedding_path(network, 0, 3).rules)
        5
    """
    embedded, n_steps = embeddings(model), checked_count(n_steps, "n_steps", 2)
    places = [_subject_place(one, embedded) for one in (first, second)]
    if places[0] == places[1]:
        raise ValueError(f"both ends are {embedded.names[places[0]]}; expected two different subjects")
    start, end = (np.asarray(embedded.values[i], np.float32) for i in places)
    fractions = np.linspace(0.0, 1.0, n_steps)
    between = (start + fractions[:, None] * (end - start)).astype(np.float32)
    rules = tuple(update_rules(model, latents, dataset, subject=one) for one in between)
    names = embedded.names[places[0]], embedded.names[places[1]]
    return EmbeddingPath(names, fractions, between, rules)


def _subject_place(subject: int | str, embedded: Embeddings) -> int:
    names = embedded.names
    if isinstance(subject, str) and subject in names:
        return names.index(subject)
    if isinstance(subject, str) or not 0 <= subject < len(names):
        raise ValueError(f"subject {subject!r} is unknown; the network knows {', '.join(names)}")
    return int(subject)


def _numbers(known: Any, embedded: Embeddings) -> tuple[list[int], pd.DataFrame]:
    """Places of the subjects in the network, and a table with a row for each."""
    table = known if isinstance(known, pd.DataFrame) else _table(known, embedded.names)
    if "subject" in table.columns:
        table = table.set_index("subject")
    table = table.set_axis([str(name) for name in table.index], axis=0)
    strange = [name for name in table.index if name not in embedded.names]
    if strange or table.index.has_duplicates:
        twice = sorted(set(table.index[table.index.duplicated()]))
        wrong = f"{strange[0]} is unknown" if strange else f"{twice[0]} has several rows"
        raise ValueError(
            f"subject {wrong}; expected a row for each of {', '.join(embedded.names)}, by the index or the "
            'column "subject"'
        )
    words = [str(c) for c in table.columns if not pd.api.types.is_numeric_dtype(table[c])]
    if words or not len(table.columns):
        raise ValueError(f"{', '.join(words) or 'nothing'} is no number of the subjects; leave it out")
    finite: Any = np.isfinite(table.to_numpy(float)).all(1)
    unknown = [name for name, ok in zip(table.index, finite, strict=True) if not ok]
    if unknown:
        raise ValueError(f"the numbers of {', '.join(unknown)} are not all finite; leave these subjects out")
    rows = [embedded.names.index(name) for name in table.index]
    return rows, table


def _table(known: Mapping[str, Any], names: Sequence[str]) -> pd.DataFrame:
    columns = {}
    for name, values in known.items():
        if isinstance(values, Mapping):
            columns[name] = pd.Series({str(subject): float(value) for subject, value in values.items()})
            continue
        array = np.asarray(values, float)
        if array.shape != (len(names),):
            raise ValueError(
                f"{name} has shape {array.shape}, expected ({len(names)},): one number for each of "
                f"{', '.join(names)}; or {{subject: number}}"
            )
        columns[name] = pd.Series(array, index=list(names))
    return pd.DataFrame(columns)


def _behavior(model: Any, dataset: Dataset | None) -> pd.DataFrame:
    """How each subject behaves, in three numbers."""
    if dataset is None:
        raise ValueError(
            "nothing is known of the subjects; give known={name: numbers}, or the data set, whose simplest "
            "numbers are then taken"
        )
    as_network_knows(model, dataset)
    choice, reward = dataset.choices, np.asarray(dataset.rewards)
    both = (choice[:, :-1] >= 0) & (choice[:, 1:] >= 0) & dataset.valid[:, 1:]
    stays = choice[:, 1:] == choice[:, :-1]
    won = dataset.outcomes.is_win(reward)[:, :-1]
    names = dataset.class_names or tuple(map(str, range(dataset.n_classes or 0)))
    rows = {}
    for index, name in enumerate(dataset.subject_names):
        own = (dataset.subject == index)[:, None]
        rows[name] = {
            "stays after a win": _mean(stays, both & won & own),
            "stays otherwise": _mean(stays, both & ~won & own),
            f"chooses {names[-1]}": _mean(choice == len(names) - 1, (choice >= 0) & dataset.valid & own),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _mean(values: np.ndarray, where: np.ndarray) -> float:
    return float(values[where].mean()) if where.any() else np.nan


def _spearman(one: np.ndarray, number: np.ndarray) -> float:
    found = embedding_correlation(one, number)
    return np.nan if found is None else found
