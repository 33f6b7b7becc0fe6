"""Figure of the likelihood of a network as its channels are closed."""

import numpy as np
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from cogrnn_lab.analysis import PruningCurve
from cogrnn_lab.palette import HELD_OUT, REFERENCE
from cogrnn_lab.plots.canvas import bare, canvas, plain

FONT = 7.0
# Channels that are named: those that cost most, where it is at least this share of all that can be lost.
MOST_NAMES, LEAST_COST = 4, 0.04


def plot_pruning_curve(curve: PruningCurve, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw likelihood against how many channels are closed, with the names of those that cost most.

    The circle is the last point before the likelihood is lower beyond its paired interval; the dashed line is
    chance.

    Arguments:
        curve: Result of `cl.pruning_curve`.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.
    """
    whole, area = canvas(figure, 3.4, 2.5)
    axes = bare(area.subplots())
    x, y = np.arange(len(curve.likelihood)), curve.likelihood
    low, high = curve.interval.T
    axes.fill_between(x, low, high, color=HELD_OUT, alpha=0.18, linewidth=0)
    axes.plot(x, y, "o-", color=HELD_OUT, ms=2.2, linewidth=1.2)
    spare = curve.n_spare
    axes.plot(spare, y[spare], "o", color=HELD_OUT, ms=8, mfc="none", mew=1.4)
    is_left = spare < 0.3 * len(x)
    axes.annotate(
        f"{spare} of {len(x) - 1}\nat no clear cost", (spare, y[spare]), xytext=(8 if is_left else -6, -8),
        textcoords="offset points", ha="left" if is_left else "right", va="top", fontsize=FONT,
    )  # fmt: skip
    axes.axhline(curve.chance, color=REFERENCE, linewidth=1.0, linestyle="--", zorder=0)
    axes.annotate(
        "chance", (len(x) - 1, curve.chance), xytext=(0, 3), ha="right",
        textcoords="offset points", fontsize=FONT, color=REFERENCE,
    )  # fmt: skip
    _name(axes, curve)
    what = "1 − σ" if curve.order == "openness" else "bits"
    axes.set_xlabel(f"channels closed, by {what}", fontsize="small")
    axes.set_ylabel("normalized likelihood", fontsize="small")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(labelsize="small")
    return whole


def _name(axes, curve: PruningCurve) -> None:
    """Names beside the points whose channels cost most, one above the other where the curve is not."""
    cost = -np.diff(curve.likelihood)
    total = max(float(curve.likelihood.max() - curve.likelihood.min()), 1e-9)
    named = [i for i in np.argsort(-cost)[:MOST_NAMES] if cost[i] > LEAST_COST * total]
    top = float(curve.likelihood.max())
    is_late = bool(named) and np.mean(named) > 0.5 * len(
        cost
    )  # then there is room on the left, below the curve
    left, top_of_names = (0.03, 0.62) if is_late else (0.6, 0.97)
    for place, i in enumerate(sorted(named)):
        middle = (curve.likelihood[i] + curve.likelihood[i + 1]) / 2
        axes.annotate(
            plain(curve.closed[i]), (i + 0.5, middle), xytext=(left, top_of_names - 0.09 * place),
            textcoords="axes fraction", fontsize=FONT - 0.5, va="top", ha="left",
            arrowprops={"arrowstyle": "-", "color": REFERENCE, "linewidth": 0.6, "shrinkB": 1},
        )  # fmt: skip
    axes.set_ylim(top=top + 0.06 * total)
