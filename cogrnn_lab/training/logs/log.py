"""What a log is: it begins a run, is told every report, and ends the run."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from cogrnn_lab.counts import shown
from cogrnn_lab.training.report import Report


class LoggedRun(ABC):
    """One run in a log, while it trains."""

    @abstractmethod
    def report(self, report: Report) -> None:
        """Send a report.

        Arguments:
            report: The report of a chunk of steps.
        """

    @abstractmethod
    def end(self, scores: Mapping[str, float], failed: str | None = None) -> None:
        """Send what the run came to, and end it.

        Arguments:
            scores: Numbers of the whole run by name, such as the likelihood of held-out sessions.
            failed: Why it ended early; None for a run that came to its end.
        """


class Log(ABC):
    """Place to which training runs are logged; a subclass of your own is taken like those of the package.

    It holds settings alone, so that it can be sent to the workers of a cluster.
    """

    @abstractmethod
    def begin(self, settings: Mapping[str, Any], name: str | None = None) -> LoggedRun:
        """Begin a run.

        Arguments:
            settings: Settings of the run by name: text and numbers.
            name: Name of the run. One that was logged under it before is gone on with, as the runs of a study
                are when they were interrupted; None for a new run.

        Returns:
            The run, to which reports are sent.
        """


class _Several(LoggedRun):
    """Runs in several logs at once, or in none."""

    def __init__(self, runs: Sequence[LoggedRun]):
        self._runs = runs
        self.scores: dict[str, float] = {}
        self.failed: str | None = None

    def report(self, report: Report) -> None:
        for run in self._runs:
            run.report(report)

    def end(self, scores: Mapping[str, float], failed: str | None = None) -> None:
        for run in self._runs:
            run.end(scores, failed)


@contextmanager
def logged(log: Any, settings: Mapping[str, Any], name: str | None = None) -> Iterator[_Several]:
    """A run in all logs, which ends with the block: with its `scores`, or with the error that left the block.

    Raises:
        TypeError: One is no log.
    """
    several = _Several([one.begin(settings, name) for one in checked_logs(log)])
    try:
        yield several
    except BaseException as error:
        several.end({}, str(error) or type(error).__name__)
        raise
    several.end(finite(several.scores), several.failed)


def checked_logs(log: Any) -> list[Log]:
    """Give one log, several or none as a list.

    Raises:
        TypeError: One is no log.
    """
    logs = [] if log is None else list(log) if isinstance(log, list | tuple) else [log]
    for one in logs:
        if not isinstance(one, Log):
            made = "; make one of it: cl.logs.MLflow()" if isinstance(one, type) else ""
            made = "; a function of reports is given as callbacks=" if not made and callable(one) else made
            raise TypeError(
                f"log has {shown(one)}, expected a log, such as cl.logs.MLflow(), or several{made}"
            )
    return logs


def finite(values: Mapping[str, Any]) -> dict[str, float]:
    """Those values that are finite numbers."""
    numbers = {name: value for name, value in values.items() if isinstance(value, int | float | np.number)}
    return {name: float(value) for name, value in numbers.items() if np.isfinite(value)}


def metrics(report: Report) -> dict[str, float]:
    """Give the numbers of a report by name, those alone that are finite."""
    return {name: value for name, value in finite(report.as_row()).items() if name != "step"}


def flat(settings: Mapping[str, Any], within: str = "") -> dict[str, Any]:
    """Write nested settings as one level of names: {"penalties": {"l2": 1}} as {"penalties.l2": 1}."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{within}{name}.")
        else:
            plain = value is None or isinstance(value, str | int | float | bool)
            found[f"{within}{name}"] = value if plain else str(value)
    return found
