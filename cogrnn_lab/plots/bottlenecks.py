"""Figure of the openness or the information of all bottleneck channels."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import Bottlenecks
from cogrnn_lab.analysis import bottlenecks as read
from cogrnn_lab.plots.canvas import SEQUENTIAL, canvas, plain
from cogrnn_lab.plots.results_at_hand import result_of

# The groups whose channels lead to a latent; channels of the others come from one.
INTO_LATENTS = ("update_input", "update_latent", "update_subject")


def plot_bottlenecks(
    bottlenecks: Any, *, value: str = "openness", figure: Figure | SubFigure | None = None
) -> Figure:
    """Draw one matrix for each group of bottlenecks, with a row for each latent, the most open on top.

    Rows of another kind, such as embeddings or inputs, have names of their own.

    Arguments:
        bottlenecks: Result of `cl.bottlenecks`, or a network, or a `Run` or a `Discovery` that has one.
        value: "openness", 1 - sigma from 0 (closed) to 1 (open); or "nats", the information of a channel in
            nats per trial, where the result has it.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        ValueError: `value` is neither, or the result has no nats, or the network has no bottlenecks.
        TypeError: `bottlenecks` is something else.
    """
    bottlenecks = result_of(bottlenecks, Bottlenecks, read, "cl.bottlenecks(model)")
    names = list(bottlenecks.groups)
    if not names:
        raise ValueError(
            "the network has no bottlenecks, so there is nothing to draw; plot_choice_rule and "
            "plot_trajectories show networks of every kind"
        )
    matrices = [_matrix(bottlenecks, name, value) for name in names]
    widths = [max(matrix.shape[1], 2.0) for matrix in matrices]
    n_rows = max(len(matrix) for matrix in matrices)
    n_named = sum(not _rows_are_latents(bottlenecks, name) for name in names)
    width = 1.6 + 0.62 * sum(widths) + 0.5 * len(names) + 0.9 * n_named
    whole, area = canvas(figure, width, 1.7 + 0.42 * n_rows)
    panels = area.subplots(1, len(names), squeeze=False, width_ratios=widths)[0]
    top = 1.0 if value == "openness" else max(1e-9, *(float(matrix.max()) for matrix in matrices))
    image = None
    for axes, name, matrix in zip(panels, names, matrices, strict=True):
        image = axes.imshow(matrix, cmap=SEQUENTIAL, vmin=0, vmax=top, aspect="auto")
        _write_values(axes, matrix, top)
        named = axes is panels[0] or not _rows_are_latents(bottlenecks, name)
        _label(axes, bottlenecks, name, rows_named=named)
    if image is not None:
        label = "openness (1 - sigma)" if value == "openness" else "information (nats per trial)"
        area.colorbar(image, ax=list(panels), label=label, fraction=0.04, pad=0.02)
    return whole


def _matrix(bottlenecks: Bottlenecks, name: str, value: str) -> np.ndarray:
    """The values of a group with latents in rows, in the order of openness."""
    if value not in ("openness", "nats"):
        raise ValueError(f"value is {value!r}; expected 'openness' or 'nats'")
    group = bottlenecks.groups[name]
    values = getattr(group, value)
    if values is None:
        raise ValueError("this result has no nats; give the data set: cl.bottlenecks(model, dataset)")
    values = np.asarray(values)
    if name in INTO_LATENTS:
        values = values.T
    if name == "update_latent":
        values = values[:, bottlenecks.latent_order]
    return values[_row_order(bottlenecks, name)]


def _row_names(bottlenecks: Bottlenecks, name: str) -> tuple[str, ...]:
    """Name the rows of a group's matrix, before they are sorted."""
    group = bottlenecks.groups[name]
    return group.to_names if name in INTO_LATENTS else group.from_names


def _rows_are_latents(bottlenecks: Bottlenecks, name: str) -> bool:
    return _row_names(bottlenecks, name) == bottlenecks.latent_names


def _row_order(bottlenecks: Bottlenecks, name: str) -> np.ndarray:
    """Latents by their openness, before rows that are none."""
    rows, latents = _row_names(bottlenecks, name), bottlenecks.latent_names
    order = np.arange(len(rows))
    if rows[: len(latents)] == latents:
        order[: len(latents)] = bottlenecks.latent_order
    return order


def _write_values(axes: Axes, matrix: np.ndarray, top: float) -> None:
    for row, column in np.ndindex(matrix.shape):
        share = matrix[row, column] / top
        text = f"{matrix[row, column]:.2f}"
        axes.text(
            column,
            row,
            text,
            ha="center",
            va="center",
            fontsize=7,
            color="white" if share > 0.55 else "#222222",
        )


def _label(axes: Axes, bottlenecks: Bottlenecks, name: str, *, rows_named: bool) -> None:
    group = bottlenecks.groups[name]
    columns = [plain(source) for source in (group.from_names if name in INTO_LATENTS else group.to_names)]
    if name == "update_latent":
        columns = [columns[i] for i in bottlenecks.latent_order]
    rows = [plain(_row_names(bottlenecks, name)[i]) for i in _row_order(bottlenecks, name)]
    axes.set_title(group.title.replace(": ", ":\n"), fontsize="medium")
    axes.set_yticks(range(len(rows)), rows if rows_named else [""] * len(rows), fontsize="small")
    if len(columns) > 1:
        axes.set_xticks(range(len(columns)), columns, rotation=45, ha="right", rotation_mode="anchor")
        axes.tick_params(axis="x", labelsize="small")
        axes.set_xlabel("from", fontsize="small")
    else:
        axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
