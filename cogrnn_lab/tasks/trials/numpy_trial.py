"""One trial of a task that is written in NumPy: made, checked, and stacked with others."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NoReturn

import numpy as np

from cogrnn_lab.tasks.trials.trial_batch import TaskBatch, Trial
from cogrnn_lab.tasks.trials.trial_checks import check_shapes, spelled

Whole = Callable[[np.ndarray, Mapping[str, Any], np.random.Generator], tuple[Any, Any, Any]]


class Interrupted(Exception):
    """A trial that nobody waits for any more."""


def made_trial(
    task: Any,
    seed: np.random.SeedSequence,
    name: str = "a trial",
    wanted: Callable[[], bool] = lambda: True,
) -> Trial:
    """The trial of this seed.

    **Raises:** `RuntimeError` where the task's own functions fail, with the trial's parameters; `ValueError`
    where they return something of a wrong shape; `Interrupted` as soon as it is not `wanted` any more.
    """
    rng = np.random.default_rng(seed)
    owner = type(task).__name__
    try:
        parameters = task.trial_parameters(rng)
    except Exception as error:
        _fail(error, f"{owner}.trial_parameters(rng)", f"{name}")
    if not isinstance(parameters, Mapping):
        raise TypeError(
            f"{owner}.trial_parameters(rng) returns a {type(parameters).__name__}; expected a dict, such as "
            '{"coherence": 0.1}.'
        )
    if type(task).whole_trial is not _base(task).whole_trial:
        return _whole_trial(task, parameters, rng, name)
    return _stepwise_trial(task, parameters, rng, name, wanted)


def _base(task: Any) -> Any:
    """The class that first has both ways to write a trial."""
    return next(cls for cls in reversed(type(task).__mro__) if "whole_trial" in vars(cls))


def _whole_trial(task: Any, parameters: Mapping[str, Any], rng: np.random.Generator, name: str) -> Trial:
    where = f"{type(task).__name__}.whole_trial(times, parameters)"
    arguments = (task.times, parameters, rng)[: n_arguments(type(task), "whole_trial")]
    try:
        parts = task.whole_trial(*arguments)
    except Exception as error:
        _fail(error, where, f"{name} with {spelled(parameters)}")
    return _checked(task, where, _three(parts, where), parameters)


def _stepwise_trial(
    task: Any, parameters: Mapping[str, Any], rng: np.random.Generator, name: str, wanted: Callable[[], bool]
) -> Trial:
    where = f"{type(task).__name__}.trial(t, parameters)"
    further = (rng,) if n_arguments(type(task), "trial") > 2 else ()
    moments = []
    t = 0.0
    try:
        for t in task.times.tolist():
            if not wanted():
                raise Interrupted
            moments.append(task.trial(t, parameters, *further))
    except Interrupted:
        raise
    except Exception as error:
        _fail(
            error, f"{type(task).__name__}.trial(t = {t:g}, parameters)", f"{name} with {spelled(parameters)}"
        )
    for moment in moments:
        _three(moment, where)
    parts = [_stacked([moment[i] for moment in moments], what, where, task) for i, what in enumerate(_PARTS)]
    return _checked(task, where, parts, parameters)


_PARTS = ("stimulus", "target", "mask")


def _fail(error: Exception, where: str, which: str) -> NoReturn:
    raise RuntimeError(f"{where} raised {type(error).__name__}: {error}. It was {which}.") from error


@lru_cache(maxsize=64)
def n_arguments(owner: type, name: str) -> int:
    """Count the arguments besides the task itself, three at most, that a method takes by position."""
    method = inspect.getattr_static(owner, name)
    kinds = list(inspect.signature(getattr(owner, name)).parameters.values())
    kinds = kinds if isinstance(method, staticmethod) else kinds[1:]
    if any(kind.kind is inspect.Parameter.VAR_POSITIONAL for kind in kinds):
        return 3
    return min(3, sum(kind.kind in (kind.POSITIONAL_ONLY, kind.POSITIONAL_OR_KEYWORD) for kind in kinds))


def _three(parts: Any, where: str) -> Any:
    if not isinstance(parts, (tuple, list)) or len(parts) != 3:
        got = f"{len(parts)} things" if isinstance(parts, (tuple, list)) else f"a {type(parts).__name__}"
        raise TypeError(f"{where} returns {got}; expected stimulus, target and mask.")
    return parts


def _stacked(values: Sequence[Any], what: str, where: str, task: Any) -> np.ndarray:
    """Stack the values that `trial` returned at each time, time first."""
    try:
        array = np.asarray(values)
    except ValueError:  # of unequal shapes
        shapes = [np.shape(value) for value in values]
        odd = next(i for i, shape in enumerate(shapes) if shape != shapes[0])
        raise ValueError(
            f"{where} returns a {what} of shape {shapes[0]} at 0 ms and of shape {shapes[odd]} at "
            f"{odd * task.dt:g} ms; expected the same at every time."
        ) from None
    if array.ndim == 1 and array.dtype != object:  # a single number is one column
        array = array[:, None]
    if array.ndim != 2:
        raise ValueError(
            f"{where} returns a {what} of shape {array.shape[1:]}; expected (input,) or (target,): numbers "
            "for one time."
        )
    return array


def _checked(task: Any, where: str, parts: Sequence[Any], parameters: Mapping[str, Any]) -> Trial:
    arrays = [_numbers(part, what, where) for part, what in zip(parts, _PARTS, strict=True)]
    inputs, targets, mask = arrays
    check_shapes(where, task, inputs.shape, targets.shape, mask.shape, named=False)
    odd = mask[(mask != 0) & (mask != 1)] if mask.dtype != bool else mask[:0]
    if odd.size:
        raise ValueError(
            f"{where} returns a mask with {odd[0]}; expected True or 1 where the target counts, else False "
            f"or 0. It was a trial with {spelled(parameters)}."
        )
    mask = mask.astype(bool) if mask.ndim == 2 else np.broadcast_to(mask.astype(bool)[:, None], targets.shape)
    return Trial(inputs.astype(np.float32), targets.astype(np.float32), mask, dict(parameters))


def _numbers(part: Any, what: str, where: str) -> np.ndarray:
    try:
        array = np.asarray(part)
    except ValueError as error:
        raise ValueError(f"{where} returns a {what} that is not a rectangular array ({error}).") from None
    if array.dtype.kind not in "buif":
        raise ValueError(f"{where} returns a {what} of {array.dtype} values; expected numbers.")
    return array


def stacked_trials(task: Any, trials: Sequence[Trial]) -> TaskBatch:
    """Trials as one batch of NumPy arrays; parameters that are no single numbers are left out.

    **Raises:** `ValueError` where trials differ in shapes or names of parameters.
    """
    first = trials[0]
    for trial in trials:
        if (trial.inputs.shape, trial.targets.shape) != (first.inputs.shape, first.targets.shape):
            raise ValueError(
                f"{type(task).__name__} made a trial of {first.inputs.shape[1]} inputs and "
                f"{first.targets.shape[1]} targets and one of {trial.inputs.shape[1]} and "
                f"{trial.targets.shape[1]}, with {spelled(trial.parameters)}; expected the same in all."
            )
        if trial.parameters.keys() != first.parameters.keys():
            raise ValueError(
                f"{type(task).__name__}.trial_parameters gave {sorted(first.parameters)} for one trial and "
                f"{sorted(trial.parameters)} for another; expected the same names. A number that a trial "
                "does not have can be NaN."
            )
    columns = {name: [trial.parameters[name] for trial in trials] for name in first.parameters}
    numbers = {name: np.asarray(column) for name, column in columns.items() if all(map(_is_number, column))}
    return TaskBatch(
        inputs=np.stack([trial.inputs for trial in trials]),
        targets=np.stack([trial.targets for trial in trials]),
        mask=np.stack([trial.mask for trial in trials]),
        parameters=numbers,
    )


def _is_number(value: Any) -> bool:
    return np.ndim(value) == 0 and np.asarray(value).dtype.kind in "buif"


def check_repeatable(task: Any, seeds: Sequence[np.random.SeedSequence], trials: Sequence[Trial]) -> None:
    """Refuse a task that makes another trial when it is asked again with the same seed."""
    slip = (
        "from the same seed it was another the second time. Does it use np.random or random, whose state is "
        "the whole program's, or an attribute that changes? Draw from rng; trial(t, parameters, rng) gets it "
        "too."
    )
    owner = type(task).__name__
    for seed, trial in zip(seeds, trials, strict=True):
        again = made_trial(task, seed)
        for name, value in trial.parameters.items():
            if name not in again.parameters or not _same(value, again.parameters[name]):
                raise ValueError(
                    f'{owner}.trial_parameters drew a "{name}" that depends on more than rng: {slip}'
                )
        for before, after, what in zip(trial[:3], again[:3], _PARTS, strict=True):
            if not np.array_equal(before, after, equal_nan=what != "mask"):
                raise ValueError(
                    f"{owner} made a {what} that depends on more than the parameters and rng: {slip}"
                )


def _same(one: Any, other: Any) -> bool:
    one, other = np.asarray(one), np.asarray(other)
    return one.shape == other.shape and (one.dtype == object or bool(np.all((one == other) | (one != one))))
