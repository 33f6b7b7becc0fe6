"""Whether a classical model that has no form as equations predicts the choices better.

A learning rate that follows surprise is no rate and target by observation, and what past trials tell beyond
the nearest equations may be too faint for a test of lagged outcomes. Fitted to the same sessions, the model
itself tells.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted, maximized, scored
from cogrnn_lab.analysis.choice_equations.parts.trials import NONE, Recorded
from cogrnn_lab.analysis.scoring.evaluation import evaluate
from cogrnn_lab.data import Dataset
from cogrnn_lab.fitting import fit_agent
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.library.classical_models import (
    COUNTERFACTUAL_MODELS,
    TWO_STEP_MODELS,
    classical_models,
)

# Of the classical models those whose latents do not each move to a target by a rate.
WITHOUT_FORM = (
    "Pearce-Hall, forgetting",
    "Grossman 2022",
    "actor-critic, perseveration",
    "threshold foraging",
    *COUNTERFACTUAL_MODELS,
    *TWO_STEP_MODELS,
)
# Every session is predicted once, by what was fitted to the other folds: to so many choices at most, by as
# many searches, as these models have few parameters.
FOLDS, MOST_CHOICES, STARTS = 4, 20_000, 2


class Rival(NamedTuple):
    """A classical model, and (session,) nats that it predicts sessions better than the equations."""

    name: str
    ahead: Float[np.ndarray, " session"]


def best_rival(fitted: Fitted, dataset: Dataset, data: Recorded) -> Rival | None:
    """Fit the classical models that have no form as equations, and give the one that predicts best.

    In each of four folds every fourth session is predicted by models, and by the equations, whose numbers
    are fitted to the others.

    Arguments:
        fitted: Equations, fitted to all sessions.
        dataset: The sessions.
        data: Their trials.

    Returns:
        The model; None where none could be fitted.
    """
    ours = _ours(fitted, data)
    found = []
    for name, agent in classical_models(dataset).items():
        if name not in WITHOUT_FORM:
            continue
        try:
            found.append(Rival(name, ours - _theirs(agent, dataset)))
        except ValueError:  # such as rewards that the model can't take
            continue
    return max(found, key=lambda one: one.ahead.sum(), default=None)


def _fold(n_sessions: int) -> Int[np.ndarray, " session"]:
    return np.arange(n_sessions) % FOLDS


def _ours(fitted: Fitted, data: Recorded) -> Float[np.ndarray, " session"]:
    """Nll of each session under the equations, with numbers of the other folds."""
    fold = _fold(len(data.n_choices))
    nll = np.zeros(len(fold))
    for held_out in range(FOLDS):
        out = fold == held_out
        target = jnp.where(jnp.asarray(out)[None], NONE, data.trials.target)
        rest = data._replace(trials=data.trials._replace(target=target), n_choices=data.n_choices * ~out)
        nll[out] = scored(maximized(fitted.structure, fitted.free, rest), data)[out]
    return nll


def _theirs(agent: Agent, dataset: Dataset) -> Float[np.ndarray, " session"]:
    """Nll of each session under the agent, with parameters of the other folds, or some of their sessions."""
    fold = _fold(dataset.n_sessions)
    per_session = float(np.asarray(dataset.mask)[..., 0].sum()) / dataset.n_sessions
    n = min(int((fold != 0).sum()), int(np.ceil(MOST_CHOICES / max(per_session, 1.0))))
    nll = np.zeros(dataset.n_sessions)
    for held_out in range(FOLDS):
        rest = np.flatnonzero(fold != held_out)
        some = rest[np.linspace(0, len(rest) - 1, n).astype(int)]  # as many each time: nothing compiles anew
        fit = fit_agent(agent, dataset.select(some), by="all", n_starts=STARTS)
        nll[fold == held_out] = evaluate(fit, dataset).session_nll[fold == held_out]
    return nll
