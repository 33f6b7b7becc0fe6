"""What a discovery comes to, on one page."""

import numpy as np
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.discovery import Discovery, Yardsticks
from cogrnn_lab.palette import HELD_OUT, REFERENCE, TRAINING
from cogrnn_lab.plots.agreement import plot_agreement
from cogrnn_lab.plots.canvas import bare, canvas, plain
from cogrnn_lab.plots.equations import equations_height, plot_equations
from cogrnn_lab.plots.penalty_path import COLUMN, TWO_COLUMNS, plot_closing_order, plot_path

KIND_COLORS = {
    "network": HELD_OUT,
    "equations": "#CC79A7",
    "classical": TRAINING,
    "ceiling": "#009E73",
    "reference": REFERENCE,
}


def plot_yardsticks(yardsticks: Yardsticks, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw what the network is worth beside each yardstick: its likelihood minus theirs.

    The best on top, with 95 % intervals of paired resamples; right of the line the network predicts better. A
    star marks the classical model that the choosing sessions favor.

    Arguments:
        yardsticks: `Discovery.measured`.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.
    """
    table = yardsticks.table
    table = table[table["kind"] != "network"]
    whole, area = canvas(figure, COLUMN, 1.0 + 0.2 * len(table))
    axes = bare(area.subplots())
    low, advantage, high = (
        table[name].to_numpy(float) for name in ("advantage_low", "advantage", "advantage_high")
    )
    for row, (kind, is_best) in enumerate(zip(table["kind"], table["best_classical"], strict=True)):
        axes.plot([low[row], high[row]], [row, row], color=KIND_COLORS[kind], linewidth=1.5)
        marker, size = ("*", 8) if is_best else ("o", 4)
        axes.plot(advantage[row], row, marker, color=KIND_COLORS[kind], ms=size)
    axes.axvline(0, color="#CCCCCC", linewidth=0.8, zorder=0)
    axes.set_yticks(range(len(table)), [plain(name) for name in table["model"]])
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.tick_params(labelsize="small")
    network = yardsticks.likelihood("network")
    axes.set_xlabel(f"likelihood of the network\n({network:.4f}) minus theirs", fontsize="small")
    near = np.sort(high)[: max(1, int(0.8 * len(high)))].max()
    room = 0.05 * (near - low.min()) or 1e-3
    axes.set_xlim(low.min() - room, near + room)
    for row, own in enumerate(advantage):
        if own > near:
            axes.text(
                0.98, row, f"{own:.3f} ▸", ha="right", va="center", fontsize="x-small", color=REFERENCE,
                transform=axes.get_yaxis_transform(),
            )  # fmt: skip
    return whole


def plot_discovery(found: Discovery, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw one page: equations, penalty path, order in which latents close, yardsticks, agreement of seeds.

    Arguments:
        found: Result of `cl.discover`.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.
    """
    n_models = len(found.measured.nll) - 1
    heights = {"path": 2.7, "yardsticks": max(2.5, 1.0 + 0.17 * n_models)}
    if found.equations is not None:
        heights = {"equations": equations_height(found.equations)} | heights
    if found.agreement is not None:
        heights["agreement"] = 1.35 + 0.3 * found.agreement.n_runs
    whole, area = canvas(figure, TWO_COLUMNS, sum(heights.values()))
    drawn = area.subfigures(len(heights), 1, squeeze=False, height_ratios=list(heights.values()))[:, 0]
    rows = dict(zip(heights, drawn, strict=True))
    if found.equations is not None:
        plot_equations(found.equations, figure=rows["equations"])
    plot_path(found.path, found.level, figure=rows["path"])
    left, right = rows["yardsticks"].subfigures(1, 2)
    plot_closing_order(found.path, figure=left)
    plot_yardsticks(found.measured, figure=right)
    if found.agreement is not None:
        plot_agreement(found.agreement, figure=rows["agreement"])
    return whole
