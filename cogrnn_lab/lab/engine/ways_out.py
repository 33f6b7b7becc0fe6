"""What mends what the status line tells: words for a button, and the settings that it sets."""

from dataclasses import dataclass
from typing import Any

from cogrnn_lab.lab.engine import runner as running
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.engine.status_sentences import BY_HEART, LEARNED_TOO_LITTLE, caution, shut_out, too_dear
from cogrnn_lab.lab.settings.state import LabState, PenaltyState
from cogrnn_lab.training import TrainingDiverged

FACTOR = 3.0  # by which a price or a rate is changed where no better one is known


@dataclass(frozen=True)
class WayOut:
    """Words of a button, the settings that it sets, by section, and whether a new run begins with them."""

    words: str
    settings: dict[str, dict[str, Any]]
    afresh: bool = True


def way_out(status: str, run: LabRun | None, state: LabState) -> WayOut | None:
    """What can be pressed where the sentence about a finished run is an advice; None where it is none."""
    if status != running.FINISHED or run is None or run.curriculum is not None:
        return None
    if shut_out(run) or too_dear(run):
        return _cheaper(run, state)
    advice = "" if run.held_out is None else caution(run.curve)
    if BY_HEART in advice:
        return _dearer(run, state)
    if LEARNED_TOO_LITTLE in advice:
        more = max(int(state.training.steps), 100)
        steps = int(state.training.steps) + more
        return WayOut(f"Train for {more:,} more steps", {"training": {"steps": steps}}, afresh=False)
    return None


def way_out_of(error: Exception, run: LabRun | None) -> WayOut | None:
    """What can be pressed where training ended with an error; None where nothing is known to help."""
    if not isinstance(error, TrainingDiverged) or run is None:
        return None
    rate = _rounded(error.learning_rate / FACTOR)
    name = "warmup_rate" if run.trainer.phase == "warm-up" else "learning_rate"
    settings = {"training": {name: rate}}
    return WayOut(f"Set the learning rate to {rate:g} and go on", settings, afresh=False)


def _groups(run: LabRun, state: LabState) -> dict[str, float]:
    """The penalties of the network's bottlenecks, as they are set."""
    return {name: float(getattr(state.penalties, name)) for name in run.trainer.model.groups}


def _cheaper(run: LabRun, state: LabState) -> WayOut:
    """The usual price where the present one is higher, else a third of it."""
    usual, now = PenaltyState(), _groups(run, state)
    known = {name: float(getattr(usual, name, 0.0)) for name in now}
    if any(now[name] > known[name] > 0 for name in now):
        better = {
            name: min(now[name], known[name]) if known[name] > 0 else now[name] / FACTOR for name in now
        }
        return WayOut("Set the usual penalties and start anew", {"penalties": better})
    better = {name: _rounded(value / FACTOR) for name, value in now.items()}
    return WayOut("Lower the penalties to a third and start anew", {"penalties": better})


def _dearer(run: LabRun, state: LabState) -> WayOut:
    """Three times the price, or the usual one where there is none, and half of the steps."""
    usual, traits = PenaltyState(), state.penalties.traits()
    better = {
        name: min(_rounded(FACTOR * value) or float(getattr(usual, name, 1e-3)), traits[name].max)
        for name, value in _groups(run, state).items()
    }
    steps = {"steps": max(int(state.training.steps) // 2, 1)}
    words = "Raise the penalties threefold, halve the steps and start anew"
    return WayOut(
        words if better else "Halve the steps and start anew", {"penalties": better, "training": steps}
    )


def _rounded(value: float) -> float:
    return float(f"{value:.2g}")
