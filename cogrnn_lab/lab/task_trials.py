"""Fresh trials of a task, on which the activity and the behavior of a network are shown."""

from typing import Any

import jax
import numpy as np

from cogrnn_lab import analysis
from cogrnn_lab.models import rollout

TRIALS = 256
MOST_CONDITIONS = 8  # of a parameter; with more values than these its values are binned
HARD = ("coherence", "difference", "interval")  # words in the names of parameters that make trials hard


class TaskTrials:
    """A batch of trials of a task, the same for each drawing, so that only the network changes."""

    def __init__(self, task: Any):
        self.task = task
        self.batch: Any = jax.device_get(task.batch(jax.random.key(2**31 - 1), TRIALS))
        self.names = sortable(self.batch.parameters)

    def condition(self, wanted: str) -> str:
        """Return the parameter by which activity is sorted: the wanted one where the trials differ in it."""
        return wanted if wanted in self.names else self.names[0] if self.names else ""

    def difficulty(self, wanted: str) -> str:
        """Return the parameter by which correct choices are sorted, as `condition`."""
        if wanted in self.names:
            return wanted
        hard = [name for name in self.names if any(word in name for word in HARD)]
        return (hard or self.names or [""])[0 if hard else -1]

    def has_few_values(self, parameter: str) -> bool:
        """Tell whether each value of a parameter can be shown on its own."""
        return np.unique(np.asarray(self.batch.parameters[parameter])).size <= MOST_CONDITIONS

    def run(self, model: Any, lesion: list[int]) -> Any:
        """Run the network through the trials without noise, its lesioned units silent."""
        inputs = np.asarray(self.batch.inputs)
        if not lesion:
            return rollout(model, inputs)
        units = [unit for unit in lesion if unit < model.n_latents]
        change = analysis.Perturbation(lesion=np.isin(np.arange(model.n_latents), units))
        return analysis.perturb(model, inputs, change, noise=0.0)


def sortable(parameters: Any) -> list[str]:
    """List the parameters that differ between trials, those with the fewest values first."""
    levels = {name: np.unique(np.asarray(values)).size for name, values in parameters.items()}
    return sorted((name for name, n in levels.items() if n > 1), key=levels.__getitem__)
