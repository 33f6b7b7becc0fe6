"""Report on a training run between two chunks of steps, and the error that ends a run gone wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cogrnn_lab.training.curriculum import StageCheck
from cogrnn_lab.training.penalties import Penalties


@dataclass(frozen=True)
class Report:
    """State of a training run after a chunk of steps.

    Fields:
        step: Steps taken since the start.
        phase: Name of the phase.
        loss: Mean training loss of the chunk with penalties (in nats for choices).
        task_loss: The same without penalties.
        losses: Loss (step,) of each step with penalties.
        task_losses: Loss (step,) of each step without penalties.
        valid_loss: Noiseless loss of the held-out sessions; None where it was not computed.
        information: {bottleneck group: mean nats per counted target}.
        penalties: Weights of the penalties.
        noise: Scale of the noise.
        learning_rate: Learning rate.
        seconds: Wall time of the chunk.
        checks: Checks of a curriculum within the chunk.
        of_choices: Whether the loss is the negative log-likelihood of choices.
    """

    step: int
    phase: str
    loss: float
    task_loss: float
    losses: np.ndarray
    task_losses: np.ndarray
    valid_loss: float | None
    information: dict[str, float]
    penalties: Penalties
    noise: float
    learning_rate: float
    seconds: float
    checks: tuple[StageCheck, ...] = ()
    of_choices: bool = True

    @property
    def n_steps(self) -> int:
        return len(self.losses)

    @property
    def likelihood(self) -> float:
        """Normalized likelihood per training trial, under the noise of training; NaN of other losses."""
        return float(np.exp(-self.task_loss)) if self.of_choices else float("nan")

    @property
    def valid_likelihood(self) -> float | None:
        """Normalized likelihood per held-out trial, None where it is not known."""
        return None if self.valid_loss is None or not self.of_choices else float(np.exp(-self.valid_loss))

    @property
    def steps_per_second(self) -> float:
        return self.n_steps / self.seconds if self.seconds > 0 else 0.0

    def as_row(self) -> dict[str, Any]:
        """Give the report as one flat row of a run's history.

        Returns:
            {column: value}.
        """
        row = {
            "step": self.step,
            "phase": self.phase,
            "loss": self.loss,
            "task_loss": self.task_loss,
            "likelihood": self.likelihood,
            "valid_loss": np.nan if self.valid_loss is None else self.valid_loss,
            "valid_likelihood": np.nan if self.valid_likelihood is None else self.valid_likelihood,
            "noise": self.noise,
            "learning_rate": self.learning_rate,
            "seconds": self.seconds,
        }
        if self.checks:
            row |= {"stage": self.checks[-1].stage, "performance": self.checks[-1].performance}
        row |= {f"information_{group}": nats for group, nats in self.information.items()}
        return row | {f"penalty_{name}": weight for name, weight in self.penalties.as_dict().items()}


def history_frame(reports: Sequence[Report]) -> pd.DataFrame:
    """Make a table with a row for each report."""
    return pd.DataFrame([report.as_row() for report in reports])


@dataclass
class TrainingDiverged(RuntimeError):
    """Error of a training run whose loss was not finite or ran away; the trainer holds the last good model.

    Fields:
        step: Step at which training stopped.
        task_loss: Loss there.
        learning_rate: Learning rate there.
        report: Last report before, None where there was none.
    """

    step: int
    task_loss: float
    learning_rate: float
    report: Report | None = field(default=None, repr=False)

    def __str__(self) -> str:
        what = (
            "is not a finite number"
            if not np.isfinite(self.task_loss)
            else f"has run away to {self.task_loss:.3g}"
        )
        if self.step == 0 and not np.isfinite(self.task_loss):
            return (
                f"training stopped before its first step: the loss of the network as it was made {what}. The "
                "likely cause is a state that grows from trial to trial, as in a network of your own without "
                "a limit, or inputs of very different sizes; scale the inputs to about 1."
            )
        return (
            f"training stopped at step {self.step:,}: the loss {what}. The last good model is kept. "
            f"The likely cause is a learning rate that is too high (it is {self.learning_rate:g}) "
            "or inputs of very different sizes; try a tenth of it, or scale the inputs to about 1."
        )
