"""Whether a classical model that has no form as equations predicts the choices better.

A learning rate that follows surprise is no rate and target by observation, and what past trials tell beyond
the nearest equations may be too faint for a test of lagged outcomes. Fitted to the same sessions, the model
itself tells.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from cogrnn_lab.analysis.scoring.evaluation import evaluate
from cogrnn_lab.data import Dataset
from cogrnn_lab.fitting import fit_agent
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
# Choices that they are fitted to at most, and searches of each: they have few parameters.
MOST_CHOICES, STARTS = 20_000, 2


class Rival(NamedTuple):
    """A classical model, and (session,) nats that it predicts sessions better that nothing was fitted to."""

    name: str
    ahead: Float[np.ndarray, " session"]


def best_rival(train: Dataset, choose: Dataset, ours: Float[np.ndarray, " session"]) -> Rival | None:
    """Fit the classical models that have no form as equations, and give the one that predicts best.

    Arguments:
        train: Sessions that equations and models are fitted to.
        choose: Sessions that they are compared on.
        ours: (session,) nll of these under the equations, in nats.

    Returns:
        The model; None where none could be fitted.
    """
    every = max(1, round(int(train.mask[..., 0].sum()) / MOST_CHOICES))
    some = train.select(range(0, train.n_sessions, every))
    found = []
    for name, agent in classical_models(train).items():
        if name not in WITHOUT_FORM:
            continue
        try:
            fit = fit_agent(agent, some, by="all", n_starts=STARTS)
            found.append(Rival(name, ours - evaluate(fit, choose).session_nll))
        except ValueError:  # such as rewards that the model can't take
            continue
    return max(found, key=lambda one: one.ahead.sum(), default=None)
