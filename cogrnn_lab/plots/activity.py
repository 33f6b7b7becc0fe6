"""Activity of the units: conditions in the space of principal components, and tuning curves."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import ActivityPCA, ConditionAverages, Tuning
from cogrnn_lab.plots.canvas import bare, canvas, color, colors, plain


def plot_condition_trajectories(
    averages: ConditionAverages,
    pca: ActivityPCA,
    *,
    components: Sequence[int] = (0, 1),
    names: Sequence[str] | None = None,
    figure: Figure | SubFigure | None = None,
) -> Figure:
    """Draw a line for each condition through the space of two or three components, a dot at its start.

    Arguments:
        averages: Result of `cl.condition_averages`.
        pca: Result of `cl.activity_pca` on activity of the same units.
        components: Two or three components, from 0.
        names: Names of the conditions, in their order; by default the labels themselves.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        ValueError: There are no such components.
    """
    chosen = list(components)
    if len(chosen) not in (2, 3) or not all(0 <= c < len(pca.components) for c in chosen):
        raise ValueError(
            f"components are {tuple(chosen)}, expected two or three of 0 to {len(pca.components) - 1}"
        )
    whole, area = canvas(figure, 5.4, 3.8)
    axes = area.add_subplot(projection="3d") if len(chosen) == 3 else bare(area.add_subplot())
    paths = pca.project(averages.means)[..., chosen]
    labels = [plain(name) for name in (averages.conditions if names is None else names)]
    if len(labels) != len(paths):
        raise ValueError(f"names has {len(labels)} names; expected one for each of {len(paths)} conditions")
    for path, label, drawn in zip(paths, labels, colors(len(labels)), strict=True):
        axes.plot(*path.T, color=drawn, label=label)
        axes.plot(*path[:1].T, color=drawn, marker="o", linestyle="")
    for setter, component in zip((axes.set_xlabel, axes.set_ylabel), chosen, strict=False):
        setter(_component_label(pca, component))
    if len(chosen) == 3:
        axes.set_zlabel(_component_label(pca, chosen[2]))  # pyright: ignore
        axes.set_box_aspect(None, zoom=0.82)  # pyright: ignore  # smaller, or labels are cut off
    axes.legend(
        frameon=False, fontsize="small", title="condition", loc="upper left", bbox_to_anchor=(1.02, 1.0)
    )
    return whole


def plot_tuning(
    tuning: Tuning,
    *,
    units: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    parameter: str = "parameter",
    figure: Figure | SubFigure | None = None,
) -> Figure:
    """Draw the mean activity of single units (± standard error) against a parameter, one small panel each.

    Arguments:
        tuning: Result of `cl.tuning`.
        units: Units to draw, from 0; by default the twelve that depend most on the parameter.
        names: Names of all units; by default "unit 1" and so on.
        parameter: Name of the parameter, for the axis.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        ValueError: There are no such units.
    """
    n_units = tuning.means.shape[1]
    order = np.argsort(-np.abs(tuning.correlations), kind="stable")
    chosen = [int(unit) for unit in (order[:12] if units is None else units)]
    if not chosen or not all(0 <= unit < n_units for unit in chosen):
        raise ValueError(f"units are {tuple(chosen)}, expected some of 0 to {n_units - 1}")
    if names is not None and len(names) != n_units:
        raise ValueError(f"names has {len(names)} names; expected one for each of {n_units} units")
    n_columns = min(4, len(chosen))
    n_rows = -(-len(chosen) // n_columns)
    whole, area = canvas(figure, 2.0 * n_columns + 0.4, 1.7 * n_rows + 0.4)
    panels = area.subplots(n_rows, n_columns, squeeze=False, sharex=True).ravel()
    for axes, unit in zip(panels, chosen, strict=False):
        _tuning_curve(axes, tuning, unit)
        axes.set_title(f"unit {unit + 1}" if names is None else plain(names[unit]), fontsize="small")
    for axes in panels[len(chosen) :]:
        axes.set_axis_off()
    area.supxlabel(plain(parameter), fontsize="medium")
    area.supylabel("mean activity (a.u.)", fontsize="medium")
    return whole


def _component_label(pca: ActivityPCA, component: int) -> str:
    return f"component {component + 1} ({100 * pca.explained[component]:.0f} %)"


def _tuning_curve(axes: Axes, tuning: Tuning, unit: int) -> None:
    means, errors = tuning.means[:, unit], tuning.standard_errors[:, unit]
    bare(axes).plot(tuning.values, means, color=color(0), marker="o", markersize=3)
    axes.fill_between(tuning.values, means - errors, means + errors, color=color(0), alpha=0.2, linewidth=0)
    axes.tick_params(labelsize="x-small")
