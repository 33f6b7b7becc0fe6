"""Fitting models to the same folds and scoring each choice by models that have not seen it."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cogrnn_lab.analysis.scoring.baseline import STAY, STAY_AT_STIMULUS
from cogrnn_lab.analysis.scoring.bootstrap import Resamples, interval, resampled_sums
from cogrnn_lab.analysis.scoring.fold_scores import (
    CHANCE,
    GENERATING,
    Scored,
    begun_recipe,
    scored_agent,
    scored_recipe,
    scored_references,
)
from cogrnn_lab.analysis.scoring.folds import Folds
from cogrnn_lab.analysis.scoring.predictor import AGENT, REFERENCE
from cogrnn_lab.counts import checked_count, checked_coverage
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.groups import subjects_of_sessions
from cogrnn_lab.data.outcomes import tells_rewards
from cogrnn_lab.models import Network
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.agent_parameters import as_agent
from cogrnn_lab.tasks.agents.library.classical_models import classical_models
from cogrnn_lab.workers import door_to


@dataclass(frozen=True)
class Comparison:
    """Held-out likelihoods of models that were fitted to the same training data.

    A unit is what was held out at once: a session, or where blocks were held out, a block of trials.

    Fields:
        names: Names of the models, and of the references.
        kinds: "agent", "network", "other" (a model of your own), or "reference" (the stay baseline, chance,
            and the agent that made the data where it is known), (model,).
        n_parameters: (model,) of an agent for each subject, of a network altogether.
        session_nll: (model, unit) in nats, summed over the choices that count, by models that were fitted
            without them.
        n_choices: (unit,) how many choices count.
        subject: (unit,) names of the subjects.
        session: (unit,) names of the sessions.
        fold: (unit,) in which it was held out.
        subjects: Names of the subjects, each once.
        likelihood: (model,) normalized: the geometric mean of the probability of what was chosen.
        likelihood_interval: (model, 2) bootstrap interval.
        subject_likelihood: (model, subject) normalized.
        subject_interval: (model, subject, 2) bootstrap interval.
        difference: (model,) of the likelihood to that of the best model.
        difference_interval: (model, 2) of paired resamples.
        subject_difference: (model, subject) to the same model.
        subject_difference_interval: (model, subject, 2) of paired resamples.
        level: Of all intervals.
        fitted: For each model that was fitted, the result of each fold.
        hold_out: What was held out: "sessions", "subjects" or "blocks".
        notes: Sentences about what was compared, such as which rewards are wins.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    n_parameters: np.ndarray
    session_nll: np.ndarray
    n_choices: np.ndarray
    subject: np.ndarray
    session: np.ndarray
    fold: np.ndarray
    subjects: tuple[str, ...]
    likelihood: np.ndarray
    likelihood_interval: np.ndarray
    subject_likelihood: np.ndarray
    subject_interval: np.ndarray
    difference: np.ndarray
    difference_interval: np.ndarray
    subject_difference: np.ndarray
    subject_difference_interval: np.ndarray
    level: float
    fitted: Mapping[str, tuple[Any, ...]]
    hold_out: str = "sessions"
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([self.summary.to_string(index=False), *(f"note: {note}" for note in self.notes)])

    @property
    def best(self) -> str:
        """Name of the model of the highest held-out likelihood, references aside."""
        return next(name for name, kind in self._ranked if kind != REFERENCE)

    @property
    def best_classical(self) -> str | None:
        """Name of the best agent, which a network has to beat; None where there is none."""
        return next((name for name, kind in self._ranked if kind == AGENT), None)

    @property
    def summary(self) -> pd.DataFrame:
        """A row for each model, the best first: likelihood over all choices, difference to the best."""
        frame = pd.DataFrame(
            {
                "model": self.names,
                "kind": self.kinds,
                "n_parameters": self.n_parameters,
                "likelihood": self.likelihood,
                "likelihood_low": self.likelihood_interval[:, 0],
                "likelihood_high": self.likelihood_interval[:, 1],
                "difference": self.difference,
                "difference_low": self.difference_interval[:, 0],
                "difference_high": self.difference_interval[:, 1],
                "best_classical": [name == self.best_classical for name in self.names],
            }
        )
        return frame.iloc[self.ranking].reset_index(drop=True)

    @property
    def table(self) -> pd.DataFrame:
        """A row for each model and subject, the best model first."""
        n_models, n_subjects = self.subject_likelihood.shape
        number = np.array([self.subjects.index(name) for name in self.subject])
        n_choices = np.bincount(number, self.n_choices, n_subjects).astype(int)
        frame = pd.DataFrame(
            {
                "model": np.repeat(self.names, n_subjects),
                "kind": np.repeat(self.kinds, n_subjects),
                "subject": np.tile(self.subjects, n_models),
                "n_choices": np.tile(n_choices, n_models),
                "likelihood": self.subject_likelihood.ravel(),
                "likelihood_low": self.subject_interval[..., 0].ravel(),
                "likelihood_high": self.subject_interval[..., 1].ravel(),
                "difference": self.subject_difference.ravel(),
                "difference_low": self.subject_difference_interval[..., 0].ravel(),
                "difference_high": self.subject_difference_interval[..., 1].ravel(),
            }
        )
        rows = (self.ranking[:, None] * n_subjects + np.arange(n_subjects)).ravel()
        return frame.iloc[rows].reset_index(drop=True)

    @property
    def by_subject(self) -> pd.DataFrame:
        """A row for each subject: how many choices count, and each model's likelihood, the best first."""
        number = np.array([self.subjects.index(name) for name in self.subject])
        n_choices = np.bincount(number, self.n_choices, len(self.subjects)).astype(int)
        columns = {self.names[i]: self.subject_likelihood[i] for i in self.ranking}
        return pd.DataFrame({"subject": self.subjects, "n_choices": n_choices, **columns})

    @property
    def ranking(self) -> np.ndarray:
        """(model,) indices of the models, the highest likelihood first."""
        return np.argsort(-self.likelihood, kind="stable")

    @property
    def _ranked(self) -> list[tuple[str, str]]:
        """Names and kinds, the highest likelihood first."""
        return [(self.names[i], self.kinds[i]) for i in self.ranking]


def compare(
    models: Mapping[str, Any] | None,
    dataset: Dataset,
    *,
    hold_out: str | None = None,
    folds: int = 2,
    held_out_folds: Sequence[int] | None = None,
    valid_every: int | None = None,
    n_starts: int | None = None,
    n_bootstrap: int = 2000,
    level: float = 0.95,
    seed: int = 0,
    outcomes: Any = None,
    client: Any = None,
) -> Comparison:
    """Compare models by the likelihood of choices that they were not fitted to.

    Arguments:
        models: By name, agents (or classes or functions that make one), fitted to each subject as by
            `fit_agent`; or recipes: a `NetworkRecipe`, or any function of (train, valid, seed) that gives a
            network, a `Run`, fitted agents, or an object with `logits(dataset)`, fitted to the data set
            `train`. A `Discovery` is taken as its `recipe`: in each fold the path is trained and its level
            chosen anew. None: `cl.classical_models(dataset)`, which keep values for each stimulus where the
            data set has stimuli.
        dataset: Sessions of one or more subjects.
        hold_out: What is held out, as in `Dataset.split`: "sessions" of each subject (the default), whole
            "subjects" (agents are then fitted to all training subjects together, as is the stay baseline), or
            "blocks" of trials within each session.
        folds: Session k of each subject is held out in fold k modulo `folds`, or subject k, or block k of
            each session; every model has the same folds.
        held_out_folds: Folds that are held out and scored, from 0; None: all, one after the other.
            `folds=2, held_out_folds=[1]` fits to the first, third ... session of each subject and scores the
            second, fourth ... ones.
        valid_every: Every so many-th training session of each subject (or subject, or block, as `hold_out`
            says) is given to recipes as `valid` instead of `train`, e.g. to end training early; None: they
            get no `valid`.
        n_starts: As in `fit_agent`.
        n_bootstrap: Resamples for the intervals. Sessions (or blocks) are drawn anew within subjects, and for
            likelihoods over all subjects the subjects as well; differences are paired.
        level: Level of the intervals, between 0 and 1.
        seed: Of fits, networks and resamples.
        outcomes: Which rewards are wins, and the scale on which agents take them, as in `fit_agent`; None: as
            `dataset.outcomes` says.
        client: A `dask.distributed.Client`, on whose workers recipes are fitted, all folds at once; agents
            are fitted in this process. None: all of it is done here. Needs the extra `cluster`.

    Returns:
        A `Comparison`. Reference rows are added: the `stay_baseline` (where rewards are known; also that of
        each stimulus, "stay baseline, per stimulus", where the data set has stimuli), chance, and
        the agent that made the data where its probabilities were recorded.

    Raises:
        ValueError: There are no models, a name is that of a reference, the data are continuous, there are
            fewer than `folds` sessions of a subject (or subjects), or `held_out_folds` has no such fold.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(0.5, 4.0), cl.DriftingBandit(), n_sessions=4, n_trials=100)
        >>> models = {"stays": cl.WinStayLoseShift, "values": cl.QLearning}
        >>> cl.compare(models, data, n_starts=2, n_bootstrap=20).names
        ('stays', 'values', 'stay baseline', 'chance', 'generating agent')
    """
    models = dict[str, Any](classical_models(dataset)) if models is None else models
    _check(models, dataset, folds, n_bootstrap, level)
    if outcomes is not None:
        dataset = dataset.with_outcomes(outcomes)
    deal = Folds.deal(dataset, folds, held_out_folds, hold_out)
    models = {name: getattr(model, "recipe", model) for name, model in models.items()}
    recipes = {name: model for name, model in models.items() if _is_recipe(model)}
    with door_to(client, "compare(..., client=...)") as door:
        begun = {
            name: begun_recipe(name, model, deal, valid_every, seed, door) for name, model in recipes.items()
        }
        scored = {
            name: scored_recipe(begun[name], deal)
            if name in begun
            else scored_agent(as_agent(model), deal, n_starts, seed)
            for name, model in models.items()
        }
    return _compared(scored | scored_references(deal), deal, n_bootstrap, seed, level)


def _compared(
    scored: Mapping[str, Scored], deal: Folds, n_bootstrap: int, seed: int, level: float
) -> Comparison:
    """Likelihoods, differences and intervals from the nll of every held-out choice."""
    dataset, judged = deal.dataset, deal.judged
    session = deal.of_units(np.arange(dataset.n_sessions)[:, None])[judged]
    number = np.unique(dataset.subject[session], return_inverse=True)[1]
    resamples = Resamples.draw(number, n_bootstrap, seed)
    nll = np.stack([deal.sums(one.nll)[judged] for one in scored.values()])
    counted = deal.sums(np.ones(dataset.valid.shape))[judged].astype(int)
    own = np.stack([np.bincount(number, row) for row in nll]) / np.bincount(number, counted)
    total = nll.sum(1) / counted.sum()
    n_subject, n_total = resampled_sums(counted.astype(float), number, resamples)
    sums = [resampled_sums(row, number, resamples) for row in nll]
    subject_resampled = np.exp(-np.stack([by_subject / n_subject for by_subject, _ in sums], axis=1))
    resampled = np.exp(-np.stack([overall / n_total for _, overall in sums], axis=1))
    kinds = tuple(one.kind for one in scored.values())
    candidates = [i for i, kind in enumerate(kinds) if kind != REFERENCE]
    best = min(candidates, key=lambda i: total[i])
    subject = np.array(subjects_of_sessions(dataset))[session]
    return Comparison(
        names=tuple(scored),
        kinds=kinds,
        n_parameters=np.array([one.n_parameters for one in scored.values()], float),
        session_nll=nll,
        n_choices=counted,
        subject=subject,
        session=np.array(dataset.session_names)[session],
        fold=deal.of_units(deal.turn)[judged],
        subjects=tuple(dict.fromkeys(subject.tolist())),
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
        hold_out=deal.hold_out,
        notes=(*_notes(deal.dataset), *_remarks(scored)),
    )


def _notes(dataset: Dataset) -> tuple[str, ...]:
    return (f"rewards: {dataset.outcomes}",) if tells_rewards(dataset) else ()


def _remarks(scored: Mapping[str, Scored]) -> list[str]:
    """What each agent was told of the trials besides choices and rewards, and what not."""
    said: dict[str, list[str]] = {}
    for name, one in scored.items():
        for remark in getattr(one.fitted[0], "remarks", ())[1:] if one.fitted else ():
            said.setdefault(remark, []).append(name)
    return [f"{', '.join(names)}: {remark}" for remark, names in said.items()]


def _is_recipe(model: Any) -> bool:
    """Tell whether it is a function of training data rather than an agent or what makes one."""
    if isinstance(model, Network):
        raise TypeError(
            f"a {type(model).__name__} is one network, but every fold trains its own; give a function "
            "(train, valid, seed) that makes and trains one, such as a cl.NetworkRecipe"
        )
    if isinstance(model, (Agent, type)) or not callable(model):
        return False
    arguments = inspect.signature(model).parameters.values()
    positional = [a for a in arguments if a.kind in (a.POSITIONAL_ONLY, a.POSITIONAL_OR_KEYWORD)]
    return bool(positional) and positional[0].default is positional[0].empty


def _check(models: Mapping[str, Any], dataset: Dataset, folds: int, n_bootstrap: int, level: float) -> None:
    if not isinstance(models, Mapping) or not models:
        raise ValueError(
            f"models is {models!r}; expected a mapping from names to models, such as cl.classical_models()."
        )
    taken = {STAY, STAY_AT_STIMULUS, CHANCE, GENERATING} & set(models)
    if taken:
        raise ValueError(f'"{taken.pop()}" is the name of a reference row; choose another name.')
    if dataset.kind == "continuous":
        raise ValueError("the data set is continuous; models are compared by the likelihood of choices.")
    checked_count(folds, "folds", 2)
    checked_count(n_bootstrap, "n_bootstrap", of="resamples")
    checked_coverage(level)
