"""From the reading of a table to the arrays of a data set."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float32

from cogrnn_lab.data.dataset import Dataset
from cogrnn_lab.data.joining import column_padding
from cogrnn_lab.data.padding import stacked
from cogrnn_lab.data.previous_trial import previous_trial_inputs, previous_trial_names
from cogrnn_lab.data.reading import shown
from cogrnn_lab.data.reading.meaning import Reading
from cogrnn_lab.data.reading.offered import offered
from cogrnn_lab.data.reading.table_columns import (
    TIME_STEP,
    column_of,
    instructions,
    time_step,
    travelling_columns,
)


def dataset_of(reading: Reading) -> tuple[Dataset, tuple[str, ...]]:
    """The data set of a table as it was understood, and the sentences that should be warned of."""
    roles, frame, rows = reading.roles, reading.frame, reading.sessions.rows
    gaps = any((of_session < 0).any() for of_session in rows)
    flat = _columns(reading, gaps=gaps)
    columns = {key: _placed(values, rows, _in_gap(key, values)) for key, values in flat.items()}
    valid = stacked(np.ones(len(frame) + 1, bool), rows, fill=False)
    class_names = reading.choices.names
    told_missed = bool(reading.missed.any()) or gaps

    before = shown.previous(frame, roles.previous_inputs, reading.missed)
    if roles.foregone is not None:
        before[shown.PREVIOUS_FOREGONE] = flat[shown.FOREGONE]
    stimuli = [shown.stimuli(frame, [name]) for name in roles.stimulus]
    now = shown.coming(frame, roles.inputs)
    for of_column in stimuli:
        now |= of_column
    names = (*previous_trial_names(class_names, missed=told_missed), *before, *now)
    _check_names(names)
    inputs = [
        previous_trial_inputs(
            columns["choice"],
            np.where(valid, columns["reward"], np.float32(0)),
            len(class_names),
            valid=valid,
            missed=told_missed,
        ),
        *(_a_trial_later(_placed(values, rows, 0.0), valid)[..., None] for values in before.values()),
        *(_placed(values, rows, 0.0, padding=0.0)[..., None] for values in now.values()),
    ]
    free = valid & (columns["choice"] >= 0)
    if roles.instructed is not None:
        free &= columns["instructed"] != 1
        _check_free_choices(columns["choice"][free], class_names, roles.instructed)
    cautions = (*reading.cautions, *_telltale(reading, now, flat))
    dataset = Dataset(
        np.concatenate(inputs, axis=2),
        columns["choice"][..., None],
        mask=free,
        valid=valid,
        subject=reading.sessions.subject,
        n_classes=len(class_names),
        input_names=names,
        action_mask=_action_mask(reading),
        columns=columns,
        subject_names=reading.sessions.subject_names,
        session_names=reading.sessions.names,
        class_names=class_names,
        time_step=time_step(frame),
        notes=(*reading.notes, *cautions),
        stimulus_inputs=[tuple(of_column) for of_column in stimuli if len(of_column) > 1],
    )
    return dataset, cautions


def _columns(reading: Reading, *, gaps: bool) -> dict[str, np.ndarray]:
    """Choice, reward and every other column of numbers, (row,) each."""
    roles, frame = reading.roles, reading.frame
    flat: dict[str, np.ndarray] = {"choice": reading.choices.indices, "reward": reading.rewards}
    if roles.instructed is not None:
        flat["instructed"] = instructions(column_of(frame, roles.instructed))
    if roles.foregone is not None:
        flat[shown.FOREGONE] = shown.foregone_outcomes(frame, roles.foregone, reading.missed)
    parts = set(roles.reward) if len(roles.reward) > 1 else set()
    kept = parts | {*roles.previous_inputs, *roles.stimulus, *roles.options}
    names = previous_trial_names(reading.choices.names, missed=True)
    not_again = {*(roles.used() - kept), *roles.inputs, *names, *flat, "subject", "session", "trial"}
    not_again.add(TIME_STEP)
    others = travelling_columns(frame, not_again)
    if gaps:  # what is not known of a trial that was left out is NaN
        others = {key: values.astype(np.float64) for key, values in others.items()}
    return flat | others


def _in_gap(key: str, values: np.ndarray) -> float | int | bool:
    """Give what a column holds for a trial that the table left out."""
    known = {"choice": -1, "reward": 0, "instructed": 0, shown.FOREGONE: 0}
    return known.get(key, column_padding(values.dtype))


def _placed(
    values: np.ndarray,
    rows: Sequence[np.ndarray],
    in_gap: float | int | bool,
    *,
    padding: float | None = None,
) -> np.ndarray:
    """(session, trial) array of the values, `in_gap` where the row is -1."""
    filled = np.append(values, np.asarray(in_gap, values.dtype))
    return stacked(filled, rows, column_padding(values.dtype) if padding is None else padding)


def _a_trial_later(
    values: Float32[np.ndarray, "session trial"], valid: Bool[np.ndarray, "session trial"]
) -> Float32[np.ndarray, "session trial"]:
    later = np.zeros_like(values)
    later[:, 1:] = values[:, :-1]
    return np.where(valid, later, np.float32(0))


def _action_mask(reading: Reading) -> Bool[np.ndarray, "session trial class"] | None:
    roles, rows = reading.roles, reading.sessions.rows
    if not roles.options:
        return None
    on_offer = offered(reading.frame, roles.options, reading.choices.indices, reading.choices.names)
    return np.stack([stacked(np.append(one, True), rows, fill=True) for one in on_offer.T], axis=2)


def _telltale(reading: Reading, now: shown.Shown, flat: dict[str, np.ndarray]) -> tuple[str, ...]:
    counted = ~reading.missed & (flat.get("instructed", np.zeros(len(reading.frame))) != 1)
    before = np.full(len(reading.frame), -1)
    for rows in reading.sessions.rows:
        at = rows[1:] >= 0
        before[rows[1:][at]] = rows[:-1][at]
    return shown.telltale_inputs(now, reading.roles.inputs, reading.choices.indices, counted, before)


def _check_names(names: Sequence[str]) -> None:
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise ValueError(f"two inputs would be called {', '.join(twice)}; rename a column of the table.")


def _check_free_choices(choices: np.ndarray, class_names: Sequence[str], instructed: str) -> None:
    if choices.size == 0:
        raise ValueError(f'no free choice: column "{instructed}" is 1 wherever a choice was made.')
    if (choices == choices[0]).all():
        raise ValueError(
            f"bias-only: all {choices.size} free choices are {class_names[choices[0]]}; the others are "
            f'instructed by column "{instructed}". Is 1 really instructed there, and not free?'
        )
