"""The figures of a network on a trial task, from analyses of it: weights, activity, behavior, lesions."""

from typing import Any

import ipywidgets as w
import jax
import numpy as np

from cogrnn_lab import analysis
from cogrnn_lab.lab.figures.activity import ActivityFigure, condition_label
from cogrnn_lab.lab.figures.psychometric import PsychometricFigure
from cogrnn_lab.lab.figures.weights import WeightsFigure
from cogrnn_lab.models import ConstrainedRNN, VanillaRNN, rollout

TRIALS = 256  # on which activity and behavior are shown
MOST_CONDITIONS = 8


class TaskDisplay:
    """The figures, and the fresh trials that they are of. `begin` takes a new task, the others draw."""

    def __init__(self, view):
        self.view: Any = view
        self.weights = WeightsFigure(view)
        self.activity = ActivityFigure(view)
        self.psychometric = PsychometricFigure(view)
        self._task: Any = None
        self._batch: Any = None

    @property
    def widgets(self) -> list[w.Widget]:
        """The panels."""
        return [self.weights.widget, self.activity.widget, self.psychometric.widget]

    def begin(self, task: Any) -> None:
        """Make trials of another task, or of another stage."""
        self._task, self._batch = task, jax.device_get(task.batch(jax.random.key(2**31 - 1), TRIALS))
        names = sortable(self._batch.parameters)
        kept = self.view.condition, self.view.difficulty
        self.activity.offer(names, kept[0] if kept[0] in names else names[0] if names else "")
        self.psychometric.offer(names, kept[1] if kept[1] in names else _difficulty(names))

    def is_of(self, task: Any) -> bool:
        """Whether the trials are of this task."""
        return self._task is task

    def draw_weights(self, model: Any) -> None:
        """The matrix, where the network has one."""
        has_matrix = isinstance(model, ConstrainedRNN | VanillaRNN)
        self.weights.show(visible=has_matrix)
        if has_matrix:
            self.weights.draw(analysis.weights(model))

    def draw_activity(self, model: Any) -> None:
        """Mean trajectories of the conditions."""
        states = np.asarray(self._run(model, lesioned=bool(self.view.lesion)).states)
        labels, conditions = self._conditions()
        components = analysis.activity_pca(states, min(2, states.shape[-1]))
        means = analysis.condition_averages(components.projections, conditions).means
        if means.shape[-1] == 1:
            means = np.concatenate([means, np.zeros_like(means)], axis=-1)
        explained = np.resize(np.append(components.explained, 0.0), 2)
        self.activity.draw(means, labels, explained)

    def draw_psychometric(self, model: Any) -> None:
        """Correct choices by condition, and the accuracy."""
        whole = self._behavior(model, lesioned=False)
        lesioned = self._behavior(model, lesioned=True) if self.view.lesion else (None, None)
        self.psychometric.draw(whole[0], lesioned[0], whole[1], lesioned[1])

    def _behavior(self, model: Any, *, lesioned: bool) -> tuple[Any, float]:
        outputs = np.asarray(self._run(model, lesioned=lesioned).outputs)
        performance = float(np.nanmean(np.asarray(self._task.accuracy(outputs, self._batch), float)))
        try:
            curve = analysis.psychometric_curve(
                self._batch, outputs, self.view.difficulty, task=self._task, n_bins=self._n_bins()
            )
        except ValueError:  # a task without alternatives, such as one that reproduces an interval
            curve = None
        return curve, performance

    def _run(self, model: Any, *, lesioned: bool) -> Any:
        inputs = np.asarray(self._batch.inputs)
        if lesioned:
            units = [unit for unit in self.view.lesion if unit < model.n_latents]
            change = analysis.Perturbation(lesion=np.isin(np.arange(model.n_latents), units))
            return analysis.perturb(model, inputs, change, noise=0.0)
        return rollout(model, inputs)

    def _conditions(self) -> tuple[list[str], np.ndarray]:
        """A label for each condition, and the condition of each trial, of at most `MOST_CONDITIONS`."""
        name = self.view.condition
        values = np.asarray(self._batch.parameters[name], float)
        levels, index = np.unique(values, return_inverse=True)
        if levels.size <= MOST_CONDITIONS:
            return [condition_label(name, float(f"{level:.3g}")) for level in levels], index
        edges = np.quantile(values, np.linspace(0, 1, 5)[1:-1])
        index = np.unique(np.searchsorted(edges, values), return_inverse=True)[1]
        means = [values[index == k].mean() for k in range(index.max() + 1)]
        return [condition_label(f"mean {name}", float(f"{mean:.3g}")) for mean in means], index

    def _n_bins(self) -> int | None:
        levels = np.unique(np.asarray(self._batch.parameters[self.view.difficulty]))
        return None if levels.size <= MOST_CONDITIONS else 5


def sortable(parameters: Any) -> list[str]:
    """Names of the parameters that differ between trials, those with the fewest values first."""
    levels = {name: np.unique(np.asarray(values)).size for name, values in parameters.items()}
    return sorted((name for name, n in levels.items() if n > 1), key=levels.__getitem__)


def _difficulty(names: list[str]) -> str:
    """What makes trials hard, as far as a name can tell; else what has the most values."""
    hard = [name for name in names if any(word in name for word in ("coherence", "difference", "interval"))]
    return (hard or names or [""])[0 if hard else -1]
