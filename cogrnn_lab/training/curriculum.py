"""Shaping: tasks one after the other, each until the network masters it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from cogrnn_lab.counts import checked_count
from cogrnn_lab.tasks import NumpyTask, Task, TaskBatch

Metric = Callable[[np.ndarray, TaskBatch], Any]


class StageCheck(NamedTuple):
    """Performance of a network on fresh trials of a curriculum.

    Fields:
        step: Step at which it was measured.
        stage: Stage of the curriculum, from 0.
        performance: Mean of the metric.
    """

    step: int
    stage: int
    performance: float


@dataclass(frozen=True)
class Curriculum:
    """Stages of tasks, from easy to hard; training goes on to the next once the present one is mastered.

    It takes the place of the training data in `Trainer` and `fit`, which stop after the last stage. A
    curriculum of one stage trains until a performance is reached.

    Arguments:
        stages: Tasks with the same inputs and outputs. Those that differ in numbers alone (a coherence) share
            what is compiled.
        advance: Performance from which on the next stage begins; one for all stages or one for each. None:
            performance is only measured, and training never ends by itself.
        retreat: Performance below which training goes back one stage; None for never.
        metric: Function (outputs (trial, time, output), batch) -> number or (trial,), averaged without NaN;
            None for the task's own `accuracy`. One for all stages, or a list with one for each.
        check_every: Steps between two checks, counted over the whole run.
        n_trials: Fresh trials in a check, run under the noise of training.

    Raises:
        ValueError: There is no stage, stages differ in inputs, outputs or kind, or a number is out of range.
        TypeError: A stage is no task, or a metric is no function.

    Example:
        >>> import cogrnn_lab as cl
        >>> easy, hard = (cl.PerceptualDiscrimination(coherences=(c,)) for c in (0.8, 0.2))
        >>> cl.Curriculum([easy, hard], advance=0.9).n_stages
        2
    """

    stages: Sequence[Any]
    advance: float | Sequence[float] | None = 0.9
    retreat: float | None = None
    metric: Metric | Sequence[Any] | None = None
    check_every: int = 100
    n_trials: int = 256
    thresholds: tuple[float, ...] = field(init=False)

    def __post_init__(self):
        stages = tuple(self.stages)
        if not stages:
            raise ValueError("stages is empty; give at least one task")
        for stage in stages:
            if not isinstance(stage, Task | NumpyTask):
                raise TypeError(f"a stage is {stage!r}, expected a Task or a NumpyTask")
        for name in ("n_inputs", "n_outputs", "kind"):
            values = [getattr(stage, name) for stage in stages]
            if len(set(values)) > 1:
                raise ValueError(f"stages differ in {name}: {values}; one network has to do all of them")
        for name in ("check_every", "n_trials"):
            checked_count(getattr(self, name), name)
        _check_metric(self.metric, len(stages))
        object.__setattr__(self, "stages", stages)
        object.__setattr__(self, "thresholds", _thresholds(self.advance, len(stages)))

    @property
    def n_stages(self) -> int:
        """Number of stages."""
        return len(self.stages)

    def performance(self, outputs: np.ndarray, batch: TaskBatch, stage: int) -> float:
        """Average the metric over the trials in which something counts.

        Arguments:
            outputs: Outputs (trial, time, output) of the network.
            batch: The trials.
            stage: Stage, from 0, whose metric is asked.

        Returns:
            The mean.
        """
        metric: Any = self.metric[stage] if isinstance(self.metric, Sequence) else self.metric
        metric = self.stages[stage].accuracy if metric is None else metric
        return float(np.nanmean(np.asarray(metric(outputs, batch), float)))

    def next_stage(self, stage: int, performance: float) -> int:
        """Decide the stage after a check.

        Arguments:
            stage: Stage of the check, from 0.
            performance: What it showed.

        Returns:
            The same stage, the next (`n_stages` after the last), or the one before.
        """
        if performance >= self.thresholds[stage]:
            return stage + 1
        if self.retreat is not None and performance < self.retreat:
            return max(stage - 1, 0)
        return stage


def _check_metric(metric: Any, n_stages: int) -> None:
    several = metric if isinstance(metric, Sequence) else [metric] * n_stages
    if len(several) != n_stages:
        raise ValueError(f"metric has {len(several)} functions for {n_stages} stages; give 1 or as many")
    for one in several:
        if not (one is None or callable(one)):
            raise TypeError(f"a metric is {one!r}, expected a function of (outputs, batch), or None")


def _thresholds(advance: float | Sequence[float] | None, n_stages: int) -> tuple[float, ...]:
    if advance is None:
        return (np.inf,) * n_stages
    values = np.atleast_1d(np.asarray(advance, float))
    if values.shape not in ((1,), (n_stages,)):
        raise ValueError(f"advance has {len(values)} numbers for {n_stages} stages; give 1 or as many")
    if np.isnan(values).any():
        raise ValueError(f"advance is {advance!r}, expected numbers such as 0.9")
    return tuple(np.broadcast_to(values, n_stages).tolist())
