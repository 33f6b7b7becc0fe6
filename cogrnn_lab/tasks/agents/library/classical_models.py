"""The classical models of choice that a new model is to be compared with."""

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


def classical_models(n_arms: int = 2) -> dict[str, Agent]:
    """The models that a new one is to be compared with, by name, for `compare`.

    All but the two simplest have a side bias.
    """
    bias: Any = 0.0 if n_arms == 2 else [0.0] * (n_arms - 1)

    def biased(agent: Agent) -> Agent:
        return SideBias(agent, bias)

    return {
        "win-stay lose-shift": WinStayLoseShift(),
        "Q-learning": QLearning(),
        "Q-learning, gains and losses": biased(QLearning(loss_rate=0.2)),
        "Q-learning, forgetting": biased(QLearning(forget_rate=0.3)),
        "Q-learning, perseveration": biased(Perseveration(QLearning())),
        "Q-learning, forgetting, perseveration": perseverative_q_learning(bias=bias),
        "Bari 2019": bari_2019(bias=bias),
        "Hattori 2019": hattori_2019(bias=bias),
        "Pearce-Hall, forgetting": biased(PearceHall(forget_rate=0.3)),
        "Grossman 2022": grossman_2022(bias=bias),
        "actor-critic": biased(LeakyActorCritic()),
        "actor-critic, perseveration": biased(Perseveration(LeakyActorCritic())),
        "threshold foraging": biased(ThresholdForaging()),
        "history regression": lau_glimcher_2005(10, bias),
    }
