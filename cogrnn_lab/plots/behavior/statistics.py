"""Figure of the statistics of behavior, of data and models side by side."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from cogrnn_lab.analysis import Behavior, BehaviorComparison, BehaviorCurve
from cogrnn_lab.analysis.behavioral.past_trials import alternative_names
from cogrnn_lab.palette import PALETTE, REFERENCE
from cogrnn_lab.plots.canvas import bare, canvas, colors, plain, zero_lines

MOST_WORDS = 8
SMALL = "x-small"
# Letters of that size that fit the width of the figure, and those that a key in its legend takes.
LETTERS, KEY = 62, 8
OUTCOME_LETTERS = {"lost": "−", "won": "+"}


def plot_behavior(
    behavior: Any,
    *,
    figure: Figure | SubFigure | None = None,
) -> Figure:
    """Draw how choices follow outcomes, runs, past trials and block switches, with intervals.

    Without block switches the last panel has the most frequent words of choices. In series of outcomes + is
    a win and − a loss, the latest at the bottom.

    Arguments:
        behavior: Result of `cl.behavior` or `cl.compare_behavior`, or several of the first by name.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: It is something else.
    """
    shown = _by_name(behavior)
    whole, area = canvas(figure, 3.4, 4.9 if len(shown) == 1 else 5.2)
    panels = area.subplots(3, 2)
    inks = _inks(shown)
    first = next(iter(shown.values()))
    _stay(panels[0, 0], shown, inks)
    _outcomes(panels[0, 1], shown, inks)
    _curves(panels[1, 0], {name: one.switch_by_run for name, one in shown.items()}, inks)
    panels[1, 0].set(xlabel="same choices in a row", ylabel="p(switch)")
    _history(panels[1, 1], shown, inks, "choice x reward", "choice × reward")
    _history(panels[2, 0], shown, inks, "choice", "choice")
    around = {name: one.around_switches for name, one in shown.items() if one.around_switches is not None}
    if around:
        _around(panels[2, 1], around, inks)
    else:
        _words(panels[2, 1], shown, inks, first)
    for axes in panels.flat:
        bare(axes).tick_params(labelsize=SMALL)
        axes.set_xlabel(axes.get_xlabel(), fontsize=SMALL)
        axes.set_ylabel(axes.get_ylabel(), fontsize=SMALL)
    if len(shown) > 1:
        handles = [panels[0, 0].plot([], [], "o-", color=ink, markersize=3)[0] for ink in inks.values()]
        names = [plain(name) for name in shown]
        area.legend(
            handles,
            names,
            loc="outside upper center",
            ncols=_columns(names),
            frameon=False,
            fontsize=SMALL,
        )
    return whole


def _columns(names: list[str]) -> int:
    """Most columns of a legend, up to three, that fit the width of the figure."""
    longest = sorted((len(name) + KEY for name in names), reverse=True)
    return max(n for n in range(1, min(3, len(names)) + 1) if n == 1 or sum(longest[:n]) <= LETTERS)


def _by_name(behavior: Any) -> dict[str, Behavior]:
    if isinstance(behavior, Behavior):
        return {"data": behavior}
    shown = behavior.behaviors if isinstance(behavior, BehaviorComparison) else behavior
    if isinstance(shown, Mapping) and shown and all(isinstance(one, Behavior) for one in shown.values()):
        return {str(name): one for name, one in shown.items()}
    raise TypeError(
        f"got a {type(behavior).__name__}, expected a Behavior, as cl.behavior(dataset) makes it, a "
        "BehaviorComparison, as cl.compare_behavior(dataset, models) makes it, or several of the first by "
        "name"
    )


def _inks(shown: Mapping[str, Any]) -> dict[str, str]:
    """Gray for the data, where there are others; a color for each model."""
    if len(shown) == 1:
        return dict.fromkeys(shown, PALETTE[0])
    others = iter(colors(len(shown)))
    return {name: REFERENCE if name == "data" else next(others) for name in shown}


def points(axes: Axes, x: Any, curve: Any, ink: str, line: str = "none", size: float = 3.0) -> None:
    """Draw values with their intervals, none where there are none."""
    ends = np.stack([curve.value - curve.low, curve.high - curve.value])
    bars = None if np.isnan(ends).all() else np.nan_to_num(np.maximum(ends, 0.0))
    axes.errorbar(
        x, curve.value, yerr=bars, fmt="o", linestyle=line, color=ink, markersize=size, linewidth=1.0,
        elinewidth=0.8,
    )  # fmt: skip


def _stay(axes: Axes, shown: Mapping[str, Behavior], inks: Mapping[str, str]) -> None:
    for place, (name, one) in enumerate(shown.items()):
        points(axes, np.arange(2) + _offset(place, len(shown)), one.stay_and_shift, inks[name])
    axes.set_xticks([0, 1], ["win-\nstay", "lose-\nshift"])
    axes.set(xlim=(-0.5, 1.5), ylim=(-0.03, 1.03), ylabel="proportion")


def _outcomes(axes: Axes, shown: Mapping[str, Behavior], inks: Mapping[str, str]) -> None:
    for place, (name, one) in enumerate(shown.items()):
        curve = one.switch_by_outcomes
        points(axes, curve.x + _offset(place, len(shown)), curve, inks[name])
    conditions = next(iter(shown.values())).switch_by_outcomes.conditions
    signs = ["".join(OUTCOME_LETTERS[word] for word in one.split(", ")) for one in conditions]
    # Sign under sign: many series stay readable in a narrow column.
    axes.set_xticks(range(len(signs)), ["\n".join(sign) for sign in signs], linespacing=0.7)
    axes.set(ylabel="p(switch)")
    axes.set_ylim(bottom=-0.03)


def _curves(axes: Axes, curves: Mapping[str, BehaviorCurve], inks: Mapping[str, str]) -> None:
    for place, (name, curve) in enumerate(curves.items()):
        points(axes, curve.x + _offset(place, len(curves)), curve, inks[name], "-")
    axes.set_ylim(bottom=-0.03)


def _history(
    axes: Axes, shown: Mapping[str, Behavior], inks: Mapping[str, str], term: str, title: str
) -> None:
    zero_lines(axes, x=False)
    for place, (name, one) in enumerate(shown.items()):
        history = one.history
        where = [] if history is None else history.places(term)
        if history is None or not len(where):
            continue
        at = history.lags[where] + 0.6 * _offset(place, len(shown))
        errors = np.stack([history.value - history.low, history.high - history.value])[:, where]
        axes.errorbar(
            at, history.value[where], yerr=np.maximum(errors, 0.0), fmt="o-", color=inks[name], markersize=3,
            linewidth=1.0, elinewidth=0.8,
        )  # fmt: skip
    if not axes.containers:
        axes.text(0.5, 0.5, "not known", transform=axes.transAxes, ha="center", fontsize=SMALL)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="trials back", ylabel=f"{title}\n(log odds)")


def _around(axes: Axes, curves: Mapping[str, BehaviorCurve], inks: Mapping[str, str]) -> None:
    axes.axvline(-0.5, color=REFERENCE, linewidth=0.8, linestyle=":")
    for name, curve in curves.items():
        axes.plot(curve.x, curve.value, color=inks[name], linewidth=1.0)
        axes.fill_between(curve.x, curve.low, curve.high, color=inks[name], alpha=0.25, linewidth=0)
    axes.set(xlabel="trial from block switch", ylabel="p(new best)", ylim=(-0.03, 1.03))


def _words(axes: Axes, shown: Mapping[str, Behavior], inks: Mapping[str, str], first: Behavior) -> None:
    order = np.argsort(-np.nan_to_num(first.choice_words.value), kind="stable")[:MOST_WORDS]
    for place, (name, one) in enumerate(shown.items()):
        curve = one.choice_words
        picked = _Picked(curve.value[order], curve.low[order], curve.high[order])
        points(axes, np.arange(len(order)) + _offset(place, len(shown)), picked, inks[name])
    letters = _letters(alternative_names(first.dataset))
    every = list(product(letters, repeat=first.settings["word_length"]))
    words = ["\n".join(every[k]) for k in order]
    axes.set_xticks(range(len(order)), words, linespacing=0.8)
    axes.set(ylabel="proportion of words")
    axes.set_ylim(bottom=0)


def _letters(names: Sequence[str]) -> list[str]:
    """A letter for each alternative, the first of its name; where these are the same, its number from 1."""
    letters = [plain(name)[:1] for name in names]
    return letters if len(set(letters)) == len(letters) else [str(k + 1) for k in range(len(names))]


class _Picked:
    """Some conditions of a curve."""

    def __init__(self, value: np.ndarray, low: np.ndarray, high: np.ndarray):
        self.value, self.low, self.high = value, low, high


def _offset(place: int, n: int) -> float:
    """Shift of one of several, so that intervals lie side by side."""
    return 0.0 if n == 1 else 0.5 * (place / (n - 1) - 0.5)
