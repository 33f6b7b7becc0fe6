"""Figure of the embeddings of subjects in a plane."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import Embeddings, embeddings
from cogrnn_lab.palette import TRAINING
from cogrnn_lab.plots.canvas import SEQUENTIAL, bare, canvas, plain
from cogrnn_lab.plots.results_at_hand import result_of

# More names than these would cover each other.
MOST_NAMES = 30


def plot_embeddings(
    embedded: Any,
    *,
    parameter: Sequence[float] | np.ndarray | None = None,
    parameter_name: str = "parameter",
    figure: Figure | SubFigure | None = None,
) -> Figure:
    """Draw a point for each subject: its embedding in the two dimensions that are most open.

    Arguments:
        embedded: Result of `cl.embeddings`, or a network that knows subjects, or a `Run` that has one.
        parameter: (subject,) numbers that color the points, such as those by which subjects were simulated.
        parameter_name: What they are.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: `embedded` is something else, or the network knows no subjects.
        ValueError: There is not one number for each subject.
    """
    shown = result_of(embedded, Embeddings, embeddings, "cl.embeddings(model)")
    n_subjects, n_dimensions = shown.values.shape
    colored = None if parameter is None else np.asarray(parameter, float)
    if colored is not None and colored.shape != (n_subjects,):
        raise ValueError(
            f"parameter has shape {colored.shape}, expected ({n_subjects},): one for each subject"
        )
    first = int(shown.order[0])
    second = int(shown.order[1]) if n_dimensions > 1 else None
    across = shown.values[:, first]
    up = shown.values[:, second] if second is not None else np.zeros(n_subjects)
    whole, area = canvas(figure, 4.8 if colored is None else 5.4, 3.8)
    axes = bare(area.subplots())
    if colored is None:
        axes.scatter(across, up, s=36, color=TRAINING)
    else:
        points = axes.scatter(
            across, up, s=36, c=colored, cmap=SEQUENTIAL, edgecolors="#666666", linewidths=0.5
        )
        area.colorbar(points, ax=axes, label=plain(parameter_name))
    if n_subjects <= MOST_NAMES:
        for name, x, y in zip(shown.names, across, up, strict=True):
            axes.annotate(plain(name), (x, y), (4, 4), textcoords="offset points", fontsize="x-small")
    axes.set_xlabel(_label(shown, first))
    axes.set_ylabel("" if second is None else _label(shown, second))
    if second is None:
        axes.set_yticks([])
    axes.margins(0.12)
    return whole


def _label(shown: Embeddings, dimension: int) -> str:
    return f"embedding {dimension + 1} ({shown.openness[dimension]:.2f} open)"
