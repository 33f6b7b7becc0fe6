"""What the status line says of the state of a run."""

from cogrnn_lab.analysis.scoring.baseline import KNOWN_BY_HEART, STAY
from cogrnn_lab.lab.engine import runner as running
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.learning import Curve


def status_sentence(status: str, run: LabRun | None) -> str:
    """One sentence for a status of the runner; "" where there is nothing to say."""
    on_task = run is not None and run.curriculum is not None
    if status == running.TRAINING:
        return "Training on fresh trials." if on_task else "Training. Move a penalty and watch what closes."
    if status == running.FINISHED:
        if run is not None and on_task and run.trainer.finished:
            return "Done: the last stage is passed. Reset starts anew."
        told = "" if run is None or run.held_out is None else caution(run.curve)
        return told or "Done. To go on, raise the training steps and press Train; Reset starts anew."
    return {
        running.PREPARING: "Preparing …",
        running.READY: "Ready: press Train.",
        running.PAUSED: "Paused.",
    }.get(status, "")


def caution(curve: Curve) -> str:
    """What to do about a network that the stay baseline beats on held-out sessions; "" where it doesn't."""
    reference = curve.reference
    if reference is None or reference[0] != STAY or not curve.valid_likelihood:
        return ""
    held_out = curve.valid_likelihood[-1]
    if held_out >= reference[1]:
        return ""
    if curve.of_choices and curve.likelihood[-1] - held_out > KNOWN_BY_HEART:
        advice = "it knows its own sessions by heart. Raise the penalties and train for fewer steps"
    else:
        advice = "it has learned too little. Train for more steps, or lower the penalties"
    return f"Done, but the {STAY} predicts the held-out sessions better: {advice}; Reset starts anew."
