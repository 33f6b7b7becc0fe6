"""Figure of how numbers and likelihoods move over sessions."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from cogrnn_lab.analysis import Drift
from cogrnn_lab.analysis.over_sessions.drift import ALL, LIKELIHOOD
from cogrnn_lab.palette import HELD_OUT, REFERENCE, TRAINING
from cogrnn_lab.plots.canvas import bare, canvas, plain

MOST_WITH_INTERVALS = 2  # subjects


def plot_drift(drift: Any, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw a panel for each number and for the likelihood, over the sessions in their order.

    Points are windows of one or two subjects, with their intervals; of more subjects each is a thin line. The
    thick line has the mean slope: solid where it is surer than in shuffled orders, dashed where it is not.

    Arguments:
        drift: Result of `cl.drift`.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(drift, Drift):
        raise TypeError(f"got a {type(drift).__name__}, expected a Drift: cl.drift(model, dataset)")
    overall = drift.slopes[drift.slopes["subject"] == ALL].set_index("name")
    whole, area = canvas(figure, 3.4, 0.6 + 1.15 * len(overall))
    panels = np.atleast_1d(area.subplots(len(overall), 1, sharex=True))
    for axes, name in zip(panels, overall.index, strict=True):
        table, value = _shown(drift, str(name))
        _panel(bare(axes), table, value)
        slope = overall.loc[name]
        x = np.array([table["position"].min(), table["position"].max()])
        middle, height = table["position"].mean(), table[value].mean()
        line = "-" if slope["drifts"] else "--"
        axes.plot(x, height + slope["slope"] * (x - middle), line, color=HELD_OUT, linewidth=2, zorder=4)
        axes.set_title(
            f"{plain(str(name).replace('_', ' '))}: {slope['slope']:+.2g} a session, "
            f"p = {slope['p_corrected']:.2g}",
            fontsize="small",
            loc="left",
        )
        axes.tick_params(labelsize="small")
        axes.locator_params(axis="y", nbins=4)
    panels[-1].set_xlabel("session", fontsize="small")
    panels[-1].xaxis.set_major_locator(MaxNLocator(6, integer=True))
    return whole


def _shown(drift: Drift, name: str) -> tuple[pd.DataFrame, str]:
    """Rows of a number, and the column that is shown."""
    if name != LIKELIHOOD:
        return drift.numbers[drift.numbers["name"] == name], "value"
    table = drift.likelihood
    reach = 2 * table["standard_error"]
    ends = {"low": table["log_likelihood"] - reach, "high": table["log_likelihood"] + reach}
    return table.assign(**ends), "log_likelihood"


def _panel(axes: Axes, table: pd.DataFrame, value: str) -> None:
    several = table["subject"].nunique() > MOST_WITH_INTERVALS
    for _, own in table.groupby("subject", sort=False):
        x, y = own["position"].to_numpy(), own[value].to_numpy()
        if several:
            axes.plot(x, y, color=REFERENCE, linewidth=0.7, alpha=0.6)
        else:
            axes.vlines(x, own["low"], own["high"], color=TRAINING, linewidth=1.0)
            axes.plot(x, y, "o", color=TRAINING, markersize=3)
