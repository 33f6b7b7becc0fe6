"""What `equations` finds: text, LaTeX, an agent, numbers with intervals, fidelity, and the steps."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
import pandas as pd

from cogrnn_lab.analysis.equations.equation_agent import EquationAgent
from cogrnn_lab.analysis.equations.likelihood import trajectories
from cogrnn_lab.analysis.equations.maximum import Fitted
from cogrnn_lab.analysis.equations.trials import Recorded, recorded
from cogrnn_lab.data import Dataset


@dataclass(frozen=True)
class Fidelity:
    """How faithful equations are, as likelihoods per choice (NaN or empty where there is no network).

    `fitted` on all sessions, after the last fit; `choosing` on sessions that the search had not seen, with
    the numbers from before the last fit, and `network` there, too: that of the best network
    that was given. `agreement` is the R² of the network's log odds by those of the
    equations, `latents` (latent,) that of each contributing latent by those of the equations.
    """

    fitted: float
    choosing: float
    network: float
    agreement: float
    latents: np.ndarray


@dataclass(frozen=True)
class Equations:
    """The few numbers that made some choices, and what they do.

    `text` reads aloud; `latex`; `numbers` a row each: name, value, standard_error, low, high, unit;
    `complexity` how many; `mechanism` the classical model that they are, or that they are none; `fidelity`;
    `steps` each simplification or growth with the nats it has cost; `candidates` a row for each start;
    `source` the start that has won, and by how much.
    """

    text: str
    latex: str
    numbers: pd.DataFrame
    mechanism: str
    fidelity: Fidelity
    steps: pd.DataFrame
    candidates: pd.DataFrame
    source: str
    fitted: Fitted
    data: Recorded

    @property
    def complexity(self) -> int:
        """How many numbers are free."""
        return len(self.numbers)

    @property
    def agent(self) -> EquationAgent:
        """The equations as an agent, to be simulated, fitted to subjects, and compared."""
        return EquationAgent.of(self.fitted, self.data.unit)

    def logits(self, dataset: Dataset) -> np.ndarray:
        """(session, trial, alternative) log odds along recorded trials."""
        return self._along(dataset)[0]

    def latents(self, dataset: Dataset) -> np.ndarray:
        """(session, trial, latent, alternative) in log odds, before each choice."""
        return self._along(dataset)[1]

    def _along(self, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
        trials = recorded(dataset, self.data).trials
        vector = jnp.asarray(self.fitted.vector, jnp.float32)
        logits, latents = trajectories(self.fitted.structure.form, vector, trials)
        return np.transpose(np.asarray(logits), (2, 0, 1)), np.transpose(np.asarray(latents), (3, 0, 1, 2))

    def __repr__(self) -> str:
        return f"Equations({self.complexity} numbers: {self.mechanism})\n{self.text}"

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"
