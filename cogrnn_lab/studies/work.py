"""One run of a study: claimed, trained from where it was, scored, and kept as one entry."""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cogrnn_lab.analysis import evaluate, latent_contributions
from cogrnn_lab.atomic_files import delete, write_text
from cogrnn_lab.data import Dataset
from cogrnn_lab.models.description import n_parameters
from cogrnn_lab.studies.claims import claimed
from cogrnn_lab.studies.points import Point, kind_of, name_of, phases, untrained
from cogrnn_lab.training import Penalties, Run, fit
from cogrnn_lab.training.archive import previous_of
from cogrnn_lab.training.logs.log import logged

FINISHED, FAILED, CLAIMED = "finished", "failed", "claimed"
RUNS = "runs"


@dataclass(frozen=True)
class Work:
    """All that a process needs to train any run of a study.

    Fields:
        folder: Folder of the study, which all processes see.
        data: Data sets by name.
        networks: Classes of networks that are not of this package, by name.
        base: Penalties at price 1.
        hold_out: What is held out, as in `Dataset.split`.
        every: How much of it is.
        folds: Number of folds, or None.
        patience: As in `fit`.
        report_every: Steps between reports, after each of which a run is kept.
        log: Logs, as in `fit`.
        study: Name of the study, which tells its runs from those of others in one log.
    """

    folder: Path
    data: dict[str, Dataset]
    networks: dict[str, type]
    base: Penalties
    hold_out: str | None
    every: int | float
    folds: int | None
    patience: int | None
    report_every: int
    log: Any = None
    study: str = ""

    def parts(self, point: Point) -> tuple[Dataset, Dataset]:
        """Sessions that a run trains on, and those held out."""
        dataset = self.data[point["dataset"]]
        if self.folds is None:
            return dataset.split(self.every, hold_out=self.hold_out)
        return dataset.split(self.folds, offset=point["fold"], hold_out=self.hold_out)

    def name_in_logs(self, point: Point) -> str:
        """Name of a run in logs, the same whenever it goes on: of the study, and of all settings.

        The data are those of the study, and the settings name data set, fold and seed as well.
        """
        return f"{self.study}-{name_of(point)}"


@dataclass(frozen=True)
class Entry:
    """Files of one run in the folder of a study.

    Fields:
        folder: Folder of the study.
        name: Name of the run.
    """

    folder: Path
    name: str

    @property
    def run(self) -> Path:
        """The finished run; it is there whole or not at all."""
        return self.folder / RUNS / f"{self.name}.npz"

    @property
    def failure(self) -> Path:
        """Why there is none."""
        return self.folder / RUNS / f"{self.name}.failed.json"

    @property
    def checkpoint(self) -> Path:
        """A run that is not finished, as it was after its last report."""
        return self.folder / RUNS / f"{self.name}.checkpoint.npz"

    @property
    def claim(self) -> Path:
        """What the process holds that trains it."""
        return self.folder / RUNS / f"{self.name}.claim"

    @property
    def state(self) -> str | None:
        """FINISHED, FAILED, or None for one to be trained."""
        if self.run.exists():
            return FINISHED
        return FAILED if self.failure.exists() else None


def train_point(work: Work, point: Point) -> str:
    """Train a run of a study, unless it is there or another process has it.

    Returns:
        FINISHED, FAILED, or CLAIMED: another process trains it now.
    """
    entry = Entry(work.folder, name_of(point))
    if entry.state is not None:
        return entry.state
    with claimed(entry.claim) as is_ours:
        if not is_ours:
            return CLAIMED
        if entry.state is None:  # it may have been finished between the two lines above
            try:
                _trained(work, point, entry)
            except (OSError, MemoryError, ImportError):
                raise  # of the machine, and not of the run, which may be trained another time
            except Exception as error:  # any error of one run: the others go on, and the table tells it
                told = {"point": point, "error": str(error) or type(error).__name__}
                write_text(entry.failure, json.dumps(told))
            else:
                delete([entry.checkpoint, previous_of(entry.checkpoint)])
        return str(entry.state)


def _trained(work: Work, point: Point, entry: Entry) -> None:
    train, held_out = work.parts(point)
    model = untrained(point, kind_of(point["network"], work.networks), train)
    with contextlib.ExitStack() as stack:
        logs = stack.enter_context(logged(work.log, point, work.name_in_logs(point)))
        run = fit(
            model, train, held_out,
            phases=phases(point, model, work.base),
            batch_size=point["batch_size"],
            max_grad_norm=point["max_grad_norm"],
            seed=point["seed"],
            report_every=work.report_every,
            patience=work.patience,
            callbacks=logs.report,
            checkpoint=entry.checkpoint,
            progress=False,
        )  # fmt: skip
        if run.was_interrupted:
            raise KeyboardInterrupt
        found = scores(run, train, held_out)
        logs.scores.update(found)
    settings = run.settings | {"study": {"point": point, "scores": found}}
    Run(run.model, run.reports, settings).save(entry.run)


def scores(run: Run, train: Dataset, held_out: Dataset) -> dict[str, float]:
    """Give the numbers of a run that the table of a study shows.

    Arguments:
        run: The run.
        train: Sessions trained on.
        held_out: Sessions held out.

    Returns:
        Numbers by name.
    """
    last = run.reports[-1] if run.reports else None
    n_steps = run.settings.get("best_step", last.step if last else 0)
    of_model = next((report for report in run.reports if report.step == n_steps), last)
    model: Any = run.model
    found: dict[str, float] = {}
    if train.n_classes:
        found["likelihood_train"] = evaluate(model, train).normalized_likelihood
        found["likelihood_held_out"] = evaluate(model, held_out).normalized_likelihood
    elif last is not None and last.valid_loss is not None:
        found["loss_held_out"] = last.valid_loss
    if model.groups and train.n_classes:
        told = latent_contributions(model, train)
        found |= {
            "bits": float(told.bits.sum()),
            "nats": float(sum(of_model.information.values())) if of_model else np.nan,
        }
        found["n_open"] = told.n_latents
        found |= {f"openness_{i}": float(own) for i, own in enumerate(np.sort(told.openness)[::-1], 1)}
    seconds = float(sum(report.seconds for report in run.reports))
    return found | {"n_parameters": n_parameters(model), "n_steps": n_steps, "seconds": seconds}
