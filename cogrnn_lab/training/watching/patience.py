"""Early stopping: a phase ends when its held-out loss gets no better, and the best network is kept."""

import math
from typing import Any

from cogrnn_lab.training.report import Report


class BestNetwork:
    """Network with the lowest held-out loss of one phase.

    Arguments:
        patience: Steps without a lower loss after which the phase ends.

    Fields:
        loss: Its held-out loss.
        step: Step of that network.
        model: That network, None before the first report.
        ran_out: Whether the phase is over.
    """

    def __init__(self, patience: int):
        self._patience = patience
        self.loss = math.inf
        self.step = 0
        self.model: Any = None
        self.ran_out = False

    def look(self, report: Report, trainer: Any) -> bool:
        """Keep a network that is better than those before.

        Arguments:
            report: Report on the network.
            trainer: Trainer that has the network as `model`.

        Returns:
            Whether patience has run out.
        """
        loss = math.inf if report.valid_loss is None else report.valid_loss
        if self.model is None or loss < self.loss:
            self.loss, self.step, self.model = loss, report.step, trainer.model
        self.ran_out = report.step - self.step >= self._patience
        return self.ran_out

    def gone_back(self, trainer: Any) -> dict[str, Any]:
        """Give the best network back to a trainer, and tell its step; nothing before the first report.

        Arguments:
            trainer: Trainer that has the network as `model`.
        """
        if self.model is None:
            return {}
        trainer.model = self.model
        return {"best_step": self.step}


def checked_patience(patience: Any, report_every: int, *, has_held_out: bool) -> int | None:
    """Check patience, in steps; None for none.

    Raises:
        ValueError: It is no whole number of steps from `report_every` on, or nothing is held out.
    """
    if patience is None:
        return None
    if isinstance(patience, bool) or not hasattr(patience, "__index__") or patience < 1:
        raise ValueError(f"patience is {patience!r}, expected a whole number of steps, such as 500, or None")
    if not has_held_out:
        raise ValueError(
            "patience goes by the held-out loss, and there are no held-out sessions; give valid=, as in "
            "cl.fit(model, train, held_out, patience=500)"
        )
    if patience < report_every:
        raise ValueError(
            f"patience is {patience} steps, and the held-out loss is computed every report_every = "
            f"{report_every} steps; give a patience of at least {report_every}, or report more often"
        )
    return int(patience)
