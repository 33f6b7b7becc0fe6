"""Training runs as event files, which TensorBoard shows."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cogrnn_lab.extras import check_extra, imported_extra
from cogrnn_lab.training.logs.log import Log, LoggedRun, flat, metrics
from cogrnn_lab.training.report import Report

WHAT = "cl.logs.TensorBoard"


class TensorBoard(Log):
    """Log of event files: `tensorboard --logdir FOLDER` shows them. Needs the extra `tensorboard`.

    Arguments:
        folder: Folder, in which every run has one of its own.

    Raises:
        ModuleNotFoundError: TensorBoard is not installed.
    """

    def __init__(self, folder: str | Path = "runs"):
        check_extra("tensorboard", "tensorboard", WHAT)
        self.folder = Path(folder)

    def begin(self, settings: Mapping[str, Any], name: str | None = None) -> LoggedRun:
        where = self.folder / (time.strftime("%Y-%m-%d_%H-%M-%S") if name is None else name)
        run = _TensorBoardRun(where)
        hparams = imported_extra("tensorboard.plugins.hparams.summary_v2", "tensorboard", WHAT)
        shown = {key: value for key, value in flat(settings).items() if value is not None}
        run.write(0, hparams.hparams_pb(shown, trial_id=name))
        return run


class _TensorBoardRun(LoggedRun):
    def __init__(self, folder: Path):
        writer = imported_extra("tensorboard.summary.writer.event_file_writer", "tensorboard", WHAT)
        self._event = imported_extra("tensorboard.compat.proto.event_pb2", "tensorboard", WHAT).Event
        self._summary = imported_extra("tensorboard.compat.proto.summary_pb2", "tensorboard", WHAT).Summary
        self._writer, self._step = writer.EventFileWriter(str(folder)), 0

    def write(self, step: int, summary: Any) -> None:
        """Add a summary of a step."""
        self._writer.add_event(self._event(step=step, wall_time=time.time(), summary=summary))

    def report(self, report: Report) -> None:
        self._step = report.step
        self._write(metrics(report))

    def end(self, scores: Mapping[str, float], failed: str | None = None) -> None:
        self._write(scores)
        self._writer.close()

    def _write(self, values: Mapping[str, float]) -> None:
        told = [self._summary.Value(tag=name, simple_value=value) for name, value in values.items()]
        self.write(self._step, self._summary(value=told))
