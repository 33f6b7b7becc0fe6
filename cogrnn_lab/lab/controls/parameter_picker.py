"""A drop-down of the parameters in which the trials of a task differ."""

from typing import Any

from cogrnn_lab.lab.controls.picker import Picker
from cogrnn_lab.lab.settings.state import ViewState
from cogrnn_lab.lab.task_trials import TaskTrials


class ParameterPicker(Picker):
    """A drop-down that offers the parameters of the trials that are shown, and keeps one setting of the view.

    Arguments:
        state: Selections of what is looked at.
        setting: Which of them: "condition" or "difficulty", for which the trials have a default each.
        tooltip: What is said on hover.
    """

    def __init__(self, state: ViewState, setting: str, tooltip: str):
        super().__init__(
            lambda name: setattr(state, setting, name), tooltip, f"cog-pick-{setting}", [("", "")]
        )
        self._state, self._setting = state, setting
        self._trials: TaskTrials | None = None  # whose parameters are offered

    def follow(self, trials: TaskTrials) -> None:
        """Offer the parameters of these trials, and show which is picked."""
        if trials is not self._trials:
            self._trials = trials
            default: Any = getattr(trials, self._setting)
            chosen = default(getattr(self._state, self._setting))
            self.offer(parameter_options(trials.names), chosen)
            self._state.offer(self._setting, trials.names or ("",), chosen)
        self.offer(self.options, getattr(self._state, self._setting))


def parameter_options(names: list[str]) -> list[tuple[str, str]]:
    """Make the options of a drop-down of trial parameters."""
    return [(name.replace("_", " "), name) for name in names] or [("", "")]
