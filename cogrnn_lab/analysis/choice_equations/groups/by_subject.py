"""Equations by subject: the same structure, and each subject's own numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy.stats import norm

from cogrnn_lab.analysis.choice_equations.fitting.likelihood import trajectories
from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted
from cogrnn_lab.analysis.choice_equations.groups.population import FEWEST_SUBJECTS, estimated
from cogrnn_lab.analysis.choice_equations.groups.refit import Groups
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded, recorded
from cogrnn_lab.analysis.choice_equations.words.mechanisms import mechanisms
from cogrnn_lab.analysis.choice_equations.words.naming import NamedNumber, labels_of, named_numbers
from cogrnn_lab.counts import checked_coverage
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.groups import subjects_of_sessions
from cogrnn_lab.schemas import Flag, ListOf, MapOf, Number, Plain, Record, Text, Whole
from cogrnn_lab.training.archive import array_in

_TABLE = MapOf(ListOf(Plain()))
SUBJECTS = Record(
    {
        "numbers": _TABLE,
        "population": _TABLE,
        "n_choices": MapOf(Whole()),
        "nll": MapOf(Number()),
        "is_shrunk": Flag(),
        "text": Text(),
        "subjects": ListOf(Text()),
    }
)


@dataclass(frozen=True)
class EquationsBySubject:
    """Numbers of equations for each subject, and their mean and spread in the population.

    Fields:
        numbers: A row for each subject and number: subject, name, value, standard_error, low, high; `alone`,
            the value by this subject's choices alone; `shrunk`, from 0 to 1 how much the population counts in
            the value; unit.
        population: A row for each number: name, mean, standard_error of the mean, `spread` (standard
            deviation between subjects), and low to high, where 95 % of subjects are.
        n_choices: {subject: choices that count}.
        nll: {subject: negative log-likelihood of these choices in nats}.
        is_shrunk: Whether the population counts; with fewer than 3 subjects it does not.
        text: What is in it, in words.
        fitted: The equations of all subjects together.
        vectors: {subject: all numbers of the form}, and that of the population's mean as "".
        data: Trials whose coding of rewards is kept.
    """

    numbers: pd.DataFrame
    population: pd.DataFrame
    n_choices: dict[str, int]
    nll: dict[str, float]
    is_shrunk: bool
    text: str
    fitted: Fitted
    vectors: dict[str, Float[np.ndarray, " number"]]
    data: Recorded

    @property
    def n_parameters(self) -> int:
        """Numbers of all subjects together."""
        return len(self.numbers)

    def logits(self, dataset: Dataset) -> np.ndarray:
        """Compute the logits along recorded trials, each subject's by its own numbers.

        Arguments:
            dataset: Sessions with the same alternatives and kind of rewards. Subjects that were not fitted
                have the population's mean.

        Returns:
            (session, trial, alternative) logits.
        """
        trials = recorded(dataset, self.data).trials
        names = subjects_of_sessions(dataset)
        vectors = np.stack([self.vectors.get(name, self.vectors[""]) for name in names]).astype(np.float32)
        form = self.fitted.structure.form

        def one(vector, own):
            return trajectories(form, vector, jax.tree.map(lambda leaf: leaf[..., None], own))[0][..., 0]

        return np.asarray(jax.vmap(one, in_axes=(0, -1))(jnp.asarray(vectors), trials))

    def __repr__(self) -> str:
        return f"EquationsBySubject({len(self.n_choices)} subjects)\n{self.text}"


def by_subject(fitted: Fitted, data: Recorded, dataset: Dataset, level: float) -> EquationsBySubject:
    """See `Equations.by_subject`."""
    checked_coverage(level)
    structure = fitted.structure
    if structure.n_numbers == 0:
        raise ValueError("these equations have no number in which subjects could differ.")
    known = recorded(dataset, data)
    names = np.array(subjects_of_sessions(dataset))
    subjects = [s for s in dict.fromkeys(names) if known.n_choices[names == s].sum() > 0]
    groups = Groups(structure, known, [np.flatnonzero(names == s) for s in subjects])
    found = estimated(groups, fitted.free)
    named = named_numbers(
        structure, fitted.free, mechanisms(structure, fitted.free), labels_of(dataset, data)
    )
    scale, reach = groups.scale, float(norm.ppf(0.5 + level / 2))
    free = scale.back(found.subjects.scaled)
    error = np.sqrt(found.variance)
    ends = [scale.back(found.subjects.scaled + side * reach * error) for side in (-1, 1)]
    # of what is known of a number given its subject, the share that the population tells
    share = found.variance * found.prior.precision if found.prior is not None else np.zeros(error.shape)
    alone = scale.back(found.alone.scaled)
    rows = [
        {
            "subject": subject,
            "name": one.name,
            "value": one.factor * free[s, one.group],
            "standard_error": abs(one.factor) * (error * scale.slope(found.subjects.scaled))[s, one.group],
            **_ends(one.factor, ends[0][s, one.group], ends[1][s, one.group]),
            "alone": one.factor * alone[s, one.group],
            "shrunk": float(np.clip(share[s, one.group], 0, 1)),
            "unit": "fraction a trial" if scale.is_rate[one.group] else "log odds",
        }
        for s, subject in enumerate(subjects)
        for one in named
    ]
    population = _population(found.mean, found.spread, error, groups, named)
    counts = {str(s): int(known.n_choices[names == s].sum()) for s in subjects}
    vectors = {str(s): structure.vector(own) for s, own in zip(subjects, free, strict=True)}
    return EquationsBySubject(
        numbers=pd.DataFrame(rows),
        population=population,
        n_choices=counts,
        nll=dict(zip(counts, found.subjects.nll.tolist(), strict=True)),
        is_shrunk=found.prior is not None,
        text=_in_words(population, len(subjects), found.prior is not None),
        fitted=fitted,
        vectors=vectors | {"": structure.vector(scale.back(found.mean))},
        data=data,
    )


def _ends(factor: float, low: float, high: float) -> dict[str, float]:
    edges = sorted((factor * low, factor * high))
    return {"low": edges[0], "high": edges[1]}


def _population(
    mean: np.ndarray, spread: np.ndarray, error: np.ndarray, groups: Groups, named: tuple[NamedNumber, ...]
) -> pd.DataFrame:
    scale = groups.scale
    slope = scale.slope(mean)
    of_mean = np.sqrt((spread**2 + (error**2).mean(0)) / groups.n) * slope
    low, high = (scale.back(mean + side * norm.ppf(0.975) * spread) for side in (-1, 1))
    # half the range of the middle 68 %, which is the standard deviation where the scale is straight
    between = (scale.back(mean + spread) - scale.back(mean - spread)) / 2
    middle = scale.back(mean)
    return pd.DataFrame(
        [
            {
                "name": one.name,
                "mean": one.factor * middle[one.group],
                "standard_error": abs(one.factor) * of_mean[one.group],
                "spread": abs(one.factor) * between[one.group],
                **_ends(one.factor, low[one.group], high[one.group]),
            }
            for one in named
        ]
    )


def _in_words(population: pd.DataFrame, n: int, is_shrunk: bool) -> str:
    parts = [
        f"{row.name_} {row.mean_:.3g} ± {row.spread:.2g}"
        for row in population.rename(columns={"name": "name_", "mean": "mean_"}).itertuples()
    ]
    said = f"In {n} subjects (mean ± standard deviation between them): {'; '.join(parts)}."
    if not is_shrunk:
        said += (
            f" With fewer than {FEWEST_SUBJECTS} subjects each one's numbers are by its own choices alone."
        )
    return said


def subjects_to_archive(found: EquationsBySubject) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What JSON takes of it, and arrays by name; the equations themselves are stored apart."""
    header = {
        "numbers": found.numbers.to_dict("list"),
        "population": found.population.to_dict("list"),
        "n_choices": found.n_choices,
        "nll": found.nll,
        "is_shrunk": found.is_shrunk,
        "text": found.text,
        "subjects": list(found.vectors),
    }
    return header, {"vectors": np.stack(list(found.vectors.values()))}


def subjects_from_archive(
    header: Mapping[str, Any], arrays: Mapping[str, np.ndarray], fitted: Fitted, data: Recorded
) -> EquationsBySubject:
    """What `subjects_to_archive` took apart; `FileError` where a file has something else."""
    SUBJECTS.check(header, "subjects")
    array_in(arrays, "vectors", "f", len(header["subjects"]), fitted.structure.form.size)
    return EquationsBySubject(
        **{name: pd.DataFrame(header[name]) for name in ("numbers", "population")},
        **{name: header[name] for name in ("n_choices", "nll", "is_shrunk", "text")},
        fitted=fitted,
        vectors=dict(zip(header["subjects"], arrays["vectors"], strict=True)),
        data=data,
    )
