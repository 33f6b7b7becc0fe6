"""Figure of one session: choices and rewards, the model's probabilities, and its latents."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import Latents
from cogrnn_lab.analysis import latents as read
from cogrnn_lab.data import Dataset
from cogrnn_lab.plots.behavior.choice_ticks import alternative_color, choice_ticks, class_names
from cogrnn_lab.plots.canvas import bare, canvas, color, plain
from cogrnn_lab.plots.results_at_hand import result_of


def plot_trajectories(
    latents: Any,
    dataset: Dataset,
    session: int = 0,
    *,
    shown: Sequence[int] | None = None,
    figure: Figure | SubFigure | None = None,
) -> Figure:
    """Draw one session: choices and rewards (top), the model's probability of choice (middle), its latents.

    Arguments:
        latents: Result of `cl.latents` on `dataset`, or the network, or a `Run` that has it.
        dataset: The categorical data set; its `choices` and `rewards` are shown where they are known.
        session: Index of the session.
        shown: Indices of the latents to draw; by default all.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        ValueError: There is no such session.
        TypeError: `latents` is something else.
    """
    along = result_of(latents, Latents, lambda network: read(network, dataset), "cl.latents(model, dataset)")
    n_sessions = len(along.states)
    if not -n_sessions <= session < n_sessions:
        raise ValueError(f"session is {session}; expected an index from 0 to {n_sessions - 1}")
    length = int(np.sum(along.valid[session]))
    trials = np.arange(1, length + 1)
    whole, area = canvas(figure, min(16.0, max(9.0, length / 40)), 5.0)
    top, middle, bottom = area.subplots(3, 1, sharex=True, height_ratios=[1, 1.4, 2])
    choice_ticks(bare(top), dataset, session, trials)
    _probabilities(
        bare(middle), np.asarray(along.probabilities)[session, :length], trials, class_names(dataset)
    )
    states = np.asarray(along.states)[session, :length]
    for index in range(states.shape[1]) if shown is None else shown:
        bottom.plot(
            trials, states[:, index], color=color(index), linewidth=1.1, label=plain(along.names[index])
        )
    bare(bottom).set_ylabel("latent (a.u.)")
    bottom.set_xlabel("trial")
    bottom.set_xlim(0, length + 1)
    _legend(bottom)
    subject = dataset.subject_names[dataset.subject[session]]
    top.set_title(plain(f"Subject {subject}, session {dataset.session_names[session]}"), fontsize="medium")
    return whole


def _probabilities(axes: Axes, probabilities: np.ndarray, trials: np.ndarray, names: Sequence[str]) -> None:
    """`probabilities` (trial, alternative); for two alternatives the second tells everything."""
    first = 1 if len(names) == 2 else 0
    for index in range(first, len(names)):
        axes.plot(
            trials,
            probabilities[:, index],
            color=alternative_color(index),
            linewidth=1.1,
            label=plain(f"choice {names[index]}"),
        )
    axes.set_ylim(-0.02, 1.02)
    axes.set_ylabel("probability of\nchoice (model)")
    _legend(axes)


def _legend(axes: Axes) -> None:
    axes.legend(frameon=False, fontsize="small", loc="center left", bbox_to_anchor=(1.0, 0.5))
