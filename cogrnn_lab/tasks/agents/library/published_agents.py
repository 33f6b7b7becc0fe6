"""Models of behavior as papers define them: compositions of the agents of this package.

Each is a function of numbers that makes an agent, and can be fitted as it is, e.g.
`cl.fit_agent(cl.bari_2019, dataset)`.
"""

from typing import Any

from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.library.history_regression import HistoryRegression
from cogrnn_lab.tasks.agents.library.meta_learning import MetaLearning
from cogrnn_lab.tasks.agents.library.perseveration import Perseveration
from cogrnn_lab.tasks.agents.library.q_learning import QLearning
from cogrnn_lab.tasks.agents.library.side_bias import SideBias


def lau_glimcher_2005(n_back: int = 5, bias: Any = 0.0) -> Agent:
    """Logistic regression on past choices and rewards with a constant bias (J Exp Anal Behav 84:555)."""
    return SideBias(HistoryRegression(n_back), bias)


def bari_2019(
    learning_rate: float = 0.3,
    forget_rate: float = 0.3,
    inverse_temperature: float = 3.0,
    choice_weight: float = 0.5,
    bias: Any = 0.0,
) -> Agent:
    """Forgetting Q-learning with the last choice and a bias: Bari et al., Neuron 103:922.

    Their zeta is 1 - `forget_rate`, their kappa `choice_weight`. Values of the arm that was chosen are not
    forgotten (the authors' code has both forms); they start at 0.5.
    """
    learner = QLearning(learning_rate, inverse_temperature, forget_rate)
    return SideBias(Perseveration(learner, None, choice_weight), bias)


def hattori_2019(
    reward_rate: float = 0.4,
    omission_rate: float = 0.2,
    forget_rate: float = 0.3,
    inverse_temperature: float = 3.0,
    bias: Any = 0.0,
) -> Agent:
    """Q-learning with rates for reward and omission, forgetting, and a bias: Hattori et al., Cell 177:1858.

    Their bias is in units of value, `bias` / `inverse_temperature`. For rewards of 0 and 1 a positive
    prediction error is a reward and a negative one an omission, as values stay between.
    """
    return SideBias(QLearning(reward_rate, inverse_temperature, forget_rate, omission_rate), bias)


def grossman_2022(
    gain_rate: float = 0.5,
    loss_rate: float = 0.3,
    meta_rate: float = 0.3,
    uncertainty_rate: float = 0.1,
    forget_rate: float = 0.1,
    inverse_temperature: float = 3.0,
    bias: Any = 0.0,
) -> Agent:
    """Meta-learning by uncertainty with a bias: Grossman, Bari and Cohen, Curr Biol 32:586.

    Their bias is in units of value, `bias` / `inverse_temperature`.
    """
    rates = (gain_rate, loss_rate, meta_rate, uncertainty_rate, forget_rate)
    return SideBias(MetaLearning(*rates, inverse_temperature), bias)


def perseverative_q_learning(
    learning_rate: float = 0.3,
    inverse_temperature: float = 3.0,
    forget_rate: float = 0.3,
    choice_rate: float = 0.3,
    choice_weight: float = 0.5,
    bias: Any = 0.0,
) -> Agent:
    """Forgetting Q-learning with a fading trace of choices and a bias.

    Forgetting after Ito and Doya (J Neurosci 2009), the trace after Wilson and Collins (eLife 2019).
    """
    learner = QLearning(learning_rate, inverse_temperature, forget_rate)
    return SideBias(Perseveration(learner, choice_rate, choice_weight), bias)
