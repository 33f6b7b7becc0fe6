"""From a table to a finding: the price of information chosen by the data, and whether seeds agree."""

from cogrnn_lab.argument_kinds import check_public
from cogrnn_lab.discovery.ascent import PathReport
from cogrnn_lab.discovery.choice import ChosenLevel
from cogrnn_lab.discovery.course.progress import DiscoveryProgress
from cogrnn_lab.discovery.distillation.distill import Distillation, distill
from cogrnn_lab.discovery.findings import Discovery, discover, load_discovery
from cogrnn_lab.discovery.found_again import GenerativeCheck, generative_check
from cogrnn_lab.discovery.level import Level
from cogrnn_lab.discovery.mechanisms import Agreement, agreement
from cogrnn_lab.discovery.path import Path
from cogrnn_lab.discovery.path_training import penalty_path
from cogrnn_lab.discovery.recipe import DiscoveryRecipe
from cogrnn_lab.discovery.schedule import PriceLadder, Settling, WarmUp
from cogrnn_lab.discovery.story.experiments import Experiment
from cogrnn_lab.discovery.story.explanation import Explanation, explain
from cogrnn_lab.discovery.yardsticks import Yardsticks

__all__ = [
    "Agreement",
    "ChosenLevel",
    "Discovery",
    "DiscoveryProgress",
    "DiscoveryRecipe",
    "Distillation",
    "Experiment",
    "Explanation",
    "GenerativeCheck",
    "Level",
    "Path",
    "PathReport",
    "PriceLadder",
    "Settling",
    "WarmUp",
    "Yardsticks",
    "agreement",
    "discover",
    "distill",
    "explain",
    "generative_check",
    "load_discovery",
    "penalty_path",
]

check_public(globals(), __all__)
