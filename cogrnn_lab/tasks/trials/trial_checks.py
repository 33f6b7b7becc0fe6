"""Slips in tasks that users write, said in words."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from cogrnn_lab.tasks.trials.trial_batch import TaskBatch, Trial


def numbered(what: str, n: int) -> tuple[str, ...]:
    """Labels for things without names: input 1, input 2, ..."""
    return tuple(f"{what} {i + 1}" for i in range(n))


def checked_trial(task: Any, trial: Any, *, named: bool) -> Trial:
    """Check the return value of a compiled task's `trial`, and give it the shapes and types of a batch.

    With `named`, the numbers of inputs and targets have to be those of the names.
    """
    where = f"{type(task).__name__}.trial"
    if not isinstance(trial, tuple) or len(trial) != 4:
        got = f"{len(trial)} things" if isinstance(trial, tuple) else f"a {type(trial).__name__}"
        raise TypeError(f"{where} returns {got}; expected cl.Trial(inputs, targets, mask, parameters).")
    inputs, targets, mask, parameters = trial
    inputs, targets, mask = jnp.asarray(inputs), jnp.asarray(targets), jnp.asarray(mask)
    if mask.dtype != bool:
        raise ValueError(
            f"{where} returns a mask of {mask.dtype}; expected bool, True where the target counts."
        )
    check_shapes(where, task, inputs.shape, targets.shape, mask.shape, named=named)
    return Trial(
        inputs=inputs.astype(jnp.float32),
        targets=targets.astype(jnp.float32),
        mask=jnp.broadcast_to(mask if mask.ndim == 2 else mask[:, None], targets.shape),
        parameters=_checked_parameters(where, parameters),
    )


def check_shapes(
    where: str,
    task: Any,
    inputs: tuple[int, ...],
    targets: tuple[int, ...],
    mask: tuple[int, ...],
    *,
    named: bool = True,
) -> None:
    """Refuse a trial whose arrays are not (time, input), (time, target) and (time, target)."""
    n_steps = task.n_steps
    for shape, what, feature in ((inputs, "inputs", "input"), (targets, "targets", "target")):
        if len(shape) != 2 or shape[0] != n_steps:
            raise ValueError(
                f"{where} returns {what} of shape {shape}; expected (time, {feature}) with {n_steps} times: "
                f"{task.duration:g} ms in steps of {task.dt:g} ms.{_slip(shape, n_steps, what)}"
            )
        if shape[1] == 0:
            raise ValueError(f"{where} returns no {what}: their shape is {shape}.")
    if mask not in (targets, targets[:1]):
        raise ValueError(
            f"{where} returns a mask of shape {mask}; expected that of the targets, {targets}, or "
            f"{targets[:1]}."
        )
    if task.kind == "categorical":
        _check_categorical(task, targets)
    if named:
        check_names(f"{where} returns", task, inputs[1], targets[1])


def check_names(where: str, task: Any, n_inputs: int, n_targets: int) -> None:
    """Refuse other numbers of inputs or targets than there are names."""
    for names, n, what in ((task.input_names, n_inputs, "input"), (task.target_names, n_targets, "target")):
        if isinstance(names, str) or len(names) != n:
            raise ValueError(
                f"{where} {n} {what}s and {what}_names is {names!r}; expected {n} names. One name alone is a "
                "tuple by its comma."
            )


def _slip(shape: tuple[int, ...], n_steps: int, what: str) -> str:
    if shape == (n_steps,):
        return f" One {what[:-1]} along time is {what}[:, None]."
    if len(shape) == 2 and shape[1] == n_steps:
        return " Is it transposed? Time comes first."
    return ""


def _check_categorical(task: Any, targets: tuple[int, ...]) -> None:
    name = type(task).__name__
    if not isinstance(task.n_classes, (int, np.integer)) or task.n_classes < 2:
        raise ValueError(
            f"{name} is categorical and its n_classes is {task.n_classes!r}; expected 2 or more, such as "
            "n_classes = 3."
        )
    if targets[1] != 1:
        raise ValueError(
            f"{name} is categorical and has {targets[1]} targets; expected one column of class indices. "
            "Is it one-hot? Take argmax."
        )


def _checked_parameters(where: str, parameters: Any) -> dict[str, Any]:
    if not isinstance(parameters, Mapping):
        raise TypeError(
            f"{where} returns parameters of type {type(parameters).__name__}; expected a dict of numbers."
        )
    checked = {str(name): jnp.asarray(value) for name, value in parameters.items()}
    for name, value in checked.items():
        if value.shape != ():
            raise ValueError(
                f'{where} returns a parameter "{name}" of shape {value.shape}; expected one number. Several '
                "are a parameter each."
            )
    return checked


def check_batch(task: Any, batch: TaskBatch) -> None:
    """Refuse trials that hold what is no number, or where no target ever counts."""
    check_batch_values(task, batch)
    if not np.asarray(batch.mask).any():
        raise ValueError(
            f"{type(task).__name__}: no target counts in any of {batch.n_trials} trials, as the mask is "
            "False throughout; expected True at the times of the response. Are they within the trial, in ms?"
        )


def check_batch_values(task: Any, batch: TaskBatch) -> None:
    """Refuse inputs that are no numbers, and targets that count and are none, or no classes."""
    name, mask = type(task).__name__, np.asarray(batch.mask)
    for array, what in ((batch.inputs, "inputs"), (batch.targets, "targets that count")):
        array = np.asarray(array)
        bad = ~np.isfinite(array) & (mask if what.startswith("targets") else True)
        if bad.any():
            trial, step, column = np.argwhere(bad)[0]
            parameters = {key: np.asarray(value)[trial] for key, value in batch.parameters.items()}
            raise ValueError(
                f"{name}: {bad.sum()} {what} are {array[trial, step, column]} or the like; expected finite "
                f"numbers. The first is column {column} at {step * task.dt:g} ms of the trial with "
                f"{spelled(parameters)}."
            )
    if task.kind == "categorical":
        _check_classes(task, np.asarray(batch.targets)[mask])


def _check_classes(task: Any, classes: np.ndarray) -> None:
    odd = (classes != np.round(classes)) | (classes < 0) | (classes >= task.n_classes)
    if odd.any():
        raise ValueError(
            f"{type(task).__name__}: a target that counts is {classes[odd][0]:g}; expected class indices 0 "
            f"to {task.n_classes - 1}."
        )


def spelled(parameters: Mapping[str, Any]) -> str:
    """Parameters in a sentence: coherence = 0.1, direction = 1."""

    def value(x: Any) -> str:
        shape = np.shape(x)
        if shape:
            return f"array{list(shape)}"
        return f"{x:.6g}" if isinstance(x, (float, np.floating)) else f"{x}"

    return ", ".join(f"{name} = {value(x)}" for name, x in parameters.items()) or "no parameters"
