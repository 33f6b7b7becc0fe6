"""A table of choices that the user uploads: from bytes to a data frame, and which column means what."""

import io
from dataclasses import dataclass

import pandas as pd

from cogrnn_lab.data import Dataset, read_table
from cogrnn_lab.data.reading.table_source import load_table

NONE = ""  # no such column

# names seen in published tables, the most telling first
KNOWN = {
    "subject": ("subject", "subject_id", "subjectid", "subj", "participant", "participant_id", "mouse",
                "mouse_id", "rat", "animal", "animal_id", "monkey", "id"),
    "session": ("session", "session_id", "sessionid", "sess", "session_number", "day", "date", "run",
                "block"),
    "choice": ("choice", "choices", "response", "action", "decision", "chosen", "side", "resp"),
    "reward": ("reward", "rewards", "rewarded", "outcome", "feedback", "correct", "win", "points"),
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """An uploaded table.

    Its file name, its rows, and its bytes (kept so that a run can be saved with its data).
    """

    name: str
    frame: pd.DataFrame
    content: bytes

    @property
    def columns(self) -> list[str]:
        """Column names."""
        return list(self.frame.columns)

    def dataset(self, columns: dict[str, str]) -> Dataset:
        """The data set, given which column is the subject, session, choice and reward ("": none).

        Raises `ValueError` with a sentence that says what to change.
        """
        for meaning in ("choice", "reward"):
            if columns[meaning] == NONE:
                raise ValueError(
                    f"{self.name}: pick the column that holds the {meaning} of each trial, in the Data panel "
                    f"(columns: {', '.join(self.columns)})."
                )
        return read_table(
            self.frame,
            subject=columns["subject"] or None,
            session=columns["session"] or None,
            choice=columns["choice"],
            reward=columns["reward"],
        )


def read_upload(name: str, content: bytes) -> Table:
    """Read a CSV file, plain or gzipped. Raises `ValueError` with a sentence that says what to change."""
    source = io.BytesIO(content)
    source.name = name  # what errors call it
    frame, _ = load_table(source)
    if frame.shape[1] < 2:
        raise ValueError(
            f"{name} has a single column, {frame.columns[0][:40]}; expected one row per trial with at "
            f"least a column of "
            "choices and a column of rewards, separated by commas."
        )
    return Table(name, frame, bytes(content))


def guess_columns(columns: list[str]) -> dict[str, str]:
    """Which of these columns is the subject, session, choice and reward, by name.

    "" where none looks like it.
    """
    guesses, left = {}, list(columns)
    for meaning, names in KNOWN.items():
        found = next((c for name in names for c in left if _plain(c) == name), NONE)
        if not found:
            found = next((c for c in left if names[0] in _plain(c) and not _plain(c).startswith("p_")), NONE)
        guesses[meaning] = found
        left = [c for c in left if c != found]
    return guesses


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")
