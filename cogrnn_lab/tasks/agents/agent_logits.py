"""What an agent would have preferred at every trial of recorded behavior."""

from types import MappingProxyType
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32, Int, Int32, PyTree

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.previous_trial import PREVIOUS_REWARD
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.leading import lead_along
from cogrnn_lab.tasks.agents.subject_parameters import SubjectParameters, Values, subject_parameters
from cogrnn_lab.tasks.agents.tracing import traced
from cogrnn_lab.tasks.player_checks import check_logits


def agent_logits(
    agent: Agent | SubjectParameters, dataset: Dataset
) -> Float32[np.ndarray, "session trial arm"]:
    """Logits of an agent that is led along the recorded choices and rewards.

    Their softmax are its predictions. It learns from every choice that was made, also from those that are no
    targets (instructed); a missed trial leaves it as it was. Choices and rewards are the columns "choice" and
    "reward", or are taken from the targets and the input "previous reward" where there are no such columns.
    An agent with parameters for several subjects predicts each session by those of its subject.

    **Raises:** `ValueError` where the data set has neither, or where its subjects are not those of the agent.
    """
    choice, reward = recorded_outcomes(dataset)
    shared, values = parameters_for(agent, dataset)
    return np.asarray(logits_along(shared, choice, reward, dataset.n_classes or 0, values))


@eqx.filter_jit
def logits_along(
    agent: Agent,
    choice: Int[Array | np.ndarray, "session trial"],
    reward: Float[Array | np.ndarray, "session trial"],
    n_arms: int,
    values: Values = MappingProxyType({}),
) -> Float[Array, "session trial arm"]:
    """Logits before each choice. A choice of -1 is skipped. Differentiable in the agent.

    In the parameters `values`, (session,) each, the sessions differ.
    """

    def logits(agent: Agent, state: PyTree, choice: Array, reward: Array) -> Array:
        return preferences(agent, state, n_arms)

    return lead_along(logits, agent, values, jnp.asarray(choice), jnp.asarray(reward), n_arms)


def preferences(agent: Agent, state: PyTree[Any], n_arms: int) -> Float[Array, " arm"]:
    """Logits in a state, one number for each arm."""
    preferred = agent.logits(state)
    check_logits(preferred, agent, n_arms)
    return preferred


def parameters_for(agent: Agent | SubjectParameters, dataset: Dataset) -> tuple[Agent, Values]:
    """The agent as compiled code takes it, and its parameters of each session where subjects have their own.

    **Raises:** `ValueError` where it has parameters for another number of subjects than the data set.
    """
    shared, _ = own = subject_parameters(agent)
    n_subjects = len(dataset.subject_names)
    if own.values and own.n_subjects != n_subjects:
        raise ValueError(
            f"{type(shared).__name__} has parameters for {own.n_subjects} subjects "
            f"({', '.join(own.values)}), but the data set has {n_subjects}; expected one value for each "
            f"of its subject_names."
        )
    return traced(shared), own.of_sessions(dataset.subject)


def recorded_outcomes(
    dataset: Dataset,
) -> tuple[Int32[np.ndarray, "session trial"], Float32[np.ndarray, "session trial"]]:
    """Choices (-1: none) and rewards (0 where there is none).

    **Raises:** `ValueError` where the data set has no choices or no rewards.
    """
    if dataset.n_classes is None:
        raise ValueError("the data set is continuous; an agent's logits need recorded choices.")
    if "choice" in dataset.columns:
        choice = dataset.columns["choice"]
        choice = np.where(dataset.valid & np.isfinite(choice), choice, -1)
    else:
        choice = np.where(dataset.mask[..., 0], dataset.targets[..., 0], -1)
    if "reward" in dataset.columns:
        reward = dataset.columns["reward"]
    elif PREVIOUS_REWARD in dataset.input_names:
        after = dataset.inputs[:, 1:, dataset.input_names.index(PREVIOUS_REWARD)]
        reward = np.concatenate([after, np.zeros((dataset.n_sessions, 1))], axis=1)
    else:
        raise ValueError(
            f'the data set has no column "reward" and no input "{PREVIOUS_REWARD}", only the inputs '
            f"{', '.join(dataset.input_names)}; an agent cannot learn from it. Name the inputs with "
            "input_names."
        )
    reward = np.where((choice >= 0) & np.isfinite(reward), reward, 0.0)
    return choice.astype(np.int32), reward.astype(np.float32)
