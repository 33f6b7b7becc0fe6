"""Figure of the bits through each channel, overall and by condition or subject."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import InformationFlow
from cogrnn_lab.analysis.reading.contributions import LEAST_BITS
from cogrnn_lab.palette import REFERENCE
from cogrnn_lab.plots.canvas import SEQUENTIAL, canvas, plain

BY = ("condition", "subject")
FONT = 7.0


def plot_information_flow(
    flow: InformationFlow,
    *,
    by: str = "condition",
    within: bool = False,
    figure: Figure | SubFigure | None = None,
) -> Figure:
    """Draw a row for each channel that tells more than 0.05 bits, and a column for each condition.

    The first column is of all trials; the price that is paid, in nats, stands on the right.

    Arguments:
        flow: Result of `cl.information_flow`.
        by: Columns, "condition" or "subject".
        within: Bits among the trials of the column alone; by default those that a trial of the column tells
            among all trials, whose mean over trials is the first column.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        ValueError: `by` is neither.
    """
    if by not in BY:
        raise ValueError(f"by is {by!r}; expected one of {', '.join(map(repr, BY))}")
    columns = flow.conditions if by == "condition" else flow.subjects
    kind = f"{'within' if within else 'by'}_{by}"
    labels, values, prices, begins = _rows(flow, kind)
    whole, area = canvas(figure, max(3.4, 1.75 + 0.3 * (len(columns) + 1)), 1.3 + 0.17 * max(len(labels), 1))
    axes = area.subplots()
    if not len(labels):
        axes.set_axis_off()
        axes.text(0.5, 0.5, f"no channel tells more than {LEAST_BITS} bits", ha="center", fontsize=FONT)
        return whole
    top = max(float(values.max()), 1.0)
    image = axes.imshow(values, cmap=SEQUENTIAL, vmin=0.0, vmax=top, aspect="auto")
    for row, column in np.ndindex(values.shape):
        dark = values[row, column] > 0.55 * top
        axes.text(
            column, row, f"{values[row, column]:.2f}", ha="center", va="center", fontsize=FONT - 1.5,
            color="white" if dark else "#222222",
        )  # fmt: skip
    _label(axes, labels, ("all trials", *columns), prices)
    for begin in begins[1:]:
        axes.axhline(begin - 0.5, color=REFERENCE, linewidth=0.8)
    axes.axvline(0.5, color=REFERENCE, linewidth=0.8)
    bar = area.colorbar(image, ax=axes, location="bottom", fraction=0.05, pad=0.02, aspect=30)
    bar.set_label("bits per trial", fontsize=FONT)
    bar.ax.tick_params(labelsize=FONT - 1)
    return whole


def _rows(flow: InformationFlow, kind: str) -> tuple[list[str], np.ndarray, list[float], list[int]]:
    """Label, values (overall, then by column) and price of each channel, and where groups begin."""
    labels: list[str] = []
    values, prices, begins = [], [], []
    for name, group in flow.groups.items():
        begins.append(len(labels))
        for i, j in np.ndindex(group.bits.shape):
            if group.bits[i, j] > LEAST_BITS:
                alone = name in ("latent", "subject")
                reader = group.to_names[j].replace(" network", "")
                source = plain(group.from_names[i])
                labels.append(f"{source} kept" if alone else f"{source} → {plain(reader)}")
                values.append([group.bits[i, j], *getattr(group, kind)[:, i, j]])
                prices.append(float(group.nats[i, j]))
    return labels, np.array(values), prices, sorted({begin for begin in begins if begin < len(labels)})


def _label(axes: Axes, labels: list[str], columns: tuple[str, ...], prices: list[float]) -> None:
    axes.set_yticks(range(len(labels)), labels, fontsize=FONT)
    axes.set_xticks(
        range(len(columns)), [plain(name) for name in columns], rotation=45, ha="left",
        rotation_mode="anchor", fontsize=FONT,
    )  # fmt: skip
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    end = len(columns) - 0.4
    for row, price in enumerate(prices):
        axes.text(end, row, f"{price:.1f}", fontsize=FONT - 1, va="center", color=REFERENCE)
    axes.text(end, len(prices) - 0.35, "nats\npaid", fontsize=FONT - 1.5, va="top", color=REFERENCE)
