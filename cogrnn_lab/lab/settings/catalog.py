"""What can be picked in the lab, by the names shown there.

A new agent, environment or network is one line here.
"""

from cogrnn_lab.lab.settings.agents import (
    actor_critic_perseveration,
    history_regression,
    pearce_hall_forgetting,
    q_learning_forgetting,
    q_learning_gains_losses,
    q_learning_perseveration,
)
from cogrnn_lab.lab.settings.constrained import constrained_rnn
from cogrnn_lab.lab.settings.environments import reversals, uncoupled_blocks
from cogrnn_lab.models import GRU, LSTM, DisRNN, MultisubjectDisRNN, NeuroDisRNN, VanillaRNN
from cogrnn_lab.tasks import (
    BoundedAccumulator,
    ChosenValue,
    ContextIntegration,
    DelayedDiscrimination,
    DelayedMatchToSample,
    DriftingBandit,
    FlipFlop,
    GoNoGo,
    IntervalReproduction,
    LeakyActorCritic,
    MatchingPennies,
    MatchToCategory,
    MultisensoryIntegration,
    PearceHall,
    PerceptualDiscrimination,
    PoissonClicks,
    QLearning,
    RewardBiasedDiscrimination,
    RewardPredictionError,
    ThresholdForaging,
    WinStayLoseShift,
    bari_2019,
    grossman_2022,
    hattori_2019,
    perseverative_q_learning,
)

AGENTS = {
    "Q-learning": QLearning,
    "leaky actor-critic": LeakyActorCritic,
    "Q-learning, gains and losses": q_learning_gains_losses,
    "Q-learning, forgetting": q_learning_forgetting,
    "Q-learning, perseveration": q_learning_perseveration,
    "Q-learning, forgetting, perseveration": perseverative_q_learning,
    "Bari 2019": bari_2019,
    "Hattori 2019": hattori_2019,
    "Grossman 2022": grossman_2022,
    "Pearce-Hall": PearceHall,
    "Pearce-Hall, forgetting": pearce_hall_forgetting,
    "actor-critic, perseveration": actor_critic_perseveration,
    "threshold foraging": ThresholdForaging,
    "win-stay lose-shift": WinStayLoseShift,
    "history regression": history_regression,
}
ENVIRONMENTS = {
    "drifting bandit": DriftingBandit,
    "blocks with reversals": reversals,
    "uncoupled blocks": uncoupled_blocks,
    "matching pennies": MatchingPennies,
}
# Their numbers are one for each arm, or for each trial back: subjects cannot differ in them.
SHARED = ("bias", "reward_weights", "choice_weights")
SIGNALS = {"none": None, "reward prediction error": RewardPredictionError, "chosen value": ChosenValue}
ACCUMULATORS, CLICK_TRAINS = {"bounded accumulator": BoundedAccumulator}, {"Poisson clicks": PoissonClicks}
MODELS = {
    "DisRNN": DisRNN,
    "multisubject DisRNN": MultisubjectDisRNN,
    "neuro DisRNN": NeuroDisRNN,
    "GRU": GRU,
    "LSTM": LSTM,
    "plain RNN": VanillaRNN,
    "constrained RNN": constrained_rnn,
}
MULTISUBJECT, NEURO, CONSTRAINED = "multisubject DisRNN", "neuro DisRNN", "constrained RNN"
OF_CHOICES = ("DisRNN", MULTISUBJECT, NEURO)  # what they are made for: bottlenecks and rules of choice
TASKS = {
    "perceptual discrimination": PerceptualDiscrimination,
    "delayed discrimination": DelayedDiscrimination,
    "context-dependent integration": ContextIntegration,
    "multisensory integration": MultisensoryIntegration,
    "match to category": MatchToCategory,
    "delayed match to sample": DelayedMatchToSample,
    "go / no-go": GoNoGo,
    "flip-flop": FlipFlop,
    "interval reproduction": IntervalReproduction,
    "reward-biased discrimination": RewardBiasedDiscrimination,
}

# Where a constructor has no default for a size of its own.
SIZES = {"n_hidden": 16}

# Sizes of a network that the data say; they are no settings.
GIVEN_BY_DATA = ("n_inputs", "n_outputs", "n_subjects", "n_signals", "dt", "tau")
