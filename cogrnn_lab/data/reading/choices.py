"""Choices as tables write them, and what they are here: an index per alternative, -1 where missed."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from cogrnn_lab.data.reading.labels import column_labels, counted, in_words, labels_of, sort_key
from cogrnn_lab.data.reading.missed_codes import (
    EMPTY,
    NOT_AVAILABLE,
    Codes,
    DoubtfulChoices,
    given,
    refusal,
)

MAX_ALTERNATIVES = 32


class Choices(NamedTuple):
    """Choices of the rows (-1: missed), the alternatives, and what has to be said about them."""

    indices: Int[np.ndarray, " row"]
    names: tuple[str, ...]
    sentences: tuple[str, ...]


def choice_indices(
    column: pd.Series, classes: Sequence[Any] | None = None, missed: Any = None
) -> tuple[Int[np.ndarray, " row"], tuple[str, ...]]:
    """Index of each choice of two alternatives, and their labels; see `read_choices`.

    A label that may be a missed trial is one where it would be a third alternative.
    """
    try:
        read = read_choices(column, classes, missed)
    except DoubtfulChoices as doubt:
        if len(doubt.others) != 2 or classes is not None:
            raise
        read = read_choices(column, None, [*doubt.labels, *(labels_of(missed) if missed is not None else ())])
    return read.indices, read.names


def read_choices(
    column: pd.Series,
    classes: Sequence[Any] | None = None,
    missed: Any = None,
    rewards: Float[np.ndarray, " row"] | None = None,
) -> Choices:
    """Read what was chosen in each row of a column.

    Labels are text, whole numbers or bool; the alternatives are their sorted labels (numbers as numbers), or
    `classes` where it is given. Empty cells are missed trials, and the labels `missed`. Where neither says
    it, a label is a missed trial if it can be nothing else, as -1 beside names or beside 1 and 2; `rewards`
    (NaN where empty) help to tell.

    **Raises:** `ValueError` where the column cannot be choices, where all of them are the same, or where a
    label may be a missed trial or a choice.
    """
    rows, labels = column_labels(column)
    if classes is None:
        no_choice = (*EMPTY, "-1", *(labels_of(missed) if missed is not None else ()))
        _refuse_too_many(column.name, [one for one in labels if one.lower() not in no_choice])
    codes = Codes(rows, labels, rewards)
    names = None if classes is None else _alternatives(classes)
    left_out, sentences = _missed_labels(
        column.name, codes, names, None if missed is None else labels_of(missed)
    )
    made = sorted((one for one in labels if one not in left_out), key=sort_key)
    if not made:
        raise ValueError(
            f'every choice is missing: all {len(column)} rows of column "{column.name}" are '
            f"{' or '.join(one or 'empty' for one in sorted(left_out))}; expected choices in some."
        )
    if names is None:
        names = tuple(made)
        _refuse_too_many(column.name, made)
    if len(made) == 1:
        _refuse_one_choice(column.name, made[0], codes, left_out)
    index = {name: k for k, name in enumerate(names)}
    of_label = np.array([-1 if one in left_out else index[one] for one in labels], np.int32)
    return Choices(of_label[rows], names, sentences)


def _alternatives(classes: Sequence[Any]) -> tuple[str, ...]:
    if isinstance(classes, str):
        raise ValueError(f'classes = "{classes}"; expected several alternatives, such as ["left", "right"].')
    names = labels_of(classes)
    if not 2 <= len(names) <= MAX_ALTERNATIVES:
        raise ValueError(
            f"classes = {given(names)}; expected 2 to {MAX_ALTERNATIVES} different alternatives."
        )
    return names


def _missed_labels(
    name: object, codes: Codes, classes: tuple[str, ...] | None, missed: tuple[str, ...] | None
) -> tuple[set[str], tuple[str, ...]]:
    """Labels that are missed trials, and sentences about those that were not simply empty."""
    both = sorted(set(classes or ()) & set(missed or ()), key=sort_key)
    if both:
        raise ValueError(f"{', '.join(both)} is in classes= and in missed=; a label is one of them.")
    empty = {one for one in codes.labels if one.lower() in EMPTY}
    told = {one for one in codes.labels if one in (missed or ())}
    if classes is not None:
        return _beside_classes(name, codes, classes, empty | told)
    if missed is not None and not missed:
        return empty, ()
    # what is given is believed, so the labels that missed= leaves are judged by their sound only
    rest = _without(codes, told)
    judgement = rest.judged(rare=missed is None)
    if judgement.doubts:
        raise refusal(name, rest, judgement)
    reasons = tuple(f'column "{name}": {reason} taken as missed' for reason in judgement.reasons)
    absent = [one for one in missed or () if one not in told and one not in EMPTY]
    if absent:
        reasons += (f'column "{name}" never holds {", ".join(absent)}, which missed= names',)
    return empty | told | set(judgement.missed), reasons


def _beside_classes(
    name: object, codes: Codes, classes: tuple[str, ...], left_out: set[str]
) -> tuple[set[str], tuple[str, ...]]:
    """Take what is in none of the classes as missed, only where it can be nothing else."""
    others = [one for one in codes.labels if one not in classes and one not in left_out]
    sure = [one for one in others if one == "-1" or one.lower() in (*NOT_AVAILABLE, "none")]
    unknown = sorted((one for one in others if one not in sure), key=sort_key)
    if unknown:
        raise ValueError(
            f'column "{name}" holds {", ".join(unknown[:5])}; expected only the classes '
            f"{', '.join(classes)}. Rows: {counted(unknown[:5], codes.rows)}. Where that is a missed trial, "
            f"missed={given(unknown[:5])} says so."
        )
    sentences = tuple(
        f'column "{name}": {in_words(codes.rows[one], "row")} with "{one}", none of the classes, taken as '
        "missed"
        for one in sure
    )
    return left_out | set(sure), sentences


def _without(codes: Codes, labels: set[str]) -> Codes:
    """The codes of the rows that hold none of these labels."""
    if not labels:
        return codes
    kept = [one for one in codes.labels if one not in labels]
    place = np.array([kept.index(one) if one in kept else -1 for one in codes.labels])
    rows = place[codes.codes]
    rewards = None if codes.rewards is None else codes.rewards[rows >= 0]
    return Codes(rows[rows >= 0], kept, rewards)


def _refuse_too_many(name: object, labels: Sequence[str]) -> None:
    if len(labels) > MAX_ALTERNATIVES:
        raise ValueError(
            f'column "{name}" has {len(labels)} different values; expected at most {MAX_ALTERNATIVES} '
            "alternatives. Is it a time or a trial number rather than the choice?"
        )


def _refuse_one_choice(name: object, only: str, codes: Codes, left_out: set[str]) -> None:
    slip = "; a model of choice needs both alternatives. Is it the right column?"
    if "-1" in left_out:
        n = codes.rows["-1"]
        slip = (
            f"; {in_words(n, 'row')} {'is' if n == 1 else 'are'} -1, which is read as a missed trial: if it "
            f"is a side, classes={given(sorted(('-1', only), key=sort_key))} says so"
        )
    raise ValueError(f'bias-only: all {codes.rows[only]} choices in column "{name}" are {only}{slip}')
