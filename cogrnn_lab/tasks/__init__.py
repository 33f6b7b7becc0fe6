"""Sources of behavior and trials: agents, environments, simulations, and trial tasks."""

from cogrnn_lab.argument_kinds import check_public
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.agent_logits import agent_logits
from cogrnn_lab.tasks.agents.agent_parameters import AgentParameter, agent_parameters
from cogrnn_lab.tasks.agents.library.actor_critic import LeakyActorCritic
from cogrnn_lab.tasks.agents.library.classical_models import classical_models
from cogrnn_lab.tasks.agents.library.counterfactual import CounterfactualQLearning
from cogrnn_lab.tasks.agents.library.history_regression import HistoryRegression
from cogrnn_lab.tasks.agents.library.lapse import Lapse
from cogrnn_lab.tasks.agents.library.meta_learning import MetaLearning
from cogrnn_lab.tasks.agents.library.network_agent import NetworkAgent
from cogrnn_lab.tasks.agents.library.pearce_hall import PearceHall
from cogrnn_lab.tasks.agents.library.per_stimulus import PerStimulus
from cogrnn_lab.tasks.agents.library.perseveration import Perseveration
from cogrnn_lab.tasks.agents.library.published_agents import (
    bari_2019,
    grossman_2022,
    hattori_2019,
    lau_glimcher_2005,
    perseverative_q_learning,
)
from cogrnn_lab.tasks.agents.library.q_learning import QLearning
from cogrnn_lab.tasks.agents.library.reward_seeking import RewardSeeking
from cogrnn_lab.tasks.agents.library.scaled_outcomes import ScaledOutcomes
from cogrnn_lab.tasks.agents.library.side_bias import SideBias
from cogrnn_lab.tasks.agents.library.threshold_foraging import ThresholdForaging
from cogrnn_lab.tasks.agents.library.two_step_learner import TwoStepLearner
from cogrnn_lab.tasks.agents.library.win_stay_lose_shift import WinStayLoseShift
from cogrnn_lab.tasks.bandits.block_bandit import BlockBandit
from cogrnn_lab.tasks.bandits.drifting_bandit import DriftingBandit
from cogrnn_lab.tasks.bandits.environment import Environment
from cogrnn_lab.tasks.bandits.matching_pennies import MatchingPennies
from cogrnn_lab.tasks.bandits.payout_matrix import PayoutMatrix
from cogrnn_lab.tasks.bandits.stimulus_bandits import StimulusBandits
from cogrnn_lab.tasks.bandits.uncoupled_bandit import UncoupledBandit
from cogrnn_lab.tasks.clicks.bounded_accumulator import BoundedAccumulator
from cogrnn_lab.tasks.clicks.click_choices import accumulator_logits, p_right, simulate_clicks
from cogrnn_lab.tasks.clicks.poisson_clicks import PoissonClicks
from cogrnn_lab.tasks.mystery import MysteryAgent, MysteryAnswer, MysteryScore, mystery_agent
from cogrnn_lab.tasks.registry import register_agent, register_environment, register_task
from cogrnn_lab.tasks.signals import ChosenValue, RewardPredictionError, Signal, record_signals
from cogrnn_lab.tasks.simulation import simulate
from cogrnn_lab.tasks.trials import *  # noqa: F403
from cogrnn_lab.tasks.trials import __all__ as _trials
from cogrnn_lab.tasks.two_step import simulate_two_step

__all__ = [
    "Agent",
    "AgentParameter",
    "BlockBandit",
    "BoundedAccumulator",
    "ChosenValue",
    "CounterfactualQLearning",
    "DriftingBandit",
    "Environment",
    "HistoryRegression",
    "Lapse",
    "LeakyActorCritic",
    "MatchingPennies",
    "MetaLearning",
    "MysteryAgent",
    "MysteryAnswer",
    "MysteryScore",
    "NetworkAgent",
    "PayoutMatrix",
    "PearceHall",
    "PerStimulus",
    "Perseveration",
    "PoissonClicks",
    "QLearning",
    "RewardPredictionError",
    "RewardSeeking",
    "ScaledOutcomes",
    "SideBias",
    "Signal",
    "StimulusBandits",
    "ThresholdForaging",
    "TwoStepLearner",
    "UncoupledBandit",
    "WinStayLoseShift",
    "accumulator_logits",
    "agent_logits",
    "agent_parameters",
    "bari_2019",
    "classical_models",
    "grossman_2022",
    "hattori_2019",
    "lau_glimcher_2005",
    "mystery_agent",
    "p_right",
    "perseverative_q_learning",
    "record_signals",
    "register_agent",
    "register_environment",
    "register_task",
    "simulate",
    "simulate_clicks",
    "simulate_two_step",
    *_trials,
]  # pyright: ignore

check_public(globals(), __all__)
