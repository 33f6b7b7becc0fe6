"""Reading what a trained network does: frozen results that figures draw."""

from cogrnn_lab.analysis.behavioral.behavior import Behavior, behavior
from cogrnn_lab.analysis.behavioral.behavior_comparison import BehaviorComparison, compare_behavior
from cogrnn_lab.analysis.behavioral.curves import BehaviorCurve
from cogrnn_lab.analysis.behavioral.history_weights import HistoryWeights
from cogrnn_lab.analysis.behavioral.likelihood_advantage import LikelihoodAdvantage, likelihood_advantage
from cogrnn_lab.analysis.behavioral.psychometric_curve import PsychometricCurve, psychometric_curve
from cogrnn_lab.analysis.behavioral.psychometric_fit import PsychometricFit
from cogrnn_lab.analysis.choice_equations.equation_agent import EquationAgent
from cogrnn_lab.analysis.choice_equations.equations import equations
from cogrnn_lab.analysis.choice_equations.groups.bootstrap import EquationsBootstrap
from cogrnn_lab.analysis.choice_equations.groups.by_subject import EquationsBySubject
from cogrnn_lab.analysis.choice_equations.parts.terms import TERMS, Term
from cogrnn_lab.analysis.choice_equations.reading import LatentReading, read_latents
from cogrnn_lab.analysis.choice_equations.result import Equations, load_equations
from cogrnn_lab.analysis.dynamics.activity import (
    ActivityPCA,
    ConditionAverages,
    Tuning,
    activity_pca,
    condition_averages,
    tuning,
)
from cogrnn_lab.analysis.dynamics.intervention import Perturbation
from cogrnn_lab.analysis.dynamics.perturbation import perturb
from cogrnn_lab.analysis.dynamics.perturbation_effect import PerturbationEffect
from cogrnn_lab.analysis.dynamics.phase.effective_dimension import effective_dimension
from cogrnn_lab.analysis.dynamics.phase.fixed_points import FixedPoints, fixed_points
from cogrnn_lab.analysis.dynamics.phase.logit_portrait import LogitPortrait, logit_portrait
from cogrnn_lab.analysis.dynamics.phase.state_axes import StateAxes
from cogrnn_lab.analysis.dynamics.phase.vector_field import VectorField, vector_field
from cogrnn_lab.analysis.flow.graph import Edge, Node
from cogrnn_lab.analysis.flow.information_flow import GroupFlow, InformationFlow, information_flow
from cogrnn_lab.analysis.flow.latent_roles import LatentRole, latent_roles
from cogrnn_lab.analysis.flow.pruning import PruningCurve, pruning_curve
from cogrnn_lab.analysis.flow.wiring import Wiring, wiring
from cogrnn_lab.analysis.over_sessions.drift import Drift, drift
from cogrnn_lab.analysis.reading.bottlenecks import Bottlenecks, ChannelGroup, bottlenecks
from cogrnn_lab.analysis.reading.choice_rule import ChoiceRule, choice_rule
from cogrnn_lab.analysis.reading.contributions import LatentContributions, latent_contributions
from cogrnn_lab.analysis.reading.embedding_map import (
    EmbeddingMap,
    EmbeddingPath,
    embedding_map,
    embedding_path,
)
from cogrnn_lab.analysis.reading.embeddings import Embeddings, embeddings
from cogrnn_lab.analysis.reading.information import channel_information, mutual_information
from cogrnn_lab.analysis.reading.latents import Latents, latents
from cogrnn_lab.analysis.reading.observations import typical_observations
from cogrnn_lab.analysis.reading.openness_metrics import openness_metrics
from cogrnn_lab.analysis.reading.signal_rule import SignalRule, signal_rule
from cogrnn_lab.analysis.reading.update_rules import UpdateRule, update_rules
from cogrnn_lab.analysis.reading.weights import Weights, weights
from cogrnn_lab.analysis.scoring.baseline import stay_baseline
from cogrnn_lab.analysis.scoring.compare import Comparison, compare
from cogrnn_lab.analysis.scoring.evaluation import Evaluation, evaluate
from cogrnn_lab.analysis.scoring.recovery import Recovery, parameter_recovery
from cogrnn_lab.argument_kinds import check_public

__all__ = [
    "TERMS",
    "ActivityPCA",
    "Behavior",
    "BehaviorComparison",
    "BehaviorCurve",
    "Bottlenecks",
    "ChannelGroup",
    "ChoiceRule",
    "Comparison",
    "ConditionAverages",
    "Drift",
    "Edge",
    "EmbeddingMap",
    "EmbeddingPath",
    "Embeddings",
    "EquationAgent",
    "Equations",
    "EquationsBootstrap",
    "EquationsBySubject",
    "Evaluation",
    "FixedPoints",
    "GroupFlow",
    "HistoryWeights",
    "InformationFlow",
    "LatentContributions",
    "LatentReading",
    "LatentRole",
    "Latents",
    "LikelihoodAdvantage",
    "LogitPortrait",
    "Node",
    "Perturbation",
    "PerturbationEffect",
    "PruningCurve",
    "PsychometricCurve",
    "PsychometricFit",
    "Recovery",
    "SignalRule",
    "StateAxes",
    "Term",
    "Tuning",
    "UpdateRule",
    "VectorField",
    "Weights",
    "Wiring",
    "activity_pca",
    "behavior",
    "bottlenecks",
    "channel_information",
    "choice_rule",
    "compare",
    "compare_behavior",
    "condition_averages",
    "drift",
    "effective_dimension",
    "embedding_map",
    "embedding_path",
    "embeddings",
    "equations",
    "evaluate",
    "fixed_points",
    "information_flow",
    "latent_contributions",
    "latent_roles",
    "latents",
    "likelihood_advantage",
    "load_equations",
    "logit_portrait",
    "mutual_information",
    "openness_metrics",
    "parameter_recovery",
    "perturb",
    "pruning_curve",
    "psychometric_curve",
    "read_latents",
    "signal_rule",
    "stay_baseline",
    "tuning",
    "typical_observations",
    "update_rules",
    "vector_field",
    "weights",
    "wiring",
]

check_public(globals(), __all__)
