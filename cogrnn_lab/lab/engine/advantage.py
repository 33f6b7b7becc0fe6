"""By how much the network predicts choices better than another model, and after which histories."""

from typing import Any

from cogrnn_lab.analysis import LikelihoodAdvantage, likelihood_advantage
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.splits import fitted_by
from cogrnn_lab.lab.engine.beside import Check
from cogrnn_lab.lab.engine.playing import AGENT, EQUATIONS, NETWORK
from cogrnn_lab.lab.twin.expressions import call, literal

N_RESAMPLES = 400


def rivals_of(run: Any, level: int) -> dict[str, tuple[Any, str]]:
    """Models that the network can be compared with, by name, and the code of each.

    They are the agent that made the data, the best classical model, and the equations.

    Arguments: the run, and the `level` of its discovery whose network is shown, -1 for that in training.
    """
    found: dict[str, tuple[Any, str]] = {}
    if run.agent is not None:
        found[AGENT] = run.agent, "agent"
    if run.best_fit is not None:
        name, fitted = run.best_fit
        model = f"cl.classical_models(train)[{literal(name)}]"
        found[name] = fitted, call("cl.fit_agent", model, "train", by=fitted_by(run.train, run.scored))
    if level >= 0 and run.course.equations is not None:
        found[EQUATIONS] = run.course.equations, "found.equations"
    elif level < 0 and run.explanation.found is not None:
        found[EQUATIONS] = run.explanation.found.equations, "cl.equations(model, train)"
    return found


def advantage(
    model: Any, rival: Any, name: str, sessions: Dataset, by: str, check: Check
) -> LikelihoodAdvantage:
    """How much better the network predicts the choices of these sessions, by what came before."""
    check()
    return likelihood_advantage(
        sessions, model, rival, by=by, names=names_with(name), n_resamples=N_RESAMPLES
    )


def names_with(name: str) -> tuple[str, str]:
    """What the network and a model of this name are called in sentences."""
    return f"the {NETWORK}", name if name[0].isupper() else f"the {name}"
