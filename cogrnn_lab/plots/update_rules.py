"""Figure of the update rules: change of each latent within a trial."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import UpdateRule, bottlenecks, update_rules
from cogrnn_lab.argument_words import told
from cogrnn_lab.plots.canvas import bare, canvas, color, plain, used, zero_lines
from cogrnn_lab.plots.results_at_hand import result_of

SHADES = ((":", 0.55), ("--", 0.8), ("-", 1.0))  # of the lowest, middle and highest value of the other latent


def plot_update_rules(rules: Any, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw a row for each latent, a panel for each latent that its update reads, a line for each observation.

    Each line is the change of the latent within one trial against its value before. Where it also depends on
    another latent, that one is shown at its lowest, middle and highest value (dotted, dashed, solid). Below
    the lines, where data were given, is how often the latent has each value.

    Arguments:
        rules: Result of `cl.update_rules`; or a network, or a `Run` or a `Discovery` that has one, of which
            the rules of the open latents are drawn.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        ValueError: There is no rule.
        TypeError: `rules` is something else.
    """
    rules = result_of(rules, Mapping, _of_open_latents, "cl.update_rules(model)")
    if not all(isinstance(rule, UpdateRule) for rule in rules.values()):
        raise TypeError(f"rules is {told(rules)}; expected those of cl.update_rules(model)")
    if not rules:
        raise ValueError("there is no rule to draw; give the rules of at least one latent")
    n_columns = max(1, *(len(rule.conditioning) for rule in rules.values()))
    longest = max(len(str(label)) for rule in rules.values() for label in rule.observation_labels)
    whole, area = canvas(figure, 1.6 + 2.9 * n_columns + 0.055 * longest, 0.5 + 2.5 * len(rules))
    grid = area.subplots(len(rules), n_columns, squeeze=False)
    for row, rule in zip(grid, rules.values(), strict=True):
        for axes in row[max(1, len(rule.conditioning)) :]:
            axes.set_axis_off()
        if not rule.conditioning:
            _lines(row[0], rule, rule.base, *SHADES[-1], labels=True)
            row[0].set_title(f"latent {rule.latent + 1}", fontsize="medium")
        levels = np.broadcast_to(rule.conditioning_values, rule.delta.shape[:2])
        for axes, delta, other, at in zip(row, rule.delta, rule.conditioning, levels, strict=False):
            _conditioned(axes, rule, delta, other, at)
        drawn = row[: max(1, len(rule.conditioning))]
        if rule.density is not None:
            for axes in drawn:
                used(axes, rule.values, rule.density.sum(0))
        _share_limits(drawn)
        _legend(drawn[-1], list(row[len(drawn) :]))
        row[0].set_ylabel(f"change of latent {rule.latent + 1}\nper trial (a.u.)")
    return whole


def _of_open_latents(network: Any) -> Mapping[int, UpdateRule]:
    """Rules of the latents that are open, or of the most open one where none is."""
    read = bottlenecks(network)
    return update_rules(network, read.open_latents() or [int(read.latent_order[0])])


def _conditioned(axes: Axes, rule: UpdateRule, delta: np.ndarray, other: int, values: np.ndarray) -> None:
    """The panel of one other latent at `values`; `delta` (its value, observation, own value)."""
    shown = sorted({0, (len(values) - 1) // 2, len(values) - 1})
    for index, style in zip(shown, SHADES[-len(shown) :], strict=True):
        _lines(axes, rule, delta[index], *style, labels=index == shown[-1])
    levels = ", ".join(f"{values[index]:.2g}" for index in shown)
    axes.set_title(f"latent {rule.latent + 1}, with latent {other + 1} at {levels}", fontsize="small")


def _lines(
    axes: Axes, rule: UpdateRule, delta: np.ndarray, style: str, alpha: float, *, labels: bool
) -> None:
    zero_lines(bare(axes))
    for index, (line, label) in enumerate(zip(delta, rule.observation_labels, strict=True)):
        name = plain(label) if labels else None
        axes.plot(rule.values, line, color=color(index), linestyle=style, alpha=alpha, label=name)
    axes.set_xlabel(f"latent {rule.latent + 1} before (a.u.)")


def _share_limits(row: np.ndarray) -> None:
    """One vertical scale for the panels of a latent, so that the eye compares them rightly."""
    limits = np.array([axes.get_ylim() for axes in row])
    for axes in row:
        axes.set_ylim(limits[:, 0].min(), limits[:, 1].max())


def _legend(axes: Axes, empty: Sequence[Axes]) -> None:
    """Legend of the lines of `axes`: in the next place of the row where that is empty, else beside them."""
    place, corner = (empty[0], (0.0, 1.02)) if len(empty) else (axes, (1.02, 1.02))
    place.legend(
        *axes.get_legend_handles_labels(), title="after", loc="upper left", bbox_to_anchor=corner,
        frameon=False, fontsize="x-small", title_fontsize="small", alignment="left",
    )  # fmt: skip
