"""How training went: loss and normalized likelihood over steps."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.plots.canvas import HELD_OUT, REFERENCE, TRAINING, bare, canvas


def plot_learning(
    history: pd.DataFrame,
    *,
    references: Mapping[str, float] | None = None,
    figure: Figure | SubFigure | None = None,
) -> Figure:
    """Loss (left) and normalized likelihood (right) against the training step.

    **Arguments:**

    - `history`: `Run.history`, a row for every report: `step`, `phase`, `loss` (penalized, nats per choice),
        `likelihood` and `valid_likelihood` (normalized; on training and on held-out sessions).
    - `references`: normalized likelihoods to compare with, by name, such as that of chance.
    - `figure`: a figure or subfigure to draw in.
    """
    whole, area = canvas(figure, 7.5, 3.2)
    left, right = area.subplots(1, 2)
    _loss(bare(left), history)
    _likelihood(bare(right), history, references or {})
    for axes in (left, right):
        _phases(axes, history)
        axes.set_xlabel("training step")
        axes.set_xlim(left=0)
    return whole


def _loss(axes: Axes, history: pd.DataFrame) -> None:
    axes.plot(history["step"], history["loss"], color=TRAINING, label="training, penalized")
    axes.plot(history["step"], history["task_loss"], color=TRAINING, ls=":", label="training")
    if history["valid_loss"].notna().any():
        axes.plot(history["step"], history["valid_loss"], color=HELD_OUT, label="held out")
    axes.set_title("Loss", pad=16)
    axes.set_ylabel("loss (nats per choice)")
    axes.legend(frameon=False, fontsize="small")


def _likelihood(axes: Axes, history: pd.DataFrame, references: Mapping[str, float]) -> None:
    axes.plot(history["step"], history["likelihood"], color=TRAINING, label="training")
    if history["valid_likelihood"].notna().any():
        axes.plot(history["step"], history["valid_likelihood"], color=HELD_OUT, label="held out")
    for (name, value), style in zip(references.items(), _styles(len(references)), strict=True):
        axes.axhline(value, color=REFERENCE, linewidth=1, linestyle=style, label=f"{name} {value:.4f}")
    axes.set_title("Normalized likelihood", pad=16)
    axes.set_ylabel("likelihood per choice")
    axes.legend(frameon=False, fontsize="small")


def _styles(n_lines: int) -> list[str]:
    return [("--", "-.", ":")[i % 3] for i in range(n_lines)]


def _phases(axes: Axes, history: pd.DataFrame) -> None:
    """A line and a name where a phase begins."""
    starts = history.loc[history["phase"] != history["phase"].shift()]
    if len(starts) < 2:
        return
    before = [0, *history["step"].shift().loc[starts.index[1:]]]
    for step, name in zip(before, starts["phase"], strict=True):
        if step:
            axes.axvline(step, color="#CCCCCC", linewidth=0.8, zorder=0)
        axes.annotate(
            str(name), (step, 1), (2, 2),
            xycoords=axes.get_xaxis_transform(), textcoords="offset points",
            va="bottom", fontsize="x-small", color=REFERENCE,
        )  # fmt: skip
