"""Training runs in Weights & Biases, online or in files of this machine."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cogrnn_lab.extras import check_extra, imported_extra
from cogrnn_lab.training.logs.log import Log, LoggedRun, flat, metrics
from cogrnn_lab.training.report import Report

FAILED = "failed"  # why a run ended early


class WandB(Log):
    """Log in Weights & Biases. Needs the extra `wandb`.

    Arguments:
        project: Name of the project.
        folder: Folder for its files; None for wandb's own.
        mode: "online", "offline" (files that `wandb sync` sends later) or "disabled"; None for wandb's own
            setting (WANDB_MODE).
        options: Further arguments of `wandb.init`, such as entity and group.

    Raises:
        ModuleNotFoundError: wandb is not installed.
    """

    def __init__(
        self,
        project: str = "cogrnn_lab",
        *,
        folder: str | Path | None = None,
        mode: str | None = None,
        **options: Any,
    ):
        check_extra("wandb", "wandb", "cl.logs.WandB")
        self.project, self.mode, self.options = project, mode, options
        self.folder = None if folder is None else str(folder)

    def begin(self, settings: Mapping[str, Any], name: str | None = None) -> LoggedRun:
        wandb = imported_extra("wandb", "wandb", "cl.logs.WandB")
        again: dict[str, Any] = {}
        if name is not None:
            known = hashlib.sha256(f"{self.project}\n{name}".encode()).hexdigest()[:16]
            again = {"id": known} | ({} if self.mode == "offline" else {"resume": "allow"})
        if self.folder is not None:
            Path(self.folder).mkdir(parents=True, exist_ok=True)
        run = wandb.init(
            project=self.project, name=name, config=flat(settings), dir=self.folder, mode=self.mode,
            reinit="create_new", **again, **self.options,
        )  # fmt: skip
        if run.resumed and FAILED in run.summary.keys():  # noqa: SIM118 (it is no dictionary)
            del run.summary[FAILED]  # that was then
        return _WandBRun(run)


class _WandBRun(LoggedRun):
    def __init__(self, run: Any):
        self._run = run

    def report(self, report: Report) -> None:
        self._run.log(metrics(report), step=report.step)

    def end(self, scores: Mapping[str, float], failed: str | None = None) -> None:
        for name, value in scores.items():
            self._run.summary[name] = value
        if failed is not None:
            self._run.summary[FAILED] = failed
        self._run.finish(exit_code=0 if failed is None else 1)
