"""Sentences of the status line about the state of a run."""

from cogrnn_lab.analysis import bottlenecks
from cogrnn_lab.analysis.scoring.baseline import KNOWN_BY_HEART, STAY, STAY_AT_STIMULUS
from cogrnn_lab.analysis.scoring.shut_out import highest_before, is_past_shut_out
from cogrnn_lab.lab.engine import runner as running
from cogrnn_lab.lab.engine.curve import Curve
from cogrnn_lab.lab.engine.run import LabRun

BY_HEART = "it knows its own sessions by heart"
LEARNED_TOO_LITTLE = "it has learned too little"
DEAR = 0.005  # of the held-out likelihood, which penalties may cost without a word


def status_sentence(status: str, run: LabRun | None) -> str:
    """One sentence for a status of the runner; "" where there is nothing to say."""
    on_task = run is not None and run.curriculum is not None
    if status == running.TRAINING:
        return "Training on fresh trials." if on_task else "Training. Move a penalty and watch what closes."
    if status == running.FINISHED:
        if run is not None and on_task and run.trainer.finished:
            return "Done: the last stage is passed. Reset starts anew."
        told = ""
        if run is not None:
            told = shut_out(run) or too_dear(run) or ("" if run.held_out is None else caution(run.curve))
        return told or "Done. To go on, raise the training steps and press Train; Reset starts anew."
    return {
        running.PREPARING: "Preparing …",
        running.READY: "Ready: press Train.",
        running.PAUSED: "Paused.",
    }.get(status, "")


def shut_out(run: LabRun) -> str:
    """Advise on penalties that closed every channel, and tell their cost; "" where they did not."""
    trainer, curve = run.trainer, run.curve
    penalties = trainer.penalties.as_dict()
    penalized = any(penalties[name] > 0 for name in trainer.model.groups)
    if not penalized or not is_past_shut_out(bottlenecks(trainer.model)):
        return ""
    held_out = bool(curve.valid_likelihood)
    steps, values = (
        (curve.scored_step, curve.valid_likelihood) if held_out else (curve.step, curve.likelihood)
    )
    cost, before = "", highest_before(steps, values)
    if curve.of_choices or held_out:
        cost = f", and the {'held-out' if held_out else 'training'} likelihood is {values[-1]:.4f}"
        cost += f" (it was {before[1]:.4f} at step {before[0]:,}, before)" if before else ""
    return (
        "Done, but the penalties closed every channel: nothing of the past reaches the choice any "
        f"more{cost}. "
        "Lower the penalties (β for all) and press Reset to start anew."
    )


def too_dear(run: LabRun) -> str:
    """Advise on penalties that cost held-out likelihood, where nothing was learned by heart; "" else."""
    curve, penalties = run.curve, run.trainer.penalties.as_dict()
    penalized = any(penalties[name] > 0 for name in run.trainer.model.groups)
    before = highest_before(curve.scored_step, curve.valid_likelihood)
    if not penalized or before is None or before[1] - curve.valid_likelihood[-1] <= DEAR:
        return ""
    at_best = [value for step, value in zip(curve.step, curve.likelihood, strict=True) if step <= before[0]]
    if not (curve.of_choices and at_best and curve.likelihood[-1] < at_best[-1]):
        return ""
    now = curve.valid_likelihood[-1]
    return (
        f"Done, but the penalties cost {before[1] - now:.4f} of the held-out likelihood: "
        f"it is {now:.4f}, and was {before[1]:.4f} at step {before[0]:,}. "
        "Lower the penalties (β for all) and press Reset to start anew."
    )


def caution(curve: Curve) -> str:
    """Advise on a network that the stay baseline beats on held-out sessions; "" where it does not."""
    reference = curve.reference
    if reference is None or reference[0] not in (STAY, STAY_AT_STIMULUS):  # as the agent of simulated data
        reference = None if curve.stay is None else (STAY, curve.stay)
    if reference is None or not curve.valid_likelihood:
        return ""
    held_out = curve.valid_likelihood[-1]
    if held_out >= reference[1]:
        return ""
    if curve.of_choices and curve.likelihood[-1] - held_out > KNOWN_BY_HEART:
        advice = f"{BY_HEART}. Raise the penalties and train for fewer steps"
    else:
        advice = f"{LEARNED_TOO_LITTLE}. Train for more steps, or lower the penalties"
    return f"Done, but the {reference[0]} predicts the held-out sessions better: {advice}; Reset starts anew."
