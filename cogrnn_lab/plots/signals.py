"""Figures of recorded signals: along one session with their predictions, and the rule that predicts them."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import Latents, SignalRule, latents, signal_rule
from cogrnn_lab.data import Dataset
from cogrnn_lab.palette import HELD_OUT, REFERENCE
from cogrnn_lab.plots.behavior.session import check_session
from cogrnn_lab.plots.canvas import bare, canvas, color, plain, used, zero_lines
from cogrnn_lab.plots.results_at_hand import result_of


def plot_signals(
    predicted: Any, dataset: Dataset, session: int = 0, *, figure: Figure | SubFigure | None = None
) -> Figure:
    """Draw a row for each recorded signal of a session, with what the network predicts.

    Arguments:
        predicted: Result of `cl.latents` on `dataset`, or the network, or a `Run` that has it.
        dataset: The data set with signals, mixed or of numbers.
        session: Index of the session.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: `predicted` or `dataset` is something else.
        ValueError: There is no such session, or the data have no signals.
    """
    check_session(dataset, session)
    if dataset.kind == "categorical":
        raise ValueError("the data are choices and no signals; see plot_trajectories")
    along = result_of(
        predicted, Latents, lambda network: latents(network, dataset), "cl.latents(model, dataset)"
    )
    first = 1 if dataset.kind == "mixed" else 0
    length = int(dataset.lengths[session])
    trials = np.arange(1, length + 1)
    recorded = np.where(dataset.mask, dataset.targets, np.nan)[session, :length, first:]
    names = dataset.target_names[first:]
    whole, area = canvas(figure, min(16.0, max(7.0, length / 40)), 0.8 + 1.7 * len(names))
    rows = area.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    for index, (axes, name) in enumerate(zip(rows, names, strict=True)):
        bare(axes).plot(trials, recorded[:, index], color=REFERENCE, linewidth=1.0, label="recorded")
        axes.plot(
            trials, along.signals[session, :length, index], color=HELD_OUT, linewidth=1.3, label="predicted"
        )
        axes.set_ylabel(plain(name.replace("_", " ")))
    rows[0].legend(frameon=False, fontsize="small", loc="center left", bbox_to_anchor=(1.0, 0.5))
    rows[-1].set_xlabel("trial")
    rows[-1].set_xlim(0, length + 1)
    return whole


def plot_signal_rule(rule: Any, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw a row for each signal, a panel for each latent that is open to it, a line for each observation.

    Arguments:
        rule: Result of `cl.signal_rule`, or a network that predicts signals, or a `Run` that has one.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: `rule` is something else, or the network predicts no signals.
    """
    shown = result_of(rule, SignalRule, signal_rule, "cl.signal_rule(model)")
    panels = shown.latents or (0,)
    whole, area = canvas(figure, 1.8 + 2.7 * len(panels), 0.5 + 2.5 * len(shown.names))
    grid = area.subplots(len(shown.names), len(panels), squeeze=False, sharey="row")
    for row, name, signals in zip(grid, shown.names, shown.signals, strict=True):
        for axes, latent in zip(row, panels, strict=True):
            _lines(axes, shown, signals[latent])
            if shown.density is not None:
                used(axes, shown.values, shown.density[latent])
            axes.set_xlabel(f"latent {latent + 1} (a.u.)" if shown.latents else "no latent is open to it")
        row[0].set_ylabel(plain(name.replace("_", " ")))
    grid[0, -1].legend(
        title="trial with", loc="upper left", bbox_to_anchor=(1.02, 1.02), frameon=False, fontsize="x-small",
        title_fontsize="small", alignment="left",
    )  # fmt: skip
    return whole


def _lines(axes: Axes, rule: SignalRule, signals: np.ndarray) -> None:
    zero_lines(bare(axes))
    for index, (line, label) in enumerate(zip(signals, rule.observation_labels, strict=True)):
        axes.plot(rule.values, line, color=color(index), label=plain(label))
