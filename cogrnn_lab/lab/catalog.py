"""What can be picked in the lab, by the names shown there.

A new agent, environment or network is one line here.
"""

from cogrnn_lab.models import DisRNN
from cogrnn_lab.tasks import DriftingBandit, LeakyActorCritic, QLearning

AGENTS = {"Q-learning": QLearning, "leaky actor-critic": LeakyActorCritic}
ENVIRONMENTS = {"drifting bandit": DriftingBandit}
MODELS = {"DisRNN": DisRNN}
