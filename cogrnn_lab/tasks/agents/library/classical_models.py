"""The classical models of choice that a new model is to be compared with."""

from collections.abc import Callable
from typing import Any

from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.library.actor_critic import LeakyActorCritic
from cogrnn_lab.tasks.agents.library.pearce_hall import PearceHall
from cogrnn_lab.tasks.agents.library.perseveration import Perseveration
from cogrnn_lab.tasks.agents.library.published_agents import (
    bari_2019,
    grossman_2022,
    hattori_2019,
    lau_glimcher_2005,
    perseverative_q_learning,
)
from cogrnn_lab.tasks.agents.library.q_learning import QLearning
from cogrnn_lab.tasks.agents.library.side_bias import SideBias
from cogrnn_lab.tasks.agents.library.threshold_foraging import ThresholdForaging
from cogrnn_lab.tasks.agents.library.win_stay_lose_shift import WinStayLoseShift

# Each model from its side bias. Made when asked for, because arrays would start JAX on import.
CLASSICAL_MODELS: dict[str, Callable[[Any], Agent]] = {
    "win-stay lose-shift": lambda bias: WinStayLoseShift(),
    "Q-learning": lambda bias: QLearning(),
    "Q-learning, gains and losses": lambda bias: SideBias(QLearning(loss_rate=0.2), bias),
    "Q-learning, forgetting": lambda bias: SideBias(QLearning(forget_rate=0.3), bias),
    "Q-learning, perseveration": lambda bias: SideBias(Perseveration(QLearning()), bias),
    "Q-learning, forgetting, perseveration": lambda bias: perseverative_q_learning(bias=bias),
    "Bari 2019": lambda bias: bari_2019(bias=bias),
    "Hattori 2019": lambda bias: hattori_2019(bias=bias),
    "Pearce-Hall, forgetting": lambda bias: SideBias(PearceHall(forget_rate=0.3), bias),
    "Grossman 2022": lambda bias: grossman_2022(bias=bias),
    "actor-critic": lambda bias: SideBias(LeakyActorCritic(), bias),
    "actor-critic, perseveration": lambda bias: SideBias(Perseveration(LeakyActorCritic()), bias),
    "threshold foraging": lambda bias: SideBias(ThresholdForaging(), bias),
    "history regression": lambda bias: lau_glimcher_2005(10, bias),
}


def classical_models(n_arms: int = 2) -> dict[str, Agent]:
    """Makes the models that a new one is to be compared with, for `compare`.

    All but the two simplest have a side bias.

    Arguments:
        n_arms: Number of alternatives, 2 or more.

    Returns:
        The agents by name.

    Example:
        >>> import cogrnn_lab as cl
        >>> models = cl.classical_models()
        >>> list(models)[:2]
        ['win-stay lose-shift', 'Q-learning']
    """
    bias: Any = 0.0 if n_arms == 2 else [0.0] * (n_arms - 1)
    return {name: make(bias) for name, make in CLASSICAL_MODELS.items()}
