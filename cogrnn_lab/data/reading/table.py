"""From a table with one row per trial to a data set."""

import warnings
from collections.abc import Sequence
from typing import Any, Literal

from cogrnn_lab.callers import level_of_caller
from cogrnn_lab.data.dataset import Dataset
from cogrnn_lab.data.reading.arrays import dataset_of
from cogrnn_lab.data.reading.files.table_source import loaded_table
from cogrnn_lab.data.reading.meaning import read_meaning
from cogrnn_lab.data.reading.roles import Names, Roles
from cogrnn_lab.data.reading.shown import with_stimulus_columns


def read_table(
    frame_or_csv_path: Any,
    *,
    subject: str | Literal[False] | None = None,
    session: str | None = "session",
    choice: str = "choice",
    reward: Names = "reward",
    inputs: Names = (),
    instructed: str | None = None,
    classes: Sequence[Any] | None = None,
    missed: Any = None,
    trial: str | Literal[False] | None = None,
    previous_inputs: Names = (),
    options: Names | None = None,
    stimulus: Names = (),
    foregone: str | None = None,
) -> Dataset:
    """Read a table with one row per trial into a categorical `Dataset`.

    The inputs are the previous choice and reward, as in `simulate`: one input 0/1 for two alternatives and
    one-hot inputs for more, then the reward; zeros on the first trial of a session. Where trials were missed,
    "previous trial missed" follows; then the columns named in `previous_inputs`, `foregone`, `inputs` and
    `stimulus`. Every other numeric column is kept in `columns`, except "time_step_s", the seconds that every
    row lasts.

    Arguments:
        frame_or_csv_path: A pandas DataFrame, the path of a file, its bytes, or an open file. Files are CSV
            (comma, semicolon, tab or spaces; also gzipped) or Excel workbooks (with the package openpyxl).
        subject, session: Columns that tell subjects and sessions apart. Sessions need to be named uniquely
            within a subject only. `subject=None`: all of one subject, unless a column is called as people are
            and a session would mix them, which is refused (`subject=False` takes it so). `session=None`: one
            session for each subject.
        choice: Column of what was chosen: text, whole numbers or bool. The alternatives are numbered in
            sorted order, or in the order of `classes`.
        reward: Column of numbers, 0/1 or amounts. On missed trials it may be missing (or -1) and is 0 then.
            Several columns are summed, such as gains and losses (losses as negative numbers).
        inputs: Columns that are shown to the model before the choice of their row. What is known only after
            the choice would give it away: `previous_inputs`.
        instructed: Column that is 1 where the choice was prescribed: such trials are no targets but stay
            inputs.
        classes, missed: Values or labels of the column `choice` that are alternatives, and those that are
            trials without a choice. Both are believed. Without them, empty cells are missed trials, and what
            can be nothing else, as -1 beside names; what may be both is refused, as -1 beside 0 and 1, or a
            label that a reward follows. `missed=[]`: only empty cells.
        trial: Column of trial numbers: the rows are sorted by it, and numbers left out are missed trials.
            None: the rows are in order; a column of trial numbers that says otherwise is told or refused.
            False: whatever such a column says.
        previous_inputs: Columns that are known only after the choice, shown on the next trial of the session:
            numbers, or text as kinds (one-hot).
        options: Which alternatives were on offer, which becomes `action_mask`: a column of lists ("A,B"),
            columns that hold an alternative each, or columns of 1 and 0, one for each class in its order.
        stimulus: Columns of kinds, text or numbers, shown before the choice, one-hot: "cue = A", "cue = B".
            Agents can keep values for each (`PerStimulus`), as `classical_models(data)` do.
        foregone: Column of what the alternative that was not chosen would have paid; shown on the next trial
            and kept in the column "foregone".

    Returns:
        The `Dataset`. What was done to read the table stands in its `notes` and in its text.

    Raises:
        ValueError: With the fault of the table, naming columns and rows (from 1, header not counted), or with
            both readings of what can be read in two ways.

    Warns:
        UserWarning: Of trial numbers left out or starting again, and of an input that tells the choice of its
            own trial.

    Example:
        >>> import pandas as pd
        >>> import cogrnn_lab as cl
        >>> rows = {"session": [1, 1, 1, 2, 2], "choice": list("LRLRL"), "reward": [1, 0, 1, 0, 1]}
        >>> data = cl.read_table(pd.DataFrame(rows))
        >>> data.class_names, data.n_sessions
        (('L', 'R'), 2)
    """
    dataset, cautions = read_with_cautions(
        frame_or_csv_path,
        subject=subject,
        session=session,
        choice=choice,
        reward=reward,
        inputs=inputs,
        instructed=instructed,
        classes=classes,
        missed=missed,
        trial=trial,
        previous_inputs=previous_inputs,
        options=options,
        stimulus=stimulus,
        foregone=foregone,
    )
    for caution in cautions:
        warnings.warn(caution, UserWarning, stacklevel=level_of_caller())
    return dataset


def read_with_cautions(frame_or_csv_path: Any, **arguments: Any) -> tuple[Dataset, tuple[str, ...]]:
    """The data set of `read_table`, and what it would warn of, which is in the data set's notes as well."""
    roles, table = Roles.of(**arguments), loaded_table(frame_or_csv_path)
    table = table._replace(frame=with_stimulus_columns(table.frame, roles.stimulus))
    return dataset_of(read_meaning(table, roles))
