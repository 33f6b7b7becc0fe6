"""Figure of a model comparison on held-out choices."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import Comparison
from cogrnn_lab.palette import HELD_OUT, REFERENCE, TRAINING
from cogrnn_lab.plots.canvas import bare, canvas, color, plain

# Models more than this many times as far behind as half of them are beyond the edge of the figure.
_FAR = 2.5

KIND_COLORS = {"agent": TRAINING, "network": HELD_OUT, "other": color(2), "reference": REFERENCE}


def plot_comparison(comparison: Comparison, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw a row for each model, the best on top: held-out likelihood (left), difference to the best (right).

    Large points with intervals are over all subjects, small points are the subjects. The best classical model
    is marked by a star. Of models that are far behind, the difference is written at the left edge, so that
    those that are near each other can be told apart.

    Arguments:
        comparison: Result of `cl.compare`.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.
    """
    n_models = len(comparison.names)
    whole, area = canvas(figure, 8.5, 1.2 + 0.32 * n_models)
    left, right = area.subplots(1, 2, sharey=True)
    _rows(
        bare(left),
        comparison,
        comparison.likelihood,
        comparison.likelihood_interval,
        comparison.subject_likelihood,
    )
    left.set_xlabel("held-out normalized likelihood")
    modelled = np.array([kind != "reference" for kind in comparison.kinds])
    _rows(
        bare(right),
        comparison,
        comparison.difference,
        comparison.difference_interval,
        comparison.subject_difference,
        shown=modelled,
    )
    _keep_the_near_ones_apart(right, comparison, modelled)
    right.axvline(0, color="#CCCCCC", linewidth=0.8, zorder=0)
    right.set_xlabel(f"difference to\n{plain(comparison.best)}")
    right.locator_params(axis="x", nbins=5)
    left.set_yticks(range(n_models), [plain(comparison.names[model]) for model in comparison.ranking])
    left.set_ylim(n_models - 0.5, -0.5)
    return whole


def _keep_the_near_ones_apart(axes: Axes, comparison: Comparison, modelled: np.ndarray) -> None:
    """End the axis where most models are, and say how far away the others are."""
    low, high = comparison.difference_interval[modelled].T
    left = max(low.min(), _FAR * np.median(low[low < 0])) if (low < 0).any() else low.min()
    room = 0.05 * (max(high.max(), 0.0) - left) or 1e-3
    axes.set_xlim(left - room, max(high.max(), 0.0) + room)
    for row, model in enumerate(comparison.ranking):
        if modelled[model] and comparison.difference[model] < left:
            color = KIND_COLORS[comparison.kinds[model]]
            axes.text(
                0.02, row, f"◂ {comparison.difference[model]:.3f}", color=color, fontsize="small",
                va="center", transform=axes.get_yaxis_transform(),
            )  # fmt: skip


def _rows(
    axes: Axes,
    comparison: Comparison,
    values: np.ndarray,
    intervals: np.ndarray,
    of_subjects: np.ndarray,
    shown: np.ndarray | None = None,
) -> None:
    """Points and intervals of the models, from the best on top; those not in `shown` have an empty row."""
    for row, model in enumerate(comparison.ranking):
        if shown is not None and not shown[model]:
            continue
        color = KIND_COLORS[comparison.kinds[model]]
        if len(comparison.subjects) > 1:
            axes.plot(
                of_subjects[model], np.full(of_subjects.shape[1], row), ".", color=color, alpha=0.3, ms=4
            )
        axes.plot(intervals[model], [row, row], color=color, linewidth=1.5, solid_capstyle="butt")
        star = comparison.names[model] == comparison.best_classical
        axes.plot(values[model], row, "*" if star else "o", color=color, ms=9 if star else 5)
