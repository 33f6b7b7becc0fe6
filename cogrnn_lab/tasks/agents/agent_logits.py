"""Logits of an agent on every trial of recorded behavior."""

import warnings
from types import MappingProxyType
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32, Int, PyTree

from cogrnn_lab.callers import level_of_caller
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.named import check_classes
from cogrnn_lab.data.outcomes import recorded_outcomes
from cogrnn_lab.tasks.agents.agent import PAID, Agent
from cogrnn_lab.tasks.agents.leading import lead_along
from cogrnn_lab.tasks.agents.recorded_trials import recorded_trials
from cogrnn_lab.tasks.agents.subject_parameters import SubjectParameters, Values, subject_parameters
from cogrnn_lab.tasks.agents.tracing import traced
from cogrnn_lab.tasks.player_checks import check_logits


def agent_logits(
    agent: Agent | SubjectParameters, dataset: Dataset
) -> Float32[np.ndarray, "session trial arm"]:
    """Compute the logits of an agent that is led along the recorded choices and rewards.

    The softmax of the logits are the agent's predictions. The agent learns from every choice made, instructed
    ones included, although these are no targets; a missed trial leaves its state unchanged. Choices and
    rewards are `Dataset.choices` and `Dataset.rewards`, which the agent takes as they were paid;
    `ScaledOutcomes` makes an agent of this package take those that are not 0 and 1.

    Arguments:
        agent: An agent. One with parameters for several subjects predicts each session by those of its
            subject.
        dataset: Choices of one or several subjects.

    Returns:
        Logits before each choice, (session, trial, arm).

    Raises:
        ValueError: Where the reward of a choice is not known, the agent is for another number of subjects, or
            a network that plays knows other alternatives, or in another order.

    Warns:
        UserWarning: An agent made for rewards of 0 and 1 is given others, by which it did not play itself.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=20)
        >>> cl.agent_logits(cl.QLearning(), data).shape
        (2, 20, 2)
    """
    recorded_outcomes(dataset)  # says first what is wrong with the data
    shared, values = parameters_for(agent, dataset)
    check_classes(getattr(shared, "class_names", None), dataset)  # of a network that plays
    warn_of_scale(shared, dataset)
    return recorded_logits(shared, dataset, values)


def recorded_logits(
    agent: Agent, dataset: Dataset, values: Values = MappingProxyType({})
) -> Float32[np.ndarray, "session trial arm"]:
    """Logits before each choice of a data set; `values` as in `logits_along`."""
    choice, reward, stimulus = recorded_trials(agent, dataset)
    return np.asarray(logits_along(agent, choice, reward, dataset.n_classes or 0, values, stimulus))


def warn_of_scale(agent: Agent, dataset: Dataset) -> None:
    """Tell that an agent made for rewards of 0 and 1 is given others; where it played itself it may be so."""
    scale = dataset.outcomes
    if agent.reward_units == PAID or scale.is_plain or "p_choice" in dataset.columns:
        return
    name = type(agent).__name__
    warnings.warn(
        f"{name} is made for rewards of 0 and 1, but here {scale.low:g} is nothing and {scale.high:g} a full "
        "reward. It is given them as they were paid; cl.ScaledOutcomes(agent, data.outcomes) scales them, as "
        "fit_agent does.",
        UserWarning,
        stacklevel=level_of_caller(),
    )


@eqx.filter_jit
def logits_along(
    agent: Agent,
    choice: Int[Array | np.ndarray, "session trial"],
    reward: Any,
    n_arms: int,
    values: Values = MappingProxyType({}),
    stimulus: Int[Array | np.ndarray, "session trial"] | None = None,
) -> Float[Array, "session trial arm"]:
    """Logits before each choice; a choice of -1 is skipped. Differentiable in the agent.

    `choice`, `reward` and `stimulus` as in `RecordedTrials`; `values` holds the parameters in which the
    sessions differ, (session,) each.
    """

    def logits(agent: Agent, state: PyTree, choice: Array, reward: Array) -> Array:
        return preferences(agent, state, n_arms)

    reward = jax.tree.map(jnp.asarray, reward)
    told = None if stimulus is None else jnp.asarray(stimulus)
    return lead_along(logits, agent, values, jnp.asarray(choice), reward, n_arms, told)


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
