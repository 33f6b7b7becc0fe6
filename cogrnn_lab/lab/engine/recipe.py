"""The recipe that the lab follows: which phase a step belongs to, and how long it lasts."""

from dataclasses import dataclass

from cogrnn_lab.lab.settings.network_choice import Nature
from cogrnn_lab.lab.settings.state import LabState, TrainingState
from cogrnn_lab.training import DEFAULT_PENALTIES, Penalties, Phase

WARM_UP, PENALIZED, ON_TASK = "warm-up", "penalized", "training"
RATE, RATE_ON_TASK = TrainingState.learning_rate.default_value, 1e-3
SHARE_ON_CLICKS = 0.1  # of the default penalties: with all of them nothing is worth remembering


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


def suit_recipe(state: LabState, before: Nature, now: Nature) -> str:
    """Change what still has its default to that of data of another nature; a sentence where one is needed."""
    rates = {False: RATE, True: RATE_ON_TASK}
    if before.on_task != now.on_task and state.training.learning_rate == rates[before.on_task]:
        state.training.learning_rate = rates[now.on_task]
    untouched = all(getattr(state.penalties, name) == value for name, value in _penalties(before).items())
    if before.of_clicks == now.of_clicks or not untouched:
        return ""
    state.penalties.set_quietly(**_penalties(now))
    if now.of_clicks:
        return "Penalties are a tenth of the usual ones: a choice pays for all the time bins before it."
    return "Penalties are the usual ones again."


def _penalties(nature: Nature) -> dict[str, float]:
    """The default ones."""
    share = SHARE_ON_CLICKS if nature.of_clicks else 1.0
    return {name: float(f"{share * value:.6g}") for name, value in DEFAULT_PENALTIES.as_dict().items()}
