"""Which model predicts the choices of held-out sessions best."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

AGENT, NETWORK, REFERENCE = "agent", "network", "reference"


@dataclass(frozen=True)
class Comparison:
    """Held-out likelihoods of models that were fitted to the same training sessions.

    `names` and `kinds` of the models: "agent", "network", or "reference" (the stay baseline, chance, and the
    agent that made the data where it is known); `n_parameters` (model,) of an agent for each subject, of a
    network altogether.

    `session_nll` (model, session) in nats, summed over the `n_choices` (session,) that count, by models that
    were fitted without this session; `subject`, `session` and `fold` (session,); `subjects` their names.

    Normalized likelihoods: `likelihood` (model,) and `subject_likelihood` (model, subject), with bootstrap
    intervals `likelihood_interval` (model, 2) and `subject_interval` (model, subject, 2). `difference`
    (model,) to the best model and `subject_difference` (model, subject) to the same model, with intervals of
    paired resamples. `level` of all intervals. `fitted`: for each model that was fitted, the result of each
    fold.
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

    @property
    def best(self) -> str:
        """Name of the model of the highest held-out likelihood, references aside."""
        return self._best(AGENT, NETWORK) or ""

    @property
    def best_classical(self) -> str | None:
        """Name of the best agent, which a network has to beat; None where there is none."""
        return self._best(AGENT)

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
    def ranking(self) -> np.ndarray:
        """(model,) indices of the models, the highest likelihood first."""
        return np.argsort(-self.likelihood, kind="stable")

    def _best(self, *kinds: str) -> str | None:
        return next((self.names[i] for i in self.ranking if self.kinds[i] in kinds), None)
