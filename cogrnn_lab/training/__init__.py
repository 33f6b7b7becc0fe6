"""Losses, penalties, and training that can be watched and steered."""

from cogrnn_lab.argument_kinds import check_public
from cogrnn_lab.training import logs, losses
from cogrnn_lab.training.curriculum import Curriculum, StageCheck
from cogrnn_lab.training.fit_network import fit
from cogrnn_lab.training.freezing import all_but
from cogrnn_lab.training.network_files import load_network, save_network
from cogrnn_lab.training.network_recipe import NetworkRecipe
from cogrnn_lab.training.penalties import DEFAULT_PENALTIES, Penalties
from cogrnn_lab.training.phases import Phase, warm_up_then_penalized
from cogrnn_lab.training.recipe import DEFAULT_RECIPE, TrainingRecipe
from cogrnn_lab.training.replicates import Replicates
from cogrnn_lab.training.report import Report, TrainingDiverged
from cogrnn_lab.training.run import Run, load
from cogrnn_lab.training.steering import DEFAULT_LEARNING_RATE
from cogrnn_lab.training.trainer import Trainer

__all__ = [
    "DEFAULT_LEARNING_RATE",
    "DEFAULT_PENALTIES",
    "DEFAULT_RECIPE",
    "Curriculum",
    "NetworkRecipe",
    "Penalties",
    "Phase",
    "Replicates",
    "Report",
    "Run",
    "StageCheck",
    "Trainer",
    "TrainingDiverged",
    "TrainingRecipe",
    "all_but",
    "fit",
    "load",
    "load_network",
    "logs",
    "losses",
    "save_network",
    "warm_up_then_penalized",
]

check_public(globals(), __all__)
