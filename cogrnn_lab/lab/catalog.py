"""What can be picked in the lab, by the names shown there.

A new agent, environment or network is one line here.
"""

from cogrnn_lab.models import DisRNN, MultisubjectDisRNN, NeuroDisRNN
from cogrnn_lab.tasks import DriftingBandit, LeakyActorCritic, QLearning

AGENTS = {"Q-learning": QLearning, "leaky actor-critic": LeakyActorCritic}
ENVIRONMENTS = {"drifting bandit": DriftingBandit}
MODELS = {
    "DisRNN": DisRNN,
    "multisubject DisRNN": MultisubjectDisRNN,
    "neuro DisRNN": NeuroDisRNN,
}

# Sizes of a network that the data say; they are no settings.
GIVEN_BY_DATA = ("n_inputs", "n_outputs", "n_subjects", "n_signals")
