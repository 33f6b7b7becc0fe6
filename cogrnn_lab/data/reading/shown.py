"""Columns of a table as inputs: of the coming trial, and of the trial before."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from cogrnn_lab.data.reading.labels import column_labels, number_of, sort_key
from cogrnn_lab.data.reading.missed_codes import EMPTY
from cogrnn_lab.data.reading.table_columns import column_of, numeric, row_numbers

FOREGONE = "foregone"  # the column that keeps what the other alternative would have paid
PREVIOUS_FOREGONE = "previous foregone outcome"
MAX_KINDS = 64
TELLING, FEWEST = 0.05, 100  # share of the choice's entropy, and trials from which it is asked
BINS = 8

Shown = dict[str, Float[np.ndarray, " row"]]


def coming(frame: pd.DataFrame, names: Sequence[str]) -> Shown:
    """Numbers that are shown before the choice of their own row, one for every row."""
    shown = {}
    for name in names:
        values = numeric(
            column_of(frame, name),
            f'numbers; text has to be coded as numbers before it can be an input, or stimulus="{name}" shows '
            "a column as kinds",
        )
        _refuse_empty(name, np.isnan(values), "on every trial, also on missed ones")
        shown[name] = values.astype(np.float32)
    return shown


def stimuli(frame: pd.DataFrame, names: Sequence[str]) -> Shown:
    """Columns of kinds, text or numbers, each kind an input that is 1 where it is shown."""
    shown = {}
    for name in names:
        codes, kinds = _kinds(column_of(frame, name))
        _refuse_empty(name, codes < 0, "as every trial has its stimulus")
        shown |= {f"{name} = {kind}": (codes == k).astype(np.float32) for k, kind in enumerate(kinds)}
    return shown


def with_stimulus_columns(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The table with the columns of kinds that it only has one-hot, as data sets do: "cue = A", "cue = B"."""
    for name in names:
        parts = [column for column in frame.columns if column.startswith(f"{name} = ")]
        if name in frame.columns or len(parts) < 2:
            continue
        codes = np.stack(
            [numeric(column_of(frame, part), "1 where it is shown and 0 elsewhere") for part in parts]
        )
        if not np.isin(codes, (0, 1)).all() or (codes.sum(0) > 1).any():
            continue
        kinds = np.array([*(part[len(name) + 3 :] for part in parts), None], object)
        frame = frame.drop(columns=parts)
        frame[name] = kinds[np.where(codes.any(0), codes.argmax(0), -1)]
    return frame


def previous(frame: pd.DataFrame, names: Sequence[str], missed: Bool[np.ndarray, " row"]) -> Shown:
    """Columns known only after the choice, to be shown a trial later: numbers, or text as kinds.

    Empty cells are 0 on missed trials only.
    """
    shown = {}
    for name in names:
        column = column_of(frame, name)
        try:
            values = numeric(column, "numbers")
        except ValueError:
            codes, kinds = _kinds(column)
            _refuse_empty(name, (codes < 0) & ~missed, "on every trial with a choice")
            shown |= {
                f"previous {name} = {kind}": (codes == k).astype(np.float32) for k, kind in enumerate(kinds)
            }
            continue
        _refuse_empty(name, np.isnan(values) & ~missed, "on every trial with a choice")
        shown[f"previous {name}"] = np.nan_to_num(values).astype(np.float32)
    return shown


def foregone_outcomes(
    frame: pd.DataFrame, name: str, missed: Bool[np.ndarray, " row"]
) -> Float[np.ndarray, " row"]:
    """Read what the alternative that was not chosen would have paid; 0 where a missed trial has none."""
    values = numeric(column_of(frame, name), "numbers, as the reward")
    _refuse_empty(name, np.isnan(values) & ~missed, "on every trial with a choice")
    return np.nan_to_num(values).astype(np.float32)


def telltale_inputs(
    shown: Shown,
    names: Sequence[str],
    choices: Int[np.ndarray, " row"],
    counted: Bool[np.ndarray, " row"],
    before: Int[np.ndarray, " row"],
) -> tuple[str, ...]:
    """Sentences about inputs that tell the choice of their own trial suspiciously well.

    Suspicious is what tells much more of it than its value on the trial before (`before`: the row of that
    trial, -1 where there is none), as what follows from the choice does. Numbers are told apart in bins.
    """
    counted = counted & (before >= 0)
    chosen = choices[counted]
    if chosen.size < FEWEST:
        return ()
    entropy = _entropy(np.bincount(chosen))
    sentences = []
    for name in names:
        values = _in_bins(shown[name])
        told, told_before = (
            _information(values[rows], chosen) / entropy for rows in (counted, before[counted])
        )
        if told - told_before >= TELLING:
            sentences.append(
                f'input "{name}" tells {told:.0%} of what there is to know about the choice of its own trial '
                f"(its value on the trial before {told_before:.0%}). It is shown before the choice; if it is "
                f'known only after it, previous_inputs=["{name}"] shows it on the next trial'
            )
    return tuple(sentences)


def _information(values: Int[np.ndarray, " trial"], chosen: Int[np.ndarray, " trial"]) -> float:
    """Mutual information in nats, less what chance gives on average (Miller, 1955)."""
    joint = np.zeros((values.max() + 1, chosen.max() + 1))
    np.add.at(joint, (values, chosen), 1)
    kinds, classes = (int((joint.sum(axis) > 0).sum()) for axis in (1, 0))
    by_chance = (kinds - 1) * (classes - 1) / (2 * chosen.size)
    known = _entropy(joint.sum(0)) + _entropy(joint.sum(1)) - _entropy(joint.ravel())
    return max(known - by_chance, 0.0)


def _entropy(counts: np.ndarray) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())


def _in_bins(values: Float[np.ndarray, " row"]) -> Int[np.ndarray, " row"]:
    """Index of each value among the different ones, or of its bin where there are many."""
    different, kinds = np.unique(values, return_inverse=True)
    if len(different) <= BINS:
        return kinds.ravel()
    edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.searchsorted(edges, values, side="right")


def _kinds(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Index of each row's kind among the sorted kinds (-1: empty), and the kinds."""
    if pd.api.types.is_float_dtype(column.dtype):
        column = column.astype(object).where(column.notna(), None)  # kinds may be numbers that are not whole
    codes, labels = column_labels(column)
    kinds = sorted((one for one in labels if one.lower() not in EMPTY), key=sort_key)
    if len(kinds) > MAX_KINDS:
        raise ValueError(
            f'column "{column.name}" has {len(kinds)} different values; expected at most {MAX_KINDS} kinds '
            f"of stimuli. {'Is it a number for inputs=?' if number_of(kinds[0]) is not None else ''}"
        )
    place = {kind: k for k, kind in enumerate(kinds)}
    return np.array([place.get(one, -1) for one in labels])[codes], kinds


def _refuse_empty(name: str, empty: np.ndarray, where: str) -> None:
    if empty.any():
        raise ValueError(
            f'input column "{name}" is empty in {row_numbers(empty)}; expected something {where}.'
        )
