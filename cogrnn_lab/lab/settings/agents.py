"""Classical models as the lab offers them for simulation: every number of a composed agent has a control."""

from typing import Any

from cogrnn_lab.tasks import (
    Agent,
    HistoryRegression,
    LeakyActorCritic,
    PearceHall,
    Perseveration,
    QLearning,
    SideBias,
)


def q_learning_gains_losses(
    gain_rate: float = 0.4,
    loss_rate: float = 0.2,
    inverse_temperature: float = 3.0,
    bias: Any = 0.0,
) -> Agent:
    """Q-learning with a rate for gains and another one for losses, and a side bias."""
    return SideBias(QLearning(gain_rate, inverse_temperature, loss_rate=loss_rate), bias)


def q_learning_forgetting(
    learning_rate: float = 0.3,
    inverse_temperature: float = 3.0,
    forget_rate: float = 0.3,
    bias: Any = 0.0,
) -> Agent:
    """Q-learning that forgets what it did not choose, with a side bias."""
    return SideBias(QLearning(learning_rate, inverse_temperature, forget_rate), bias)


def q_learning_perseveration(
    learning_rate: float = 0.3,
    inverse_temperature: float = 3.0,
    choice_rate: float = 0.3,
    choice_weight: float = 0.5,
    bias: Any = 0.0,
) -> Agent:
    """Q-learning with a fading trace of its choices, and a side bias."""
    learner = QLearning(learning_rate, inverse_temperature)
    return SideBias(Perseveration(learner, choice_rate, choice_weight), bias)


def pearce_hall_forgetting(
    learning_rate: float = 0.5,
    surprise_rate: float = 0.3,
    inverse_temperature: float = 3.0,
    forget_rate: float = 0.3,
    bias: Any = 0.0,
) -> Agent:
    """Rates that follow surprise, with forgetting and a side bias."""
    return SideBias(PearceHall(learning_rate, surprise_rate, inverse_temperature, forget_rate), bias)


def actor_critic_perseveration(
    critic_rate: float = 0.3,
    actor_rate: float = 1.0,
    forget_rate: float = 0.05,
    initial_value: float = 0.5,
    choice_rate: float = 0.3,
    choice_weight: float = 0.5,
    bias: Any = 0.0,
) -> Agent:
    """A leaky actor-critic with a fading trace of its choices, and a side bias."""
    learner = LeakyActorCritic(critic_rate, actor_rate, forget_rate, initial_value)
    return SideBias(Perseveration(learner, choice_rate, choice_weight), bias)


def history_regression(
    reward_weights: tuple[float, ...] = (1.5, 0.9, 0.5, 0.3, 0.2),
    choice_weights: tuple[float, ...] = (0.4, 0.2, 0.1),
    bias: Any = 0.0,
) -> Agent:
    """Logistic regression on past trials, the latest first; what is not given counts nothing."""
    n_back = max(len(reward_weights), len(choice_weights))
    weights = ((*given, *[0.0] * (n_back - len(given))) for given in (reward_weights, choice_weights))
    return SideBias(HistoryRegression(n_back, *weights), bias)
