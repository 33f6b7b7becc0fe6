"""One session of a data set, as the figures draw it."""

from dataclasses import dataclass

import numpy as np

from cogrnn_lab.data import Dataset

MOST_SESSIONS = 1000  # that a drop-down offers


@dataclass(frozen=True)
class SessionColumns:
    """Valid trials of one session.

    `choices` (trials,) -1 where missed, `rewards` (trials,) or None, `probabilities` of reward by column
    name, and the names of the alternatives.
    """

    choices: np.ndarray
    rewards: np.ndarray | None
    probabilities: dict[str, np.ndarray]
    class_names: tuple[str, ...]

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
    return SessionColumns(
        choices=choices.astype(int),
        rewards=np.asarray(columns["reward"][session, :n], float) if "reward" in columns else None,
        probabilities={name: np.asarray(columns[name][session, :n], float) for name in names},
        class_names=dataset.class_names or tuple(str(k) for k in range(dataset.n_classes or 0)),
    )


def session_labels(dataset: Dataset) -> list[str]:
    """What the sessions are called in a drop-down: their number, with the subject where there are several."""
    several = len(dataset.subjects) > 1
    return [
        f"{dataset.subject_names[dataset.subject[i]]} · {dataset.session_names[i]}"
        if several
        else f"session {i + 1}"
        for i in range(min(dataset.n_sessions, MOST_SESSIONS))
    ]
