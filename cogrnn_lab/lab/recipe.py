"""The recipe that the lab follows: which phase a step belongs to, and how long it lasts."""

from dataclasses import dataclass

from cogrnn_lab.lab.state import LabState
from cogrnn_lab.training import Penalties, Phase

WARM_UP, PENALIZED, ON_TASK = "warm-up", "penalized", "training"


@dataclass(frozen=True)
class Stretch:
    """What comes next.

    The phase's name, its settings and how many steps it has left, of `total` in the whole run.
    """

    name: str
    penalties: Penalties
    noise: float
    learning_rate: float
    left: int
    total: int

    def phase(self) -> Phase:
        """As the trainer takes it."""
        return Phase(self.left, self.penalties, self.noise, self.learning_rate, name=self.name)


def task_stretch(state: LabState, names: tuple[str, ...], step: int) -> Stretch:
    """Training on a task: one phase, with the penalties of these names."""
    total, noise = state.training.steps, state.penalties.noise
    rate, left = state.training.learning_rate, max(total - step, 0)
    return Stretch(ON_TASK, state.weights(names), noise, rate, left, total)


def stretch(state: LabState, names: tuple[str, ...], step: int, current: str = "") -> Stretch:
    """The stretch that begins after `step` steps, where the phase so far was `current`.

    A run that has reached the penalized phase stays there, also when the warm-up is made longer afterwards.
    """
    training = state.training
    total = training.warmup_steps + training.steps
    if step < training.warmup_steps and current != PENALIZED:
        left = training.warmup_steps - step
        return Stretch(WARM_UP, Penalties(), 0.0, training.warmup_rate, left, total)
    noise, left = state.penalties.noise, max(total - step, 0)
    return Stretch(PENALIZED, state.weights(names), noise, training.learning_rate, left, total)
