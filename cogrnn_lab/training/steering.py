"""Settings of a training run that may be set at any time, also from another thread."""

import numpy as np

from cogrnn_lab.training.compiled.setup import TrainingSetup
from cogrnn_lab.training.compiled.steps import StepSettings
from cogrnn_lab.training.penalties import Penalties, as_penalties, check_known
from cogrnn_lab.training.recipe import DEFAULT_RECIPE

DEFAULT_LEARNING_RATE = DEFAULT_RECIPE.warm_up_rate


class Steering:
    """Penalties, noise and learning rate of a run, each checked when it is set."""

    setup: TrainingSetup

    def __init__(self, learning_rate: float | None):
        self._rate_given = learning_rate
        self.penalties = Penalties()
        self.noise = 1.0
        self._learning_rate = DEFAULT_LEARNING_RATE
        if learning_rate is not None:
            self.learning_rate = learning_rate

    @property
    def learning_rate(self) -> float:
        """Adam's learning rate; where an optimizer was given it can't be set, as that has its own."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        if not (np.isfinite(rate) and rate > 0):
            raise ValueError(f"learning_rate is {rate!r}, expected a positive number such as 0.01")
        if self.setup.design.optimizer is not None:
            raise ValueError(
                f"learning_rate = {rate:g} would have no effect: the trainer has an optimizer of its own, "
                "which brings its learning rate"
            )
        self._learning_rate = float(rate)

    @property
    def noise(self) -> float:
        """Scale of the bottlenecks' noise: 0 none, 1 their own."""
        return self._noise

    @noise.setter
    def noise(self, noise: float) -> None:
        if not (np.isfinite(noise) and noise >= 0):
            raise ValueError(f"noise is {noise!r}, expected a number of at least 0")
        self._noise = float(noise)

    @property
    def penalties(self) -> Penalties:
        """Weights of the penalties."""
        return self._penalties

    @penalties.setter
    def penalties(self, penalties: Penalties) -> None:
        penalties = as_penalties(penalties)
        check_known(penalties, self.setup.penalty_names)
        self._penalties = penalties

    @property
    def settings(self) -> StepSettings:
        """Penalties, noise and learning rate, as they are now."""
        return StepSettings(self.penalties, self.noise, self.learning_rate)
