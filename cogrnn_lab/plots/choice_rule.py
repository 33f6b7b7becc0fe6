"""Figure of the choice rule: logits against latents."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import ChoiceRule, choice_rule
from cogrnn_lab.palette import REFERENCE
from cogrnn_lab.plots.canvas import DIVERGING, bare, canvas, color, plain, used, zero_lines
from cogrnn_lab.plots.results_at_hand import result_of

MOST_NAMED = 10  # latents in the legend


def plot_choice_rule(
    rule: Any,
    *,
    choice_names: Sequence[str] | None = None,
    figure: Figure | SubFigure | None = None,
) -> Figure:
    """Draw a row for each alternative against the first: its logit against each latent, and a map over two.

    Below the lines, where data were given, is how often each latent has each value; on the map, a gray line
    around the states in which the data nearly always are.

    Arguments:
        rule: Result of `cl.choice_rule`, or a network, or a `Run` or a `Discovery` that has one.
        choice_names: Names of the alternatives, as `Dataset.class_names`; by default those that the network
            was trained on, else indices from 0.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: `rule` is something else.
    """
    rule = result_of(rule, ChoiceRule, choice_rule, "cl.choice_rule(model)")
    logits = np.asarray(rule.logits)
    names = rule.choice_names if choice_names is None else choice_names
    names = [str(index) for index in range(logits.shape[1] + 1)] if names is None else list(names)
    n_rows = logits.shape[1]
    n_columns = 1 if rule.pair is None else 2
    whole, area = canvas(figure, 3.9 * n_columns, 3.2 * n_rows)
    grid = area.subplots(n_rows, n_columns, squeeze=False)
    for alternative, row in enumerate(grid):
        _lines(row[0], rule, logits[:, alternative])
        row[0].set_ylabel(plain(f"logit of choice {names[alternative + 1]} against {names[0]}"))
        if rule.pair is not None and rule.pair_logits is not None:
            _map(row[1], rule, rule.pair, np.asarray(rule.pair_logits)[alternative])
    return whole


def _lines(axes: Axes, rule: ChoiceRule, logits: np.ndarray) -> None:
    zero_lines(bare(axes))
    shown = range(len(logits)) if rule.shown is None else rule.shown
    for latent in shown:
        axes.plot(rule.values, logits[latent], color=color(latent), label=f"latent {latent + 1}")
        if rule.density is not None:
            used(axes, rule.values, rule.density[latent], color(latent))
    axes.set_xlabel("value of the latent, others fixed (a.u.)")
    axes.set_title("Each latent alone", fontsize="medium")
    if len(shown) <= MOST_NAMED:  # more would cover the lines
        axes.legend(frameon=False, fontsize="small")


def _map(axes: Axes, rule: ChoiceRule, pair: tuple[int, int], logits: np.ndarray) -> None:
    """`logits` (value of the pair's first latent, value of its second)."""
    first, second = pair
    limit = max(float(np.abs(logits).max()), 1e-6)
    image = axes.pcolormesh(
        rule.values,
        rule.values,
        logits.T,
        cmap=DIVERGING,
        vmin=-limit,
        vmax=limit,
        shading="nearest",
        rasterized=True,
    )
    if logits.min() < 0 < logits.max():
        axes.contour(rule.values, rule.values, logits.T, levels=[0], colors="#333333", linewidths=1)
    if rule.pair_density is not None:
        _outline(axes, rule.values, rule.pair_density)
    axes.set_xlabel(f"latent {first + 1} (a.u.)")
    axes.set_ylabel(f"latent {second + 1} (a.u.)")
    axes.set_title("Two latents together", fontsize="medium")
    whole = axes.figure
    whole.colorbar(image, ax=axes, label="logit")


def _outline(axes: Axes, values: np.ndarray, density: np.ndarray) -> None:
    """A line around the places that hold 95 % of the trials."""
    blurred = density
    for axis in (0, 1) * 4:
        blurred = (np.roll(blurred, 1, axis) + 2 * blurred + np.roll(blurred, -1, axis)) / 4
    heights = np.sort(blurred.ravel())[::-1]
    level = heights[np.searchsorted(np.cumsum(heights), 0.95 * heights.sum())]
    if 0 < level < blurred.max():
        axes.contour(
            values, values, blurred.T, levels=[level], colors=REFERENCE, linestyles="--", linewidths=1
        )
