"""From a table with one row per trial to a data set."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cogrnn_lab.data.dataset import Dataset
from cogrnn_lab.data.joining import column_padding
from cogrnn_lab.data.padding import stacked
from cogrnn_lab.data.previous_trial import previous_trial_inputs, previous_trial_names
from cogrnn_lab.data.reading.choices import choice_indices
from cogrnn_lab.data.reading.table_columns import (
    check_columns,
    column_of,
    instructions,
    rewards,
    shown_numbers,
    travelling_columns,
)
from cogrnn_lab.data.reading.table_sessions import sessions_of
from cogrnn_lab.data.reading.table_source import load_table


def read_table(
    frame_or_csv_path: Any,
    *,
    subject: str | None = None,
    session: str | None = "session",
    choice: str = "choice",
    reward: str = "reward",
    inputs: Sequence[str] = (),
    instructed: str | None = None,
    classes: Sequence[Any] | None = None,
) -> Dataset:
    """A data set from a table with one row per trial, in the order in which they happened within a session.

    **Arguments:**

    - `frame_or_csv_path`: a pandas DataFrame, the path of a CSV file (comma, semicolon or tab; also gzipped),
        its bytes, or an open file.
    - `subject`, `session`: names of the columns that tell subjects and sessions apart. Sessions need to be
        named uniquely within a subject only. `subject=None`: all of one subject. `session=None`: one session
        per subject.
    - `choice`: what was chosen: text, whole numbers or bool. -1, empty and NaN are missed trials. The
        alternatives are numbered in sorted order, or in the order of `classes` where it is given.
    - `reward`: a number; 0/1 or amounts. On missed trials it may be missing (or -1) and is 0 then.
    - `inputs`: columns that are shown to the model as they are, on the trial of their row.
    - `instructed`: column that is 1 where the choice was prescribed: such trials are no targets but stay
        inputs.

    **Returns:** a categorical `Dataset`. Its inputs are the previous choice and reward, as in `simulate`: one
    input 0/1 for two alternatives and one-hot inputs for more, then the reward; zeros on the first trial of a
    session. Where trials were missed, "previous trial missed" follows; then the columns named in `inputs`.
    Every other numeric column travels in `columns`.

    **Raises:** `ValueError` saying what is wrong with the table, naming columns and rows (from 1, header not
    counted).
    """
    inputs = (inputs,) if isinstance(inputs, str) else tuple(inputs)
    frame, name = load_table(frame_or_csv_path)
    roles = {"subject": subject, "session": session, "choice": choice, "reward": reward}
    roles["instructed"] = instructed
    roles = {role: column for role, column in roles.items() if column is not None}
    check_columns(frame, name, roles | {f"inputs[{i}]": column for i, column in enumerate(inputs)})

    choices, class_names = choice_indices(column_of(frame, choice), classes)
    missed = choices < 0
    flat = {"choice": choices, "reward": rewards(column_of(frame, reward), missed)}
    if instructed is not None:
        flat["instructed"] = instructions(column_of(frame, instructed))
    names = previous_trial_names(class_names, missed=bool(missed.any()))
    not_again = {*roles.values(), *inputs, *names, *flat, "subject", "session", "trial"}
    flat |= travelling_columns(frame, not_again)
    shown = [shown_numbers(column_of(frame, column)) for column in inputs]

    sessions = sessions_of(frame, subject, session)
    rows = sessions.rows
    columns = {key: stacked(values, rows, column_padding(values.dtype)) for key, values in flat.items()}
    valid = stacked(np.ones(len(frame), bool), rows, fill=False)
    reward_or_0 = np.where(valid, columns["reward"], np.float32(0))
    previous = previous_trial_inputs(
        columns["choice"], reward_or_0, len(class_names), valid=valid, missed=bool(missed.any())
    )
    free = valid & (columns["choice"] >= 0)
    if instructed is not None:
        free &= columns["instructed"] != 1
        _check_free_choices(columns["choice"][free], class_names, instructed)
    return Dataset(
        np.concatenate([previous, *(stacked(values, rows, 0.0)[..., None] for values in shown)], axis=2),
        columns["choice"][..., None],
        mask=free,
        valid=valid,
        subject=sessions.subject,
        n_classes=len(class_names),
        input_names=(*names, *inputs),
        columns=columns,
        subject_names=sessions.subject_names,
        session_names=sessions.names,
        class_names=class_names,
    )


def _check_free_choices(choices: np.ndarray, class_names: Sequence[str], instructed: str) -> None:
    if choices.size == 0:
        raise ValueError(f'no free choice: column "{instructed}" is 1 wherever a choice was made.')
    if (choices == choices[0]).all():
        raise ValueError(
            f"bias-only: all {choices.size} free choices are {class_names[choices[0]]}; the others are "
            f'instructed by column "{instructed}". Is 1 really instructed there, and not free?'
        )
