"""Figure of the weights of a constrained network, sorted by population."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import Weights
from cogrnn_lab.analysis import weights as read
from cogrnn_lab.plots.canvas import DIVERGING, canvas, plain
from cogrnn_lab.plots.results_at_hand import result_of

# Share of the weights whose size the colors distinguish: one outlier must not leave all others pale.
SHOWN_SHARE = 0.99


def plot_weights(weights: Any, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw weights from the inputs, between units, and to the outputs; rows are the receivers.

    Arguments:
        weights: Result of `cl.weights`, or a network that has such weights, or a `Run` that has one.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: `weights` is something else, or the network has no such weights.
    """
    weights = result_of(weights, Weights, read, "cl.weights(model)")
    n_inputs, n_outputs, n_units = weights.w_in.shape[1], weights.w_out.shape[0], len(weights.order)
    side = [max(n_inputs, n_units * 0.08), n_units]
    below = [n_units, max(n_outputs, n_units * 0.08)]
    whole, area = canvas(figure, 6.4, 5.6)
    grid = area.subplots(2, 2, width_ratios=side, height_ratios=below, squeeze=False)
    everything = np.concatenate([np.abs(w).ravel() for w in (weights.w_in, weights.w_rec, weights.w_out)])
    limit = max(
        float(np.quantile(everything[everything > 0], SHOWN_SHARE)) if everything.any() else 0.0, 1e-9
    )
    panels = {grid[0, 0]: weights.w_in, grid[0, 1]: weights.w_rec, grid[1, 1]: weights.w_out}
    image = None
    for axes, matrix in panels.items():
        image = axes.imshow(
            matrix, cmap=DIVERGING, vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest"
        )
        axes.tick_params(length=0)
    grid[1, 0].set_axis_off()
    _label_populations(grid[0, 0], weights, rows=True)
    _label_populations(grid[1, 1], weights, rows=False)
    _separate(grid[0, 1], weights, rows=True, columns=True)
    grid[0, 1].set_title("recurrent", fontsize="medium")
    grid[0, 1].set_xticks([])
    grid[0, 1].set_yticks([])
    grid[0, 0].set_title("input", fontsize="medium")
    grid[0, 0].set_xticks(range(n_inputs), [str(i + 1) for i in range(n_inputs)], fontsize="small")
    grid[1, 1].set_yticks(range(n_outputs), [f"output {i + 1}" for i in range(n_outputs)], fontsize="small")
    grid[1, 1].set_xlabel("from")
    grid[0, 0].set_ylabel("to")
    if image is not None:
        area.colorbar(image, ax=list(grid.ravel()), label="weight (effective)", fraction=0.04, extend="both")
    return whole


def _edges(weights: Weights) -> np.ndarray:
    """Where a population ends and the next begins."""
    return np.flatnonzero(np.diff(weights.population)) + 0.5


def _separate(axes: Axes, weights: Weights, *, rows: bool, columns: bool) -> None:
    for edge in _edges(weights):
        if rows:
            axes.axhline(edge, color="#333333", linewidth=0.8)
        if columns:
            axes.axvline(edge, color="#333333", linewidth=0.8)


def _label_populations(axes: Axes, weights: Weights, *, rows: bool) -> None:
    middles = [weights.members(name).mean() for name in weights.populations]
    names = [plain(name) for name in weights.populations]
    _separate(axes, weights, rows=rows, columns=not rows)
    if rows:
        axes.set_yticks(middles, names, rotation=90, va="center", fontsize="small")
    else:
        axes.set_xticks(middles, names, fontsize="small")
