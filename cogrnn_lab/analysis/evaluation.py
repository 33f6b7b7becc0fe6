"""How well a network or an agent predicts recorded choices."""

from dataclasses import dataclass
from functools import cached_property

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Array, Float

from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.models import SequenceModel
from cogrnn_lab.tasks import Agent, agent_logits
from cogrnn_lab.training.fit_together import check_model_fits


@dataclass(frozen=True)
class Evaluation:
    """Likelihood of the choices that count, without noise.

    `session_nll` (session,) summed negative log-likelihood in nats; `session_targets` (session,) how many
    choices count; `subject` and `session` (session,) labels; `n_classes` the number of alternatives.
    """

    session_nll: np.ndarray
    session_targets: np.ndarray
    subject: np.ndarray
    session: np.ndarray
    n_classes: int

    @property
    def n_targets(self) -> int:
        """How many choices count."""
        return int(self.session_targets.sum())

    @property
    def nll(self) -> float:
        """Negative log-likelihood in nats per choice."""
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


def evaluate(model: SequenceModel | Agent, dataset: Dataset) -> Evaluation:
    """Score a network or an agent on the choices of `dataset`, without noise.

    Raises `ValueError` where the data are not choices or don't fit the network.
    """
    if isinstance(model, Agent):
        logits = jnp.asarray(agent_logits(model, dataset))
    else:
        check_model_fits(model, dataset, "data set")
        logits = network_logits(model, TrialArrays.of(dataset))
    return score_logits(logits, dataset)


def score_logits(logits: Float[Array, "session time alternative"], dataset: Dataset) -> Evaluation:
    """The evaluation of given logits, one for each alternative on each trial."""
    if dataset.kind != "categorical":
        raise ValueError(f"likelihoods are of choices, but the data set is of kind {dataset.kind!r}")
    nll = np.asarray(session_nll(jnp.asarray(logits), TrialArrays.of(dataset)), np.float64)
    return Evaluation(
        session_nll=nll,
        session_targets=np.asarray(dataset.mask).sum((1, 2)),
        subject=np.array([dataset.subject_names[i] for i in dataset.subject]),
        session=np.array(dataset.session_names),
        n_classes=int(dataset.n_classes or 0),
    )


@eqx.filter_jit
def network_logits(model: SequenceModel, data: TrialArrays) -> Float[Array, "session time alternative"]:
    """Noiseless outputs of a network along a data set."""
    return model.rollout(data.inputs, subject=data.subject, key=None, noise=0.0).outputs


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


def _per_choice(frame: pd.DataFrame) -> pd.DataFrame:
    """Summed nll to nll per choice; a session without a counted choice has none."""
    frame["nll"] = frame["nll"] / frame["n_targets"].where(frame["n_targets"] > 0)
    return frame.assign(normalized_likelihood=np.exp(-frame["nll"]))
