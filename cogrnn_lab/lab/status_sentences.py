"""What the status line says of the state of a run."""

from cogrnn_lab.lab import runner as running
from cogrnn_lab.lab.run import LabRun


def status_sentence(status: str, run: LabRun | None) -> str:
    """One sentence for a status of the runner; "" where there is nothing to say."""
    on_task = run is not None and run.curriculum is not None
    if status == running.TRAINING:
        return "Training on fresh trials." if on_task else "Training. Move a penalty and watch what closes."
    if status == running.FINISHED:
        if run is not None and on_task and run.trainer.finished:
            return "Done: the last stage is passed. Reset starts anew."
        return "Done. To go on, raise the training steps and press Train; Reset starts anew."
    return {
        running.PREPARING: "Preparing …",
        running.READY: "Ready: press Train.",
        running.PAUSED: "Paused.",
    }.get(status, "")
