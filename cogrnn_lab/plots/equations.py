"""The numbers of equations with their intervals, as a table of points."""

import numpy as np
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import Equations
from cogrnn_lab.palette import HELD_OUT, TRAINING
from cogrnn_lab.plots.canvas import bare, canvas, plain


def plot_equations(equations: Equations, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw a row for each number: rates from 0 to 1 on the left, weights in log odds on the right.

    Points are estimates, lines their intervals; the value stands beside its name.

    Arguments:
        equations: Result of `cl.equations`.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.
    """
    numbers = equations.numbers
    whole, area = canvas(figure, 8.5, equations_height(equations))
    left, right = area.subplots(1, 2, sharey=True)
    for axes in (left, right):
        bare(axes)
    is_rate = (numbers.unit == "fraction a trial").to_numpy()
    for axes, shown, color in ((left, is_rate, TRAINING), (right, ~is_rate, HELD_OUT)):
        for row in np.flatnonzero(shown):
            one = numbers.iloc[row]
            axes.plot([one.low, one.high], [row, row], color=color, linewidth=2, solid_capstyle="round")
            axes.plot(one.value, row, "o", color=color, markersize=5)
    right.axvline(0, color="#CCCCCC", linewidth=0.8, zorder=0)
    left.set_xlim(-0.02, 1.02)
    left.set_xlabel("rate (fraction a trial)")
    right.set_xlabel("weight (log odds)")
    named = zip(numbers["name"], numbers["value"], strict=True)
    labels = [f"{plain(name)}  {value:.3g}" for name, value in named]
    left.set_yticks(range(len(numbers)), labels)
    left.set_ylim(max(len(numbers), 1) - 0.5, -0.5)
    area.suptitle(plain(equations.mechanism), fontsize="medium")
    return whole


def equations_height(equations: Equations) -> float:
    """Inches that their figure needs."""
    return 1.4 + 0.34 * max(len(equations.numbers), 1)
