"""Networks: Equinox modules that read one session of trials, and the fast way to run many."""

from cogrnn_lab.models import initializers, interop
from cogrnn_lab.models.activation import power_law, register_activation
from cogrnn_lab.models.bottleneck import Bottleneck
from cogrnn_lab.models.connectivity import block_mask, sparse_mask
from cogrnn_lab.models.constrained_rnn import ConstrainedRNN
from cogrnn_lab.models.description import describe_model, model_skeleton, n_parameters
from cogrnn_lab.models.disentangled import DisentangledNetwork
from cogrnn_lab.models.disrnn import DisRNN
from cogrnn_lab.models.gru import GRU
from cogrnn_lab.models.lstm import LSTM
from cogrnn_lab.models.multisubject_disrnn import MultisubjectDisRNN
from cogrnn_lab.models.network import Network, rollout
from cogrnn_lab.models.neuro_disrnn import NeuroDisRNN
from cogrnn_lab.models.residual_mlp import ResidualMLP
from cogrnn_lab.models.rollout import Rollout
from cogrnn_lab.models.switching.switching_linear_rnn import SwitchingLinearRNN
from cogrnn_lab.models.vanilla_rnn import VanillaRNN

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
]
