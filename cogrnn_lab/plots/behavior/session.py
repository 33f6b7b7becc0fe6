"""Figure of recorded behavior: the choices and rewards of one session, without any model."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.data import Dataset
from cogrnn_lab.plots.behavior.choice_ticks import alternative_color, choice_ticks, class_names
from cogrnn_lab.plots.canvas import bare, canvas, plain


def plot_session(dataset: Dataset, session: int = 0, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw the choices and rewards of one session, and the probabilities of reward where the data have them.

    Tall marks are rewarded trials, dots missed ones.

    Arguments:
        dataset: Choices; simulated ones have probabilities of reward in `columns`, as "p_reward_1".
        session: Index of the session.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: `dataset` is no data set.
        ValueError: There is no such session, or the data have no choices.
    """
    check_session(dataset, session)
    if dataset.kind == "continuous":
        raise ValueError("the data are numbers and no choices; see plot_signals or plot_trial")
    length = int(dataset.lengths[session])
    trials = np.arange(1, length + 1)
    chances = _chances_by_label(dataset)
    whole, area = canvas(figure, min(16.0, max(7.0, length / 40)), 1.9 + 1.5 * bool(chances))
    if chances:
        top, bottom = area.subplots(2, 1, sharex=True, height_ratios=[1, 1.2])
        _chances(bare(bottom), chances, session, trials)
    else:
        top = bottom = area.subplots()
    choice_ticks(bare(top), dataset, session, trials)
    bottom.set_xlabel("trial")
    bottom.set_xlim(0, length + 1)
    subject = dataset.subject_names[dataset.subject[session]]
    top.set_title(plain(f"Subject {subject}, session {dataset.session_names[session]}"), fontsize="medium")
    return whole


def check_session(dataset: Dataset, session: int) -> None:
    """Refuse a session that the data do not have."""
    if not isinstance(dataset, Dataset):
        raise TypeError(f"got a {type(dataset).__name__}, expected a cl.Dataset")
    if not -dataset.n_sessions <= session < dataset.n_sessions:
        raise ValueError(f"session is {session}; expected an index from 0 to {dataset.n_sessions - 1}")


def _chances_by_label(dataset: Dataset) -> dict[str, np.ndarray]:
    """Probabilities of reward (session, trial) by alternative; the columns of simulations count from 1."""
    columns = {f"p_reward_{i + 1}": f"choice {name}" for i, name in enumerate(class_names(dataset))}
    if not all(name in dataset.columns for name in columns):
        return {}
    return {label: dataset.columns[name] for name, label in columns.items()}


def _chances(axes: Axes, chances: dict[str, np.ndarray], session: int, trials: np.ndarray) -> None:
    for index, (label, column) in enumerate(chances.items()):
        axes.plot(
            trials,
            np.asarray(column, float)[session, : len(trials)],
            color=alternative_color(index),
            linewidth=1.1,
            label=plain(label),
        )
    axes.set_ylim(-0.02, 1.02)
    axes.set_ylabel("probability\nof reward")
    axes.legend(frameon=False, fontsize="small", loc="center left", bbox_to_anchor=(1.0, 0.5))
