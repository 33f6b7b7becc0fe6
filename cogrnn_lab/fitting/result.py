"""Result of fitting an agent to recorded choices: agents, their parameters, and how sure these are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float32, Int

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.groups import GroupKey, group_keys, group_name
from cogrnn_lab.data.named import check_classes
from cogrnn_lab.data.outcomes import recorded_outcomes
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.agent_logits import logits_along
from cogrnn_lab.tasks.agents.subject_parameters import SubjectParameters
from cogrnn_lab.tasks.agents.tracing import traced

# Nats between the likelihoods that two searches end at, if they have found the same optimum.
SAME_OPTIMUM = 0.05

# How a search ends: at an optimum; where no step, however short, is better; or unfinished.
CONVERGED, STUCK, OUT_OF_STEPS = "converged", "stuck", "out of steps"


@dataclass(frozen=True)
class AgentFit:
    """An agent fitted to each group of sessions (subject, session, or all together); `evaluate` scores it.

    Fields:
        agents: The fitted agent of each group, which `simulate` takes like an agent.
        keys: Of the groups: (subject,), (subject, session), or ("all",).
        by: "subject", "session" or "all".
        parameter_names: Names of the fitted numbers.
        estimates: (group, parameter).
        standard_errors: (group, parameter) from the Hessian at the optimum by the delta method, NaN with a
            reason in `notes`.
        covariance: (group, parameter, parameter) of the estimates.
        notes: (group, parameter) reasons for missing standard errors, else "".
        nll: (group,) negative log-likelihood in nats, summed over the choices that count.
        n_choices: (group,) how many count.
        converged: (group,) whether the best search has ended at an optimum.
        start_nll: (start, group) likelihood at which each search has ended.
        endings: (group,) how the best search has ended: "converged" (at an optimum), "stuck" (no step
            from there is better, as beside values without a likelihood) or "out of steps" (see `max_steps`).
        class_names: Names of the alternatives, in the order of the fitted choices.
    """

    agents: SubjectParameters
    keys: tuple[GroupKey, ...]
    by: str
    parameter_names: tuple[str, ...]
    estimates: np.ndarray
    standard_errors: np.ndarray
    covariance: np.ndarray
    notes: np.ndarray
    nll: np.ndarray
    n_choices: np.ndarray
    converged: np.ndarray
    start_nll: np.ndarray
    endings: np.ndarray
    class_names: tuple[str, ...] | None = None

    @property
    def groups(self) -> tuple[str, ...]:
        """(group,) names for people: that of a subject, subject/session, or all."""
        return tuple(group_name(key) for key in self.keys)

    @property
    def n_starts(self) -> int:
        """How many searches there were for each group."""
        return len(self.start_nll)

    @property
    def n_agreeing(self) -> np.ndarray:
        """(group,) how many searches have ended at the best likelihood."""
        return (self.start_nll <= self.nll + SAME_OPTIMUM).sum(0)

    @property
    def n_parameters(self) -> int:
        """How many numbers were fitted in each group."""
        return len(self.parameter_names)

    @property
    def aic(self) -> np.ndarray:
        """(group,) Akaike's information criterion, 2 k + 2 nll."""
        return 2.0 * self.n_parameters + 2.0 * self.nll

    @property
    def bic(self) -> np.ndarray:
        """(group,) Schwarz's information criterion, k log(n_choices) + 2 nll."""
        return self.n_parameters * np.log(self.n_choices) + 2.0 * self.nll

    @property
    def parameters(self) -> pd.DataFrame:
        """A row for each group and parameter: value, standard error, and a note where that is missing."""
        n_groups, n_parameters = self.estimates.shape
        labels = self._labels()
        frame = {name: np.repeat(column, n_parameters) for name, column in labels.items()}
        frame["parameter"] = np.tile(np.array(self.parameter_names, object), n_groups)
        frame["value"] = self.estimates.ravel()
        frame["standard_error"] = self.standard_errors.ravel()
        frame["note"] = self.notes.ravel()
        return pd.DataFrame(frame)

    @property
    def summary(self) -> pd.DataFrame:
        """A row for each group: choices, likelihood, AIC, BIC, ending of the search, starts that agree."""
        return pd.DataFrame(
            self._labels()
            | {
                "n_choices": self.n_choices,
                "nll": self.nll,
                "normalized_likelihood": np.exp(-self.nll / self.n_choices),
                "aic": self.aic,
                "bic": self.bic,
                "converged": self.converged,
                "ending": self.endings,
                "n_agreeing": self.n_agreeing,
            }
        )

    def agent(self, subject: str = "all", session: str | None = None) -> Agent:
        """Give the fitted agent of a subject, or of one of its sessions, or of all.

        Arguments:
            subject: Name of the subject; of no effect where one agent was fitted to all.
            session: Name of the session, where each has an agent of its own.

        Raises:
            ValueError: No agent was fitted to it.
        """
        if self.by == "all":
            return self.agents.one(0)
        key = (subject,) if session is None else (subject, session)
        return self.agents.one(int(self._indices([key])[0]))

    def logits(self, dataset: Dataset) -> Float32[np.ndarray, "session trial arm"]:
        """Give the logits of each session by the agent of its group, as `agent_logits`.

        Arguments:
            dataset: Sessions of the groups, known or new.

        Returns:
            (session, trial, alternative).

        Raises:
            ValueError: There is no agent for a session, or the alternatives are others or in another order.
        """
        check_classes(self.class_names, dataset, who="fit")
        choice, reward = recorded_outcomes(dataset)
        own = self.agents.of_sessions(self._indices(group_keys(dataset, self.by)))
        shared = traced(self.agents.agent)
        return np.asarray(logits_along(shared, choice, reward, dataset.n_classes or 0, own))

    def select(self, groups: Sequence[int], keys: Sequence[GroupKey], by: str) -> "AgentFit":
        """Select some of the groups under new keys.

        Arguments:
            groups: Indices of groups; one may be there several times.
            keys: New key of each of them.
            by: What the keys are: "subject", "session" or "all".
        """
        index = np.asarray(groups, int)
        per_group = (
            "estimates",
            "standard_errors",
            "covariance",
            "notes",
            "nll",
            "n_choices",
            "converged",
            "endings",
        )
        return AgentFit(
            agents=self.agents.take(index),
            keys=tuple(keys),
            by=by,
            parameter_names=self.parameter_names,
            start_nll=self.start_nll[:, index],
            class_names=self.class_names,
            **{name: getattr(self, name)[index] for name in per_group},
        )

    def _indices(self, keys: Sequence[GroupKey]) -> Int[np.ndarray, " key"]:
        """Index of each group."""
        known = {key: index for index, key in enumerate(self.keys)}
        strangers = sorted({key for key in keys if key not in known})
        if strangers:
            raise ValueError(
                f"no agent for {', '.join(map(group_name, strangers))}; there are agents for "
                f"{', '.join(self.groups)}."
            )
        return np.array([known[key] for key in keys], int)

    def _labels(self) -> dict[str, np.ndarray]:
        columns = ("subject", "session") if self.by == "session" else ("subject",)
        return {name: np.array([key[i] for key in self.keys], object) for i, name in enumerate(columns)}
