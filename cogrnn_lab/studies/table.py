"""The table of a study: a row for each run, and a row for each setting over its seeds and folds."""

from typing import Any, cast

import numpy as np
import pandas as pd

from cogrnn_lab.schemas import MapOf, Number, Record, Text, read_json
from cogrnn_lab.studies.claims import is_claimed
from cogrnn_lab.studies.points import Point, name_of
from cogrnn_lab.studies.space import REPEATS
from cogrnn_lab.studies.work import FAILED, FINISHED, Entry
from cogrnn_lab.training.archive import read_archive

HELD_OUT = "likelihood_held_out"
SCORED = Record({"settings": Record({"study": Record({"scores": MapOf(Number())})})})
FAILURE = Record({"error": Text()})


def row_of(entry: Entry, point: Point) -> dict[str, Any]:
    """Tell of one run: its state, its scores where it is finished, its error where it failed."""
    row: dict[str, Any] = {"run": name_of(point), "state": _state(entry), "error": ""}
    if row["state"] == FINISHED:
        header, _ = read_archive(entry.run, "run", schema=SCORED)
        row |= header["settings"]["study"]["scores"]
    elif row["state"] == FAILED:
        row["error"] = read_json(entry.failure, FAILURE, "the failure")["error"]
    return row


def _state(entry: Entry) -> str:
    state = entry.state
    if state is not None:
        return state
    if is_claimed(entry.claim):
        return "under way"
    return "interrupted" if entry.checkpoint.exists() else "waiting"


def by_setting(table: pd.DataFrame, settings: list[str]) -> pd.DataFrame:
    """Average finished runs over data sets, seeds and folds: a row for each setting.

    Arguments:
        table: Table of runs.
        settings: Columns of it that are settings.

    Returns:
        Settings, `n_runs`, the means of all scores, and `standard_error` of the held-out likelihood.
    """
    free = [name for name in settings if name not in REPEATS]
    scores = [name for name in table if name not in (*settings, "run", "state", "error")]
    done = table[table["state"] == FINISHED]
    rows = []
    for _, own in done.groupby(
        [done[name].map(repr) for name in free] if free else np.zeros(len(done)), sort=False
    ):
        spread = own[HELD_OUT].std(ddof=1) / np.sqrt(len(own)) if HELD_OUT in own and len(own) > 1 else np.nan
        rows.append(
            {name: own[name].iloc[0] for name in free}
            | {"n_runs": len(own)}
            | {name: own[name].mean() for name in scores}
            | {"standard_error": spread}
        )
    return pd.DataFrame(rows)


def best_run(table: pd.DataFrame, settings: list[str], rule: str) -> str:
    """The best run of the setting that a rule chooses; see `Study.best`."""
    if rule not in ("best", "one standard error"):
        raise ValueError(f'rule is {rule!r}; expected "best" or "one standard error"')
    if table.empty or HELD_OUT not in table or not (table["state"] == FINISHED).any():
        raise ValueError("no run is finished that has a held-out likelihood; study.run() trains the runs")
    free = [name for name in settings if name not in REPEATS]
    keys = [table[name].map(repr) for name in free] or [np.zeros(len(table))]
    whole = table["state"].eq(FINISHED).groupby(keys).transform("all")
    table = table[whole] if whole.any() else table  # an easy fold alone does not win
    means = by_setting(table, settings)
    chosen = means.iloc[int(np.nanargmax(means[HELD_OUT].to_numpy()))]
    if rule == "one standard error":
        within = means[means[HELD_OUT] >= chosen[HELD_OUT] - np.nan_to_num(chosen["standard_error"])]
        has_bits = "bits" in within and within["bits"].notna().all()
        chosen = within.sort_values("bits" if has_bits else "n_parameters", kind="stable").iloc[0]
    same, row = np.ones(len(table), bool), cast("Any", chosen.name)
    for name in free:  # by column, since a row of the table has all its numbers as one type
        same &= (table[name].map(repr) == means[name].map(repr)[row]).to_numpy()
    own = table[same & (table["state"] == FINISHED)]
    return str(own["run"].iloc[int(np.nanargmax(own[HELD_OUT].to_numpy()))])
