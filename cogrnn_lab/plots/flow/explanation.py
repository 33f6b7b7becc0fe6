"""Figures that tell what a network does: those of its analyses, and what each latent is worth."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import choice_rule, update_rules
from cogrnn_lab.palette import HELD_OUT
from cogrnn_lab.plots.behavior.statistics import plot_behavior
from cogrnn_lab.plots.canvas import bare, canvas
from cogrnn_lab.plots.choice_rule import plot_choice_rule
from cogrnn_lab.plots.equations import plot_equations
from cogrnn_lab.plots.flow.wiring import plot_wiring
from cogrnn_lab.plots.update_rules import plot_update_rules

if TYPE_CHECKING:
    from cogrnn_lab.discovery import Explanation

COLUMN = 3.4


def explanation_figures(explanation: "Explanation") -> dict[str, Figure]:
    """Draw everything that an explanation has, by name; see `Explanation.figures`.

    Arguments:
        explanation: Result of `cl.explain`.

    Returns:
        Figures by name: "wiring", "rules", "choice", "worth", "equations", "behavior".
    """
    network, dataset = explanation.network, explanation.dataset
    drawn: dict[str, Figure] = {}
    if explanation.wiring is not None:
        drawn["wiring"] = plot_wiring(explanation.wiring)
    if explanation.roles:
        drawn["rules"] = plot_update_rules(update_rules(network, dataset=dataset))
        drawn["choice"] = plot_choice_rule(choice_rule(network, dataset=dataset))
        drawn["worth"] = plot_latent_worth(explanation)
    if explanation.equations is not None:
        drawn["equations"] = plot_equations(explanation.equations)
    if explanation.behavior is not None:
        drawn["behavior"] = plot_behavior(explanation.behavior)
    return drawn


def plot_latent_worth(explanation: "Explanation", *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw what each latent is worth: by how much the likelihood of a choice falls where it is held still.

    Arguments:
        explanation: Result of `cl.explain`.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.
    """
    roles, tried = explanation.roles, explanation.experiments
    whole, area = canvas(figure, COLUMN, 0.9 + 0.28 * len(roles))
    axes = bare(area.subplots())
    worth = np.array([one.worth for one in tried]).reshape(-1, 3)
    for row, (value, low, high) in enumerate(worth):
        axes.plot([low, high], [row, row], color=HELD_OUT, linewidth=1.5)
        axes.plot(value, row, "o", color=HELD_OUT, ms=4)
    axes.axvline(0, color="#999999", linewidth=0.8, zorder=0)
    names = [f"latent {role.latent + 1}\n{role.name}" for role in roles]
    axes.set_yticks(range(len(roles)), names, fontsize="small")
    axes.set_ylim(len(roles) - 0.5, -0.5)
    axes.set_xlabel("likelihood lost where it is held still", fontsize="small")
    axes.tick_params(labelsize="small")
    return whole
