"""A table of choices that the user uploads: from bytes to a data frame, and which column means what."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.reading.designs.two_step import read_two_step_with_cautions
from cogrnn_lab.data.reading.files.table_source import LoadedTable, loaded_table, named_columns
from cogrnn_lab.data.reading.missed_codes import DoubtfulChoices
from cogrnn_lab.data.reading.recognition import Recognised, recognised
from cogrnn_lab.data.reading.table import read_with_cautions

NONE = ""  # no such column
ONE_SUBJECT = "(all one subject)"  # in place of a column
AS_IT_STANDS = "(rows as they stand)"  # whatever a column of trial numbers says
SUM = " + "  # between the names of columns that are summed
MEANINGS = ("subject", "session", "choice", "reward")
SHOWN, TWO_STEP = ("stimulus", "foregone"), ("second", "state", "transition")  # picked, never guessed


@dataclass(frozen=True)
class Table:
    """An uploaded table.

    Its file name, its rows, its bytes (kept so that a run can be saved with its data), and what had to be
    done to read it.
    """

    name: str
    frame: pd.DataFrame
    content: bytes
    notes: tuple[str, ...] = ()

    @property
    def loaded(self) -> LoadedTable:
        """The table as the reader takes it."""
        return LoadedTable(self.frame, self.name, self.notes)

    @property
    def columns(self) -> list[str]:
        """Column names."""
        return list(self.frame.columns)

    def dataset(self, columns: Mapping[str, Any], **options: Any) -> Dataset:
        """The data set, given which column is the subject, session, choice and reward ("": none).

        Several columns of rewards, joined by " + ", are summed. `options` are further arguments of
        `read_table`, such as `missed` and `trial`. What it would warn of is in the notes of the data set.

        Raises `ValueError` with a sentence that says what to change.
        """
        for meaning in ("choice", "reward"):
            if columns[meaning] == NONE:
                raise ValueError(f"{self.name}: {self._to_pick(meaning)}")
        reward = columns["reward"]
        of_table = {
            "subject": False if columns["subject"] == ONE_SUBJECT else columns["subject"] or None,
            "session": columns["session"] or None,
            "reward": [reward] if reward in self.columns else reward.split(SUM),
            **options,
        }
        further = {name: columns.get(name) or None for name in (*SHOWN, *TWO_STEP)}
        _check_go_together(further)
        if further["second"] is None:
            shown = {name: further[name] for name in SHOWN if further[name]}
            return read_with_cautions(self.loaded, choice=columns["choice"], **of_table, **shown)[0]
        steps: dict[str, Any] = {name: further[name] for name in TWO_STEP}
        return read_two_step_with_cautions(self.loaded, first=columns["choice"], **of_table, **steps)[0]

    def read(self, settings: dict[str, Any]) -> Dataset:
        """Read the data set as the settings of the lab say; labels that they leave open are not given.

        Raises `ValueError` as `dataset` does.
        """
        trial = settings.get("trial", NONE)
        return self.dataset(
            settings,
            trial=False if trial == AS_IT_STANDS else trial or None,
            missed=list(settings.get("missed", ())) or None,
            classes=list(settings.get("classes", ())) or None,
        )

    def as_before(self, columns: dict[str, Any]) -> dict[str, Any]:
        """Give the settings of a run that was saved when -1 beside 0 and 1 was a missed trial unasked."""
        if "missed" in columns:
            return columns
        try:
            self.read(columns)
        except DoubtfulChoices as doubt:
            if doubt.labels == ("-1",):
                return columns | {"missed": ["-1"]}
        except ValueError:
            pass  # told when the run is made
        return columns

    @cached_property
    def recognised(self) -> Recognised:
        """Meaning of the columns, by their names and by what they hold, and what to know of it."""
        return recognised(self.columns, self.frame)

    @property
    def reward_sums(self) -> list[str]:
        """Sums of several columns that a picker of rewards can offer, such as "gain + loss"."""
        return [SUM.join(parts) for parts in self.recognised.reward_parts]

    def _to_pick(self, meaning: str) -> str:
        sums = f", or their sum {self.reward_sums[0]}" if meaning == "reward" and self.reward_sums else ""
        return (
            f"pick the column that holds the {meaning} of each trial{sums}, in the Data panel (columns: "
            f"{named_columns(self.frame)})."
        )


def read_upload(name: str, content: bytes) -> Table:
    """Read text with one row per trial, plain or gzipped, or an Excel workbook.

    Raises `ValueError` with a sentence that says what to change.
    """
    source = io.BytesIO(content)
    source.name = name  # what errors call it
    loaded = loaded_table(source)
    frame = loaded.frame
    if frame.shape[1] < 2:
        raise ValueError(
            f"{name} has a single column, {frame.columns[0][:40]}; expected one row per trial with at least "
            "a column of choices and a column of rewards, separated by commas."
        )
    return Table(name, frame, bytes(content), loaded.notes)


def _check_go_together(columns: Mapping[str, str | None]) -> None:
    """Refuse columns of which one has no meaning beside, or without, another."""
    steps = [columns[name] for name in ("state", "transition") if columns[name]]
    if columns["second"] is None and steps:
        raise ValueError(
            f'"{steps[0]}" is picked as what tells the second state of a two-step task, but no column holds '
            "the second choice: pick one, or none for the state."
        )
    shown = [f'"{columns[name]}" as {name}' for name in SHOWN if columns[name]]
    if columns["second"] is not None and shown:
        raise ValueError(
            f'a table of two-step trials (second choice: "{columns["second"]}") is read without '
            f"{' and '.join(shown)}: pick none for either."
        )


def guess_columns(columns: list[str] | Table) -> dict[str, str]:
    """Guess the columns of subject, session, choice and reward, "" where none is recognised.

    Of a table by their names and what they hold, of a list of names by the names alone.
    """
    guess = columns.recognised if isinstance(columns, Table) else recognised(columns)
    return {meaning: getattr(guess, meaning) or NONE for meaning in MEANINGS}
