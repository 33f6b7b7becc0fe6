"""Checks of the arguments of a `Dataset`, each with a sentence for the fault."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cogrnn_lab.counts import is_number, shown
from cogrnn_lab.data.reading.labels import NEARLY_WHOLE

KINDS = ("categorical", "continuous", "mixed")
# More alternatives or subjects than any data have: a code or an identifier stands in the place of an index.
MOST_CLASSES, MOST_SUBJECTS = 100_000, 1_000_000


def numbers(array: Any, name: str) -> np.ndarray:
    """`array` as a new NumPy array of numbers."""
    try:
        array = np.array(array)
    except ValueError as error:
        raise ValueError(
            f"{name} is not a rectangular array; sessions of different length need padding and `valid` "
            f"({error})."
        ) from None
    if array.dtype.kind not in "buif":
        raise ValueError(
            f"{name} holds {array.dtype} values; expected numbers. Text labels are read by `read_table`."
        )
    return array


def check_kind(kind: str) -> None:
    """Refuse a kind of target that does not exist."""
    if kind not in KINDS:
        raise ValueError(f'kind = "{kind}"; expected one of {", ".join(KINDS)}.')


def checked_arrays(inputs: Any, targets: Any) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets as float32 (session, trial, feature) of the same sessions and trials."""
    inputs, targets = numbers(inputs, "inputs"), numbers(targets, "targets")
    for array, name in ((inputs, "inputs"), (targets, "targets")):
        if array.ndim != 3:
            slip = f"; one {name[:-1]} per trial is {name}[..., None]" if array.ndim == 2 else ""
            raise ValueError(
                f"{name} has shape {array.shape}; expected three axes (session, trial, {name[:-1]}){slip}."
            )
        if array.size == 0:
            raise ValueError(f"{name} is empty: its shape is {array.shape}.")
    if inputs.shape[:2] != targets.shape[:2]:
        swapped = inputs.shape[:2] == targets.shape[1::-1]
        slip = (
            "is one of them [trial, session, feature]?"
            if swapped
            else "does a trial or a session lack in one?"
        )
        raise ValueError(
            f"inputs are {inputs.shape[0]} sessions of {inputs.shape[1]} trials and targets "
            f"{targets.shape[0]} sessions of {targets.shape[1]} trials; {slip}"
        )
    return inputs.astype(np.float32), targets.astype(np.float32)


def near_whole(array: np.ndarray) -> np.ndarray:
    """Numbers that are whole but for rounding as whole numbers, the others as they are."""
    whole = np.round(array)
    return np.where(np.abs(array - whole) <= NEARLY_WHOLE, whole, array)


def with_whole_choices(targets: np.ndarray, kind: str) -> np.ndarray:
    """Targets whose class indices are whole where they were but for rounding."""
    if kind == "continuous" or targets.shape[2] == 0:
        return targets
    return np.concatenate([near_whole(targets[..., :1]), targets[..., 1:]], -1).astype(np.float32)


def checked_valid(valid: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Bool (session, trial); padding only at the end, no session of padding alone."""
    if valid is None:
        return np.ones(shape, bool)
    valid = _flags(valid, "valid")
    if valid.shape != shape:
        raise ValueError(f"valid has shape {valid.shape}; expected (session, trial) = {shape}.")
    resumed = valid[:, 1:] & ~valid[:, :-1]
    if resumed.any():
        session, trial = np.argwhere(resumed)[0]
        raise ValueError(
            f"session {session} has padding before its trial {trial + 1}; padding may only be at the end. "
            "A missed trial inside a session stays valid and is left out of `mask`."
        )
    if not valid[:, 0].all():
        raise ValueError(f"session {np.flatnonzero(~valid[:, 0])[0]} has no valid trial; leave it out.")
    return valid


def _flags(array: Any, name: str) -> np.ndarray:
    array = numbers(array, name)
    if array.dtype != bool and not np.isin(array, (0, 1)).all():
        raise ValueError(f"{name} holds {array.dtype} values other than 0 and 1; expected True or False.")
    return array.astype(bool)


def check_finite_inputs(inputs: np.ndarray, valid: np.ndarray) -> None:
    """Refuse inputs that are not numbers on a valid trial."""
    bad = ~np.isfinite(inputs) & valid[..., None]
    if bad.any():
        session, trial, feature = np.argwhere(bad)[0]
        raise ValueError(
            f"{bad.sum()} inputs are {inputs[session, trial, feature]} or the like, the first in session "
            f"{session}, trial {trial}, input {feature}; expected finite numbers on every valid trial. "
            "Is that padding, which `valid` should say?"
        )


def checked_mask(mask: Any, targets: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Bool (session, trial, target): where a target is known, counts and is on a valid trial."""
    known = ~np.isnan(targets)
    if mask is None:
        mask = known
    else:
        mask = _flags(mask, "mask")
        if mask.shape == targets.shape[:2]:
            mask = np.broadcast_to(mask[..., None], targets.shape)
        if mask.shape != targets.shape:
            raise ValueError(f"mask has shape {mask.shape}; expected that of targets, {targets.shape}.")
        unknown = mask & ~known & valid[..., None]
        if unknown.any():
            raise ValueError(
                f"{unknown.sum()} targets that count are NaN, the first in session "
                f"{np.argwhere(unknown)[0][0]}, trial {np.argwhere(unknown)[0][1]}; mask should be False "
                "there."
            )
    mask = mask & valid[..., None]
    if not mask.any():
        raise ValueError("no target counts: the mask is False on every valid trial, or every target is NaN.")
    if not np.isfinite(targets[mask]).all():
        raise ValueError("targets that count are infinite; expected finite numbers.")
    return mask


def checked_action_mask(action_mask: Any, shape: tuple[int, ...]) -> np.ndarray | None:
    """Bool (session, trial, class) or None."""
    if action_mask is None:
        return None
    action_mask = _flags(action_mask, "action_mask")
    if action_mask.ndim != 3 or action_mask.shape[:2] != shape:
        raise ValueError(
            f"action_mask has shape {action_mask.shape}; expected (session, trial, class) with {shape} first."
        )
    return action_mask


def checked_classes(
    kind: str,
    targets: np.ndarray,
    mask: np.ndarray,
    n_classes: int | None,
    class_names: Sequence[str] | None,
    action_mask: np.ndarray | None,
) -> int | None:
    """The number of alternatives, after every class index that counts was found to be one."""
    if kind == "continuous":
        if n_classes is not None or class_names is not None or action_mask is not None:
            raise ValueError('continuous targets have no classes; kind="categorical" or "mixed" was meant?')
        return None
    _check_target_columns(kind, targets.shape[2])
    choices = targets[..., 0][mask[..., 0]]
    if choices.size == 0:
        raise ValueError("no choice counts: the mask of the first target is False everywhere.")
    if not np.array_equal(choices, np.round(choices)):
        odd = choices[choices != np.round(choices)][0]
        raise ValueError(
            f'a categorical target is {odd:g}; expected class indices 0, 1, ...; kind="continuous" was meant?'
        )
    lowest, highest = int(choices.min()), int(choices.max())
    if lowest < 0:
        raise ValueError(
            f"class index {lowest} counts as a target; expected 0 or more. A missed choice is NaN, or mask "
            "is False there; `Dataset.from_time_major` reads arrays with -1."
        )
    if n_classes is None:
        known = [len(class_names)] if class_names is not None else []
        known += [action_mask.shape[2]] if action_mask is not None else []
        n_classes = known[0] if known else max(2, highest + 1)
        if n_classes > MOST_CLASSES and not known:
            raise ValueError(
                f"class index {highest} counts as a target; expected indices of the alternatives, from 0. "
                "Is it a code? np.unique(choices, return_inverse=True)[1] are indices."
            )
    if highest >= n_classes:
        raise ValueError(
            f"class index {highest} is out of range for {n_classes} classes; expected 0 to {n_classes - 1}. "
            "Are the choices counted from 1?"
        )
    if n_classes < 2:
        raise ValueError(f"n_classes = {n_classes}; a choice has 2 alternatives or more.")
    if action_mask is not None:
        _check_actions(action_mask, targets[..., 0], mask[..., 0], n_classes)
    return int(n_classes)


def _check_target_columns(kind: str, n_targets: int) -> None:
    if kind == "categorical" and n_targets != 1:
        raise ValueError(
            f"categorical data have {n_targets} target columns; expected one column of class indices. "
            'Is it one-hot? Take argmax; or kind="mixed" was meant?'
        )
    if kind == "mixed" and n_targets < 2:
        raise ValueError(f"mixed data have {n_targets} target column; expected the choice and then numbers.")


def _check_actions(action_mask: np.ndarray, choices: np.ndarray, counted: np.ndarray, n_classes: int) -> None:
    if action_mask.shape[2] != n_classes:
        raise ValueError(f"action_mask is for {action_mask.shape[2]} classes; expected {n_classes}.")
    index = np.where(counted, choices, 0).astype(int)[..., None]
    forbidden = counted & ~np.take_along_axis(action_mask, index, axis=2)[..., 0]
    if forbidden.any():
        session, trial = np.argwhere(forbidden)[0]
        raise ValueError(
            f"{forbidden.sum()} choices were not available by action_mask, the first in session {session}, "
            f"trial {trial}: choice {index[session, trial, 0]}."
        )


def checked_subject(subject: Any, n_sessions: int) -> np.ndarray:
    """Int32 (session,) subject indices from 0."""
    if subject is None:
        return np.zeros(n_sessions, np.int32)
    subject = numbers(subject, "subject")
    if subject.shape != (n_sessions,):
        raise ValueError(
            f"subject has shape {subject.shape}; expected one index for each of the {n_sessions} sessions."
        )
    subject = near_whole(subject) if subject.dtype.kind == "f" else subject
    if not np.array_equal(subject, np.round(subject)) or subject.min() < 0:
        raise ValueError(
            f"subject holds {np.unique(subject)[:5]}; expected indices 0, 1, ... Names go to subject_names."
        )
    if subject.max() >= MOST_SUBJECTS:
        raise ValueError(
            f"subject holds {subject.max():.0f}; expected indices 0, 1, ... Are these identifiers? "
            "np.unique(subject, return_inverse=True)[1] are indices, and the identifiers go to subject_names."
        )
    return subject.astype(np.int32)


def checked_subject_names(names: Sequence[str] | None, subject: np.ndarray) -> tuple[str, ...]:
    """A name for every subject index up to the highest."""
    if names is None:
        return tuple(str(i) for i in range(int(subject.max()) + 1))
    if len(names) <= subject.max():
        raise ValueError(f"subject index {subject.max()} has no name: {len(names)} subject_names were given.")
    return checked_names(names, len(names), "subject")


def checked_names(names: Sequence[str] | None, n: int, what: str, *, unique: bool = True) -> tuple[str, ...]:
    """`n` names of `what`; without any, numbers from 1."""
    if names is None:
        return tuple(str(i + 1) if what == "session" else f"{what} {i + 1}" for i in range(n))
    if isinstance(names, str) or len(names) != n:
        raise ValueError(f"{what}_names is {shown(names)}; expected {n} names.")
    names = tuple(str(name) for name in names)
    if unique and len(set(names)) < n:
        raise ValueError(f"{what}_names has repetitions: {shown(names)}.")
    return names


def checked_stimulus_inputs(
    groups: Sequence[Sequence[str]], input_names: Sequence[str], inputs: np.ndarray, valid: np.ndarray
) -> tuple[tuple[str, ...], ...]:
    """Groups of inputs that are one-hot on every valid trial, or all 0."""
    if isinstance(groups, str) or any(isinstance(group, str) for group in groups):
        raise ValueError(
            f"stimulus_inputs is {shown(groups)}; expected a group of names for each column of stimuli, such "
            'as [("cue = A", "cue = B")].'
        )
    checked = tuple(tuple(str(name) for name in group) for group in groups)
    for group in checked:
        unknown = sorted(set(group) - set(input_names))
        if unknown or len(group) < 2:
            raise ValueError(
                f"stimulus_inputs has the group {group}; expected two or more of the inputs "
                f"{', '.join(input_names)}."
            )
        cues = inputs[..., [list(input_names).index(name) for name in group]][valid]
        if not np.isin(cues, (0, 1)).all() or (cues.sum(-1) > 1).any():
            raise ValueError(
                f"the inputs {', '.join(group)} are not one-hot; expected 1 in one of them on each trial and "
                "0 in the others."
            )
    return checked


def checked_target_names(names: Sequence[str] | None, kind: str, n: int) -> tuple[str, ...]:
    """`n` names of targets; the categorical one is called choice unless it is named."""
    if names is None and kind != "continuous":
        return ("choice", *(f"target {i + 1}" for i in range(1, n)))
    return checked_names(names, n, "target")


def check_sessions_unique(session_names: Sequence[str], subject: np.ndarray) -> None:
    """Refuse two sessions of one subject under one name."""
    seen = set()
    for pair in zip(subject.tolist(), session_names, strict=True):
        if pair in seen:
            raise ValueError(
                f'subject {pair[0]} has two sessions named "{pair[1]}"; names are unique within a subject.'
            )
        seen.add(pair)


def checked_class_names(names: Sequence[str] | None, n_classes: int | None) -> tuple[str, ...] | None:
    """A name for every class; without any, the indices."""
    if n_classes is None:
        return None
    if names is None:
        return tuple(str(i) for i in range(n_classes))
    return checked_names(names, n_classes, "class")


def checked_time_step(seconds: float | None) -> float | None:
    """Seconds above 0, or None."""
    if seconds is None:
        return None
    if not is_number(seconds) or not 0 < seconds < np.inf:
        raise ValueError(f"time_step = {shown(seconds)}; expected seconds above 0, or None for trials.")
    return float(seconds)


def checked_columns(columns: Mapping[str, Any], shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Every column as an array of numbers (session, trial)."""
    checked = {str(name): numbers(column, f'column "{name}"') for name, column in columns.items()}
    for name, column in checked.items():
        if column.shape != shape:
            raise ValueError(
                f'column "{name}" has shape {column.shape}; expected (session, trial) = {shape}.'
            )
    return checked


def session_indices(sessions: Any, n_sessions: int) -> np.ndarray:
    """Indices from a slice, a bool for each session, one index or several."""
    if isinstance(sessions, slice):
        sessions = np.arange(n_sessions)[sessions]
    indices = np.atleast_1d(np.asarray(sessions))
    if indices.dtype == bool:
        if indices.shape != (n_sessions,):
            raise ValueError(
                f"a choice of sessions by bool has shape {indices.shape}; expected ({n_sessions},)."
            )
        indices = np.flatnonzero(indices)
    if indices.ndim != 1 or indices.size == 0:
        raise ValueError(f"no session selected: {sessions!r} of {n_sessions} sessions.")
    if indices.dtype.kind not in "iu" or indices.min() < -n_sessions or indices.max() >= n_sessions:
        raise ValueError(f"sessions {indices[:5]}; expected indices 0 to {n_sessions - 1}.")
    return indices % n_sessions
