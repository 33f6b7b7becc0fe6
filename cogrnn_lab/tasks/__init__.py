"""Where behavior and trials come from: agents, environments and their meeting, and tasks made of trials."""

from cogrnn_lab.tasks.actor_critic import LeakyActorCritic
from cogrnn_lab.tasks.agent import Agent
from cogrnn_lab.tasks.agent_logits import agent_logits
from cogrnn_lab.tasks.drifting_bandit import DriftingBandit
from cogrnn_lab.tasks.environment import Environment
from cogrnn_lab.tasks.network_agent import NetworkAgent
from cogrnn_lab.tasks.payout_matrix import PayoutMatrix
from cogrnn_lab.tasks.q_learning import QLearning
from cogrnn_lab.tasks.simulate import simulate
from cogrnn_lab.tasks.trials import *  # noqa: F403
from cogrnn_lab.tasks.trials import __all__ as _trials

__all__ = [
    "Agent",
    "DriftingBandit",
    "Environment",
    "LeakyActorCritic",
    "NetworkAgent",
    "PayoutMatrix",
    "QLearning",
    "agent_logits",
    "simulate",
    *_trials,
]  # pyright: ignore
