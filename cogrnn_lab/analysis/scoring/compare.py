"""Fitting models to the same folds and scoring each session by models that have not seen it."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax.numpy as jnp
import numpy as np

from cogrnn_lab.analysis.scoring.baseline import STAY, stay_baseline
from cogrnn_lab.analysis.scoring.bootstrap import Resamples, interval, resampled_sums
from cogrnn_lab.analysis.scoring.comparison import AGENT, NETWORK, REFERENCE, Comparison
from cogrnn_lab.analysis.scoring.evaluation import evaluate, score_logits
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.groups import group_labels
from cogrnn_lab.fitting.fit import fit_groups
from cogrnn_lab.fitting.result import AgentFit
from cogrnn_lab.models import n_parameters
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.agent_logits import recorded_outcomes
from cogrnn_lab.tasks.agents.agent_parameters import as_agent
from cogrnn_lab.training.run import Run

CHANCE, GENERATING = "chance", "generating agent"

Recipe = Callable[[Dataset, Dataset | None, int], Any]


def compare(
    models: Mapping[str, Any],
    dataset: Dataset,
    *,
    folds: int = 2,
    held_out_folds: Sequence[int] | None = None,
    valid_every: int | None = None,
    n_starts: int | None = None,
    n_bootstrap: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Compare models by the likelihood of sessions that they were not fitted to.

    **Arguments:**

    - `models`: by name, agents (or classes or functions that make one), which are fitted to each subject, as
        by `fit_agent`; or recipes: a `NetworkRecipe`, or any function of (train, valid, seed) that gives a
        network, a `Run` or an agent fitted to the data set `train`. `cl.classical_models()` are a good start.
    - `dataset`: sessions of one or more subjects.
    - `folds`: session k of each subject is held out in fold k modulo `folds`; every model has the same folds.
    - `held_out_folds`: the folds that are held out and scored, from 0; None: all, one after the other.
        `folds=2, held_out_folds=[1]` fits to the first, third ... session of each subject and scores the
        second, fourth ... ones.
    - `valid_every`: of the training sessions of each subject every so many-th are given to recipes as `valid`
        instead of `train`, e.g. to end training early; None: they get no `valid`.
    - `n_starts`: as in `fit_agent`.
    - `n_bootstrap`, `level`: resamples and level of the intervals. Sessions are drawn anew within subjects,
        and for likelihoods over all subjects the subjects as well; differences are paired.
    - `seed`: of fits, networks and resamples.

    **Returns:** a `Comparison`. Reference rows are added: the `stay_baseline` (where rewards are known),
    chance, and the agent that made the data where its probabilities were recorded.

    **Raises:** `ValueError` where there are no models, a name is that of a reference, the data are
    continuous, a subject has fewer than `folds` sessions, or a fold of `held_out_folds` is none of them.
    """
    _check(models, dataset, folds, n_bootstrap, level)
    dataset = _ordered(dataset)
    deal = _Deal(_folds(dataset, folds), _held_out(held_out_folds, folds))
    scored = {
        name: _scored_agent(as_agent(model), dataset, deal, n_starts, seed)
        if not _is_recipe(model)
        else _scored_recipe(model, dataset, deal, valid_every, seed)
        for name, model in models.items()
    }
    scored |= _references(dataset, deal)
    judged = np.isin(deal.fold, deal.held_out)
    scored = {name: replace(one, session_nll=one.session_nll[judged]) for name, one in scored.items()}
    dataset, fold = dataset.select(judged), deal.fold[judged]
    resamples = Resamples.draw(_numbered(dataset), n_bootstrap, seed)
    return _compared(scored, dataset, fold, resamples, level)


@dataclass(frozen=True)
class _Deal:
    """The fold of each session, and which folds are held out, one at a time."""

    fold: np.ndarray
    held_out: tuple[int, ...]


@dataclass(frozen=True)
class _Scored:
    """A model's nll of each session, held out; what was fitted in each fold."""

    kind: str
    session_nll: np.ndarray
    n_parameters: int | float = np.nan
    fitted: tuple[Any, ...] = ()


def _scored_agent(agent: Agent, dataset: Dataset, deal: _Deal, n_starts: int | None, seed: int) -> _Scored:
    """All folds and subjects are fitted in one call; each session is scored by the fit without it."""
    subjects, fold = group_labels(dataset), deal.fold
    groups = {
        f"{held_out}/{name}": [s for s, own in enumerate(subjects) if own == name and fold[s] != held_out]
        for held_out in deal.held_out
        for name in dict.fromkeys(subjects)
    }
    fit = fit_groups(agent, dataset, groups, by="subject", n_starts=n_starts, seed=seed)
    place = {name: index for index, name in enumerate(fit.groups)}
    judged = np.flatnonzero(np.isin(fold, deal.held_out))
    without_it = [place[f"{fold[s]}/{subjects[s]}"] for s in judged]
    sessions = dataset.select(judged)
    of_sessions = fit.select(without_it, group_labels(sessions, "session"), "session")
    nll = np.full(dataset.n_sessions, np.nan)
    nll[judged] = evaluate(of_sessions, sessions).session_nll
    by_fold = []
    for held_out in deal.held_out:
        names = tuple(dict.fromkeys(subjects))
        by_fold.append(fit.select([place[f"{held_out}/{name}"] for name in names], names, "subject"))
    return _Scored(AGENT, nll, fit.n_parameters, tuple(by_fold))


def _scored_recipe(
    recipe: Recipe, dataset: Dataset, deal: _Deal, valid_every: int | None, seed: int
) -> _Scored:
    """One network for each fold, which scores the sessions that are held out there."""
    fold = deal.fold
    nll = np.full(dataset.n_sessions, np.nan)
    fitted = []
    for held_out in deal.held_out:
        train, valid = dataset.select(fold != held_out), None
        if valid_every is not None:
            train, valid = train.split(every=valid_every)
        result = recipe(train, valid, seed)
        model: Any = result.model if isinstance(result, Run) else result
        nll[fold == held_out] = evaluate(model, dataset.select(fold == held_out)).session_nll
        fitted.append(result)
    is_fit = isinstance(model, AgentFit)
    return _Scored(NETWORK, nll, model.n_parameters if is_fit else n_parameters(model), tuple(fitted))


def _references(dataset: Dataset, deal: _Deal) -> dict[str, _Scored]:
    found, fold = {}, deal.fold
    if {"choice", "reward"} <= set(dataset.columns):
        stay = np.zeros(dataset.n_sessions)
        for held_out in deal.held_out:
            scored = stay_baseline(dataset.select(fold != held_out), dataset.select(fold == held_out))
            stay[fold == held_out] = scored.session_nll
        found[STAY] = _Scored(REFERENCE, stay, 2)
    guesses = jnp.zeros((dataset.n_sessions, dataset.n_trials, int(dataset.n_classes or 0)))
    found[CHANCE] = _Scored(REFERENCE, score_logits(guesses, dataset).session_nll, 0)
    if dataset.generating_likelihood is not None:
        counted = dataset.mask[..., 0]
        p_choice = np.where(counted, dataset.columns["p_choice"], 1.0).astype(np.float64)
        found[GENERATING] = _Scored(REFERENCE, -np.log(p_choice).sum(1))
    return found


def _compared(
    scored: Mapping[str, _Scored], dataset: Dataset, fold: np.ndarray, resamples: Resamples, level: float
) -> Comparison:
    """Likelihoods, differences and intervals from the nll of every session."""
    number = _numbered(dataset)
    nll = np.stack([one.session_nll for one in scored.values()])
    counted = dataset.mask[..., 0].sum(1)
    own = np.stack([np.bincount(number, row) for row in nll]) / np.bincount(number, counted)
    total = nll.sum(1) / counted.sum()
    n_subject, n_total = resampled_sums(counted.astype(float), number, resamples)
    sums = [resampled_sums(row, number, resamples) for row in nll]
    subject_resampled = np.exp(-np.stack([by_subject / n_subject for by_subject, _ in sums], axis=1))
    resampled = np.exp(-np.stack([overall / n_total for _, overall in sums], axis=1))
    kinds = tuple(one.kind for one in scored.values())
    candidates = [i for i, kind in enumerate(kinds) if kind != REFERENCE]
    best = min(candidates, key=lambda i: total[i])
    return Comparison(
        names=tuple(scored),
        kinds=kinds,
        n_parameters=np.array([one.n_parameters for one in scored.values()], float),
        session_nll=nll,
        n_choices=counted,
        subject=np.array(group_labels(dataset)),
        session=np.array(dataset.session_names),
        fold=fold,
        subjects=tuple(dict.fromkeys(group_labels(dataset))),
        likelihood=np.exp(-total),
        likelihood_interval=interval(resampled, level),
        subject_likelihood=np.exp(-own),
        subject_interval=interval(subject_resampled, level),
        difference=np.exp(-total) - np.exp(-total[best]),
        difference_interval=interval(resampled - resampled[:, best, None], level),
        subject_difference=np.exp(-own) - np.exp(-own[best]),
        subject_difference_interval=interval(subject_resampled - subject_resampled[:, best, None], level),
        level=level,
        fitted={name: one.fitted for name, one in scored.items() if one.fitted},
    )


def _is_recipe(model: Any) -> bool:
    """Whether it is a function of training data rather than an agent or what makes one."""
    if isinstance(model, (Agent, type)) or not callable(model):
        return False
    arguments = inspect.signature(model).parameters.values()
    positional = [a for a in arguments if a.kind in (a.POSITIONAL_ONLY, a.POSITIONAL_OR_KEYWORD)]
    return bool(positional) and positional[0].default is positional[0].empty


def _ordered(dataset: Dataset) -> Dataset:
    """The sessions of each subject together, with the outcomes of trials as columns where they are known."""
    dataset = dataset.select(np.argsort(dataset.subject, kind="stable"))
    if {"choice", "reward"} <= set(dataset.columns):
        return dataset
    try:
        choice, reward = recorded_outcomes(dataset)
    except ValueError:  # nothing tells of rewards, which networks may not need
        return dataset
    return dataset._replace(columns={**dataset.columns, "choice": choice, "reward": reward})


def _numbered(dataset: Dataset) -> np.ndarray:
    """Number of each session's subject, from 0 without gaps."""
    return np.searchsorted(dataset.subjects, dataset.subject)


def _folds(dataset: Dataset, folds: int) -> np.ndarray:
    """Fold in which each session is held out: they take turns within each subject."""
    counts = np.bincount(_numbered(dataset))
    if counts.min() < folds:
        few = dataset.subject_names[dataset.subjects[int(counts.argmin())]]
        raise ValueError(
            f"subject {few} has {counts.min()} session{'s' if counts.min() > 1 else ''}; folds={folds} needs "
            f"{folds} of every subject. Leave the subject out with dataset.select, or were sessions joined?"
        )
    return np.concatenate([np.arange(n) % folds for n in counts])


def _held_out(wanted: Sequence[int] | None, folds: int) -> tuple[int, ...]:
    """The folds that are held out."""
    if wanted is None:
        return tuple(range(folds))
    held_out = tuple(dict.fromkeys(wanted))
    if not held_out or not set(held_out) <= set(range(folds)):
        raise ValueError(
            f"held_out_folds is {list(wanted)}, expected some of the folds 0 to {folds - 1} (folds={folds})"
        )
    return held_out


def _check(models: Mapping[str, Any], dataset: Dataset, folds: int, n_bootstrap: int, level: float) -> None:
    if not isinstance(models, Mapping) or not models:
        raise ValueError(
            f"models is {models!r}; expected a mapping from names to models, such as cl.classical_models()."
        )
    taken = {STAY, CHANCE, GENERATING} & set(models)
    if taken:
        raise ValueError(f'"{taken.pop()}" is the name of a reference row; choose another name.')
    if dataset.kind == "continuous":
        raise ValueError("the data set is continuous; models are compared by the likelihood of choices.")
    if folds < 2:
        raise ValueError(f"folds = {folds}; expected 2 or more.")
    if n_bootstrap < 1:
        raise ValueError(f"n_bootstrap = {n_bootstrap}; expected 1 or more.")
    if not 0 < level < 1:
        raise ValueError(f"level = {level}; expected a number between 0 and 1, such as 0.95.")
