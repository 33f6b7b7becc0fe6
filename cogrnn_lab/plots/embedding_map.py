"""Figures of what embeddings tell of subjects, and of the rules between two of them."""

from typing import Any

import numpy as np
from matplotlib import colormaps, rcParams
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import EmbeddingMap, EmbeddingPath
from cogrnn_lab.palette import REFERENCE, TRAINING
from cogrnn_lab.plots.canvas import bare, canvas, plain, zero_lines

COLUMN = 3.4  # inches, a column of a paper


def plot_embedding_map(mapped: Any, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw how well embeddings predict each number of the subjects, and each subject's predicted and own.

    Arguments:
        mapped: Result of `cl.embedding_map`.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: `mapped` is something else.
    """
    if not isinstance(mapped, EmbeddingMap):
        raise TypeError(
            f"got a {type(mapped).__name__}, expected an EmbeddingMap, as cl.embedding_map(model) makes it"
        )
    n = len(mapped.parameters)
    n_columns = min(n, 2)
    n_rows = -(-n // n_columns)
    whole, area = canvas(figure, COLUMN, 0.6 + 0.25 * n + 1.75 * n_rows)
    parts: Any = area.subfigures(2, 1, height_ratios=(0.6 + 0.25 * n, 1.75 * n_rows))
    top, below = parts
    _scores(top, mapped)
    grid = below.subplots(n_rows, n_columns, squeeze=False)
    for index, axes in enumerate(grid.flat):
        if index >= n:
            axes.set_axis_off()
            continue
        own, predicted = mapped.values[:, index], mapped.predicted[:, index]
        ends = [own.min(), own.max()]
        bare(axes).plot(ends, ends, color=REFERENCE, linewidth=1, linestyle="--", zorder=0)
        axes.plot(own, predicted, "o", color=TRAINING, markersize=3.5, alpha=0.8)
        axes.set_title(plain(mapped.parameters[index]), fontsize="small")
        axes.tick_params(labelsize="x-small")
    for axes in grid[-1]:
        axes.set_xlabel("own", fontsize="small")
    for axes in grid[:, 0]:
        axes.set_ylabel("predicted", fontsize="small")
    return whole


def plot_embedding_path(path: Any, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw a row for each latent, a panel for each observation, a line for each step from subject to subject.

    Arguments:
        path: Result of `cl.embedding_path`.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: `path` is something else.
    """
    if not isinstance(path, EmbeddingPath):
        raise TypeError(
            f"got a {type(path).__name__}, expected an EmbeddingPath, as cl.embedding_path(model, a, b) "
            "makes it"
        )
    first = path.rules[0]
    n_columns = max(len(rule.base) for rule in first.values())
    whole, area = canvas(figure, max(COLUMN, 1.6 * n_columns + 0.4), 0.5 + 1.7 * len(first))
    grid = area.subplots(len(first), n_columns, squeeze=False, sharey="row")
    hues = colormaps["viridis"](0.1 + 0.8 * path.fractions)
    for row, latent in zip(grid, first, strict=True):
        for axes in row[len(first[latent].base) :]:
            axes.set_axis_off()
        for index, label in enumerate(first[latent].observation_labels):
            zero_lines(bare(row[index]))
            for step, hue in zip(path.rules, hues, strict=True):
                row[index].plot(step[latent].values, step[latent].base[index], color=hue, linewidth=1.3)
            row[index].set_title(plain(label), fontsize="small")
            row[index].tick_params(labelsize="x-small")
            row[index].set_xlabel(f"latent {latent + 1}", fontsize="small")
        row[0].set_ylabel(f"change of latent {latent + 1}", fontsize="small")
    ends: Any = [grid[0, 0].lines[-len(hues)], grid[0, 0].lines[-1]]
    names = [plain(f"subject {name}") for name in path.ends]
    area.legend(ends, names, loc="outside lower center", ncols=2, frameon=False, fontsize="x-small")
    return whole


def _scores(area: Any, mapped: EmbeddingMap) -> None:
    axes = bare(area.subplots())
    places = np.arange(len(mapped.parameters))[::-1]
    low, high = np.quantile(mapped.r2_shuffled, [0.05, 0.95], axis=1)
    shown = np.maximum(mapped.r2, -0.5)
    axes.hlines(
        places, np.maximum(low, -0.5), np.maximum(high, -0.5), color=REFERENCE, linewidth=5, alpha=0.5
    )
    axes.plot(shown, places, "o", color=TRAINING, markersize=5)
    for place, value, score in zip(places, shown, mapped.r2, strict=True):
        said = f"{score:.2f}".replace("-0.00", "0.00")
        axes.annotate(
            said, (value, place), (0, 5), textcoords="offset points", ha="center",
            fontsize="x-small", color=rcParams["text.color"],
        )  # fmt: skip
    axes.axvline(0, color="#CCCCCC", linewidth=0.8, zorder=0)
    axes.set_xlim(-0.55, 1.08)
    axes.set_ylim(-0.6, len(places) - 0.3)
    axes.set_yticks(places, [plain(name) for name in mapped.parameters], fontsize="x-small")
    axes.tick_params(axis="x", labelsize="x-small")
    axes.set_xlabel("R² of subjects left out (gray: shuffled)", fontsize="small")
