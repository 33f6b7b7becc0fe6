"""Figure of the choice rule: logits against latents."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import ChoiceRule
from cogrnn_lab.plots.canvas import DIVERGING, bare, canvas, color, plain, zero_lines


def plot_choice_rule(
    rule: ChoiceRule,
    *,
    choice_names: Sequence[str] | None = None,
    figure: Figure | SubFigure | None = None,
) -> Figure:
    """Draw a row for each alternative against the first: its logit against each latent, and a map over two.

    Arguments:
        rule: Result of `cl.choice_rule`.
        choice_names: Names of the alternatives, as `Dataset.class_names`; by default those that the network
            was trained on, else indices from 0.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.
    """
    logits = np.asarray(rule.logits)
    names = choice_names or rule.choice_names or [str(index) for index in range(logits.shape[1] + 1)]
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
    for latent, line in enumerate(logits):
        axes.plot(rule.values, line, color=color(latent), label=f"latent {latent + 1}")
    axes.set_xlabel("value of the latent, others fixed (a.u.)")
    axes.set_title("Each latent alone", fontsize="medium")
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
    axes.set_xlabel(f"latent {first + 1} (a.u.)")
    axes.set_ylabel(f"latent {second + 1} (a.u.)")
    axes.set_title("Two latents together", fontsize="medium")
    whole = axes.figure
    whole.colorbar(image, ax=axes, label="logit")
