"""How sure equations are of their terms and numbers: sessions drawn anew, searched and fitted again."""

from collections import Counter
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted, maximized
from cogrnn_lab.analysis.choice_equations.groups.refit import Groups, Prior
from cogrnn_lab.analysis.choice_equations.parts.form import BIAS
from cogrnn_lab.analysis.choice_equations.parts.structure import Structure, Units
from cogrnn_lab.analysis.choice_equations.parts.trials import NONE, Recorded, recorded
from cogrnn_lab.analysis.choice_equations.search.canonical import canonical
from cogrnn_lab.analysis.choice_equations.search.search import searched
from cogrnn_lab.analysis.choice_equations.search.sides import told_apart
from cogrnn_lab.analysis.choice_equations.search.starts import FIRST_STEPS
from cogrnn_lab.analysis.choice_equations.words.mechanisms import mechanisms
from cogrnn_lab.analysis.choice_equations.words.naming import Labels, labels_of, named_numbers
from cogrnn_lab.analysis.choice_equations.words.sentences import recognized
from cogrnn_lab.analysis.scoring.bootstrap import Resamples, interval
from cogrnn_lab.counts import checked_count, checked_coverage
from cogrnn_lab.data import Dataset
from cogrnn_lab.random_numbers import as_seed

FEWEST_SESSIONS = 5


@dataclass(frozen=True)
class EquationsBootstrap:
    """Terms and numbers of equations over bootstrap samples of sessions.

    Fields:
        numbers: A row for each number: name, value, standard_error, low, high (percentiles of the samples).
        terms: A row for each number that was found in any sample: name, appears (share of the samples), and
            whether it is in the equations.
        mechanisms: A row for each mechanism that was found in any sample: mechanism, share.
        n: Samples in which the numbers were fitted again.
        searches: Samples in which the terms were searched again.
        resampled_by: What was drawn anew, in words.
        text: What came of it, in words.
    """

    numbers: pd.DataFrame
    terms: pd.DataFrame
    mechanisms: pd.DataFrame
    n: int
    searches: int
    resampled_by: str
    text: str

    def __repr__(self) -> str:
        return f"EquationsBootstrap({self.n} samples)\n{self.text}"


def bootstrapped(
    fitted: Fitted,
    data: Recorded,
    dataset: Dataset,
    mechanism: str,
    *,
    n: int,
    searches: int,
    level: float,
    seed: int,
) -> EquationsBootstrap:
    """See `Equations.bootstrap`."""
    _check(dataset, n, searches, level, seed)
    known, labels = recorded(dataset, data), labels_of(dataset, data)
    samples, drawn = _samples(dataset, max(n, searches), seed)
    numbers = _numbers(fitted, known, labels, samples[:n], level)
    found: Counter[str] = Counter()
    which: Counter[str] = Counter()
    most = max(len(sessions) for sessions in samples)
    for sessions in samples[:searches]:
        again = _searched_again(fitted, _select(known, sessions, most))
        read = mechanisms(again.structure, again.free)
        found.update(one.name for one in named_numbers(again.structure, again.free, read, labels))
        biases = again.structure.form.split(again.vector)[BIAS]
        which[recognized(read, int((biases != 0).any()))] += 1
    own = set(numbers["name"])
    terms = pd.DataFrame(
        [
            {"name": name, "appears": found[name] / max(searches, 1), "in_equations": name in own}
            for name in sorted(own | set(found), key=lambda name: (-found[name], name))
        ],
        columns=["name", "appears", "in_equations"],
    )
    shares = [{"mechanism": name, "share": count / searches} for name, count in which.most_common()]
    return EquationsBootstrap(
        numbers=numbers,
        terms=terms,
        mechanisms=pd.DataFrame(shares, columns=["mechanism", "share"]),
        n=n,
        searches=searches,
        resampled_by=drawn,
        text=_in_words(terms, which, mechanism, searches, drawn),
    )


def _check(dataset: Dataset, n: int, searches: int, level: float, seed: int) -> None:
    checked_count(n, "n", of="samples")
    checked_count(searches, "searches", least=0, of="samples")
    checked_coverage(level)
    as_seed(seed)
    if dataset.n_sessions < FEWEST_SESSIONS:
        raise ValueError(
            f"there are {dataset.n_sessions} sessions; drawn anew they tell nothing of how sure the "
            f"equations are. Expected {FEWEST_SESSIONS} at least; the intervals of `numbers` are from the "
            "likelihood."
        )


def _samples(dataset: Dataset, n: int, seed: int) -> tuple[list[np.ndarray], str]:
    """Sessions of each sample: drawn within subjects, or where one has a single session, subjects as well."""
    order = np.argsort(dataset.subject, kind="stable")
    subject = np.unique(np.asarray(dataset.subject)[order], return_inverse=True)[1]
    draws = Resamples.draw(subject, n, seed)
    if np.bincount(subject).min() > 1 or len(np.unique(subject)) == 1:
        return [order[own] for own in draws.sessions], "sessions within subjects"
    of_subject = [np.flatnonzero(subject == s) for s in range(subject.max() + 1)]
    samples = [
        np.concatenate([order[draws.sessions[r, of_subject[s]]] for s in draws.subjects[r]]) for r in range(n)
    ]
    return samples, "subjects, and sessions within them"


def _select(data: Recorded, sessions: np.ndarray, most: int) -> Recorded:
    """These sessions, and others in which no choice counts up to `most`, so that nothing is compiled anew."""
    idle = np.arange(most) >= len(sessions)
    index = np.resize(sessions, most)
    trials = jax.tree.map(lambda leaf: jnp.take(leaf, jnp.asarray(index), axis=-1), data.trials)
    trials = trials._replace(target=jnp.where(jnp.asarray(idle)[None], NONE, trials.target))
    return data._replace(trials=trials, n_choices=np.where(idle, 0, data.n_choices[index]))


def _numbers(
    fitted: Fitted, data: Recorded, labels: Labels, samples: list[np.ndarray], level: float
) -> pd.DataFrame:
    structure = fitted.structure
    columns = ["name", "value", "standard_error", "low", "high"]
    if structure.n_numbers == 0:
        return pd.DataFrame(columns=columns)
    groups = Groups(structure, data, samples)
    start = np.broadcast_to(groups.scale.to(fitted.free), (groups.n, structure.n_numbers)).copy()
    free = groups.scale.back(groups.maximized(start, Prior.almost_none(groups.scale)).scaled)
    rows = []
    for one in named_numbers(structure, fitted.free, mechanisms(structure, fitted.free), labels):
        values = one.factor * free[:, one.group]
        low, high = interval(values, level)
        rows.append((one.name, one.factor * fitted.free[one.group], values.std(), low, high))
    return pd.DataFrame(rows, columns=columns)


def _searched_again(fitted: Fitted, data: Recorded) -> Fitted:
    """The search from these equations with all their numbers let go, on other sessions."""
    units = Units.mirrored(fitted.structure.form)
    values = units.members @ fitted.vector / units.members.sum(1)
    structure = Structure.free(units)
    start = maximized(structure, structure.nearest(values), data, FIRST_STEPS)
    return told_apart(canonical(searched(start, data).fitted), data)[0]


def _in_words(terms: pd.DataFrame, which: Counter[str], mechanism: str, searches: int, drawn: str) -> str:
    if searches == 0:
        return f"The numbers were fitted again with {drawn} drawn anew; their terms were not searched again."
    same = which[mechanism]
    said = f"Searched again in {searches} samples ({drawn} drawn anew), {mechanism} was found in {same}."
    unsure = terms[terms["in_equations"] & (terms["appears"] < 0.9)]
    if len(unsure):
        each = ", ".join(f"{row['name']} ({row['appears']:.0%})" for _, row in unsure.iterrows())
        said += f" Not in every sample: {each}."
    others = terms[~terms["in_equations"] & (terms["appears"] >= 0.1)]
    if len(others):
        each = ", ".join(f"{row['name']} ({row['appears']:.0%})" for _, row in others.iterrows())
        said += f" In some samples also: {each}."
    return said
