"""What the columns of a table mean, by their names and by what they hold."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cogrnn_lab.data.reading.column_names import KNOWN, named, plain, reward_pairs
from cogrnn_lab.data.reading.counters import whole_numbers
from cogrnn_lab.data.reading.labels import in_words
from cogrnn_lab.data.reading.non_trials import is_empty

FEW_TRIALS = 3  # rows for a person, or a session, below which a column rather names the rows
SUGGESTIONS = 3
MOSTLY_EMPTY = 0.7
_TIME = re.compile(r"time|latency|onset|duration|(^|_)rt($|_)|_ms$", re.IGNORECASE)


@dataclass(frozen=True)
class Recognised:
    """Columns by their meaning, None where none is recognised, and what a person should know of it.

    `reward_parts` are columns that hold a part of the reward each; none of them is taken alone.
    """

    subject: str | None
    session: str | None
    choice: str | None
    reward: str | None
    trial: str | None
    reward_parts: tuple[tuple[str, ...], ...]
    sentences: tuple[str, ...]


def recognised(columns: Sequence[str], frame: pd.DataFrame | None = None) -> Recognised:
    """Recognise the columns of who chose, when, what, and what was paid.

    Of several columns with a likely name the most telling one; with the rows at hand (`frame`) only a column
    that can be it: people and sessions have several trials each, and trial numbers start again with them.
    """
    parts = reward_pairs(columns)
    left = list(columns)
    choice = _first(_of_choices(frame, left))
    left = [one for one in left if one != choice]
    reward = _first(_of_rewards(left, parts))
    left = [one for one in left if one != reward]
    trial = _first(
        one for one in named("trial", left) if frame is None or whole_numbers(frame[one]) is not None
    )
    left = [one for one in left if one != trial]
    subject = _first(one for one in named("subject", left) if frame is None or groups_trials(frame[one]))
    left = [one for one in left if one != subject]
    session = _first(
        one
        for one in named("session", left)
        if frame is None or (groups_trials(frame[one]) and not _runs_on(frame, trial, subject, one))
    )
    sentences = []
    if reward is None and parts:
        both = ", ".join(f'"{one}"' for one in parts[0])
        sentences.append(f"the reward is in several columns, {both}: pick one, or take their sum")
    if frame is not None:
        sentences += _about_people(frame, subject, session, trial)
    return Recognised(subject, session, choice, reward, trial, tuple(parts), tuple(sentences))


def people_column(frame: pd.DataFrame, used: set[str]) -> str | None:
    """A column that is called as people are and groups the trials, unless it has another meaning."""
    exact = [one for one in frame.columns if one not in used and plain(one) in KNOWN["subject"]]
    return _first(one for one in exact if groups_trials(frame[one]) and frame[one].nunique() > 1)


def restarts(frame: pd.DataFrame, trial: str, groups: Sequence[str]) -> np.ndarray:
    """True on rows where the trial number falls within the rows of a group."""
    numbers = whole_numbers(frame[trial])
    falls = np.zeros(len(frame), bool)
    if numbers is None:
        return falls
    rows = frame.groupby(list(groups), sort=False).indices.values() if groups else [np.arange(len(frame))]
    for of_group in rows:
        falls[of_group[1:]] = np.diff(numbers[of_group]) < 0
    return falls


def columns_that_go_along(
    frame: pd.DataFrame, trial: str, groups: Sequence[str], used: set[str]
) -> list[str]:
    """Columns that tell apart where the trial number starts again within the rows of a group.

    They change exactly there, or it no longer starts again once they are told apart as well.
    """
    falls = restarts(frame, trial, groups)
    found = []
    for name in frame.columns:
        if name in used or name == trial:
            continue
        try:
            changes = np.flatnonzero(np.diff(pd.factorize(frame[name])[0])) + 1
            parts = groups_trials(frame[name]) and not restarts(frame, trial, [*groups, name]).any()
        except TypeError:  # cells that are lists
            continue
        if parts or np.array_equal(changes, np.flatnonzero(falls)):
            found.append(name)
    return found[:SUGGESTIONS]


def groups_trials(column: pd.Series) -> bool:
    """Tell whether a column can tell people or sessions apart: filled, with several rows for each value."""
    if is_empty(column).any():
        return False
    return len(column) < 2 * FEW_TRIALS or column.nunique() * FEW_TRIALS <= len(column)


def _first(found: Iterable[str]) -> str | None:
    return next(iter(found), None)


def _of_choices(frame: pd.DataFrame | None, columns: list[str]) -> list[str]:
    """Columns that are called as choices are, no times, and filled in most rows."""
    called = [one for one in named("choice", columns) if not _TIME.search(one)]
    return [one for one in called if frame is None or is_empty(frame[one]).mean() < MOSTLY_EMPTY]


def _of_rewards(columns: list[str], parts: list[tuple[str, ...]]) -> list[str]:
    """Columns that are called as rewards are, without those that hold a part only."""
    partial = {one for of_pair in parts for one in of_pair}
    return [one for one in named("reward", columns) if one not in partial]


def _runs_on(frame: pd.DataFrame, trial: str | None, subject: str | None, session: str) -> bool:
    """Tell whether trial numbers run on across what is called a block: then history does, too."""
    if trial is None or "block" not in session.lower():
        return False
    numbers = whole_numbers(frame[trial])
    if numbers is None:
        return False
    groups = [subject] if subject else []
    changes = np.diff(pd.factorize(frame[session])[0]) != 0
    if subject:
        changes &= np.diff(pd.factorize(frame[subject])[0]) == 0
    return bool(
        changes.any() and not restarts(frame, trial, groups).any() and (np.diff(numbers)[changes] > 0).all()
    )


def _about_people(
    frame: pd.DataFrame, subject: str | None, session: str | None, trial: str | None
) -> list[str]:
    """Say where no column of people is recognised although there may be several."""
    sentences = []
    if subject is None:
        partly = [one for one in named("subject", frame.columns) if is_empty(frame[one]).any()]
        if partly:
            sentences.append(f'column "{partly[0]}" may name who chose but is not filled in every row')
    if trial is None:
        return sentences
    groups = [one for one in (subject, session) if one]
    n = int(restarts(frame, trial, groups).sum())
    if n and subject is None:
        hints = columns_that_go_along(frame, trial, groups, set(groups))
        hint = f' Column "{hints[0]}" goes along with it.' if hints else ""
        sentences.append(
            f'column "{trial}" starts again {in_words(n, "time")}{" within a session" if session else ""}: '
            f"there may be several people, but no column is recognised that tells who chose.{hint}"
        )
    return sentences
