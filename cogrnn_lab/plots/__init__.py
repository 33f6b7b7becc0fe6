"""Figures for papers, by matplotlib: each draws one result of training or analysis and computes nothing."""

from cogrnn_lab.argument_kinds import check_public
from cogrnn_lab.plots.activity import plot_condition_trajectories, plot_tuning
from cogrnn_lab.plots.agreement import plot_agreement
from cogrnn_lab.plots.behavior.advantage import plot_likelihood_advantage
from cogrnn_lab.plots.behavior.drift import plot_drift
from cogrnn_lab.plots.behavior.generative_check import plot_generative_check
from cogrnn_lab.plots.behavior.perturbation import plot_perturbation
from cogrnn_lab.plots.behavior.psychometric import plot_psychometric
from cogrnn_lab.plots.behavior.session import plot_session
from cogrnn_lab.plots.behavior.statistics import plot_behavior
from cogrnn_lab.plots.behavior.trial import plot_trial
from cogrnn_lab.plots.bottlenecks import plot_bottlenecks
from cogrnn_lab.plots.choice_rule import plot_choice_rule
from cogrnn_lab.plots.comparison import plot_comparison
from cogrnn_lab.plots.discovery import plot_discovery, plot_yardsticks
from cogrnn_lab.plots.embedding_map import plot_embedding_map, plot_embedding_path
from cogrnn_lab.plots.embeddings import plot_embeddings
from cogrnn_lab.plots.equations import plot_equations
from cogrnn_lab.plots.flow.explanation import explanation_figures, plot_latent_worth
from cogrnn_lab.plots.flow.information_flow import plot_information_flow
from cogrnn_lab.plots.flow.pruning import plot_pruning_curve
from cogrnn_lab.plots.flow.wiring import plot_wiring
from cogrnn_lab.plots.learning import plot_learning
from cogrnn_lab.plots.penalty_path import plot_closing_order, plot_path
from cogrnn_lab.plots.phase import plot_fixed_points, plot_logit_portrait, plot_vector_field
from cogrnn_lab.plots.signals import plot_signal_rule, plot_signals
from cogrnn_lab.plots.study import plot_study
from cogrnn_lab.plots.trajectories import plot_trajectories
from cogrnn_lab.plots.update_rules import plot_update_rules
from cogrnn_lab.plots.weights import plot_weights

__all__ = [
    "explanation_figures",
    "plot_agreement",
    "plot_behavior",
    "plot_bottlenecks",
    "plot_choice_rule",
    "plot_closing_order",
    "plot_comparison",
    "plot_condition_trajectories",
    "plot_discovery",
    "plot_drift",
    "plot_embedding_map",
    "plot_embedding_path",
    "plot_embeddings",
    "plot_equations",
    "plot_fixed_points",
    "plot_generative_check",
    "plot_information_flow",
    "plot_latent_worth",
    "plot_learning",
    "plot_likelihood_advantage",
    "plot_logit_portrait",
    "plot_path",
    "plot_perturbation",
    "plot_pruning_curve",
    "plot_psychometric",
    "plot_session",
    "plot_signal_rule",
    "plot_signals",
    "plot_study",
    "plot_trajectories",
    "plot_trial",
    "plot_tuning",
    "plot_update_rules",
    "plot_vector_field",
    "plot_weights",
    "plot_wiring",
    "plot_yardsticks",
]

check_public(globals(), __all__)
