"""Parameter recovery: fits of subjects simulated with known parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cogrnn_lab.data.outcome_scale import PLAIN
from cogrnn_lab.fitting.fit import fit_agent
from cogrnn_lab.fitting.result import AgentFit
from cogrnn_lab.tasks import Environment, simulate
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.agent_parameters import (
    AgentParameter,
    agent_parameters,
    as_agent,
    as_arrays,
)
from cogrnn_lab.tasks.agents.subject_parameters import SubjectParameters

# Standard normal quantile that 95 % of estimates are within.
TWO_SIDED_95 = 1.959964


@dataclass(frozen=True)
class Recovery:
    """True and fitted parameters of simulated subjects.

    Fields:
        parameter_names: Names of the parameters that vary.
        true: (subject, parameter) values with which the choices were simulated.
        fitted: (subject, parameter) estimates.
        standard_errors: (subject, parameter) of the estimates, NaN where there is none.
        fit: The whole `AgentFit`.
    """

    parameter_names: tuple[str, ...]
    true: np.ndarray
    fitted: np.ndarray
    standard_errors: np.ndarray
    fit: AgentFit

    @property
    def correlation(self) -> np.ndarray:
        """(parameter,) Pearson's correlation of true and fitted values over subjects."""
        true, fitted = self.true - self.true.mean(0), self.fitted - self.fitted.mean(0)
        spread = np.sqrt((true**2).sum(0) * (fitted**2).sum(0))
        return (true * fitted).sum(0) / np.where(spread > 0, spread, np.nan)

    @property
    def bias(self) -> np.ndarray:
        """(parameter,) mean of fitted minus true value."""
        return (self.fitted - self.true).mean(0)

    @property
    def error(self) -> np.ndarray:
        """(parameter,) root mean squared difference of fitted and true value."""
        return np.sqrt(((self.fitted - self.true) ** 2).mean(0))

    @property
    def coverage(self) -> np.ndarray:
        """(parameter,) share of the subjects with a standard error whose 95 % interval holds the truth."""
        known = np.isfinite(self.standard_errors)
        within = np.abs(self.fitted - self.true) <= TWO_SIDED_95 * np.where(known, self.standard_errors, 0.0)
        n_known = known.sum(0)
        return (within & known).sum(0) / np.where(n_known > 0, n_known, np.nan)

    @property
    def summary(self) -> pd.DataFrame:
        """A row for each parameter: correlation, bias, error (root mean square), coverage."""
        return pd.DataFrame(
            {
                "parameter": self.parameter_names,
                "correlation": self.correlation,
                "bias": self.bias,
                "error": self.error,
                "coverage": self.coverage,
            }
        )

    @property
    def table(self) -> pd.DataFrame:
        """A row for each subject and parameter: true and fitted value, standard error."""
        frame = self.fit.parameters.rename(columns={"value": "fitted"})
        frame.insert(2, "true", self.true.ravel())
        return frame


def parameter_recovery(
    agent: Any,
    environment: Environment,
    *,
    n_subjects: int = 100,
    n_sessions: int = 1,
    n_trials: int = 500,
    ranges: Mapping[str, Any] | None = None,
    fixed: Sequence[str] = (),
    n_starts: int | None = None,
    seed: int = 0,
) -> Recovery:
    """Simulate subjects with known parameters and fit them, each on its own.

    Arguments:
        agent: An agent, or a class or function that makes one.
        environment: The task that the subjects play.
        n_subjects: Number of subjects, at least 2.
        n_sessions: Sessions of each subject.
        n_trials: Trials of each session.
        ranges: (low, high) of parameters by name, between which the true values are drawn uniformly; by
            default their typical values.
        fixed: Names of parameters that have the agent's value in every subject and are not fitted.
        n_starts: As in `fit_agent`.
        seed: Of the true values, the choices, and the starts of the fit.

    Returns:
        A `Recovery`.

    Raises:
        ValueError: A parameter has no range, a range is impossible, or there is no parameter of a name.

    Example:
        >>> import cogrnn_lab as cl
        >>> found = cl.parameter_recovery(
        ...     cl.QLearning, cl.DriftingBandit(), n_subjects=4, n_trials=100, n_starts=2
        ... )
        >>> found.true.shape
        (4, 2)
    """
    if n_subjects < 2:
        raise ValueError(f"n_subjects = {n_subjects}; expected 2 or more.")
    template = as_arrays(as_agent(agent))
    fixed = (fixed,) if isinstance(fixed, str) else tuple(fixed)
    parameters = agent_parameters(template)
    _check_names(template, parameters, (*fixed, *(ranges or {})))
    free = tuple(parameter for parameter in parameters if parameter.name not in fixed)
    rng = np.random.default_rng(seed)
    drawn = {
        parameter: rng.uniform(*_range(parameter, ranges or {}), (n_subjects, *parameter.shape))
        for parameter in free
    }
    subjects = SubjectParameters(template, {p.path: v.astype(np.float32) for p, v in drawn.items()})
    data = simulate(subjects, environment, n_sessions=n_sessions, n_trials=n_trials, seed=seed)
    # the agents took rewards as they were paid, whatever their range
    fit = fit_agent(template, data, fixed=fixed, n_starts=n_starts, seed=seed, outcomes=PLAIN)
    true = np.concatenate([drawn[parameter].reshape(n_subjects, -1) for parameter in free], axis=1)
    return Recovery(fit.parameter_names, true, fit.estimates, fit.standard_errors, fit)


def _check_names(template: Agent, parameters: Sequence[AgentParameter], names: Sequence[str]) -> None:
    known = [parameter.name for parameter in parameters]
    for name in names:
        if name not in known:
            raise ValueError(
                f'{type(template).__name__} has no parameter "{name}"; its parameters are {", ".join(known)}.'
            )


def _range(parameter: AgentParameter, ranges: Mapping[str, Any]) -> tuple[float, float]:
    given = ranges.get(parameter.name, parameter.limits.typical)
    if given is None:
        raise ValueError(
            f"nothing is known of typical values of {parameter.name}; give "
            f'ranges={{"{parameter.name}": (low, high)}}.'
        )
    low, high = given
    lowest, highest = parameter.limits.allowed
    if not lowest <= low < high <= highest:
        raise ValueError(
            f"the range of {parameter.name} is {given!r}; expected (low, high) with the first below the "
            f"second and both from {lowest:g} to {highest:g}."
        )
    return float(low), float(high)
