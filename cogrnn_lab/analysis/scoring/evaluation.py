"""Scores of networks and agents on recorded choices and signals."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Array, Float

from cogrnn_lab.analysis.scoring.predictor import Predictor, PredictsChoices, as_predictor
from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.models import Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork
from cogrnn_lab.random_numbers import as_seed
from cogrnn_lab.tasks import Agent, BoundedAccumulator, NumpyTask, Task
from cogrnn_lab.tasks.trials.task_dataset import task_dataset
from cogrnn_lab.training.losses import choice_nll
from cogrnn_lab.training.run import Run

DEFAULT_TRIALS = 1000  # of a task

NO_LIKELIHOOD = "these data are numbers, which have no likelihood here; see .signals.mse and .r2"


@dataclass(frozen=True)
class SignalErrors:
    """Errors of predicted numbers over the samples that count.

    Fields:
        squared_error: (session, signal) sum of squared differences to the recorded numbers.
        squared_deviation: (session, signal) sum of squared differences of those to their mean.
        n_samples: (session, signal) how many samples count.
        names: Names of the signals.
    """

    squared_error: np.ndarray
    squared_deviation: np.ndarray
    n_samples: np.ndarray
    names: tuple[str, ...]

    @property
    def mse(self) -> np.ndarray:
        """(signal,) mean squared error."""
        return self.squared_error.sum(0) / np.maximum(self.n_samples.sum(0), 1)

    @property
    def r2(self) -> np.ndarray:
        """(signal,) share of the variance that is predicted; below 0: the mean would be better."""
        return 1.0 - self.squared_error.sum(0) / self.squared_deviation.sum(0)


@dataclass(frozen=True)
class Evaluation:
    """Likelihood of the choices that count, and errors of predicted signals, without noise.

    Fields:
        session_nll: (session,) negative log-likelihood in nats, summed over choices.
        session_targets: (session,) how many choices count.
        subject: (session,) names of the subjects.
        session: (session,) names of the sessions.
        n_classes: Number of alternatives; 0: there are no choices.
        signals: A `SignalErrors` where numbers are predicted, else None.
        accuracy: (session,) score of each trial of a task by its own `accuracy`, NaN where nothing counts;
            None for a data set.
    """

    session_nll: np.ndarray
    session_targets: np.ndarray
    subject: np.ndarray
    session: np.ndarray
    n_classes: int
    signals: SignalErrors | None = None
    accuracy: np.ndarray | None = None

    @property
    def mean_accuracy(self) -> float:
        """Mean accuracy over the trials of a task in which something counts."""
        if self.accuracy is None:
            raise ValueError("a data set has no accuracy; a task has: cl.evaluate(model, task).mean_accuracy")
        return float(np.nanmean(self.accuracy))

    @property
    def n_targets(self) -> int:
        """Number of choices that count."""
        return int(self.session_targets.sum())

    @property
    def nll(self) -> float:
        """Negative log-likelihood in nats per choice."""
        if self.n_targets == 0:
            raise ValueError(NO_LIKELIHOOD)
        return float(self.session_nll.sum() / self.n_targets)

    @property
    def normalized_likelihood(self) -> float:
        """Geometric mean probability of the choices that were made: exp(-nll)."""
        return float(np.exp(-self.nll))

    @property
    def chance(self) -> float:
        """Normalized likelihood of guessing; `ValueError` where the data are numbers."""
        if self.n_classes == 0:
            raise ValueError(NO_LIKELIHOOD)
        return 1.0 / self.n_classes

    @cached_property
    def per_session(self) -> pd.DataFrame:
        """A row a session: session, subject, n_targets, nll per choice, normalized_likelihood."""
        frame = pd.DataFrame(
            {
                "session": self.session,
                "subject": self.subject,
                "n_targets": self.session_targets,
                "nll": self.session_nll,
            }
        )
        return _per_choice(frame)

    @cached_property
    def per_subject(self) -> pd.DataFrame:
        """A row a subject: subject, n_sessions, n_targets, nll per choice, normalized_likelihood."""
        frame = pd.DataFrame(
            {
                "subject": self.subject,
                "n_sessions": 1,
                "n_targets": self.session_targets,
                "nll": self.session_nll,
            }
        )
        return _per_choice(pd.DataFrame(frame.groupby("subject", sort=False, as_index=False).sum()))


def evaluate(
    model: Network | Run | Agent | BoundedAccumulator | PredictsChoices | HoldsNetwork,
    dataset: Dataset | Task | NumpyTask,
    *,
    n_trials: int | None = None,
    seed: int | None = None,
) -> Evaluation:
    """Score a model on the choices and signals of a data set, without noise.

    Arguments:
        model: A network or the `Run` that trained it, which finds subjects by name; an agent; fitted agents,
            of which each session is scored by that of its subject; an accumulator of clicks, whose noise is
            marginalized over bins that last the `time_step` of the data set; or any object with a method
            `logits(dataset)` that gives (session, trial, alternative).
        dataset: Sessions with choices, numbers or both; or a task, on fresh trials of which a network is
            scored.
        n_trials: Trials of the task; by default 1000. Only with a task.
        seed: Seed of these trials; by default 0. Only with a task.

    Returns:
        An `Evaluation`.

    Raises:
        TypeError: The model is none of these.
        ValueError: The data don't fit the network; or there are no choices and the model is an agent; or a
            subject has no fitted agent, or is unknown to the network; or clicks are in bins of unknown
            duration; or steps of the data last longer or shorter than those of the network.

    Example:
        >>> import cogrnn_lab as cl
        >>> agent = cl.QLearning(0.5, 4.0)
        >>> data = cl.simulate(agent, cl.DriftingBandit(), n_sessions=10, n_trials=100)
        >>> score = cl.evaluate(agent, data)
        >>> score.normalized_likelihood > score.chance
        True
    """
    predictor = as_predictor(model)
    if isinstance(dataset, Task | NumpyTask):
        return _on_task(
            predictor, dataset, DEFAULT_TRIALS if n_trials is None else n_trials, 0 if seed is None else seed
        )
    if n_trials is not None or seed is not None:
        raise ValueError("n_trials and seed are of a task's trials and have no effect on a data set")
    if not isinstance(dataset, Dataset):
        raise TypeError(f"the data are a {type(dataset).__name__}, expected a cl.Dataset or a task")
    return score_outputs(predictor.outputs(dataset), dataset)


def _on_task(predictor: Predictor, task: Any, n_trials: int, seed: int) -> Evaluation:
    """Score a model on new trials of a task, also by the task's own accuracy where it has one."""
    batch = task.batch(as_seed(seed), n_trials)
    trials = task_dataset(task, batch)
    outputs = predictor.outputs(trials)
    try:
        accuracy = np.asarray(task.accuracy(outputs, batch), float)
    except NotImplementedError:
        accuracy = None
    return replace(score_outputs(outputs, trials), accuracy=accuracy)


def score_outputs(outputs: Float[Array | np.ndarray, "session time output"], dataset: Dataset) -> Evaluation:
    """Score logits of the alternatives, if there are choices, and predicted numbers, if there are any."""
    n_classes = dataset.n_classes or 0
    signals = None
    if dataset.kind != "categorical" and outputs.shape[-1] > n_classes:
        signals = _signal_errors(outputs[..., n_classes:], dataset, first=min(n_classes, 1))
    if n_classes:
        return score_logits(outputs[..., :n_classes], dataset, signals)
    none = np.zeros(dataset.n_sessions, int)
    return Evaluation(none.astype(float), none, *_labels(dataset), n_classes=0, signals=signals)


def score_logits(
    logits: Float[Array | np.ndarray, "session time alternative"],
    dataset: Dataset,
    signals: SignalErrors | None = None,
) -> Evaluation:
    """Score given logits, one for each alternative on each trial."""
    if dataset.kind == "continuous":
        raise ValueError("likelihoods are of choices, but the data set is continuous")
    nll = trial_nll(logits, dataset).sum(1)
    counted = np.asarray(dataset.mask)[..., 0].sum(1)
    return Evaluation(nll, counted, *_labels(dataset), n_classes=int(dataset.n_classes or 0), signals=signals)


def trial_nll(
    logits: Float[Array | np.ndarray, "session time alternative"], dataset: Dataset
) -> Float[np.ndarray, "session time"]:
    """Compute the negative log-likelihood of each choice in nats, 0 where it does not count."""
    return np.asarray(_trial_nll(jnp.asarray(logits), TrialArrays.of(dataset)), np.float64)


@jax.jit
def _trial_nll(
    logits: Float[Array, "session time alternative"], data: TrialArrays
) -> Float[Array, "session time"]:
    return choice_nll(logits, data.targets[..., :1], data.mask[..., :1], data.action_mask)


def _signal_errors(predicted: Array | np.ndarray, dataset: Dataset, first: int) -> SignalErrors:
    """Errors of the targets from column `first` on."""
    recorded, counts = np.asarray(dataset.targets, float)[..., first:], np.asarray(dataset.mask)[..., first:]
    mean = np.where(counts, recorded, 0.0).sum((0, 1)) / np.maximum(counts.sum((0, 1)), 1)

    def summed(differences: np.ndarray) -> np.ndarray:
        return np.where(counts, differences**2, 0.0).sum(1)

    return SignalErrors(
        squared_error=summed(np.asarray(predicted, float) - recorded),
        squared_deviation=summed(recorded - mean),
        n_samples=counts.sum(1),
        names=dataset.target_names[first:],
    )


def _labels(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    subject = np.array([dataset.subject_names[i] for i in dataset.subject])
    return subject, np.array(dataset.session_names)


def _per_choice(frame: pd.DataFrame) -> pd.DataFrame:
    """Summed nll to nll per choice; a session without a counted choice has none."""
    frame["nll"] = frame["nll"] / frame["n_targets"].where(frame["n_targets"] > 0)
    return frame.assign(normalized_likelihood=np.exp(-frame["nll"]))
