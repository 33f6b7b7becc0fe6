"""Logits of an agent on every trial of recorded behavior."""

from types import MappingProxyType
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32, Int, PyTree

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.outcomes import recorded_outcomes
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.leading import lead_along
from cogrnn_lab.tasks.agents.subject_parameters import SubjectParameters, Values, subject_parameters
from cogrnn_lab.tasks.agents.tracing import traced
from cogrnn_lab.tasks.player_checks import check_logits


def agent_logits(
    agent: Agent | SubjectParameters, dataset: Dataset
) -> Float32[np.ndarray, "session trial arm"]:
    """Compute the logits of an agent that is led along the recorded choices and rewards.

    The softmax of the logits are the agent's predictions. The agent learns from every choice made, instructed
    ones included, although these are no targets; a missed trial leaves its state unchanged. Choices and
    rewards are `Dataset.choices` and `Dataset.rewards`.

    Arguments:
        agent: An agent. One with parameters for several subjects predicts each session by those of its
            subject.
        dataset: Choices of one or several subjects.

    Returns:
        Logits before each choice, (session, trial, arm).

    Raises:
        ValueError: Where the reward of a choice is not known, or the agent is for another number of subjects.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=20)
        >>> cl.agent_logits(cl.QLearning(), data).shape
        (2, 20, 2)
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
    """Logits before each choice; a choice of -1 is skipped. Differentiable in the agent.

    `values` holds the parameters in which the sessions differ, (session,) each.
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
    """The agent as compiled code takes it, and the parameters of each session where subjects have their own.

    Raises:
        ValueError: Where the agent has parameters for another number of subjects than the data set.
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
