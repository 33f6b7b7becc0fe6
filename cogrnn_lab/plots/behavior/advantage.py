"""Figure of where the advantage of one model over another comes from."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import LikelihoodAdvantage
from cogrnn_lab.palette import HELD_OUT, TRAINING
from cogrnn_lab.plots.canvas import bare, canvas, plain, zero_lines

MOST_ROWS = 16


def plot_likelihood_advantage(advantage: Any, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw what each history contributes to the advantage, and the advantage of a choice after it.

    Arguments:
        advantage: Result of `cl.likelihood_advantage`.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(advantage, LikelihoodAdvantage):
        raise TypeError(
            f"got a {type(advantage).__name__}, expected a LikelihoodAdvantage: "
            "cl.likelihood_advantage(dataset, first, second)"
        )
    rows = advantage.table.head(MOST_ROWS)
    whole, area = canvas(figure, 3.4, 1.0 + 0.2 * len(rows))
    left, right = area.subplots(1, 2, sharey=True)
    y = np.arange(len(rows))[::-1]
    columns = (
        ("contribution", "contribution_low", "contribution_high", "of the total"),
        ("advantage", "low", "high", "per such choice"),
    )
    for axes, (value, low, high, label) in zip((left, right), columns, strict=True):
        zero_lines(bare(axes), y=False)
        middle = rows[value].to_numpy()
        ends = np.stack([middle - rows[low].to_numpy(), rows[high].to_numpy() - middle])
        inks = [TRAINING if one >= 0 else HELD_OUT for one in middle]
        axes.hlines(
            y, middle - np.nan_to_num(ends[0]), middle + np.nan_to_num(ends[1]), colors=inks, linewidth=1.0
        )
        axes.scatter(middle, y, c=inks, s=10, zorder=3)
        axes.set_xlabel(f"nats\n{label}", fontsize="x-small")
        axes.tick_params(labelsize="x-small")
        axes.locator_params(axis="x", nbins=3)
    names = [
        f"{plain(history)} ({100 * share:.0f} %)"
        for history, share in zip(rows["history"], rows["share"], strict=True)
    ]
    left.set_yticks(y, names)
    left.set_ylim(-0.6, len(rows) - 0.4)
    area.suptitle(
        f"{plain(advantage.first)} less {plain(advantage.second)}: {advantage.total:+.4f} nats per choice",
        fontsize="small",
    )
    return whole
