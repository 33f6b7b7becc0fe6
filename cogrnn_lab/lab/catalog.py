"""What can be picked in the lab, by the names shown there.

A new agent, environment or network is one line here.
"""

from cogrnn_lab.lab.constrained import constrained_rnn
from cogrnn_lab.models import DisRNN, MultisubjectDisRNN, NeuroDisRNN
from cogrnn_lab.tasks import (
    ContextIntegration,
    DelayedDiscrimination,
    DelayedMatchToSample,
    DriftingBandit,
    FlipFlop,
    GoNoGo,
    IntervalReproduction,
    LeakyActorCritic,
    MatchToCategory,
    MultisensoryIntegration,
    PerceptualDiscrimination,
    QLearning,
    RewardBiasedDiscrimination,
)

AGENTS = {"Q-learning": QLearning, "leaky actor-critic": LeakyActorCritic}
ENVIRONMENTS = {"drifting bandit": DriftingBandit}
MODELS = {
    "DisRNN": DisRNN,
    "multisubject DisRNN": MultisubjectDisRNN,
    "neuro DisRNN": NeuroDisRNN,
    "constrained RNN": constrained_rnn,
}
CONSTRAINED = "constrained RNN"
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

# Sizes of a network that the data say; they are no settings.
GIVEN_BY_DATA = ("n_inputs", "n_outputs", "n_subjects", "n_signals", "dt", "tau")
