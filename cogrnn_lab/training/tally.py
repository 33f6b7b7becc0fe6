"""Losses and information of the chunks between two reports, from which the report is made."""

from dataclasses import dataclass, field

import numpy as np

from cogrnn_lab.training.compiled.steps import ChunkRecord, StepSettings
from cogrnn_lab.training.curriculum import StageCheck
from cogrnn_lab.training.report import Report


@dataclass
class Tally:
    """Records of the chunks since the last report, all of them trained with the same settings.

    Fields:
        settings: Penalties, noise and learning rate of these chunks.
        n_checks: Checks of a curriculum that were made before.
        chunks: Of each chunk the number of steps taken, and its record.
    """

    settings: StepSettings
    n_checks: int
    chunks: list[tuple[int, ChunkRecord]] = field(default_factory=list)

    def add(self, n_steps: int, record: ChunkRecord) -> None:
        """Note the record of a chunk, of which `n_steps` steps were taken."""
        self.chunks.append((n_steps, record))

    @property
    def refused_loss(self) -> float:
        """Task loss of the step that the last chunk refused to take."""
        n_steps, record = self.chunks[-1]
        return float(record.task_loss[n_steps])

    def report(
        self,
        *,
        step: int,
        phase: str,
        valid_loss: float | None,
        checks: list[StageCheck],
        seconds: float,
        of_choices: bool,
    ) -> Report:
        """Make the report of these chunks; `checks` are all of the run."""
        losses = np.concatenate([record.loss[:taken] for taken, record in self.chunks])
        task_losses = np.concatenate([record.task_loss[:taken] for taken, record in self.chunks])
        groups = self.chunks[0][1].information
        n_steps = max(len(losses), 1)
        return Report(
            step=step,
            phase=phase,
            loss=float(losses.mean(dtype=np.float64)) if len(losses) else float("nan"),
            task_loss=float(task_losses.mean(dtype=np.float64)) if len(losses) else float("nan"),
            losses=losses,
            task_losses=task_losses,
            valid_loss=valid_loss,
            information={g: float(sum(r.information[g] for _, r in self.chunks)) / n_steps for g in groups},
            penalties=self.settings.penalties,
            noise=self.settings.noise,
            learning_rate=self.settings.learning_rate,
            seconds=seconds,
            checks=tuple(checks[self.n_checks :]),
            of_choices=of_choices,
        )
