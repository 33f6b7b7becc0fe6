"""Progress of a training run, as a bar in a terminal or a notebook."""

import sys
from collections.abc import Sequence
from typing import Any

from tqdm import tqdm

from cogrnn_lab.training.phases import Phase
from cogrnn_lab.training.report import Report


class Progress:
    """Bar over all steps of a run, with the losses of the last report; a context manager.

    It is shown where somebody looks on: in a terminal and in a notebook, not in a file or a test.

    Arguments:
        phases: Phases of the run.
        shown: Whether there is a bar at all.
    """

    def __init__(self, phases: Sequence[Phase], *, shown: bool):
        stream = _stream_of_somebody() if shown else None
        self._bar = tqdm(
            total=sum(phase.steps for phase in phases),
            unit="step",
            desc="compiling",
            file=stream,
            disable=stream is None,
            dynamic_ncols=True,
        )

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def go_on_from(self, step: int) -> None:
        """Begin at a step, where a run is taken up again."""
        self._bar.update(step)

    def show(self, report: Report) -> None:
        """Move on by the steps of a report."""
        self._bar.set_description(report.phase or "training", refresh=False)
        self._bar.set_postfix(figures(report), refresh=False)
        self._bar.update(report.n_steps)


def figures(report: Report) -> dict[str, str]:
    """Give what the bar shows of a report: likelihoods of choices, losses of other targets."""
    if report.of_choices:
        shown = {"likelihood": report.likelihood, "held out": report.valid_likelihood}
    else:
        shown = {"loss": report.task_loss, "held out": report.valid_loss}
    if report.checks:
        shown["performance"] = report.checks[-1].performance
    return {name: f"{value:.4f}" for name, value in shown.items() if value is not None}


def _stream_of_somebody() -> Any:
    """Where a bar is seen: the cell of a notebook, else a terminal, else None."""
    if getattr(sys.stdout, "_ipython_display_", None) or type(sys.stdout).__module__.startswith("ipykernel"):
        return sys.stdout
    return sys.stderr if hasattr(sys.stderr, "isatty") and sys.stderr.isatty() else None
