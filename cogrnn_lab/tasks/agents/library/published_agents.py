"""Models of behavior as papers define them: compositions of the agents of this package.

Each is a function that makes an agent from numbers and can be fitted directly, e.g.
`cl.fit_agent(cl.bari_2019, dataset)`.
"""

from cogrnn_lab.argument_kinds import Numbers
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.library.history_regression import HistoryRegression
from cogrnn_lab.tasks.agents.library.meta_learning import MetaLearning
from cogrnn_lab.tasks.agents.library.perseveration import Perseveration
from cogrnn_lab.tasks.agents.library.q_learning import QLearning
from cogrnn_lab.tasks.agents.library.side_bias import SideBias


def lau_glimcher_2005(n_back: int = 5, bias: Numbers = 0.0) -> Agent:
    """Make a logistic regression on past choices and rewards with a constant bias.

    Arguments:
        n_back: Number of trials back, 1 or more.
        bias: Log odds of the second arm against the first; for more arms (n_arms - 1,).

    Returns:
        The agent, with weights of 0.

    Source:
        Lau and Glimcher, J Exp Anal Behav 84:555 (2005).

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.agent_parameters(cl.lau_glimcher_2005(3))[0].shape
        (3,)
    """
    return SideBias(HistoryRegression(n_back), bias)


def bari_2019(
    learning_rate: float = 0.3,
    forget_rate: float = 0.3,
    inverse_temperature: float = 3.0,
    choice_weight: float = 0.5,
    bias: Numbers = 0.0,
) -> Agent:
    """Make a forgetting Q-learner with the last choice and a bias.

    The paper's zeta is 1 - `forget_rate`, its kappa `choice_weight`. The value of the chosen arm is not
    forgotten (the authors' code has both forms); values start at 0.5.

    Arguments:
        learning_rate: Fraction of the prediction error, 0 to 1.
        forget_rate: Fraction that the values of other arms lose on each trial, 0 to 1.
        inverse_temperature: Log odds for a difference of 1 in value.
        choice_weight: Log odds for the last choice.
        bias: Log odds of the second arm against the first; for more arms (n_arms - 1,).

    Returns:
        The agent.

    Source:
        Bari et al., Neuron 103:922 (2019).

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.simulate(cl.bari_2019(), cl.DriftingBandit(), n_sessions=2, n_trials=20).n_trials
        20
    """
    learner = QLearning(learning_rate, inverse_temperature, forget_rate)
    return SideBias(Perseveration(learner, None, choice_weight), bias)


def hattori_2019(
    reward_rate: float = 0.4,
    omission_rate: float = 0.2,
    forget_rate: float = 0.3,
    inverse_temperature: float = 3.0,
    bias: Numbers = 0.0,
) -> Agent:
    """Make a Q-learner with rates for reward and omission, forgetting, and a bias.

    The paper's bias is in units of value: `bias` / `inverse_temperature`. For rewards of 0 and 1 values stay
    between these, so a positive prediction error is a reward and a negative one an omission.

    Arguments:
        reward_rate: Learning rate after a reward, 0 to 1.
        omission_rate: Learning rate after an omission, 0 to 1.
        forget_rate: Fraction that the values of other arms lose on each trial, 0 to 1.
        inverse_temperature: Log odds for a difference of 1 in value.
        bias: Log odds of the second arm against the first; for more arms (n_arms - 1,).

    Returns:
        The agent.

    Source:
        Hattori et al., Cell 177:1858 (2019).

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.simulate(cl.hattori_2019(), cl.DriftingBandit(), n_sessions=2, n_trials=20).n_trials
        20
    """
    return SideBias(QLearning(reward_rate, inverse_temperature, forget_rate, omission_rate), bias)


def grossman_2022(
    gain_rate: float = 0.5,
    loss_rate: float = 0.3,
    meta_rate: float = 0.3,
    uncertainty_rate: float = 0.1,
    forget_rate: float = 0.1,
    inverse_temperature: float = 3.0,
    bias: Numbers = 0.0,
) -> Agent:
    """Make a meta-learner by uncertainty with a bias (`MetaLearning`).

    The paper's bias is in units of value: `bias` / `inverse_temperature`.

    Arguments:
        gain_rate: Learning rate of gains, 0 to 1.
        loss_rate: Learning rate of losses at the start, 0 to 1.
        meta_rate: Fraction by which the rate of losses moves, 0 to 1.
        uncertainty_rate: Fraction by which expected uncertainty moves, 0 to 1.
        forget_rate: Fraction that the values of other arms lose on each trial, 0 to 1.
        inverse_temperature: Log odds for a difference of 1 in value.
        bias: Log odds of the second arm against the first; for more arms (n_arms - 1,).

    Returns:
        The agent.

    Source:
        Grossman, Bari and Cohen, Curr Biol 32:586 (2022).

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.simulate(cl.grossman_2022(), cl.DriftingBandit(), n_sessions=2, n_trials=20).n_trials
        20
    """
    rates = (gain_rate, loss_rate, meta_rate, uncertainty_rate, forget_rate)
    return SideBias(MetaLearning(*rates, inverse_temperature), bias)


def perseverative_q_learning(
    learning_rate: float = 0.3,
    inverse_temperature: float = 3.0,
    forget_rate: float = 0.3,
    choice_rate: float = 0.3,
    choice_weight: float = 0.5,
    bias: Numbers = 0.0,
) -> Agent:
    """Make a forgetting Q-learner with a trace of past choices and a bias.

    Arguments:
        learning_rate: Fraction of the prediction error, 0 to 1.
        inverse_temperature: Log odds for a difference of 1 in value.
        forget_rate: Fraction that the values of other arms lose on each trial, 0 to 1.
        choice_rate: Fraction by which the trace of choices moves, 0 to 1.
        choice_weight: Log odds for a trace of 1.
        bias: Log odds of the second arm against the first; for more arms (n_arms - 1,).

    Returns:
        The agent.

    Source:
        Forgetting: Ito and Doya, J Neurosci 2009. Trace: Wilson and Collins, eLife 2019.

    Example:
        >>> import cogrnn_lab as cl
        >>> len(cl.agent_parameters(cl.perseverative_q_learning()))
        6
    """
    learner = QLearning(learning_rate, inverse_temperature, forget_rate)
    return SideBias(Perseveration(learner, choice_rate, choice_weight), bias)
