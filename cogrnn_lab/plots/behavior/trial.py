"""Figure of one trial of a task: stimulus, target, and what a network answers."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.argument_kinds import as_numbers
from cogrnn_lab.plots.canvas import bare, canvas, color, plain
from cogrnn_lab.tasks import NumpyTask, Task, TaskBatch


def plot_trial(
    task: Task | NumpyTask,
    batch: TaskBatch | None = None,
    trial: int = 0,
    *,
    outputs: Any = None,
    figure: Figure | SubFigure | None = None,
) -> Figure:
    """Draw inputs and targets of one trial along time, and the outputs of a network where they are given.

    Times at which the target counts are shaded; there targets are solid lines, elsewhere nothing is asked.

    Arguments:
        task: The task, which names inputs and targets and knows the times.
        batch: Trials of the task; None for one that is made with seed 0.
        trial: Index of the trial.
        outputs: Outputs (trial, time, output) of a network on the batch, as `cl.rollout(...).outputs`.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: `task` is no task, or `batch` no batch of one.
        ValueError: There is no such trial, or the outputs are not of this batch.
    """
    if not isinstance(task, Task | NumpyTask):
        raise TypeError(
            f"got a {type(task).__name__}, expected a task, such as cl.PerceptualDiscrimination()"
        )
    batch = task.batch(0, trial + 1) if batch is None else batch
    if not isinstance(batch, TaskBatch):
        raise TypeError(f"batch is a {type(batch).__name__}, expected trials as task.batch(0, 20) makes them")
    if not -batch.n_trials <= trial < batch.n_trials:
        raise ValueError(f"trial is {trial}; expected an index from 0 to {batch.n_trials - 1}")
    answered = None if outputs is None else as_numbers(outputs, "outputs")
    if answered is not None and answered.shape[:2] != batch.inputs.shape[:2]:
        raise ValueError(
            f"outputs have shape {answered.shape}, expected {batch.inputs.shape[:2]} (trial, time) first, as "
            "of this batch"
        )
    whole, area = canvas(figure, 6.6, 3.6 if answered is None else 5.2)
    panels = area.subplots(2 if answered is None else 3, 1, sharex=True)
    times, counts = np.asarray(task.times), np.asarray(batch.mask[trial], bool)
    _lines(panels[0], times, np.asarray(batch.inputs[trial], float), task.input_names, "stimulus")
    targets = np.where(counts, np.asarray(batch.targets[trial], float), np.nan)
    _lines(panels[1], times, targets, task.target_names, "target")
    if answered is not None:
        names = task.target_names
        if task.kind == "categorical":
            names = [f"alternative {i}" for i in range(answered.shape[-1])]
        _lines(panels[2], times, answered[trial], names, "output")
    for axes in panels:
        _shade(axes, times, np.asarray(counts.any(1)))
    panels[-1].set_xlabel("time (ms)")
    panels[0].set_title(plain(_title(batch, trial)), fontsize="small")
    return whole


def _lines(axes: Axes, times: np.ndarray, values: np.ndarray, names: Any, what: str) -> None:
    bare(axes)
    for index, line in enumerate(values.T):
        name = names[index] if index < len(names) else f"{what} {index + 1}"
        axes.plot(times, line, color=color(index), linewidth=1.3, label=plain(name))
    axes.set_ylabel(what)
    axes.legend(frameon=False, fontsize="small", loc="center left", bbox_to_anchor=(1.0, 0.5))


def _shade(axes: Axes, times: np.ndarray, counts: np.ndarray) -> None:
    """A gray background from the first to the last of each run of times that count."""
    step = float(times[1] - times[0]) if len(times) > 1 else 1.0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], counts, [False]])))
    for begin, end in edges.reshape(-1, 2):
        axes.axvspan(
            float(times[begin]), float(times[end - 1]) + step, color="#000000", alpha=0.06, linewidth=0
        )


def _title(batch: TaskBatch, trial: int) -> str:
    numbers = {name: float(np.asarray(values)[trial]) for name, values in batch.parameters.items()}
    return ", ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in list(numbers.items())[:5])
