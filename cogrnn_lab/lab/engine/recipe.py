"""The recipe that the lab follows: which phase a step belongs to, and how long it lasts."""

from cogrnn_lab.lab.settings.network_choice import Nature
from cogrnn_lab.lab.settings.state import LabState
from cogrnn_lab.training import Penalties, Phase
from cogrnn_lab.training.recipe import DEFAULT_RECIPE

WARM_UP, PENALIZED, ON_TASK = "warm-up", "penalized", "training"
RATE, RATE_ON_TASK = DEFAULT_RECIPE.rate, 1e-3
SHARE_ON_CLICKS = 0.1  # of the default penalties: with all of them nothing is worth remembering


def next_phase(state: LabState, names: tuple[str, ...], step: int, current: str = "") -> Phase:
    """Say which phase follows `step` steps, with the penalties of these names; its `steps` are those left.

    A run that has reached the penalized phase (`current`) stays there, also when the warm-up is made longer
    afterwards.
    """
    training = state.training
    if step < training.warmup_steps and current != PENALIZED:
        left = training.warmup_steps - step
        return Phase(left, Penalties(), 0.0, training.warmup_rate, name=WARM_UP)
    return _penalized(state, names, total_steps(state) - step, PENALIZED)


def next_phase_on_task(state: LabState, names: tuple[str, ...], step: int) -> Phase:
    """Say what follows `step` steps on a task of trials: one phase, whose `steps` are those left."""
    return _penalized(state, names, total_steps(state, on_task=True) - step, ON_TASK)


def next_phase_of_branch(state: LabState, names: tuple[str, ...], step: int) -> Phase:
    """Say what follows `step` steps after a branch, whose network is trained already: one phase."""
    return _penalized(state, names, total_steps(state, is_branch=True) - step, PENALIZED)


def total_steps(state: LabState, *, on_task: bool = False, is_branch: bool = False) -> int:
    """Count the steps of a whole run; a task has no warm-up, nor has what goes on from a trained network."""
    return state.training.steps + (0 if on_task or is_branch else state.training.warmup_steps)


def _penalized(state: LabState, names: tuple[str, ...], left: int, name: str) -> Phase:
    rate = state.training.learning_rate
    return Phase(max(left, 0), state.weights(names), state.penalties.noise, rate, name=name)


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
        return "Penalties are a tenth of the usual ones: all the time bins before a choice are penalized."
    return "Penalties are the usual ones again."


def _penalties(nature: Nature) -> dict[str, float]:
    """The default ones."""
    share = SHARE_ON_CLICKS if nature.of_clicks else 1.0
    return {name: float(f"{share * value:.6g}") for name, value in DEFAULT_RECIPE.penalties.as_dict().items()}
