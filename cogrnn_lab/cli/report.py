"""Report of a fit: report.md for people, report.json for programs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import cogrnn_lab as cl
from cogrnn_lab.analysis.scoring.baseline import KNOWN_BY_HEART, STAY, STAY_AT_STIMULUS, stay_baselines
from cogrnn_lab.analysis.scoring.shut_out import highest_before, is_past_shut_out
from cogrnn_lab.atomic_files import write_text
from cogrnn_lab.data.splits import BLOCKS, SESSIONS, SUBJECTS, fitted_by
from cogrnn_lab.markup import markdown_text

REPORTS = "report.json", "report.md"


def write_report(
    folder: Path,
    summary: Mapping[str, Any],
    *,
    settings: Mapping[str, Any],
    ended: BaseException | None = None,
) -> None:
    """Write report.json and report.md into `folder`, from what `summarize` returns."""
    report = {
        **summary,
        "ended_early": None if ended is None else str(ended),
        "settings": dict(settings),
    }
    write_text(folder / "report.json", json.dumps(report, indent=2) + "\n")
    write_text(folder / "report.md", _markdown(report))


def summarize(
    run: cl.Run, train: cl.Dataset, held_out: cl.Dataset, *, hold_out: str = SESSIONS
) -> dict[str, Any]:
    """Summarize held-out likelihoods beside their references, and the latents that stayed open."""
    network: Any = run.model
    model = cl.evaluate(network, held_out)
    stays = stay_baselines(train, held_out, by=fitted_by(train, held_out))
    last = run.reports[-1]
    scored = [(report.step, report.valid_likelihood) for report in run.reports if report.valid_likelihood]
    before = highest_before([step for step, _ in scored], [value for _, value in scored])
    return {
        "version": cl.__version__,
        "hold_out": hold_out,
        "training_subjects": len(train.subjects),
        "training_sessions": train.n_sessions,
        "training_choices": int(train.mask[..., 0].sum()),
        "held_out_subjects": len(held_out.subjects),
        "held_out_sessions": held_out.n_sessions,
        "held_out_choices": int(model.n_targets),
        "steps": last.step,
        "training_seconds": sum(report.seconds for report in run.reports),
        "held_out_likelihood": float(model.normalized_likelihood),
        "training_likelihood": float(cl.evaluate(network, train).normalized_likelihood),
        "references": {
            "chance": float(model.chance),
            **{name: float(one.normalized_likelihood) for name, one in stays.items()},
        },
        "subjects": _by_subject(held_out, model, stays[STAY]),
        "latents": _open_latents(network, held_out),
        "every_channel_closed": is_past_shut_out(cl.bottlenecks(network)),
        "highest_likelihood_before": before and {"step": before[0], "held_out_likelihood": float(before[1])},
    }


def _by_subject(dataset: cl.Dataset, model: cl.Evaluation, stay: cl.Evaluation) -> list[dict[str, Any]]:
    baseline = stay.per_subject.set_index("subject")["normalized_likelihood"]
    return [
        {
            "subject": str(row["subject"]),
            "held_out_choices": int(row["n_targets"]),
            "held_out_likelihood": float(row["normalized_likelihood"]),
            "stay_baseline": float(baseline[row["subject"]]),
        }
        for _, row in model.per_subject.iterrows()
    ]


def _open_latents(model: Any, dataset: cl.Dataset) -> list[dict[str, Any]]:
    """Latents from the most to the least open, with their information."""
    found = cl.bottlenecks(model, dataset)
    group = found.groups["latent"]
    openness, nats = np.asarray(group.openness)[:, 0], np.asarray(group.nats)[:, 0]
    return [
        {
            "latent": int(index) + 1,
            "open": int(index) in found.open_latents(),
            "openness": float(openness[index]),
            "nats_per_trial": float(nats[index]),
        }
        for index in found.latent_order
    ]


def _markdown(report: Mapping[str, Any]) -> str:
    references = report["references"]
    lines = [
        "# Held-out report",
        "",
        f"The network was trained for {report['steps']:,} steps on {_trained_on(report)}. It predicts "
        f"{report['held_out_choices']:,} choices of {_scored_on(report)} with these normalized likelihoods "
        "(geometric mean of the probability of what was chosen):",
        "",
        "| | likelihood per choice |",
        "|---|---:|",
        f"| network | {report['held_out_likelihood']:.4f} |",
        *(f"| {name} | {value:.4f} |" for name, value in references.items()),
        "",
        f"The stay baseline knows how often {_who_stays(report)} after a reward and after none."
        + (_OF_STIMULI if STAY_AT_STIMULUS in references else ""),
        "",
        *_caution(report),
        "## By subject",
        "",
        "| subject | choices | network | stay baseline |",
        "|---|---:|---:|---:|",
        *(
            f"| {markdown_text(row['subject'])} | {row['held_out_choices']:,} "
            f"| {row['held_out_likelihood']:.4f} | {row['stay_baseline']:.4f} |"
            for row in report["subjects"]
        ),
        "",
        "## Latents",
        "",
        _open_sentence(report["latents"]),
        "",
        "| latent | openness | nats per trial |",
        "|---|---:|---:|",
        *(
            f"| {row['latent']} | {row['openness']:.3f} | {row['nats_per_trial']:.3f} |"
            for row in report["latents"]
        ),
    ]
    if report["ended_early"]:
        lines[2:2] = [f"**Ended early:** {markdown_text(report['ended_early'])}.", ""]
    return "\n".join(lines) + "\n"


def _trained_on(report: Mapping[str, Any]) -> str:
    sessions = f"{report['training_sessions']} sessions"
    return {
        SESSIONS: sessions,
        SUBJECTS: f"{sessions} of {report['training_subjects']} subjects",
        BLOCKS: f"{report['training_choices']:,} choices in blocks of {sessions}",
    }[report["hold_out"]]


def _scored_on(report: Mapping[str, Any]) -> str:
    sessions = f"{report['held_out_sessions']} held-out sessions"
    return {
        SESSIONS: sessions,
        SUBJECTS: f"{sessions} of {report['held_out_subjects']} other subjects",
        BLOCKS: "the held-out blocks between them",
    }[report["hold_out"]]


_OF_STIMULI = (
    " That per stimulus does so for the last choice at the same stimulus, the other one for that of the "
    "trial before, as in the table of subjects."
)


def _who_stays(report: Mapping[str, Any]) -> str:
    if report["hold_out"] == SUBJECTS:
        return "the subjects that were trained on repeat their choice"
    return "each subject repeats its choice"


def _caution(report: Mapping[str, Any]) -> list[str]:
    """Advice about a network that a reference beats, or whose bottlenecks are all closed; else nothing."""
    if report["every_channel_closed"]:
        before = report["highest_likelihood_before"]
        was = f" (it was {before['held_out_likelihood']:.4f} at step {before['step']:,})" if before else ""
        return [
            "**The penalties closed every channel**: nothing of the past reaches the choice "
            f"any more, and the network predicts every choice alike{was}. Lower them (`--penalty-latent`, "
            "`--penalty-update-input`, `--penalty-update-latent`, `--penalty-choice-latent`).",
            "",
        ]
    reference = max(report["references"], key=report["references"].get)
    held_out, training = report["held_out_likelihood"], report["training_likelihood"]
    if held_out >= report["references"][reference]:
        return []
    if training - held_out > KNOWN_BY_HEART:
        advice = (
            f"It predicts the sessions that it was trained on with {training:.4f}: it knows them by heart, "
            "as happens with few sessions. Raise the penalties and train less, such as "
            "`--penalty-latent 0.03 --penalty-update-input 0.01 --penalty-update-latent 0.01 "
            "--penalty-choice-latent 0.01 --l2 0.001 --warmup 200 --steps 800`."
        )
    else:
        advice = (
            f"It predicts the sessions that it was trained on no better ({training:.4f}): train longer "
            "(`--warmup`, `--steps`), or lower the penalties."
        )
    return [f"**The network predicts worse than the {reference}**, so its latents mean little. {advice}", ""]


def _open_sentence(latents: list[dict[str, Any]]) -> str:
    n_open = sum(row["open"] for row in latents)
    verb = "is" if n_open == 1 else "are"
    return f"{n_open} of {len(latents)} latents {verb} open (openness above 0.1)."
