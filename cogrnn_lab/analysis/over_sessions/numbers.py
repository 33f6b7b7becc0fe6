"""The numbers of a model in each window of sessions, refitted."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cogrnn_lab.analysis.choice_equations.groups.refit import Scale
from cogrnn_lab.analysis.choice_equations.result import Equations
from cogrnn_lab.analysis.choice_equations.words.mechanisms import mechanisms
from cogrnn_lab.analysis.choice_equations.words.naming import labels_of, named_numbers
from cogrnn_lab.analysis.over_sessions.trends import shrunk
from cogrnn_lab.analysis.over_sessions.windows import Window
from cogrnn_lab.data import Dataset
from cogrnn_lab.fitting.fit import fit_agent, fit_groups
from cogrnn_lab.fitting.result import AgentFit
from cogrnn_lab.tasks import Agent, agent_parameters

COLUMNS = ("subject", "window", "position", "n_choices", "name", "value", "standard_error", "low", "high")


def agent_within(model: Any) -> Any:
    """What is refitted in windows: an agent, or what makes one; None of any other model."""
    if isinstance(model, Equations):
        return model.agent
    if isinstance(model, AgentFit):
        return model.agents.agent
    if isinstance(model, Agent) or (isinstance(model, type) and issubclass(model, Agent)):
        return model
    return None


def kept_fixed(model: Any) -> dict[str, Any]:
    """The argument `fixed` of a fit, by which the numbers that were fixed in an earlier one are again."""
    if not isinstance(model, AgentFit):
        return {}
    every = agent_parameters(model.agents.agent)
    fixed = tuple(own.name for own in every if not set(own.entries) & set(model.parameter_names))
    return {"fixed": fixed} if fixed else {}


def refitted(
    model: Any, dataset: Dataset, windows: Sequence[Window], reach: float, settings: dict[str, Any]
) -> pd.DataFrame:
    """A row for each window and number: value, shrunk to the subject's line, and alone; see `Drift`."""
    agent = agent_within(model)
    together = fit_agent(agent, dataset, by="all", **settings)
    groups = {(own.subject, str(own.number)): own.sessions.tolist() for own in windows}
    # every search begins where all sessions together end
    own = fit_groups(together.agent(), dataset, groups, by="session", **{"n_starts": 3, **settings})
    names, factors = _names(model, dataset, own.parameter_names)
    values, errors = own.estimates * factors, own.standard_errors * np.abs(factors)
    rows = []
    subjects = np.array([one.subject for one in windows])
    positions = np.array([one.position for one in windows])
    for subject in dict.fromkeys(subjects):
        at = np.flatnonzero(subjects == subject).tolist()
        for number, name in enumerate(names):
            error = known_errors(errors[at, number])
            if error is None:
                continue
            value, sure, share = shrunk(positions[at], values[at, number], error)
            rows += [
                {
                    "subject": subject,
                    "window": windows[w].number,
                    "position": windows[w].position,
                    "n_choices": windows[w].n_choices,
                    "name": name,
                    "value": value[i],
                    "standard_error": sure[i],
                    "low": value[i] - reach * sure[i],
                    "high": value[i] + reach * sure[i],
                    "alone": values[w, number],
                    "alone_error": error[i],
                    "shrunk": share[i],
                }
                for i, w in enumerate(at)
            ]
    return pd.DataFrame(rows, columns=[*COLUMNS, "alone", "alone_error", "shrunk"])


def known_errors(errors: np.ndarray) -> np.ndarray | None:
    """Standard errors by which windows are weighed; None where none is known.

    The largest known one where one is missing, as at a bound; and at least the median of all, as a value near
    a bound of few choices seems surer than it is.
    """
    known = np.isfinite(errors) & (errors > 0)
    if not known.any():
        return None
    return np.maximum(np.where(known, errors, errors[known].max()), np.median(errors[known]))


def _names(model: Any, dataset: Dataset, given: tuple[str, ...]) -> tuple[tuple[str, ...], np.ndarray]:
    """Names of the numbers, and by what they are multiplied to be what the names say."""
    if not isinstance(model, Equations):
        return given, np.ones(len(given))
    fitted = model.fitted
    named = named_numbers(
        fitted.structure,
        fitted.free,
        mechanisms(fitted.structure, fitted.free),
        labels_of(dataset, model.data),
    )
    first = {one.group: one for one in reversed(named)}
    order = np.argsort(~Scale.of(fitted.structure).is_rate, kind="stable")  # rates first, as in the agent
    return (
        tuple(first[group].name if group in first else own for group, own in zip(order, given, strict=True)),
        np.array([first[group].factor if group in first else 1.0 for group in order]),
    )
