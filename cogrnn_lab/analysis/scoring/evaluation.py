"""How well a network or an agent predicts recorded choices and signals."""

from dataclasses import dataclass
from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Array, Float

from cogrnn_lab.analysis.reading.latents import noiseless_rollout
from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.fitting.result import AgentFit
from cogrnn_lab.models import Network
from cogrnn_lab.tasks import Agent, BoundedAccumulator, accumulator_logits, agent_logits
from cogrnn_lab.training.compatibility import check_model_fits


@dataclass(frozen=True)
class SignalErrors:
    """How far predicted numbers are from the recorded ones, over the samples that count.

    All (session, signal): `squared_error` and `squared_deviation` (from the mean of the data set) summed over
    a session's `n_samples`. `names` of the signals.
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
        """(signal,) share of the variance that is predicted; below 0 where the mean would be better."""
        return 1.0 - self.squared_error.sum(0) / self.squared_deviation.sum(0)


@dataclass(frozen=True)
class Evaluation:
    """Likelihood of the choices that count, and errors of predicted signals, without noise.

    `session_nll` (session,) summed negative log-likelihood in nats; `session_targets` (session,) how many
    choices count; `subject` and `session` (session,) labels; `n_classes` the number of alternatives (0: there
    are no choices); `signals` a `SignalErrors` where numbers are predicted, else None.
    """

    session_nll: np.ndarray
    session_targets: np.ndarray
    subject: np.ndarray
    session: np.ndarray
    n_classes: int
    signals: SignalErrors | None = None

    @property
    def n_targets(self) -> int:
        """How many choices count."""
        return int(self.session_targets.sum())

    @property
    def nll(self) -> float:
        """Negative log-likelihood in nats per choice."""
        if self.n_targets == 0:
            raise ValueError(
                "these data are numbers, which have no likelihood here; see .signals.mse and .r2"
            )
        return float(self.session_nll.sum() / self.n_targets)

    @property
    def normalized_likelihood(self) -> float:
        """Geometric mean probability of the choices that were made: exp(-nll)."""
        return float(np.exp(-self.nll))

    @property
    def chance(self) -> float:
        """Normalized likelihood of guessing."""
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


def evaluate(model: Network | Agent | AgentFit | BoundedAccumulator, dataset: Dataset) -> Evaluation:
    """Score a network, an agent, or an accumulator of clicks on `dataset`, without noise.

    Fitted agents score each session by the agent of its subject. An accumulator, whose noise is a part of the
    model, has the noise marginalized; its clicks are in bins of 10 ms.

    Raises `ValueError` where the data don't fit the network, or are no choices and the model is an agent, or
    have a subject to whom no agent was fitted.
    """
    if isinstance(model, AgentFit):
        return score_logits(jnp.asarray(model.logits(dataset)), dataset)
    if isinstance(model, Agent):
        return score_logits(jnp.asarray(agent_logits(model, dataset)), dataset)
    if isinstance(model, BoundedAccumulator):
        return score_logits(jnp.asarray(accumulator_logits(model, dataset)), dataset)
    check_model_fits(model, dataset, "data set")
    outputs = noiseless_rollout(model, TrialArrays.of(dataset)).outputs
    if dataset.kind == "categorical":
        return score_logits(outputs, dataset)
    n_classes = dataset.n_classes or 0
    signals = _signal_errors(outputs[..., n_classes:], dataset, first=1 if n_classes else 0)
    if n_classes:
        return score_logits(outputs[..., :n_classes], dataset, signals)
    none = np.zeros(dataset.n_sessions, int)
    return Evaluation(none.astype(float), none, *_labels(dataset), n_classes=0, signals=signals)


def score_logits(
    logits: Float[Array, "session time alternative"], dataset: Dataset, signals: SignalErrors | None = None
) -> Evaluation:
    """The evaluation of given logits, one for each alternative on each trial."""
    if dataset.kind == "continuous":
        raise ValueError("likelihoods are of choices, but the data set is continuous")
    nll = np.asarray(session_nll(jnp.asarray(logits), TrialArrays.of(dataset)), np.float64)
    counted = np.asarray(dataset.mask)[..., 0].sum(1)
    return Evaluation(nll, counted, *_labels(dataset), n_classes=int(dataset.n_classes or 0), signals=signals)


@jax.jit
def session_nll(
    logits: Float[Array, "session time alternative"], data: TrialArrays
) -> Float[Array, " session"]:
    """Negative log-likelihood summed over the counted choices of each session."""
    if data.action_mask is not None:
        logits = jnp.where(data.action_mask, logits, -jnp.inf)
    chosen = (jnp.arange(logits.shape[-1])[None, None] == data.targets[..., :1]) & data.mask[..., :1]
    nll = jax.nn.logsumexp(logits, axis=-1) - jnp.where(chosen, logits, 0.0).sum(-1)
    return jnp.where(data.mask[..., 0], nll, 0.0).sum(-1)


def _signal_errors(predicted: Array, dataset: Dataset, first: int) -> SignalErrors:
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
