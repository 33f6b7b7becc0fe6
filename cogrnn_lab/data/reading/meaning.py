"""What the rows of a table mean: whose trial each is, what was chosen and paid, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from cogrnn_lab.data.previous_trial import PREVIOUS_MISSED
from cogrnn_lab.data.reading.choices import Choices, read_choices
from cogrnn_lab.data.reading.column_names import is_loss
from cogrnn_lab.data.reading.files.table_source import LoadedTable
from cogrnn_lab.data.reading.missed_codes import DoubtfulChoices
from cogrnn_lab.data.reading.non_trials import without_non_trials
from cogrnn_lab.data.reading.recognition import people_column, recognised
from cogrnn_lab.data.reading.roles import Roles
from cogrnn_lab.data.reading.table_columns import column_of, numeric, rewards
from cogrnn_lab.data.reading.table_sessions import Sessions, sessions_of
from cogrnn_lab.data.reading.trial_order import order_of_trials


@dataclass(frozen=True)
class Reading:
    """A table of trials as it is understood.

    `frame` holds the rows that are trials; `choices`, `missed` and `rewards` are of its rows; the rows of
    each session are in the order of its trials, -1 for a trial that the table left out. `notes` say what
    was done to read it, `cautions` what may be wrong about it.
    """

    roles: Roles
    frame: pd.DataFrame
    choices: Choices
    missed: Bool[np.ndarray, " row"]
    rewards: Float[np.ndarray, " row"]
    sessions: Sessions
    notes: tuple[str, ...]
    cautions: tuple[str, ...]


def read_meaning(table: LoadedTable, roles: Roles) -> Reading:
    """Whose each row is, what was chosen, what was paid, and in which order.

    **Raises:** `ValueError` where a column is missing or holds what it cannot mean, or where it can be read
    in two ways.
    """
    roles.check(table.frame, table.name)
    frame, left_out = without_non_trials(table.frame, roles.choice, roles.reward, roles.trial or None)
    try:
        return _read(frame, roles, (*table.notes, *left_out))
    except DoubtfulChoices:  # names no rows, and says in its fields what may be meant
        raise
    except ValueError as error:
        if left_out:
            raise ValueError(f"{error} (Rows are counted without those that are no trials.)") from None
        raise


def _read(frame: pd.DataFrame, roles: Roles, notes: tuple[str, ...]) -> Reading:
    paid = _sum_of(frame, roles.reward)
    choices = read_choices(column_of(frame, roles.choice), roles.classes, _missed_labels(frame, roles), paid)
    missed = choices.indices < 0
    amounts, about_rewards = _rewards(frame, roles.reward, missed)
    sessions = sessions_of(frame, roles.subject or None, roles.session)
    _refuse_mixed_people(frame, roles, sessions.rows)
    known = recognised(list(frame.columns), frame)
    order = order_of_trials(frame, roles, sessions.rows, known)
    notes = (*notes, *choices.sentences, *about_rewards, *order.notes)
    sessions = sessions._replace(rows=order.rows)
    return Reading(roles, frame, choices, missed, amounts, sessions, notes, order.cautions)


def _missed_labels(frame: pd.DataFrame, roles: Roles) -> Any:
    """Labels of missed trials as the caller says, or as `Dataset.to_dataframe` writes them, which is -1."""
    if roles.missed is None and roles.classes is None and PREVIOUS_MISSED in frame.columns:
        written = pd.to_numeric(column_of(frame, roles.choice), errors="coerce") == -1
        return [-1] if written.any() else None
    return roles.missed


def _sum_of(frame: pd.DataFrame, names: Sequence[str]) -> Float[np.ndarray, " row"] | None:
    """Rewards before anything is known of missed trials, NaN where empty; None where they are no numbers."""
    try:
        return np.sum([numeric(column_of(frame, name), "numbers") for name in names], axis=0)
    except ValueError:
        return None


def _rewards(
    frame: pd.DataFrame, names: Sequence[str], missed: np.ndarray
) -> tuple[Float[np.ndarray, " row"], tuple[str, ...]]:
    """The reward of each row, the sum of several columns, and what was done about those of missed trials."""
    amounts, sentences = [], []
    for name in names:
        read = rewards(column_of(frame, name), missed)
        amounts.append(read.amounts)
        sentences += read.sentences
        paid = read.amounts[~missed]
        if len(names) > 1 and is_loss(name) and (paid >= 0).all() and (paid > 0).any():
            raise ValueError(
                f'column "{name}" can be read in two ways: it is called a loss and holds no number below 0 '
                f"({int((paid > 0).sum()):,} above). Either these are amounts that are lost, to be taken "
                "from the others, or what was paid, to be added. Write losses as negative numbers, as the "
                "sum of the reward columns needs them, or rename the column."
            )
    if len(names) > 1:
        sentences.append(f"the reward is the sum of {' and '.join(names)}")
    return np.stack(amounts).sum(axis=0), tuple(sentences)


def _refuse_mixed_people(frame: pd.DataFrame, roles: Roles, sessions: Sequence[np.ndarray]) -> None:
    """Refuse sessions that hold trials of several people, where a column tells people and has no part."""
    if roles.subject is not None:
        return
    column = people_column(frame, roles.used())
    if column is None:
        return
    people = pd.factorize(frame[column])[0]
    mixed = [len(np.unique(people[rows])) for rows in sessions]
    if max(mixed) > 1:
        n = sum(n > 1 for n in mixed)
        raise ValueError(
            f"no column was named for who chose, and {n:,} of {len(sessions):,} sessions would hold trials "
            f'of several people, up to {max(mixed)} by column "{column}". subject="{column}" keeps people '
            "apart; subject=False takes all trials as those of one subject."
        )
