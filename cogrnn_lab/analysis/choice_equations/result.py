"""What `equations` finds: text, LaTeX, an agent, numbers with intervals, fidelity, and the steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pandas as pd

from cogrnn_lab.analysis.choice_equations.checks.unexplained import Unexplained
from cogrnn_lab.analysis.choice_equations.equation_agent import EquationAgent
from cogrnn_lab.analysis.choice_equations.files import CONTENT, HEADER, from_archive, to_archive
from cogrnn_lab.analysis.choice_equations.fitting.likelihood import trajectories
from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted
from cogrnn_lab.analysis.choice_equations.fitting.memory import n_carried
from cogrnn_lab.analysis.choice_equations.groups.bootstrap import EquationsBootstrap, bootstrapped
from cogrnn_lab.analysis.choice_equations.groups.by_subject import EquationsBySubject, by_subject
from cogrnn_lab.analysis.choice_equations.parts.terms import TERMS, Term
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded, recorded
from cogrnn_lab.analysis.choice_equations.words.python_code import python_code
from cogrnn_lab.data import Dataset
from cogrnn_lab.schemas import taking_apart
from cogrnn_lab.training.archive import read_archive, write_archive


@dataclass(frozen=True)
class Fidelity:
    """Fit of equations to choices and to a network, NaN or empty where there is no network.

    Fields:
        fitted: Likelihood per choice on all sessions, after the last fit.
        choosing: Likelihood per choice on the sessions held out of the search, before the last fit.
        network: Likelihood per choice of the best given network on the same sessions.
        agreement: R² of the network's log odds predicted from those of the equations.
        latents: (latent,) R² of each contributing latent predicted from the latents of the equations.
    """

    fitted: float
    choosing: float
    network: float
    agreement: float
    latents: np.ndarray


@dataclass(frozen=True)
class Equations:
    """Equations with few free parameters that explain choices, with their description and uncertainty.

    Fields:
        text: Description in words.
        latex: The same as LaTeX.
        numbers: A row for each free parameter: name, value, standard_error, low, high, unit.
        mechanism: Name of the classical model that the equations are, or a statement that they are none.
        fidelity: Likelihoods per choice beside those of the networks.
        steps: A row for each step of the search: what changed, free parameters left, negative log-likelihood
            and criterion after it (nats).
        candidates: A row for each start, the chosen one first.
        source: The start that led to the equations, and its distance to the others.
        fitted: Structure and values as the search left them.
        data: The trials that they were fitted to.
        unexplained: What past trials or a network tell beyond the equations; None where a file is older.
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
    unexplained: Unexplained | None = None

    @property
    def is_approximation(self) -> bool:
        """Whether something shows that these equations are only close to what made the choices."""
        return self.unexplained is not None and self.unexplained.text != ""

    @property
    def complexity(self) -> int:
        """Number of free parameters."""
        return len(self.numbers)

    @property
    def n_latents(self) -> int:
        """How many numbers a network has to carry from trial to trial to follow these equations."""
        return n_carried(self.fitted, self.data)

    @property
    def agent(self) -> EquationAgent:
        """An `EquationAgent` with these equations, to simulate, fit to subjects, and compare."""
        return EquationAgent.of(self.fitted, self.data.unit)

    @property
    def python(self) -> str:
        """The equations as code: a function `choice_probabilities(choices, rewards)` of plain NumPy.

        It also takes `inputs` and `available` where the data had further inputs, or some alternatives only.
        """
        data = self.data
        title = self.text.split("\n")[0]
        are_offered = data.trials.available is not None
        return python_code(
            self.fitted, title, data.relations, data.input_names, data.unit, are_offered=are_offered
        )

    def save(self, path: str | Path) -> Path:
        """Write the equations into a file, which `cogrnn_lab.load_equations` reads.

        Arguments:
            path: Where to; `.npz` is appended where it has no ending.

        Returns:
            The path written.
        """
        return write_archive(path, *to_archive(self))

    def by_subject(self, dataset: Dataset, *, level: float = 0.95) -> EquationsBySubject:
        """Refit the numbers to each subject, as draws from a population of subjects.

        A subject with few trials is told by the others: its numbers move to the population's mean, the less
        its choices tell of them and the less subjects differ. With fewer than 3 subjects they do not.

        Arguments:
            dataset: Sessions of the subjects, as a rule those that the equations were found from.
            level: Coverage of the intervals, from 0 to 1.

        Returns:
            An `EquationsBySubject`.

        Raises:
            ValueError: The equations have no number, or the data are of another kind.

        Source:
            Huys et al., PLoS Comput. Biol. 2011, 7:e1002028 (expectation maximization, Laplace).
        """
        return by_subject(self.fitted, self.data, dataset, level)

    def bootstrap(
        self, dataset: Dataset, n: int = 200, *, searches: int = 20, level: float = 0.95, seed: int = 0
    ) -> EquationsBootstrap:
        """Draw sessions anew, and tell how often each term is found and how the numbers vary.

        Sessions are drawn within subjects; where a subject has only one, subjects are drawn as well. In
        `searches` of the samples all numbers are let go and simplified again.

        Arguments:
            dataset: The sessions that the equations were found from.
            n: Samples in which the numbers are fitted again.
            searches: Samples in which the terms are searched again, which takes seconds each.
            level: Coverage of the percentile intervals, from 0 to 1.
            seed: Of the draws.

        Returns:
            An `EquationsBootstrap`.

        Raises:
            ValueError: There are fewer than 5 sessions.

        Source:
            Efron & Tibshirani, "An introduction to the bootstrap", 1993, ch. 13.
        """
        return bootstrapped(
            self.fitted, self.data, dataset, self.mechanism, n=n, searches=searches, level=level, seed=seed
        )

    def logits(self, dataset: Dataset) -> np.ndarray:
        """Compute the logits along recorded trials.

        Arguments:
            dataset: Sessions with the same alternatives and kind of rewards as those of the fit.

        Returns:
            (session, trial, alternative) logits.
        """
        return self._along(dataset)[0]

    def latents(self, dataset: Dataset) -> np.ndarray:
        """Compute the latents before each choice along recorded trials.

        Arguments:
            dataset: Sessions with the same alternatives and kind of rewards as those of the fit.

        Returns:
            (session, trial, latent, alternative) latents in log odds.
        """
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


def load_equations(path: str | Path, *, terms: Sequence[Term] = TERMS) -> Equations:
    """Read equations that `Equations.save` has written.

    Arguments:
        path: The file.
        terms: Terms that their updates may have; add your own where they were found with it.

    Returns:
        The `Equations`, with the trials that they were fitted to.

    Raises:
        ValueError: The file is damaged, holds something else, or the equations have a term that is not given.

    Example:
        >>> import tempfile
        >>> import cogrnn_lab as cl
        >>> task = cl.DriftingBandit(drift=0.1)
        >>> data = cl.simulate(cl.WinStayLoseShift(0.2), task, n_sessions=4, n_trials=100, seed=1)
        >>> found = cl.equations(None, data, n_latents=(1,), n_starts=1, terms=())
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     again = cl.load_equations(found.save(f"{folder}/equations.npz"))
        >>> again.mechanism
        'win-stay lose-shift'
    """
    header, arrays = read_archive(path, CONTENT, schema=HEADER)
    with taking_apart(header):
        fields = from_archive(header, arrays, terms, str(path))
        fidelity = Fidelity(**fields.pop("fidelity"))
        return Equations(**fields, fidelity=fidelity)
