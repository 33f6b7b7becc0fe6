"""Figure of training: loss and normalized likelihood over steps."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.palette import HELD_OUT, REFERENCE, TRAINING
from cogrnn_lab.plots.canvas import bare, canvas, plain


def plot_learning(
    history: Any,
    *,
    references: Mapping[str, float] | None = None,
    figure: Figure | SubFigure | None = None,
) -> Figure:
    """Draw the loss (left) and normalized likelihood or performance (right) against the training step.

    Arguments:
        history: A `Run`, or its `history`, a row for every report: `step`, `phase`, `loss` (penalized, nats
            per choice), `likelihood` and `valid_likelihood` (normalized; on training and on held-out
            sessions) where the loss is that of choices, `performance` and `stage` where a `Curriculum` was
            trained on. With neither there is only the loss.
        references: Normalized likelihoods to compare with, by name, such as that of chance.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: `history` is something else.
    """
    history = getattr(history, "history", history)
    if not isinstance(history, pd.DataFrame):
        raise TypeError(f"got a {type(history).__name__}, expected a Run or its history")
    has_likelihood = history["likelihood"].notna().any()
    panels = [_loss]
    if has_likelihood:
        panels.append(partial(_likelihood, references=references or {}))
    elif "performance" in history:
        panels.append(_performance)
    whole, area = canvas(figure, 3.75 * len(panels), 3.2)
    per = "nats per choice" if has_likelihood else "per target"
    for draw, axes in zip(panels, area.subplots(1, len(panels), squeeze=False)[0], strict=True):
        draw(bare(axes), history)
        if draw is _loss:
            axes.set_ylabel(f"loss ({per})")
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
    axes.legend(frameon=False, fontsize="small")


def _likelihood(axes: Axes, history: pd.DataFrame, references: Mapping[str, float]) -> None:
    axes.plot(history["step"], history["likelihood"], color=TRAINING, label="training")
    if history["valid_likelihood"].notna().any():
        axes.plot(history["step"], history["valid_likelihood"], color=HELD_OUT, label="held out")
    for (name, value), style in zip(references.items(), _styles(len(references)), strict=True):
        axes.axhline(value, color=REFERENCE, linewidth=1, linestyle=style, label=plain(f"{name} {value:.4f}"))
    axes.set_title("Normalized likelihood", pad=16)
    axes.set_ylabel("likelihood per choice")
    axes.legend(frameon=False, fontsize="small")


def _performance(axes: Axes, history: pd.DataFrame) -> None:
    checked = history[history["performance"].notna()]
    for stage in checked["stage"].astype(int).unique():
        part = checked[checked["stage"] == stage]
        axes.plot(part["step"], part["performance"], "o-", markersize=3, label=f"stage {stage + 1}")
    axes.set_title("Performance", pad=16)
    axes.set_ylabel("performance on fresh trials")
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
            plain(name), (step, 1), (2, 2),
            xycoords=axes.get_xaxis_transform(), textcoords="offset points",
            va="bottom", fontsize="x-small", color=REFERENCE,
        )  # fmt: skip
