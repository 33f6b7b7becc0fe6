"""What fitting an agent to recorded choices gives: agents, their parameters, and how sure these are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float32, Int

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.groups import group_labels
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.agent_logits import logits_along, recorded_outcomes
from cogrnn_lab.tasks.agents.subject_parameters import SubjectParameters
from cogrnn_lab.tasks.agents.tracing import traced

# Nats between the likelihoods that two searches end at, if they have found the same optimum.
SAME_OPTIMUM = 0.05


@dataclass(frozen=True)
class AgentFit:
    """An agent fitted to each group of sessions (subject, session, or all together); `evaluate` scores it.

    `agents`: the fitted agent of each group, which `simulate` takes like an agent; `groups`, their names:
    that of a subject, subject/session, or all, as `by` says; `parameter_names`. By group: `estimates` and
    `standard_errors` (group, parameter), from the Hessian at the optimum by the delta method, NaN with a
    reason in `notes`; `covariance` of the estimates; `nll` summed over the `n_choices` that count, in nats;
    `converged`, whether the best search has ended; `start_nll` (start, group) where each has ended;
    `n_agreeing`, how many of the `n_starts` searches have found the best likelihood (within 0.05 nats).
    """

    agents: SubjectParameters
    groups: tuple[str, ...]
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
        """A row for each group: choices, nll, likelihood, AIC, BIC, converged, how many starts agree."""
        return pd.DataFrame(
            self._labels()
            | {
                "n_choices": self.n_choices,
                "nll": self.nll,
                "normalized_likelihood": np.exp(-self.nll / self.n_choices),
                "aic": self.aic,
                "bic": self.bic,
                "converged": self.converged,
                "n_agreeing": self.n_agreeing,
            }
        )

    def agent(self, subject: str = "all", session: str | None = None) -> Agent:
        """The fitted agent of a subject, or of one of its sessions, or of all.

        Raises `ValueError` where none was fitted to it.
        """
        if self.by == "all":
            return self.agents.one(0)
        name = subject if session is None else f"{subject}/{session}"
        return self.agents.one(int(self._indices([name])[0]))

    def logits(self, dataset: Dataset) -> Float32[np.ndarray, "session trial arm"]:
        """Logits of each session by the agent of its group, as `agent_logits`.

        Raises `ValueError` where there is no agent for a session.
        """
        choice, reward = recorded_outcomes(dataset)
        own = self.agents.of_sessions(self._indices(group_labels(dataset, self.by)))
        shared = traced(self.agents.agent)
        return np.asarray(logits_along(shared, choice, reward, dataset.n_classes or 0, own))

    def select(self, groups: Sequence[int], names: Sequence[str], by: str) -> "AgentFit":
        """Some of the groups (indices), under these names."""
        index = np.asarray(groups, int)
        per_group = ("estimates", "standard_errors", "covariance", "notes", "nll", "n_choices", "converged")
        return AgentFit(
            agents=self.agents.take(index),
            groups=tuple(names),
            by=by,
            parameter_names=self.parameter_names,
            start_nll=self.start_nll[:, index],
            **{name: getattr(self, name)[index] for name in per_group},
        )

    def _indices(self, names: Sequence[str]) -> Int[np.ndarray, " name"]:
        """Index of each group."""
        known = {name: index for index, name in enumerate(self.groups)}
        strangers = sorted({name for name in names if name not in known})
        if strangers:
            raise ValueError(
                f"no agent for {', '.join(strangers)}; there are agents for {', '.join(self.groups)}."
            )
        return np.array([known[name] for name in names], int)

    def _labels(self) -> dict[str, np.ndarray]:
        names = np.array(self.groups, object)
        if self.by != "session":
            return {"subject": names}
        pairs = [name.rsplit("/", 1) for name in self.groups]
        return {
            "subject": np.array([pair[0] for pair in pairs], object),
            "session": np.array([pair[1] for pair in pairs], object),
        }
