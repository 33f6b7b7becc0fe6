"""Networks: Equinox modules that read one session of trials, and the fast way to run many."""

from cogrnn_lab.models import interop
from cogrnn_lab.models.bottleneck import Bottleneck
from cogrnn_lab.models.description import describe_model, model_skeleton, n_parameters
from cogrnn_lab.models.disrnn import DisRNN
from cogrnn_lab.models.residual_mlp import ResidualMLP
from cogrnn_lab.models.rollout import Rollout, SequenceModel, rollout

__all__ = [
    "Bottleneck",
    "DisRNN",
    "ResidualMLP",
    "Rollout",
    "SequenceModel",
    "describe_model",
    "interop",
    "model_skeleton",
    "n_parameters",
    "rollout",
]
