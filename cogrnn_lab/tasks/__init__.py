"""Where behavior and trials come from: agents, environments and their meeting, and tasks made of trials."""

from cogrnn_lab.tasks.actor_critic import LeakyActorCritic
from cogrnn_lab.tasks.agent import Agent
from cogrnn_lab.tasks.agent_logits import agent_logits
from cogrnn_lab.tasks.block_bandit import BlockBandit
from cogrnn_lab.tasks.bounded_accumulator import BoundedAccumulator
from cogrnn_lab.tasks.click_choices import accumulator_logits, p_right, simulate_clicks
from cogrnn_lab.tasks.drifting_bandit import DriftingBandit
from cogrnn_lab.tasks.environment import Environment
from cogrnn_lab.tasks.matching_pennies import MatchingPennies
from cogrnn_lab.tasks.network_agent import NetworkAgent
from cogrnn_lab.tasks.payout_matrix import PayoutMatrix
from cogrnn_lab.tasks.poisson_clicks import PoissonClicks
from cogrnn_lab.tasks.q_learning import QLearning
from cogrnn_lab.tasks.signals import ChosenValue, RewardPredictionError, Signal, record_signals
from cogrnn_lab.tasks.simulate import simulate
from cogrnn_lab.tasks.trials import *  # noqa: F403
from cogrnn_lab.tasks.trials import __all__ as _trials
from cogrnn_lab.tasks.uncoupled_bandit import UncoupledBandit

__all__ = [
    "Agent",
    "BlockBandit",
    "BoundedAccumulator",
    "ChosenValue",
    "DriftingBandit",
    "Environment",
    "LeakyActorCritic",
    "MatchingPennies",
    "NetworkAgent",
    "PayoutMatrix",
    "PoissonClicks",
    "QLearning",
    "RewardPredictionError",
    "Signal",
    "UncoupledBandit",
    "accumulator_logits",
    "agent_logits",
    "p_right",
    "record_signals",
    "simulate",
    "simulate_clicks",
    *_trials,
]  # pyright: ignore
