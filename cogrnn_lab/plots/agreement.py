"""How alike the mechanisms of several networks are."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.discovery import Agreement
from cogrnn_lab.plots.canvas import SEQUENTIAL, canvas


def plot_agreement(agreement: Agreement, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw how alike each latent's time course and its two rules are, a row for each run.

    Runs that have the whole mechanism are marked by a star. The panel on the right tells for every two runs
    how much of one's latents a linear mixture of the other's tells, whatever their coordinates.

    Arguments:
        agreement: Result of `cl.agreement`.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.
    """
    n_latents, n_runs = agreement.order.shape[1], agreement.n_runs
    names = ("time\ncourse", "update\nrule", "choice\nrule")
    widths = [1.0] * n_latents + [1.25]
    whole, area = canvas(figure, 1.3 + 1.35 * (n_latents + 1.25), 1.35 + 0.3 * n_runs)
    panels = area.subplots(1, n_latents + 1, squeeze=False, width_ratios=widths)[0]
    rows = [_run_name(agreement, run) for run in range(n_runs)]
    image = None
    for k, axes in enumerate(panels[:-1]):
        alike = np.stack(
            [
                agreement.similarity[agreement.reference, :, k],
                agreement.update_similarity[:, k],
                agreement.choice_similarity[:, k],
            ],
            axis=1,
        )
        image = _matrix(axes, alike)
        axes.set_xticks(range(3), names, fontsize="x-small")
        axes.set_yticks(range(n_runs), rows if k == 0 else [""] * n_runs, fontsize="small")
        found = round(agreement.latent_found[k] * n_runs)
        axes.set_title(f"latent {k + 1}\nin {found} of {n_runs}", fontsize="small")
    axes = panels[-1]
    image = _matrix(axes, agreement.span)
    axes.set_xticks(range(n_runs), [f"{run + 1}" for run in range(n_runs)], fontsize="x-small")
    axes.set_yticks(range(n_runs), [""] * n_runs if n_latents else rows, fontsize="small")
    axes.set_title("same variables,\nin any coordinates", fontsize="small")
    area.colorbar(image, ax=list(panels), label="likeness (R²)", fraction=0.05, pad=0.02)
    return whole


def _run_name(agreement: Agreement, run: int) -> str:
    star = " ★" if agreement.is_shared[run] else ""
    return f"run {run + 1}{' (reference)' if run == agreement.reference else ''}{star}"


def _matrix(axes: Axes, values: np.ndarray):
    image = axes.imshow(values, cmap=SEQUENTIAL, vmin=0, vmax=1, aspect="auto")
    for row, column in np.ndindex(values.shape):
        axes.text(
            column, row, f"{values[row, column]:.2f}", ha="center", va="center", fontsize=6,
            color="white" if values[row, column] > 0.55 else "#222222",
        )  # fmt: skip
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return image
