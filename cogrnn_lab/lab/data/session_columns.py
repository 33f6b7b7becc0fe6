"""A data set in words, and one session of it as the figures draw it."""

from dataclasses import dataclass

import numpy as np

from cogrnn_lab.data import Dataset
from cogrnn_lab.lab.data.sources import is_of_clicks

MOST_SESSIONS = 1000  # that a drop-down offers


@dataclass(frozen=True)
class SessionColumns:
    """Valid trials of one session.

    `choices` (trials,) -1 where missed, `rewards` (trials,) or None, `probabilities` of reward by column
    name, and the names of the alternatives. Of a trial of clicks the rows are time bins, and `clicks`
    (bin, side) are those on the left and on the right.
    """

    choices: np.ndarray
    rewards: np.ndarray | None
    probabilities: dict[str, np.ndarray]
    class_names: tuple[str, ...]
    clicks: np.ndarray | None = None

    @property
    def row(self) -> str:
        """What a row is called."""
        return "trial" if self.clicks is None else "time bin"

    @property
    def n_alternatives(self) -> int:
        """How many things could be chosen."""
        return len(self.class_names)


def session_columns(dataset: Dataset, session: int) -> SessionColumns:
    """The columns of session `session` (from 0) on its valid trials."""
    n = int(dataset.lengths[session])
    columns = dataset.columns
    if "choice" in columns:
        choices = np.asarray(columns["choice"][session, :n])
    else:
        known = dataset.mask[session, :n, 0]
        choices = np.where(known, dataset.targets[session, :n, 0], -1)
    names = [name for name in columns if name.startswith("p_reward")]
    clicks = np.asarray(dataset.inputs[session, :n, :2], float) if is_of_clicks(dataset) else None
    has_rewards = "reward" in columns and clicks is None
    return SessionColumns(
        choices=choices.astype(int),
        rewards=np.asarray(columns["reward"][session, :n], float) if has_rewards else None,
        probabilities={name: np.asarray(columns[name][session, :n], float) for name in names},
        class_names=dataset.class_names or tuple(str(k) for k in range(dataset.n_classes or 0)),
        clicks=clicks,
    )


def session_labels(dataset: Dataset) -> list[str]:
    """What the sessions are called in a drop-down: their number, with the subject where there are several."""
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
        bins = f"{lengths.min() - 1} to {lengths.max() - 1} bins"
        return " · ".join([*parts, f"{dataset.n_sessions:,} trials of {bins}"])
    parts.append(f"{dataset.n_sessions:,} sessions")
    short, long = int(lengths.min()), int(lengths.max())
    parts.append(f"{short:,} trials each" if short == long else f"{short:,} to {long:,} trials")
    missed = int((dataset.valid & ~dataset.mask.any(2)).sum())
    if missed:
        parts.append(f"{missed:,} trials without a target")
    return " · ".join(parts)
