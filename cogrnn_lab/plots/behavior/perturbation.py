"""Figure of what a perturbation does to a network's choices."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import PerturbationEffect
from cogrnn_lab.palette import HELD_OUT, REFERENCE, TRAINING
from cogrnn_lab.plots.behavior.statistics import OUTCOME_LETTERS, points
from cogrnn_lab.plots.canvas import bare, canvas, zero_lines

BEFORE, AFTER = TRAINING, HELD_OUT
MOST_TRIALS = 100
SMALL = "x-small"


def plot_perturbation(effect: Any, *, session: int = 0, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw a session's choice probability before and after, and behavior before and after.

    The trials in which the perturbation is on are shaded, where it is not always.

    Arguments:
        effect: Result of `cl.perturb(model, dataset, perturbation)`.
        session: Index of the session, from 0.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: It is something else.
        ValueError: There is no such session.
    """
    if not isinstance(effect, PerturbationEffect):
        raise TypeError(
            f"got a {type(effect).__name__}, expected a PerturbationEffect: cl.perturb(model, dataset, "
            "cl.Perturbation(...)), of a data set in place of inputs"
        )
    if not 0 <= session < len(effect.outputs_before):
        raise ValueError(f"session = {session}; expected 0 to {len(effect.outputs_before) - 1}.")
    whole, area = canvas(figure, 3.4, 4.0)
    grid = area.subplot_mosaic([["along", "along"], ["stay", "outcomes"], ["run", "difference"]])
    _along(grid["along"], effect, session)
    pair = ((effect.before, BEFORE, -0.12), (effect.after, AFTER, 0.12))
    for one, ink, offset in pair:
        points(grid["stay"], np.arange(2) + offset, one.stay_and_shift, ink)
        points(grid["outcomes"], one.switch_by_outcomes.x + offset, one.switch_by_outcomes, ink)
        points(grid["run"], one.switch_by_run.x + offset, one.switch_by_run, ink, "-")
    grid["stay"].set_xticks([0, 1], ["win-\nstay", "lose-\nshift"])
    grid["stay"].set(xlim=(-0.5, 1.5), ylim=(-0.03, 1.03), ylabel="proportion")
    conditions = effect.before.switch_by_outcomes.conditions
    signs = ["\n".join(OUTCOME_LETTERS[word] for word in one.split(", ")) for one in conditions]
    grid["outcomes"].set_xticks(range(len(signs)), signs, linespacing=0.7)
    grid["outcomes"].set(ylabel="p(switch)")
    grid["run"].set(xlabel="same choices in a row", ylabel="p(switch)")
    _difference(grid["difference"], effect)
    for axes in grid.values():
        bare(axes).tick_params(labelsize=SMALL)
        axes.set_xlabel(axes.get_xlabel(), fontsize=SMALL)
        axes.set_ylabel(axes.get_ylabel(), fontsize=SMALL)
    area.suptitle(f"{effect.perturbation.text}\n({effect.loop} loop)", fontsize="small", wrap=True)
    return whole


def _along(axes: Axes, effect: PerturbationEffect, session: int) -> None:
    """Probability of the last alternative, trial by trial."""
    dataset = effect.before.dataset
    n = int(min(MOST_TRIALS, dataset.lengths[session]))
    for outputs, ink, label in (
        (effect.outputs_before, BEFORE, "before"),
        (effect.outputs_after, AFTER, "after"),
    ):
        logits = outputs[session, :n, : dataset.n_classes]
        odds = np.exp(logits - logits.max(-1, keepdims=True))
        axes.plot(np.arange(1, n + 1), odds[:, -1] / odds.sum(-1), color=ink, linewidth=1.0, label=label)
    is_on = effect.is_on[session, :n]
    if not is_on.all():
        edges = np.flatnonzero(np.diff(np.r_[False, is_on, False]))
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            axes.axvspan(first + 0.5, end + 0.5, color=REFERENCE, alpha=0.25, linewidth=0)
    name = (dataset.class_names or [str(k) for k in range(int(dataset.n_classes or 0))])[-1]
    axes.set(
        xlabel=f"trial of session {dataset.session_names[session]}", ylabel=f"p({name})", ylim=(-0.03, 1.03)
    )
    axes.legend(frameon=False, fontsize=SMALL, ncols=2, loc="upper right")


def _difference(axes: Axes, effect: PerturbationEffect) -> None:
    """Differences of what is left of it, paired by session."""
    zero_lines(axes, x=False)
    rows = effect.differences[effect.differences["curve"] == "stay and shift"]
    change = rows["difference"].to_numpy()
    ends = np.stack([change - rows["low"].to_numpy(), rows["high"].to_numpy() - change])
    axes.errorbar(
        range(len(rows)),
        change,
        yerr=np.nan_to_num(np.maximum(ends, 0.0)),
        fmt="o",
        color=REFERENCE,
        markersize=3,
    )
    axes.set_xticks(range(len(rows)), ["win-\nstay", "lose-\nshift"])
    axes.set(xlim=(-0.5, 1.5), ylabel="after less before")
