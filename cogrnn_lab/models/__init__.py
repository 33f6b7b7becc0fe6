"""Networks: Equinox modules that read one session of trials, and the fast way to run many."""

from cogrnn_lab.models import interop
from cogrnn_lab.models.bottleneck import Bottleneck
from cogrnn_lab.models.description import describe_model, model_skeleton, n_parameters
from cogrnn_lab.models.disentangled import DisentangledNetwork
from cogrnn_lab.models.disrnn import DisRNN
from cogrnn_lab.models.multisubject_disrnn import MultisubjectDisRNN
from cogrnn_lab.models.network import Network, rollout
from cogrnn_lab.models.neuro_disrnn import NeuroDisRNN
from cogrnn_lab.models.residual_mlp import ResidualMLP
from cogrnn_lab.models.rollout import Rollout

__all__ = [
    "Bottleneck",
    "DisRNN",
    "DisentangledNetwork",
    "MultisubjectDisRNN",
    "Network",
    "NeuroDisRNN",
    "ResidualMLP",
    "Rollout",
    "describe_model",
    "interop",
    "model_skeleton",
    "n_parameters",
    "rollout",
]
