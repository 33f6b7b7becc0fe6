"""Figure of what was discovered and what is discovered again from its own choices."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.discovery import GenerativeCheck
from cogrnn_lab.palette import HELD_OUT, TRAINING
from cogrnn_lab.plots.canvas import SEQUENTIAL, bare, canvas, plain, zero_lines


def plot_generative_check(check: Any, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw how alike each latent is when it is found again, and the numbers of both equations.

    Arguments:
        check: Result of `cl.generative_check`.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(check, GenerativeCheck):
        raise TypeError(
            f"got a {type(check).__name__}, expected a GenerativeCheck: "
            "cl.generative_check(discovery, dataset)"
        )
    alike, numbers = check.agreement, check.numbers
    other = 1 - alike.reference
    rows = np.stack(
        [
            alike.similarity[alike.reference, other],
            alike.update_similarity[other],
            alike.choice_similarity[other],
        ],
        axis=1,
    )
    has_numbers = len(numbers) > 0
    height = 1.4 + 0.3 * len(rows) + (0.8 + 0.22 * len(numbers)) * has_numbers
    whole, area = canvas(figure, 3.4, height)
    ratios = [1 + 0.3 * len(rows), *([0.8 + 0.22 * len(numbers)] if has_numbers else [])]
    panels = area.subplots(len(ratios), 1, squeeze=False, height_ratios=ratios)[:, 0]
    top = panels[0]
    if len(rows):
        image = top.imshow(rows, cmap=SEQUENTIAL, vmin=0, vmax=1, aspect="auto")
        for row, column in np.ndindex(rows.shape):
            ink = "white" if rows[row, column] > 0.55 else "#222222"
            top.text(column, row, f"{rows[row, column]:.2f}", ha="center", va="center", fontsize=7, color=ink)
        bar = area.colorbar(image, ax=top)
        bar.set_label("likeness (R²)", fontsize="x-small")
        bar.ax.tick_params(labelsize="x-small")
    top.set_xticks(range(3), ["time\ncourse", "update\nrule", "choice\nrule"], fontsize="x-small")
    top.set_yticks(range(len(rows)), [f"latent {k + 1}" for k in range(len(rows))], fontsize="x-small")
    top.tick_params(length=0)
    told = "found again" if check.found_again else "not found again"
    top.set_title(f"the mechanism is {told}", fontsize="small")
    if has_numbers:
        axes = bare(panels[1])
        zero_lines(axes, y=False)
        y = np.arange(len(numbers))[::-1]
        for name, shift, ink, label in (("", 0.12, TRAINING, "first"), ("again_", -0.12, HELD_OUT, "again")):
            value = numbers["value" if not name else "again"].to_numpy(float)
            ends = np.stack([value - numbers[f"{name}low"], numbers[f"{name}high"] - value]).astype(float)
            axes.errorbar(
                value, y + shift, xerr=np.nan_to_num(np.maximum(ends, 0.0)), fmt="o", color=ink, markersize=3,
                linewidth=1.0, label=label,
            )  # fmt: skip
        axes.set_yticks(y, [plain(one) for one in numbers["name"]], fontsize="x-small")
        axes.set_ylim(-0.6, len(numbers) - 0.4)
        axes.set_xlabel("value", fontsize="x-small")
        axes.tick_params(labelsize="x-small")
        axes.legend(frameon=False, fontsize="x-small")
    return whole
