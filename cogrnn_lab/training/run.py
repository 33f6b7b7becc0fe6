"""Result of a training run: the network, its history, and the file that keeps both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import equinox as eqx
import numpy as np
import pandas as pd

from cogrnn_lab.models.description import DESCRIPTION, describe_model
from cogrnn_lab.schemas import Flag, ListOf, MapOf, Maybe, Number, Record, Text, Whole, taking_apart
from cogrnn_lab.training.archive import array_in, read_archive, tree_arrays, tree_from_arrays, write_archive
from cogrnn_lab.training.curriculum import StageCheck
from cogrnn_lab.training.network_files import described_network
from cogrnn_lab.training.penalties import Penalties
from cogrnn_lab.training.report import Report, history_frame

if TYPE_CHECKING:
    from cogrnn_lab.training.trainer import Trainer

PENALTIES = MapOf(Number(finite=True))
REPORT = Record(
    {
        "step": Whole(),
        "phase": Text(),
        "loss": Number(),
        "task_loss": Number(),
        "valid_loss": Maybe(Number()),
        "information": MapOf(Number()),
        "noise": Number(),
        "learning_rate": Maybe(Number()),
        "seconds": Number(),
        "n_steps": Whole(),
        "penalties": PENALTIES,
    },
    {"of_choices": Flag(), "checks": ListOf(ListOf(Number(), length=3))},  # the first versions had none
)
RUN = Record(
    {
        "model": DESCRIPTION,
        "settings": Record(  # all may lack: a run can be made by hand
            {},
            {"seed": Whole(most=2**63), "batch_size": Whole(1), "best_step": Whole(), "interrupted": Flag()},
        ),
        "reports": ListOf(REPORT),
    },
    {"kept": ListOf(Whole())},
)


@dataclass(frozen=True)
class Run:
    """A trained network with its history.

    Fields:
        model: The trained network.
        reports: One report for each chunk of steps.
        settings: Seed and batch size; "best_step" where `fit` was given a patience, "interrupted" after
            Ctrl-C.
        kept: {step: network} of the networks that were to be kept.
        replicates: All runs of `fit(..., replicates=n)`, this one among them (each is saved on its own).
    """

    model: eqx.Module
    reports: tuple[Report, ...]
    settings: dict[str, Any]
    kept: dict[int, eqx.Module] = field(default_factory=dict)
    replicates: tuple["Run", ...] = ()

    @classmethod
    def of(cls, trainer: "Trainer") -> "Run":
        """Take the run as a trainer stands now.

        Arguments:
            trainer: The trainer.

        Returns:
            The run.
        """
        settings = {"seed": trainer.seed, "batch_size": trainer.batch_size}
        return cls(trainer.model, tuple(trainer.history), settings, dict(trainer.kept))

    @property
    def was_interrupted(self) -> bool:
        """Whether Ctrl-C ended training before its last step."""
        return bool(self.settings.get("interrupted", False))

    @property
    def history(self) -> pd.DataFrame:
        """A row for each report: step, phase, losses, likelihoods, nats and penalties of each group."""
        return history_frame(self.reports)

    @property
    def stage_checks(self) -> tuple[StageCheck, ...]:
        """Performance on fresh trials of a curriculum, in the order of training."""
        return tuple(check for report in self.reports for check in report.checks)

    @property
    def losses(self) -> np.ndarray:
        """Penalized training loss of every step."""
        return np.concatenate([report.losses for report in self.reports]) if self.reports else np.zeros(0)

    @property
    def task_losses(self) -> np.ndarray:
        """Training loss without penalties of every step."""
        return (
            np.concatenate([report.task_losses for report in self.reports]) if self.reports else np.zeros(0)
        )

    def save(self, path: str | Path) -> Path:
        """Write the run into one file (a JSON header and arrays), atomically; `cl.load` reads it.

        Arguments:
            path: Path of the file; ".npz" is appended to one without an ending.

        Returns:
            The path written.
        """
        header = {
            "content": "run",
            "model": describe_model(self.model),
            "settings": self.settings,
            "reports": reports_to_json(self.reports),
            "kept": list(self.kept),
        }
        arrays = tree_arrays("model", self.model) | reports_to_arrays(self.reports)
        return write_archive(path, header, arrays | kept_to_arrays(self.kept))


def load(path: str | Path, *, kind: type | None = None) -> Run:
    """Read a saved run.

    Arguments:
        path: File that `Run.save` wrote.
        kind: Class of the network, needed for one of your own.

    Returns:
        The `Run`.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is damaged, holds something else, or was saved by a newer version.
    """
    header, arrays = read_archive(path, "run", schema=RUN)
    with taking_apart(header):
        skeleton = described_network(header["model"], arrays, kind)
        model = tree_from_arrays("model", skeleton, arrays)
        kept = kept_from_file(header.get("kept", []), skeleton, arrays)
        return Run(model, reports_from_file(header["reports"], arrays), header["settings"], kept)


def kept_to_arrays(kept: dict[int, Any]) -> dict[str, np.ndarray]:
    """Collect the arrays of the networks that were kept."""
    return {
        name: array for step, model in kept.items() for name, array in tree_arrays(_kept(step), model).items()
    }


def kept_from_file(steps: Sequence[int], model: Any, arrays: Mapping[str, np.ndarray]) -> dict[int, Any]:
    """Read the networks that `kept_to_arrays` wrote, made with the same arguments as `model`."""
    return {step: tree_from_arrays(_kept(step), model, arrays) for step in steps}


def _kept(step: int) -> str:
    return f"kept_{step}"


def reports_to_json(reports: Sequence[Report]) -> list[dict[str, Any]]:
    """Convert reports, without their arrays, to what JSON takes."""
    plain = (
        "step",
        "phase",
        "loss",
        "task_loss",
        "valid_loss",
        "information",
        "noise",
        "learning_rate",
        "seconds",
        "of_choices",
    )
    return [
        {name: getattr(report, name) for name in plain}
        | {
            "n_steps": report.n_steps,
            "penalties": report.penalties.as_dict(),
            "checks": [list(check) for check in report.checks],
        }
        for report in reports
    ]


def reports_to_arrays(reports: Sequence[Report]) -> dict[str, np.ndarray]:
    """Concatenate the losses of every step of all reports."""
    none = np.zeros(0, np.float32)
    return {
        "losses": np.concatenate([none, *(report.losses for report in reports)]),
        "task_losses": np.concatenate([none, *(report.task_losses for report in reports)]),
    }


def reports_from_file(rows: Sequence[dict[str, Any]], arrays: Mapping[str, np.ndarray]) -> tuple[Report, ...]:
    """Read the reports that `reports_to_json` and `reports_to_arrays` wrote."""
    ends = np.cumsum([0, *(row["n_steps"] for row in rows)])
    arrays = {name: array_in(arrays, name, "f", int(ends[-1])) for name in ("losses", "task_losses")}
    reports = []
    for row, begin, end in zip(rows, ends[:-1], ends[1:], strict=True):
        values: dict[str, Any] = {name: value for name, value in row.items() if name != "n_steps"}
        values["penalties"] = Penalties(**row["penalties"])
        values["checks"] = tuple(StageCheck(*check) for check in row.get("checks", []))
        values |= {name: arrays[name][begin:end] for name in ("losses", "task_losses")}
        reports.append(Report(**values))
    return tuple(reports)
