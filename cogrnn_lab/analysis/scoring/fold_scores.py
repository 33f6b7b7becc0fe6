"""Likelihood of every held-out choice, by models that were fitted without it, and by references."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cogrnn_lab.analysis.scoring.baseline import stay_logits, ways_to_stay
from cogrnn_lab.analysis.scoring.evaluation import trial_nll
from cogrnn_lab.analysis.scoring.folds import Folds
from cogrnn_lab.analysis.scoring.predictor import AGENT, REFERENCE, as_predictor
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.groups import group_keys, subjects_of_sessions
from cogrnn_lab.data.outcomes import tells_rewards
from cogrnn_lab.data.splits import BLOCKS
from cogrnn_lab.fitting.fit import fit_agent, fit_groups
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.workers import Door, Later

CHANCE, GENERATING = "chance", "generating agent"

Recipe = Callable[[Dataset, Dataset | None, int], Any]


@dataclass(frozen=True)
class Scored:
    """A model's nll of each choice, held out, (session, trial); what was fitted in each fold."""

    kind: str
    nll: np.ndarray
    n_parameters: int | float = np.nan
    fitted: tuple[Any, ...] = ()


def scored_agent(agent: Agent, folds: Folds, n_starts: int | None, seed: int) -> Scored:
    """Fit an agent in each fold, to each subject, or to all where whole subjects are held out."""
    if folds.hold_out == BLOCKS:
        return _scored_by_blocks(agent, folds, n_starts, seed)
    dataset, fold = folds.dataset, folds.turn[:, 0]
    owner = subjects_of_sessions(dataset) if folds.by == "subject" else ("all",) * dataset.n_sessions
    # All folds and subjects are fitted in one call; each session is scored by the fit without it.
    groups = {
        (str(held_out), name): [s for s, own in enumerate(owner) if own == name and fold[s] != held_out]
        for held_out in folds.held_out
        for name in dict.fromkeys(owner)
    }
    fit = fit_groups(agent, dataset, groups, by=folds.by, n_starts=n_starts, seed=seed)
    place = {key: index for index, key in enumerate(fit.keys)}
    judged = np.flatnonzero(np.isin(fold, folds.held_out))
    without_it = [place[str(fold[s]), owner[s]] for s in judged]
    sessions = dataset.select(judged)
    of_sessions = fit.select(without_it, group_keys(sessions, "session"), "session")
    nll = np.full(dataset.valid.shape, np.nan)
    nll[judged] = trial_nll(of_sessions.logits(sessions), sessions)
    by_fold = []
    for held_out in folds.held_out:
        names = tuple(dict.fromkeys(owner))
        own = [place[str(held_out), name] for name in names]
        by_fold.append(fit.select(own, [(name,) for name in names], folds.by))
    return Scored(AGENT, nll, fit.n_parameters, tuple(by_fold))


def _scored_by_blocks(agent: Agent, folds: Folds, n_starts: int | None, seed: int) -> Scored:
    nll = np.full(folds.unit.shape, np.nan)
    fitted = []
    for fold in folds.held_out:
        fit, scored = fit_agent(agent, folds.train(fold), n_starts=n_starts, seed=seed), folds.scored(fold)
        folds.put(nll, fold, trial_nll(fit.logits(scored), scored))
        fitted.append(fit)
    return Scored(AGENT, nll, fitted[0].n_parameters, tuple(fitted))


def begun_recipe(
    name: str, recipe: Recipe, folds: Folds, valid_every: int | None, seed: int, door: Door
) -> list[Later]:
    """Begin to fit one model in each fold that is held out."""
    dealt = door.keep(folds)
    return [
        door.begin(f"{name} in fold {fold}", _in_fold, recipe, dealt, fold, valid_every, seed)
        for fold in folds.held_out
    ]


def _in_fold(recipe: Recipe, folds: Folds, fold: int, valid_every: int | None, seed: int) -> Any:
    train, valid = folds.train(fold), None
    if valid_every is not None:
        train, valid = train.split(every=valid_every, hold_out=folds.hold_out)
    return recipe(train, valid, seed)


def scored_recipe(begun: Sequence[Later], folds: Folds) -> Scored:
    """Score what is held out in each fold by the model that was begun there."""
    nll = np.full(folds.unit.shape, np.nan)
    fitted = []
    for fold, later in zip(folds.held_out, begun, strict=True):
        result = later()
        if getattr(result, "was_interrupted", False):  # half a run must not be taken for the whole
            raise KeyboardInterrupt
        predictor, scored = as_predictor(result), folds.scored(fold)
        logits = predictor.outputs(scored)[..., : scored.n_classes]
        folds.put(nll, fold, trial_nll(logits, scored))
        fitted.append(result)
    return Scored(predictor.kind, nll, predictor.n_parameters, tuple(fitted))


def scored_references(folds: Folds) -> dict[str, Scored]:
    """Score staying, guessing, and the agent that made the data where it is known."""
    dataset, found = folds.dataset, {}
    for name, per_stimulus in ways_to_stay(dataset) if tells_rewards(dataset) else ():
        found[name] = _scored_staying(folds, per_stimulus=per_stimulus)
    guesses = np.zeros((*folds.unit.shape, int(dataset.n_classes or 0)), np.float32)
    found[CHANCE] = Scored(REFERENCE, trial_nll(guesses, dataset), 0)
    if dataset.generating_likelihood is not None:
        counted = dataset.mask[..., 0]
        p_choice = np.where(counted, dataset.columns["p_choice"], 1.0).astype(np.float64)
        found[GENERATING] = Scored(REFERENCE, -np.log(p_choice))
    return found


def _scored_staying(folds: Folds, *, per_stimulus: bool) -> Scored:
    stay = np.full(folds.unit.shape, np.nan)
    for fold in folds.held_out:
        train, scored = folds.train(fold), folds.scored(fold)
        logits = stay_logits(train, scored, by=folds.by, per_stimulus=per_stimulus)
        folds.put(stay, fold, trial_nll(logits, scored))
    return Scored(REFERENCE, stay, 2)
