"""The classical models of choice that a new model is to be compared with."""

from collections.abc import Callable, Mapping
from typing import Any

from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.previous_trial import SECOND_CHOICE, SECOND_STATE
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.library.actor_critic import LeakyActorCritic
from cogrnn_lab.tasks.agents.library.counterfactual import CounterfactualQLearning
from cogrnn_lab.tasks.agents.library.pearce_hall import PearceHall
from cogrnn_lab.tasks.agents.library.per_stimulus import keeping_stimuli
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
from cogrnn_lab.tasks.agents.library.two_step_learner import TwoStepLearner
from cogrnn_lab.tasks.agents.library.win_stay_lose_shift import WinStayLoseShift

MOST_ARMS = 1000  # a bias has a number for each

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


# Further ones, for data that tell what the other alternative would have paid.
COUNTERFACTUAL_MODELS: dict[str, Callable[[Any], Agent]] = {
    "Q-learning, counterfactual": lambda bias: SideBias(CounterfactualQLearning(), bias),
    "Q-learning, counterfactual, perseveration": lambda bias: SideBias(
        Perseveration(CounterfactualQLearning()), bias
    ),
}


# Further ones, for two-step data.
TWO_STEP_MODELS: dict[str, Callable[[Any], Agent]] = {
    "model-based, model-free": lambda bias: SideBias(Perseveration(TwoStepLearner(), None), bias),
    "model-based": lambda bias: SideBias(
        Perseveration(TwoStepLearner(eligibility=None, model_free=None), None), bias
    ),
    "model-free": lambda bias: SideBias(Perseveration(TwoStepLearner(model_based=None), None), bias),
}


def classical_models(n_arms: int | Dataset = 2) -> dict[str, Agent]:
    """Makes the models that a new one is to be compared with, for `compare`.

    All but the two simplest have a side bias.

    Arguments:
        n_arms: Number of alternatives, 2 or more; or a data set, for the models that suit it. They then keep
            values for each stimulus where it has stimuli (`PerStimulus`; perseveration and side bias are of
            all trials), models that learn from the foregone outcome are among them where it has one, and
            model-based and model-free learners where it is of a two-step task.

    Returns:
        The agents by name.

    Example:
        >>> import cogrnn_lab as cl
        >>> models = cl.classical_models()
        >>> list(models)[:2]
        ['win-stay lose-shift', 'Q-learning']
        >>> task = cl.StimulusBandits(cl.DriftingBandit(), 3)
        >>> data = cl.simulate(cl.QLearning(), task, n_sessions=1, n_trials=20)
        >>> cl.classical_models(data)["Q-learning"].n_stimuli
        3
    """
    if not isinstance(n_arms, Dataset):
        if checked_count(n_arms, "n_arms", least=2) > MOST_ARMS:
            raise ValueError(f"n_arms = {n_arms}; expected {MOST_ARMS} at most. Is it the number of trials?")
        return _made(CLASSICAL_MODELS, n_arms)
    dataset = n_arms
    if dataset.n_classes is None:
        raise ValueError("the data set is continuous; classical models are of choices.")
    models = _made(CLASSICAL_MODELS, dataset.n_classes)
    if dataset.n_classes == 2 and "foregone" in dataset.columns:
        models |= _made(COUNTERFACTUAL_MODELS, 2)
    if dataset.n_classes == 2 and {SECOND_STATE, SECOND_CHOICE} <= set(dataset.columns):
        models |= _made(TWO_STEP_MODELS, 2)
    return {name: keeping_stimuli(agent, dataset.n_stimuli) for name, agent in models.items()}


def _made(models: Mapping[str, Callable[[Any], Agent]], n_arms: int) -> dict[str, Agent]:
    bias: Any = 0.0 if n_arms == 2 else [0.0] * (n_arms - 1)
    return {name: make(bias) for name, make in models.items()}
