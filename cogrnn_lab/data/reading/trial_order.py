"""The order of the trials within their sessions, and what their numbers tell about it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from cogrnn_lab.data.reading.column_names import plain
from cogrnn_lab.data.reading.counters import (
    Steps,
    counts_trials,
    in_order,
    steps_of,
    whole_numbers,
)
from cogrnn_lab.data.reading.labels import in_words
from cogrnn_lab.data.reading.recognition import Recognised, columns_that_go_along
from cogrnn_lab.data.reading.roles import Roles
from cogrnn_lab.data.reading.table_columns import column_of

MANY_REPEATED = 0.1  # share of rows above which sessions are rather mixed than rows doubled
SCREENS = ("trialindex",)  # jsPsych counts screens under this name, so that trials may lie apart


class TrialOrder(NamedTuple):
    """Rows of each session in order, -1 for a trial left out; what was done, and what may be wrong."""

    rows: list[np.ndarray]
    notes: tuple[str, ...]
    cautions: tuple[str, ...]


def order_of_trials(
    frame: pd.DataFrame, roles: Roles, sessions: Sequence[np.ndarray], known: Recognised
) -> TrialOrder:
    """The rows of the sessions by the column `trial`, or as they stand where none is named.

    Where none is named, a column that counts trials is compared with the order of the rows: it is told what
    does not fit.

    **Raises:** `ValueError` where the numbers show that the rows are not in order or sessions are mixed.
    """
    rows = list(sessions)
    if roles.trial:
        return _sorted(frame, roles.trial, rows, roles)
    counter = known.trial
    if roles.trial is False or counter is None or counter in roles.used():
        return TrialOrder(rows, (), ())
    numbers = whole_numbers(column_of(frame, counter))
    if numbers is None or not counts_trials(numbers, rows):
        return TrialOrder(rows, (), ())
    steps = steps_of(numbers, rows)
    if steps.shuffled:
        raise ValueError(
            f'the rows of a session are not in the order of column "{counter}", which numbers each once: '
            f'trial="{counter}" sorts by it, trial=False takes them as they stand.'
        )
    return _compared(frame, counter, rows, roles, steps)


def _sorted(frame: pd.DataFrame, trial: str, sessions: list[np.ndarray], roles: Roles) -> TrialOrder:
    numbers = whole_numbers(column_of(frame, trial))
    if numbers is None:
        raise ValueError(f'column "{trial}" is not a whole number in every row; expected trial numbers.')
    rows, steps = in_order(numbers, sessions)
    if steps.n_repeated > MANY_REPEATED * len(frame):
        raise ValueError(
            f'column "{trial}" holds a number again within a session in {steps.n_repeated:,} of '
            f"{len(frame):,} rows; expected each trial once. Are several people, or blocks with a count of "
            f"their own, in one session?{_hint(frame, trial, roles)}"
        )
    if steps.n_skipped > len(frame):
        raise ValueError(
            f'column "{trial}" leaves out {steps.n_skipped:,} numbers in {steps.n_gaps:,} places, more than '
            f"there are rows ({len(frame):,}); expected a count of trials. Is it a time?"
        )
    notes, cautions = [], []
    if any(
        not np.array_equal(before, after[after >= 0]) for before, after in zip(sessions, rows, strict=True)
    ):
        notes.append(f'the rows were sorted by column "{trial}"')
    if steps.unit > 1:
        notes.append(f'column "{trial}" grows by {steps.unit} from trial to trial')
    if steps.n_gaps:
        notes.append(
            f'column "{trial}" leaves out {in_words(steps.n_skipped, "trial")} in '
            f"{in_words(steps.n_gaps, 'place')}: taken as missed"
        )
    if steps.n_repeated:
        cautions.append(
            f'column "{trial}" holds {in_words(steps.n_repeated, "number")} twice within a session; '
            "both rows are kept, in the order of the table"
        )
    return TrialOrder(rows, tuple(notes), tuple(cautions))


def _compared(
    frame: pd.DataFrame, counter: str, sessions: list[np.ndarray], roles: Roles, steps: Steps
) -> TrialOrder:
    """Tell what a column of trial numbers that has no part says about the order of the rows."""
    notes, cautions = [], []
    if steps.n_gaps and plain(counter) not in SCREENS:
        cautions.append(
            f'column "{counter}" leaves out {in_words(steps.n_skipped, "trial")} in '
            f"{in_words(steps.n_gaps, 'place')}, across which the previous trial is the one before "
            f'the gap; trial="{counter}" takes them as missed trials'
        )
    if steps.n_repeated and not steps.n_restarts:
        cautions.append(f'column "{counter}" holds {in_words(steps.n_repeated, "number")} twice in a row')
    if steps.n_restarts:
        again = f'column "{counter}" starts again {in_words(steps.n_restarts, "time")} within a session'
        if roles.subject:
            notes.append(f"{again}, which is taken as one that goes on")
        else:
            cautions.append(f"{again}: are these several people or sessions?{_hint(frame, counter, roles)}")
    return TrialOrder(sessions, tuple(notes), tuple(cautions))


def _hint(frame: pd.DataFrame, counter: str, roles: Roles) -> str:
    """A column that goes along with where the count starts again, in words."""
    groups = [one for one in (roles.subject, roles.session) if one]
    columns = columns_that_go_along(frame, counter, groups, roles.used())
    return f' Column "{columns[0]}" goes along with it.' if columns else ""
