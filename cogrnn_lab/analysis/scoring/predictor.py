"""Models of every kind as predictors of recorded trials, so that scoring asks once what a model is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from cogrnn_lab.analysis.reading.latents import noiseless_rollout
from cogrnn_lab.data import Dataset, TrialArrays
from cogrnn_lab.fitting.result import AgentFit
from cogrnn_lab.models import Network, n_parameters
from cogrnn_lab.tasks import Agent, BoundedAccumulator, accumulator_logits, agent_logits, agent_parameters
from cogrnn_lab.training.compatibility import as_network_knows

AGENT, NETWORK, OTHER, REFERENCE = "agent", "network", "other", "reference"


@runtime_checkable
class PredictsChoices(Protocol):
    """A fitted model of choices, such as an `AgentFit` or one of your own."""

    def logits(self, dataset: Dataset) -> Float[Array | np.ndarray, "session trial alternative"]:
        """Logits of the alternatives before the choice of each trial.

        Arguments:
            dataset: Any categorical data set.
        """
        ...


@dataclass(frozen=True)
class Predictor:
    """A model with everything fitted, as scoring sees it.

    Fields:
        kind: "agent", "network", "other".
        n_parameters: How many numbers were or can be fitted; NaN where nobody knows.
        outputs: Function of a data set that gives (session, trial, output): logits of its `n_classes`
            alternatives, if it has choices, then a prediction for each recorded number.
    """

    kind: str
    n_parameters: int | float
    outputs: Callable[[Dataset], Float[Array | np.ndarray, "session trial output"]]


def as_predictor(model: Any) -> Predictor:
    """Tell what kind of model it is, and how it predicts.

    Arguments:
        model: A `Network`, or a `Run` or `Discovery` that has one, an agent, fitted agents, an accumulator of
            clicks, or any object with a method `logits(dataset)`.

    Raises:
        TypeError: The model is none of these.
    """
    if isinstance(model, Network):
        return Predictor(NETWORK, n_parameters(model), lambda dataset: _network_outputs(model, dataset))
    held = None if isinstance(model, type | Agent | PredictsChoices) else getattr(model, "model", None)
    if isinstance(held, Network):
        return as_predictor(held)
    if isinstance(model, Agent):
        size = sum(parameter.size for parameter in agent_parameters(model))
        return Predictor(AGENT, size, lambda dataset: agent_logits(model, dataset))
    if isinstance(model, BoundedAccumulator):
        return Predictor(AGENT, np.nan, lambda dataset: accumulator_logits(model, dataset))
    if isinstance(model, PredictsChoices) and not isinstance(model, type):
        kind = AGENT if isinstance(model, AgentFit) else OTHER
        return Predictor(kind, getattr(model, "n_parameters", np.nan), model.logits)
    raise TypeError(
        f"the model is {_named(model)}; expected a trained network, an agent, fitted agents, an accumulator, "
        "or an object with a method logits(dataset) that gives (session, trial, alternative)"
    )


def _network_outputs(model: Network, dataset: Dataset) -> Float[Array, "session trial output"]:
    known = as_network_knows(model, dataset)
    return jnp.asarray(noiseless_rollout(model, TrialArrays.of(known)).outputs)


def _named(model: Any) -> str:
    if isinstance(model, type):
        return f"the class {model.__name__} (an object of it is needed)"
    return f"a {type(model).__name__}"
