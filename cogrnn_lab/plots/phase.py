"""Figures of the phase space: vector fields, fixed points, logit portraits."""

from typing import Any

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D

from cogrnn_lab.analysis import FixedPoints, LogitPortrait, VectorField
from cogrnn_lab.palette import REFERENCE
from cogrnn_lab.plots.canvas import bare, canvas, color, density_colors, plain, zero_lines

COLUMN = 3.4  # inches, a column of a paper
MOST_COLUMNS = 4
LONGEST_TITLE = 24  # letters in a line above a panel
MOST_DOTS = 1500  # pairs of trials of one observation that are drawn
# How each kind of fixed point is drawn: marker, and whether it is filled.
MARK = "#D55E00"
SLOW, LINE = "slow", "line of fixed points"
MARKERS = {
    "stable": ("o", True),
    "marginal": ("D", True),
    "saddle": ("X", True),
    "unstable": ("o", False),
    SLOW: ("v", False),
}


def plot_vector_field(
    field: Any,
    points: Any = None,
    *,
    every: int = 2,
    figure: Figure | SubFigure | None = None,
) -> Figure:
    """Draw a panel for each observation: arrows of change, and where the data are, in shades.

    Where an arrow leads nowhere on the data's ground, the rule is never used there.

    Arguments:
        field: Result of `cl.vector_field`.
        points: Result of `cl.fixed_points` on the same model and data; drawn into the panels.
        every: An arrow at every so manieth point of the grid.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: `field` or `points` is something else.
        ValueError: The points are of a model with another number of latents.
    """
    _check_kind(field, VectorField, "cl.vector_field(model, dataset)")
    if points is not None:
        _check_kind(points, FixedPoints, "cl.fixed_points(model, dataset)")
        if points.states.shape[1] != len(field.axes.origin):
            raise ValueError(
                f"the points have {points.states.shape[1]} latents, but the field {len(field.axes.origin)}; "
                "give both of the same model"
            )
    n = len(field.observations)
    n_columns = _columns(n)
    n_rows = -(-n // n_columns)
    whole, area = canvas(figure, 1.7 * n_columns if n > 1 else COLUMN, 0.35 + 1.75 * n_rows)
    grid = area.subplots(n_rows, n_columns, squeeze=False, sharex=True, sharey=True)
    longest = float(np.quantile(field.speed, 0.95)) or 1.0
    kinds: set[str] = set()
    for index, axes in enumerate(grid.flat):
        if index >= n:
            axes.set_axis_off()
            continue
        _field(axes, field, index, max(1, every), longest)
        if points is not None and field.observation_labels[index] in points.observation_labels:
            kinds |= _projected(axes, field, points, field.observation_labels[index])
        axes.set_title(_title(field.observation_labels[index]), fontsize="small")
        axes.tick_params(labelsize="x-small")
    for axes in grid[-1]:
        axes.set_xlabel(f"{field.axes.names[0]} (a.u.)", fontsize="small")
    for axes in grid[:, 0]:
        axes.set_ylabel(f"{field.axes.names[1]} (a.u.)", fontsize="small")
    _legend(area, kinds)
    return whole


def plot_fixed_points(
    points: Any, *, outside: bool = False, figure: Figure | SubFigure | None = None
) -> Figure:
    """Draw eigenvalues of the fixed points in the complex plane, and their time constants, by observation.

    Above, the circle of radius 1 separates what decays from what grows; below, a dot for each eigenvalue of
    every point, those that are infinite at the top.

    Arguments:
        points: Result of `cl.fixed_points`.
        outside: Whether points that the data never come near are drawn, too.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: `points` is something else.
        ValueError: There is no point to draw.
    """
    _check_kind(points, FixedPoints, "cl.fixed_points(model, dataset)")
    drawn = np.flatnonzero(points.is_fixed & (~points.is_outside | outside))
    if not len(drawn):
        more = "" if outside else "; outside=True draws those that the data never come near"
        raise ValueError(f"there is no fixed point to draw among {len(points.states)}{more}")
    whole, area = canvas(figure, COLUMN, 4.6)
    plane, constants = area.subplots(2, 1, height_ratios=(1.25, 1.0))
    _eigenvalues(plane, points, drawn)
    _constants(constants, points, drawn)
    handles = [
        _mark(points.stability[i], color(int(points.observation[i]))) for i in _first_of_each(points, drawn)
    ]
    labels = [
        plain(f"{points.observation_labels[points.observation[i]]}: {points.stability[i]}")
        for i in _first_of_each(points, drawn)
    ]
    area.legend(handles, labels, loc="outside lower center", ncols=1, frameon=False, fontsize="x-small")
    return whole


def plot_logit_portrait(
    portrait: Any, alternative: int = 1, *, figure: Figure | SubFigure | None = None
) -> Figure:
    """Draw the change of a logit against the logit: dots of the data, their mean, and targets.

    Arguments:
        portrait: Result of `cl.logit_portrait`.
        alternative: Alternative whose log odds against the first they are, from 1.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: `portrait` is something else.
        ValueError: There is no such alternative.
    """
    _check_kind(portrait, LogitPortrait, "cl.logit_portrait(model, dataset)")
    if not 1 <= alternative <= portrait.logit.shape[1]:
        raise ValueError(f"alternative is {alternative}, expected 1 to {portrait.logit.shape[1]}")
    names = portrait.choice_names or [str(i) for i in range(portrait.logit.shape[1] + 1)]
    whole, area = canvas(figure, COLUMN, 3.4)
    axes = bare(area.subplots())
    zero_lines(axes)
    k = alternative - 1
    for index, label in enumerate(portrait.observation_labels):
        own = np.flatnonzero(portrait.observation == index)
        shown = own[:: max(1, -(-len(own) // MOST_DOTS))]
        hue = color(index)
        axes.scatter(
            portrait.logit[shown, k], portrait.change[shown, k], s=2, color=hue, alpha=0.25, linewidths=0,
            rasterized=True,
        )  # fmt: skip
        r2 = portrait.r2[index, k]
        told = label if np.isnan(r2) else f"{label} (R² {r2:.2f})"
        axes.plot(portrait.bins, portrait.mean[index, k], color=hue, linewidth=1.6, label=plain(told))
        target = portrait.target[index, k]
        if portrait.bins[0] <= target <= portrait.bins[-1]:
            axes.plot(target, 0, "o", color=hue, markersize=5, markeredgecolor=rcParams["axes.facecolor"])
    against = plain(f"log odds of {names[alternative]} against {names[0]}")
    axes.set_xlabel(f"{against}, before the trial", fontsize="small")
    axes.set_ylabel("their change on the trial", fontsize="small")
    axes.tick_params(labelsize="x-small")
    area.legend(loc="outside lower center", ncols=2, frameon=False, fontsize="x-small")
    return whole


def _field(axes: Axes, field: VectorField, index: int, every: int, longest: float) -> None:
    density = field.density[index]
    shade = np.sqrt(density / max(density.max(), 1e-12))  # rare places are seen, too
    axes.pcolormesh(
        field.x, field.y, shade.T, cmap=density_colors(), vmin=0, vmax=1, shading="nearest", rasterized=True
    )
    x, y, change = field.x[::every], field.y[::every], field.change[index, ::every, ::every]
    step = np.array([x[1] - x[0], y[1] - y[0]]) if len(x) > 1 else np.ones(2)
    # Arrows as long as the change, shortened together where they would run over several places.
    factor = min(1.0, 1.6 * float(step.min()) / longest)
    axes.quiver(
        x, y, factor * change[..., 0].T, factor * change[..., 1].T, angles="xy", scale_units="xy", scale=1,
        width=0.008, headwidth=4, color=rcParams["text.color"], alpha=0.8,
    )  # fmt: skip
    axes.set_xlim(field.x[0], field.x[-1])
    axes.set_ylim(field.y[0], field.y[-1])


def _projected(axes: Axes, field: VectorField, points: FixedPoints, label: str) -> set[str]:
    """Mark the points of an observation that lie within the panel, and tell which kinds there are."""
    own = points.of(label)
    at = field.axes.project(points.states[own])
    low, high = (np.array([field.x[end], field.y[end]]) for end in (0, -1))
    inside = ((low <= at) & (at <= high)).all(1)
    own, at, kinds = own[inside], at[inside], set()
    for line in sorted(set(points.line[own]) - {-1}):
        on_it = at[points.line[own] == line]
        if len(on_it) > 1:
            first = on_it - on_it.mean(0)
            along = first @ np.linalg.svd(first, full_matrices=False)[2][0]
            axes.plot(*on_it[np.argsort(along)].T, color=MARK, linewidth=2.2, solid_capstyle="round")
            kinds.add(LINE)
    for i, (x, y) in zip(own, at, strict=True):
        if points.line[i] >= 0 and (points.line[own] == points.line[i]).sum() > 1:
            continue
        kind = points.stability[i] if points.is_fixed[i] else SLOW
        marker, filled = MARKERS[kind]
        axes.plot(
            x, y, marker, markersize=6, markeredgecolor=MARK, markerfacecolor=MARK if filled else "none",
            alpha=0.45 if points.is_outside[i] else 1.0,
        )  # fmt: skip
        kinds.add(kind)
    return kinds


def _title(label: str) -> str:
    """The words of an observation, in two lines where they would run into the next panel."""
    words = plain(label)
    return words.replace(", ", ",\n") if len(words) > LONGEST_TITLE else words


def _legend(area: Any, drawn: set[str]) -> None:
    """What the marks mean, of those that occur."""
    kinds = [kind for kind in MARKERS if kind in drawn]
    handles = [_mark(kind, MARK) for kind in kinds]
    labels = [f"{kind} point" for kind in kinds]
    if LINE in drawn:
        handles.append(Line2D([], [], color=MARK, linewidth=2.2))
        labels.append(LINE)
    if handles:
        area.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize="x-small")


def _eigenvalues(axes: Axes, points: FixedPoints, drawn: np.ndarray) -> None:
    turn = np.linspace(0, 2 * np.pi, 200)
    bare(axes).plot(np.cos(turn), np.sin(turn), color=REFERENCE, linewidth=1, linestyle="--")
    zero_lines(axes)
    for i in drawn:
        marker, filled = MARKERS[points.stability[i]]
        hue, eigenvalues = color(int(points.observation[i])), np.asarray(points.eigenvalues[i])
        axes.plot(
            np.real(eigenvalues), np.imag(eigenvalues), marker, linestyle="", markersize=4.5,
            color=hue, markerfacecolor=hue if filled else "none", alpha=0.7,
        )  # fmt: skip
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xlabel("eigenvalue, real part", fontsize="small")
    axes.set_ylabel("imaginary part", fontsize="small")
    axes.tick_params(labelsize="x-small")


def _constants(axes: Axes, points: FixedPoints, drawn: np.ndarray) -> None:
    constants = np.abs(points.time_constants[drawn])
    finite = constants[np.isfinite(constants) & (constants > 0)]
    low, high = (finite.min(), finite.max()) if len(finite) else (1.0, 1.0)
    top = 3.0 * high
    order = sorted(set(points.observation[drawn]))
    for i, own in zip(drawn, constants, strict=True):
        place = order.index(points.observation[i])
        shown = own[own > 0.05 * low]
        heights = np.where(np.isfinite(shown), shown, top)
        marker, filled = MARKERS[points.stability[i]]
        hue = color(int(points.observation[i]))
        axes.plot(
            np.full(len(shown), place), heights, marker, linestyle="", markersize=4.5, color=hue,
            markerfacecolor=hue if filled else "none", alpha=0.7,
        )  # fmt: skip
    bare(axes).set_yscale("log")
    if not np.isfinite(constants).all():
        axes.axhline(top, color=REFERENCE, linewidth=1, linestyle=":", zorder=0)
        axes.annotate(
            "stays",
            (1.0, top),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="bottom",
            fontsize="x-small",
        )
    axes.set_xticks(
        range(len(order)), [plain(points.observation_labels[i]).replace(", ", ",\n") for i in order]
    )
    axes.set_xlim(-0.5, len(order) - 0.5)
    axes.tick_params(labelsize="x-small")
    axes.set_ylabel(f"time constant ({points.time_unit})", fontsize="small")


def _first_of_each(points: FixedPoints, drawn: np.ndarray) -> list[int]:
    seen: dict[tuple[int, str], int] = {}
    for i in drawn:
        seen.setdefault((int(points.observation[i]), points.stability[i]), int(i))
    return list(seen.values())


def _mark(kind: str, hue: str) -> Line2D:
    marker, filled = MARKERS[kind]
    face = hue if filled else "none"
    return Line2D([], [], marker=marker, linestyle="", color=hue, markerfacecolor=face, markersize=5)


def _columns(n: int) -> int:
    return min(n, 2 if n in (2, 3, 4) else MOST_COLUMNS if n > 6 else 3)


def _check_kind(given: Any, kind: type, call: str) -> None:
    if not isinstance(given, kind):
        raise TypeError(f"got a {type(given).__name__}, expected a {kind.__name__}, as {call} makes it")
