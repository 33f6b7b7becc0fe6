"""Rows of an experiment's log that are no trials: questionnaires, instructions, empty lines."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from cogrnn_lab.data.reading.column_names import named, plain
from cogrnn_lab.data.reading.labels import in_words, label
from cogrnn_lab.data.reading.missed_codes import EMPTY, sounds_missed

# columns in which jsPsych, PsychoPy, Gorilla and the like say what a row is
KINDS = {
    "trialtype", "task", "testpart", "trialpart", "part", "phase", "screen", "screenname", "display",
    "zonetype", "zonename", "event", "eventtype", "component", "rowtype", "stage",
}  # fmt: skip
KINDS_SHOWN = 6
_LOOP_COUNT = re.compile(r"(^|[._])this(N|TrialN|RepN|Index)$", re.IGNORECASE)


def without_non_trials(
    frame: pd.DataFrame, choice: str, rewards: Sequence[str], trial: str | None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The table without rows that have neither choice nor reward and are no trials, and that in words.

    Such a row is no trial where it has no trial number either though others have, or where it is of a kind
    (by the column that tells kinds of rows) that never has a choice or a reward and does not sound missed.
    """
    silent = np.logical_and.reduce([is_empty(frame[name]) for name in (choice, *rewards)])
    if not silent.any() or silent.all():
        return frame, ()
    unnumbered = silent & _without_number(frame, trial, silent)
    kinds = [name for name in frame.columns if plain(name) in KINDS and name not in (choice, *rewards, trial)]
    of_silent_kind, seen = np.zeros(len(frame), bool), []
    for name in kinds:
        values = frame[name].astype(object).where(frame[name].notna(), "").map(label).to_numpy()
        acting = {*values[~silent], *(kind for kind in set(values) if kind and sounds_missed(kind))}
        quiet = silent & ~np.isin(values.astype(str), [str(one) for one in acting])
        if quiet.any() and not of_silent_kind.any():
            seen = [str(one) or "empty" for one in dict.fromkeys(values[quiet])]
            seen = [f"{name}: {', '.join(seen[:KINDS_SHOWN])}{' ...' if len(seen) > KINDS_SHOWN else ''}"]
        of_silent_kind |= quiet
    out = unnumbered | of_silent_kind
    if not out.any():
        return frame, ()
    why = f" ({seen[0]})" if of_silent_kind.any() else " and no trial number"
    sentence = f"{in_words(int(out.sum()), 'row')} without choice and reward{why} left out: no trials"
    return frame[~out].reset_index(drop=True), (sentence,)


def is_empty(column: pd.Series) -> np.ndarray:
    """True where a cell holds nothing."""
    empty = column.isna().to_numpy(bool)
    if not pd.api.types.is_numeric_dtype(column.dtype):
        empty = empty | column.astype(str).str.strip().str.lower().isin(EMPTY).to_numpy(bool)
    return empty


def _without_number(frame: pd.DataFrame, trial: str | None, silent: np.ndarray) -> np.ndarray:
    """Rows that no column of trial numbers counts, though such columns count those with a choice."""
    counts = [trial] if trial else named("trial", frame.columns)
    counts += [name for name in frame.columns if _LOOP_COUNT.search(name) and name not in counts]
    empty = [is_empty(frame[name]) for name in counts]
    none = np.logical_and.reduce(empty) if empty else np.zeros(len(frame), bool)
    return none & bool((~none[~silent]).any())
