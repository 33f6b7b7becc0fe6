"""A data set in words, and one session of it as the figures draw it."""

from dataclasses import dataclass

import numpy as np

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.outcomes import tells_rewards
from cogrnn_lab.lab.data.sources import is_of_clicks

MOST_SESSIONS = 1000  # that a drop-down offers


@dataclass(frozen=True)
class SessionColumns:
    """Valid trials of one session.

    `choices` (trials,) -1 where missed, `rewards` (trials,), NaN where not known, and which of them are
    `wins`, or None, `probabilities` of reward by column name, and the names of the alternatives. Of a trial
    of clicks the rows are time bins, and `clicks` (bin, side) are those on the left and on the right.
    """

    choices: np.ndarray
    rewards: np.ndarray | None
    probabilities: dict[str, np.ndarray]
    class_names: tuple[str, ...]
    clicks: np.ndarray | None = None
    wins: np.ndarray | None = None

    @property
    def row(self) -> str:
        """Name of a row."""
        return "trial" if self.clicks is None else "time bin"

    @property
    def n_alternatives(self) -> int:
        """Number of alternatives."""
        return len(self.class_names)


def session_columns(dataset: Dataset, session: int) -> SessionColumns:
    """The columns of session `session` (from 0) on its valid trials."""
    n = int(dataset.lengths[session])
    columns = dataset.columns
    names = [name for name in columns if name.startswith("p_reward")]
    clicks = np.asarray(dataset.inputs[session, :n, :2], float) if is_of_clicks(dataset) else None
    has_rewards = clicks is None and tells_rewards(dataset)
    has_choices = dataset.n_classes is not None
    return SessionColumns(
        choices=dataset.choices[session, :n].astype(int) if has_choices else np.full(n, -1),
        rewards=dataset.rewards[session, :n].astype(float) if has_rewards else None,
        probabilities={name: np.asarray(columns[name][session, :n], float) for name in names},
        class_names=dataset.class_names or tuple(str(k) for k in range(dataset.n_classes or 0)),
        clicks=clicks,
        wins=dataset.outcomes.is_win(dataset.rewards[session, :n]) if has_rewards else None,
    )


def session_labels(dataset: Dataset) -> list[str]:
    """Name the sessions in a drop-down: their number, with the subject where there are several."""
    several, kind = len(dataset.subjects) > 1, "trial" if is_of_clicks(dataset) else "session"
    return [
        f"{dataset.subject_names[dataset.subject[i]]} · {dataset.session_names[i]}"
        if several
        else f"{kind} {i + 1}"
        for i in range(min(dataset.n_sessions, MOST_SESSIONS))
    ]


def describe(dataset: Dataset) -> str:
    """A data set in one line."""
    subjects, lengths = len(dataset.subjects), dataset.lengths
    parts = [f"{subjects} subjects"] if subjects > 1 else []
    if is_of_clicks(dataset):
        bins = _range(int(lengths.min()) - 1, int(lengths.max()) - 1, "bin")
        return " · ".join([*parts, f"{_count(dataset.n_sessions, 'trial')} of {bins}"])
    parts.append(_count(dataset.n_sessions, "session"))
    short, long = int(lengths.min()), int(lengths.max())
    parts.append(_range(short, long, "trial") + (" each" if short == long else ""))
    missed = int((dataset.valid & ~dataset.mask.any(2)).sum())
    if missed:
        parts.append(f"{_count(missed, 'trial')} without a target")
    return " · ".join(parts)


def reading(dataset: Dataset) -> list[str]:
    """Say how a data set is understood, in lines: its size, then choices, rewards and notes."""
    told = [] if is_of_clicks(dataset) else dataset.summary.splitlines()[1:]
    return [describe(dataset), *(line for line in told if not line.startswith("inputs: "))]


def _count(n: int, word: str) -> str:
    return f"{n:,} {word}{'' if n == 1 else 's'}"


def _range(low: int, high: int, word: str) -> str:
    return _count(low, word) if low == high else f"{low:,} to {_count(high, word)}"
