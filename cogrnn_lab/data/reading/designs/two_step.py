"""From a table of two-step trials to a data set: first choice, second state, second choice, reward."""

import warnings
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Int

from cogrnn_lab.callers import level_of_caller
from cogrnn_lab.data.dataset import Dataset
from cogrnn_lab.data.previous_trial import SECOND_CHOICE, SECOND_STATE, second_state_names
from cogrnn_lab.data.reading.choices import Choices, read_choices
from cogrnn_lab.data.reading.files.table_source import LoadedTable, loaded_table
from cogrnn_lab.data.reading.labels import in_words
from cogrnn_lab.data.reading.roles import Names
from cogrnn_lab.data.reading.table import read_with_cautions
from cogrnn_lab.data.reading.table_columns import check_columns, column_of, numeric, row_numbers

# Below this difference of transition probabilities, and from so many trials on, a table is doubted.
LEAST_APART, FEWEST = 0.1, 50
COMMON, RARE = ("common", "c", "frequent"), ("rare", "uncommon", "r", "infrequent")


def read_two_step(
    frame_or_csv_path: Any,
    *,
    first: str,
    second: str,
    reward: Names = "reward",
    state: str | None = None,
    transition: str | None = None,
    subject: str | Literal[False] | None = None,
    session: str | None = None,
    classes: Sequence[Any] | None = None,
    missed: Any = None,
    trial: str | Literal[False] | None = None,
) -> Dataset:
    """Read a table of two-step trials, whose first choices are to be predicted.

    On each trial a first choice of two leads to one of two second states, by a common or a rare transition;
    a second choice of two is made there and paid. Inputs are the first choice and the reward of the trial
    before, whether that was missed, and the second state that it reached ("previous second state = ...",
    one-hot). The columns "second_state" and "second_choice" keep indices, -1 where there is none, for agents
    such as `TwoStepLearner`.

    Arguments:
        frame_or_csv_path: As in `read_table`.
        first, second: Columns of the first and the second choice. Where the second choices have four labels
            and neither `state` nor `transition` is given, the first two in sorted order are of one state and
            the others of the other.
        reward: As in `read_table`; empty where the second choice was missed.
        state: Column of the second state, of two labels.
        transition: Column that says whether the transition was common or rare, instead of `state`: "common"
            and "rare", or 1 for common and 0 for rare.
        subject, session, trial: As in `read_table`; without a session column all trials of a subject are one.
        classes: The two first choices, in the order of their indices, as in `read_table`.
        missed: Labels of choices, of either stage, that were not made, as in `read_table`.

    Returns:
        A categorical `Dataset`. Its notes say where each first choice leads.

    Raises:
        ValueError: As `read_table`, or there are other than two first choices, two second states, or two
            second choices in each, or nothing tells the second state.

    Warns:
        UserWarning: As `read_table`, and where each first choice does not mostly lead to a state of its own.

    Source:
        Daw, Gershman, Seymour, Dayan and Dolan, Neuron 2011.

    Example:
        >>> import pandas as pd
        >>> import cogrnn_lab as cl
        >>> rows = {"level1": [1, 2, 1, 2], "level2": [1, 3, 4, 2], "reward": [1, 0, 0, 1]}
        >>> data = cl.read_two_step(pd.DataFrame(rows), first="level1", second="level2")
        >>> data.columns["second_state"].tolist(), data.columns["second_choice"].tolist()
        ([[0, 1, 1, 0]], [[0, 0, 1, 1]])
    """
    dataset, cautions = read_two_step_with_cautions(
        frame_or_csv_path,
        first=first,
        second=second,
        reward=reward,
        state=state,
        transition=transition,
        subject=subject,
        session=session,
        classes=classes,
        missed=missed,
        trial=trial,
    )
    for caution in cautions:
        warnings.warn(caution, UserWarning, stacklevel=level_of_caller())
    return dataset


def read_two_step_with_cautions(
    frame_or_csv_path: Any,
    *,
    first: str,
    second: str,
    reward: Names,
    state: str | None,
    transition: str | None,
    classes: Sequence[Any] | None,
    missed: Any,
    **columns: Any,
) -> tuple[Dataset, tuple[str, ...]]:
    """The data set of `read_two_step`, and what it would warn of, which is also in the data set's notes."""
    table = loaded_table(frame_or_csv_path)
    if state is not None and transition is not None:
        raise ValueError("state and transition are two ways to tell the second state; expected one of them.")
    roles = {"first": first, "second": second, "state": state, "transition": transition}
    check_columns(table.frame, table.name, {role: name for role, name in roles.items() if name is not None})
    chosen = read_choices(column_of(table.frame, first), classes, missed)
    if len(chosen.names) != 2:
        raise ValueError(
            f'column "{first}" holds {len(chosen.names)} first choices, {", ".join(chosen.names)}; expected '
            "2. missed=[...] says which are none."
        )
    stage = _second_stage(table.frame, chosen, second, state, transition, missed)
    frame, notes = _with_second_stage(table.frame, chosen, stage, reward)
    odd = _odd_transitions(chosen, stage)
    dataset, cautions = read_with_cautions(
        LoadedTable(frame, table.name, (*table.notes, *stage.sentences, *notes, *odd)),
        choice=first,
        reward=reward,
        classes=classes,
        missed=missed,
        previous_inputs=second_state_names(stage.state_names),
        **columns,
    )
    return dataset, (*cautions, *odd)


class _SecondStage(NamedTuple):
    """State and choice of each row (-1: none), the names of the states, and what has to be said of them."""

    states: Int[np.ndarray, " row"]
    choices: Int[np.ndarray, " row"]
    state_names: tuple[str, ...]
    sentences: tuple[str, ...]


def _second_stage(
    frame: pd.DataFrame, first: Choices, second: str, state: str | None, transition: str | None, missed: Any
) -> _SecondStage:
    made = read_choices(column_of(frame, second), None, missed)
    said = made.sentences
    if state is not None:
        # `missed` are labels of choices; whatever stands for the state where none was made is none either
        read = read_choices(column_of(frame, state).where(first.indices >= 0), None, None)
        if len(read.names) != 2:
            raise ValueError(
                f'column "{state}" holds {len(read.names)} second states, {", ".join(read.names)}; '
                "expected 2."
            )
        states, names, said = read.indices, read.names, (*said, *read.sentences)
    elif transition is not None:
        is_common = _is_common(column_of(frame, transition))
        states = np.where((is_common < 0) | (first.indices < 0), -1, first.indices ^ (is_common == 0))
        names = tuple(f"common after {name}" for name in first.names)
    elif len(made.names) == 4:
        states = np.where(made.indices < 0, -1, made.indices // 2)
        names = tuple(" or ".join(made.names[2 * k : 2 * k + 2]) for k in (0, 1))
        said = (
            *said,
            f'column "{second}": choices {names[0]} are taken as of one state, {names[1]} of the other',
        )
    else:
        raise ValueError(
            f'column "{second}" holds {len(made.names)} second choices, {", ".join(made.names)}, which do '
            'not tell the second state (four would); state="..." or transition="..." names the column that '
            "does."
        )
    states = np.where(first.indices < 0, -1, states)
    choices = _within_state(np.where(states < 0, -1, made.indices), states, made.names, second, names)
    # a label of missed trials may be in one of the columns only
    said = tuple(sentence for sentence in said if "never holds" not in sentence)
    return _SecondStage(states, choices, names, said)


def _is_common(column: pd.Series) -> Int[np.ndarray, " row"]:
    """1 for common transitions, 0 for rare ones, -1 where empty."""
    texts = column.astype(object).where(column.notna(), "").astype(str).str.strip().str.lower()
    texts = texts.str.replace(r"\.0$", "", regex=True)
    common = texts.isin([*COMMON, "1", "true"]).to_numpy()
    rare = texts.isin([*RARE, "0", "false"]).to_numpy()
    odd = ~common & ~rare & ~texts.isin(["", "nan", "na", "none"]).to_numpy()
    if odd.any():
        raise ValueError(
            f'column "{column.name}" holds "{texts[odd].iloc[0]}" in {row_numbers(odd)}; expected "common" '
            'and "rare", or 1 and 0.'
        )
    return np.where(common, 1, np.where(rare, 0, -1))


def _within_state(
    made: np.ndarray, states: np.ndarray, names: Sequence[str], second: str, state_names: Sequence[str]
) -> Int[np.ndarray, " row"]:
    """Index of each second choice among those of its state, 0 or 1."""
    own = [np.unique(made[(states == k) & (made >= 0)]) for k in (0, 1)]
    everywhere = np.unique(np.concatenate(own))
    within = np.full(len(made), -1)
    for k, labels in enumerate(own):
        if len(labels) > 2:
            raise ValueError(
                f'column "{second}" holds {len(labels)} second choices in the state {state_names[k]}, '
                f"{', '.join(str(names[i]) for i in labels)}; expected 2."
            )
        if len(everywhere) == 2:
            labels = everywhere
        here = (states == k) & (made >= 0)
        within[here] = np.searchsorted(labels, made[here])
    return within


def _with_second_stage(
    frame: pd.DataFrame, first: Choices, stage: _SecondStage, reward: Names
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The table with the columns of the second stage, and rewards of 0 where no second choice was made."""
    frame, notes = frame.copy(), []
    frame[SECOND_STATE], frame[SECOND_CHOICE] = stage.states, stage.choices
    for k, name in enumerate(second_state_names(stage.state_names)):
        frame[name] = (stage.states == k).astype(int)
    halfway = (first.indices >= 0) & (stage.choices < 0)
    if halfway.any():
        for name in (reward,) if isinstance(reward, str) else reward:
            if name in frame.columns:
                paid = numeric(column_of(frame, name), "numbers, such as 0 and 1, as rewards")
                frame[name] = np.where(halfway & np.isnan(paid), 0.0, paid)
        notes.append(
            f"{in_words(int(halfway.sum()), 'trial')} without a second choice: the first choice counts, and "
            "a missing reward is 0"
        )
    shares = _shares(first, stage)
    notes.append(
        "transitions: "
        + "; ".join(
            f"first choice {name} leads to state {stage.state_names[int(shares[k].argmax())]} in "
            f"{shares[k].max():.0%} of its trials"
            for k, name in enumerate(first.names)
        )
    )
    return frame, tuple(notes)


def _shares(first: Choices, stage: _SecondStage) -> np.ndarray:
    """(first choice, second state) share of the trials."""
    counts = np.zeros((2, 2))
    known = (first.indices >= 0) & (stage.states >= 0)
    np.add.at(counts, (first.indices[known], stage.states[known]), 1)
    return counts / np.maximum(counts.sum(1, keepdims=True), 1)


def _odd_transitions(first: Choices, stage: _SecondStage) -> tuple[str, ...]:
    shares = _shares(first, stage)
    apart = abs(shares[0, 0] - shares[1, 0])
    opposite = (shares[0, 0] - 0.5) * (shares[1, 0] - 0.5) < 0
    if (apart >= LEAST_APART and opposite) or (first.indices >= 0).sum() < FEWEST:
        return ()
    return (
        f"state {stage.state_names[0]} follows {shares[0, 0]:.0%} of the first choices {first.names[0]} and "
        f"{shares[1, 0]:.0%} of the choices {first.names[1]}; in a two-step task each choice leads mostly to "
        "a state of its own. Is the second state told by the right column?",
    )
