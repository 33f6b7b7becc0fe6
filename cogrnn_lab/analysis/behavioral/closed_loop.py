"""Models of every kind that play by themselves, as many sessions as the data have."""

from typing import Any

import numpy as np
from jaxtyping import Array, Int

from cogrnn_lab.analysis.behavioral.matched_environment import environment_of
from cogrnn_lab.analysis.behavioral.past_trials import alternative_names
from cogrnn_lab.analysis.choice_equations.result import Equations
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.groups import group_keys
from cogrnn_lab.data.named import check_classes
from cogrnn_lab.data.previous_trial import PREVIOUS_MISSED, previous_trial_names
from cogrnn_lab.fitting.result import AgentFit
from cogrnn_lab.models.network_at_hand import network_of
from cogrnn_lab.random_numbers import as_seed
from cogrnn_lab.tasks import Agent, Environment, NetworkAgent
from cogrnn_lab.tasks.agents.subject_parameters import SubjectParameters, subject_parameters
from cogrnn_lab.tasks.simulation import simulate_like
from cogrnn_lab.training.known_subjects import subjects_as_known


class SubjectsNetworkAgent(NetworkAgent):
    """A network that knows subjects, plays as one of them, whose index is a parameter."""

    subject: Int[Array, ""] | int = 0  # pyright: ignore[reportIncompatibleVariableOverride]


def played(
    model: Any,
    dataset: Dataset,
    environment: Environment | str | None = None,
    *,
    p_reward: Any = None,
    seed: int = 0,
) -> tuple[Dataset, str]:
    """Let a model play as many sessions as the data have, each as long; say what it played."""
    world, place, how = environment_of(dataset, environment, p_reward, as_seed(seed))
    players, player = players_of(model, dataset)
    return simulate_like(dataset, players, player, world, place, as_seed(seed)), how


def players_of(model: Any, dataset: Dataset) -> tuple[SubjectParameters, Int[np.ndarray, " session"]]:
    """Agents that a model is, and which of them plays each session.

    Raises:
        TypeError: The model cannot play.
        ValueError: It knows no agent for a subject, reads what no bandit tells, or has other alternatives.
    """
    first = np.zeros(dataset.n_sessions, int)
    if isinstance(model, AgentFit):
        check_classes(model.class_names, dataset, who="fit")
        return model.agents, np.asarray(model._indices(group_keys(dataset, model.by)))
    if isinstance(model, Equations):
        return SubjectParameters(model.agent, {}), first
    if isinstance(model, Agent | SubjectParameters):
        players = subject_parameters(model)
        if players.n_subjects == 1:
            return players, first
        if players.n_subjects != len(dataset.subject_names):
            raise ValueError(
                f"the agent has parameters of {players.n_subjects} subjects, but the data have "
                f"{len(dataset.subject_names)}."
            )
        return players, np.asarray(dataset.subject)
    if isinstance(model, Environment):
        raise TypeError(
            "the model is an environment; it goes to environment=, and an agent or a network plays it"
        )
    try:
        network = network_of(model)
    except TypeError:
        raise TypeError(
            f"the model is a {type(model).__name__}; expected what can play: an agent, fitted agents, "
            "equations, or a network, a Run or a Discovery"
        ) from None
    others = further_inputs(network, dataset)
    if getattr(network, "n_subjects", None) is None:
        return SubjectParameters(NetworkAgent(network, other_inputs=others), {}), first
    known = subjects_as_known(network, dataset, "data set")
    agent = SubjectsNetworkAgent(network, other_inputs=others)
    subject = np.asarray(known.subject, np.int32)
    return SubjectParameters(agent, {"subject": subject}), np.arange(dataset.n_sessions)


def further_inputs(network: Any, dataset: Dataset) -> tuple[float, ...]:
    """Values of the inputs after the previous choice and reward: 0 for "previous trial missed".

    Raises:
        ValueError: The network reads other inputs, which nobody tells it when it plays.
    """
    check_classes(getattr(network, "class_names", None), dataset)
    told = previous_trial_names(alternative_names(dataset))
    names = getattr(network, "input_names", None)
    if names is None:  # not trained, or on unnamed inputs: only their number is known
        names = dataset.input_names if dataset.n_inputs == network.n_inputs else told
    own, rest = tuple(names[: len(told)]), tuple(names[len(told) :])
    if own != told or not set(rest) <= {PREVIOUS_MISSED}:
        raise ValueError(
            f"the network reads the inputs {', '.join(names)}; one that plays is told {', '.join(told)} "
            f'alone (and 0 for "{PREVIOUS_MISSED}"). open_loop=True predicts along the data instead.'
        )
    return (0.0,) * len(rest)
