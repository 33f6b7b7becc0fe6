"""Figure of one session: choices and rewards, the model's probabilities, and its latents."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import Latents
from cogrnn_lab.data import Dataset
from cogrnn_lab.plots.canvas import ALTERNATIVES, bare, canvas, color, plain


def plot_trajectories(
    latents: Latents,
    dataset: Dataset,
    session: int = 0,
    *,
    shown: Sequence[int] | None = None,
    figure: Figure | SubFigure | None = None,
) -> Figure:
    """Draw one session: choices and rewards (top), the model's probability of choice (middle), its latents.

    Arguments:
        latents: Result of `cl.latents` on `dataset`.
        dataset: The categorical data set; its `choices` and `rewards` are shown where they are known.
        session: Index of the session.
        shown: Indices of the latents to draw; by default all.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        ValueError: There is no such session.
    """
    n_sessions = len(latents.states)
    if not -n_sessions <= session < n_sessions:
        raise ValueError(f"session is {session}; expected an index from 0 to {n_sessions - 1}")
    length = int(np.sum(latents.valid[session]))
    trials = np.arange(1, length + 1)
    whole, area = canvas(figure, min(16.0, max(9.0, length / 40)), 5.0)
    top, middle, bottom = area.subplots(3, 1, sharex=True, height_ratios=[1, 1.4, 2])
    _choices(bare(top), dataset, session, trials)
    _probabilities(
        bare(middle), np.asarray(latents.probabilities)[session, :length], trials, _classes(dataset)
    )
    states = np.asarray(latents.states)[session, :length]
    for index in range(states.shape[1]) if shown is None else shown:
        bottom.plot(
            trials, states[:, index], color=color(index), linewidth=1.1, label=plain(latents.names[index])
        )
    bare(bottom).set_ylabel("latent (a.u.)")
    bottom.set_xlabel("trial")
    bottom.set_xlim(0, length + 1)
    _legend(bottom)
    subject = dataset.subject_names[dataset.subject[session]]
    top.set_title(plain(f"Subject {subject}, session {dataset.session_names[session]}"), fontsize="medium")
    return whole


def _choices(axes: Axes, dataset: Dataset, session: int, trials: np.ndarray) -> None:
    """A mark for each choice, filled where it was rewarded; none where the trial was missed."""
    choice, reward = (outcome[session, : len(trials)] for outcome in (dataset.choices, dataset.rewards))
    rewarded = dataset.outcomes.is_win(reward)
    names = _classes(dataset)
    for index in range(len(names)):
        for won in (True, False):
            here = (choice == index) & (rewarded == won)
            heights = (index - 0.28, index + 0.28) if won else (index - 0.12, index + 0.12)
            axes.vlines(trials[here], *heights, color=_color(index), linewidth=1.2 if won else 0.7)
    axes.set_yticks(range(len(names)), [plain(f"choice {name}") for name in names], fontsize="small")
    axes.set_ylim(-0.5, len(names) - 0.5)
    axes.set_ylabel("tall: rewarded" if np.isfinite(reward).any() else "choices", fontsize="small")


def _probabilities(axes: Axes, probabilities: np.ndarray, trials: np.ndarray, names: Sequence[str]) -> None:
    """`probabilities` (trial, alternative); for two alternatives the second tells everything."""
    first = 1 if len(names) == 2 else 0
    for index in range(first, len(names)):
        axes.plot(
            trials,
            probabilities[:, index],
            color=_color(index),
            linewidth=1.1,
            label=plain(f"choice {names[index]}"),
        )
    axes.set_ylim(-0.02, 1.02)
    axes.set_ylabel("probability of\nchoice (model)")
    _legend(axes)


def _color(alternative: int) -> str:
    return ALTERNATIVES[alternative % len(ALTERNATIVES)]


def _legend(axes: Axes) -> None:
    axes.legend(frameon=False, fontsize="small", loc="center left", bbox_to_anchor=(1.0, 0.5))


def _classes(dataset: Dataset) -> Sequence[str]:
    if dataset.class_names is not None:
        return dataset.class_names
    return [str(index) for index in range(dataset.n_classes or 0)]
