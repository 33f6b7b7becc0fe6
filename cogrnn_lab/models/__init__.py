"""Networks: Equinox modules that read one session of trials, and the fast way to run many."""

from cogrnn_lab.argument_kinds import check_public
from cogrnn_lab.models import interop
from cogrnn_lab.models.activation import power_law, register_activation
from cogrnn_lab.models.changed_weights import with_weights
from cogrnn_lab.models.constrained import initializers
from cogrnn_lab.models.constrained.connectivity import block_mask, sparse_mask
from cogrnn_lab.models.constrained.rnn import ConstrainedRNN
from cogrnn_lab.models.description import describe_model, model_skeleton, n_parameters
from cogrnn_lab.models.disentangled.bottleneck import Bottleneck
from cogrnn_lab.models.disentangled.disrnn import DisRNN
from cogrnn_lab.models.disentangled.multisubject_disrnn import MultisubjectDisRNN
from cogrnn_lab.models.disentangled.network import DisentangledNetwork
from cogrnn_lab.models.disentangled.neuro_disrnn import NeuroDisRNN
from cogrnn_lab.models.disentangled.residual_mlp import ResidualMLP
from cogrnn_lab.models.gated.gru import GRU
from cogrnn_lab.models.gated.lstm import LSTM
from cogrnn_lab.models.gated.vanilla_rnn import VanillaRNN
from cogrnn_lab.models.many_sessions import rollout
from cogrnn_lab.models.network import Network
from cogrnn_lab.models.rollouts import Rollout
from cogrnn_lab.models.switching.switching_linear_rnn import SwitchingLinearRNN

__all__ = [
    "GRU",
    "LSTM",
    "Bottleneck",
    "ConstrainedRNN",
    "DisRNN",
    "DisentangledNetwork",
    "MultisubjectDisRNN",
    "Network",
    "NeuroDisRNN",
    "ResidualMLP",
    "Rollout",
    "SwitchingLinearRNN",
    "VanillaRNN",
    "block_mask",
    "describe_model",
    "initializers",
    "interop",
    "model_skeleton",
    "n_parameters",
    "power_law",
    "register_activation",
    "rollout",
    "sparse_mask",
    "with_weights",
]

check_public(globals(), __all__)
