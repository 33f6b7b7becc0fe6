"""Marks for the choices and rewards of a session, which several figures share."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from cogrnn_lab.data import Dataset
from cogrnn_lab.plots.canvas import ALTERNATIVES, plain


def choice_ticks(axes: Axes, dataset: Dataset, session: int, trials: np.ndarray) -> None:
    """Draw a mark for each choice, tall where it was rewarded; a dot at the bottom where it was missed."""
    choice, reward = (outcome[session, : len(trials)] for outcome in (dataset.choices, dataset.rewards))
    rewarded = dataset.outcomes.is_win(reward)
    names = class_names(dataset)
    for index in range(len(names)):
        for won in (True, False):
            here = (choice == index) & (rewarded == won)
            heights = (index - 0.28, index + 0.28) if won else (index - 0.12, index + 0.12)
            axes.vlines(trials[here], *heights, color=alternative_color(index), linewidth=1.2 if won else 0.7)
    missed = choice < 0
    if missed.any():
        axes.plot(trials[missed], np.full(missed.sum(), -0.42), ".", color="#999999", markersize=3)
    axes.set_yticks(range(len(names)), [plain(f"choice {name}") for name in names], fontsize="small")
    axes.set_ylim(-0.5, len(names) - 0.5)
    axes.set_ylabel("tall: rewarded" if np.isfinite(reward).any() else "choices", fontsize="small")


def alternative_color(alternative: int) -> str:
    """Pick the color of an alternative."""
    return ALTERNATIVES[alternative % len(ALTERNATIVES)]


def class_names(dataset: Dataset) -> Sequence[str]:
    """Name the alternatives, by indices where they have no names."""
    if dataset.class_names is not None:
        return dataset.class_names
    return [str(index) for index in range(dataset.n_classes or 0)]
