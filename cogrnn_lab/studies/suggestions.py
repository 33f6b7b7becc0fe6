"""Settings that a sampler of Optuna suggests, by what the runs before them came to."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cogrnn_lab.atomic_files import write_text
from cogrnn_lab.extras import imported_extra
from cogrnn_lab.schemas import ListOf, read_json, taking_apart
from cogrnn_lab.studies import space as spaces
from cogrnn_lab.studies.claims import claimed
from cogrnn_lab.studies.points import POINT, Point, completed, kind_of, name_of
from cogrnn_lab.studies.table import HELD_OUT, row_of
from cogrnn_lab.studies.work import FAILED, Entry, Work

JOURNAL, TRIALS, WHAT = "optuna.log", "trials", "Study(..., n_trials=...)"
NEXT, PAUSE = "next.claim", 0.1  # seconds before asking again for what another process holds
AGAIN = "again"  # the trial that failed, in the attributes of the one that tells what it came to then


def suggested(folder: Path) -> list[Point]:
    """All points that were suggested so far, those of the first trial first."""
    files = sorted((folder / TRIALS).glob("*.json"))
    points = [point for file in files for point in read_json(file, ListOf(POINT), "the trial")]
    return list({name_of(point): point for point in points}.values())


def train_suggested(
    folder: Path,
    search: Mapping[str, Any],
    space: spaces.Space,
    sampler: Any,
    work: Work,
    train: Callable[[list[Point]], None],
) -> None:
    """Ask for settings, train their runs, tell their mean held-out likelihood, until there are `n` of them.

    A trial that is claimed by no process is taken over, whoever began it. The sampler is made anew for every
    trial, with a seed of its own, so that what it suggests depends on the trials before it alone.

    A failed trial whose failures are no longer noted is trained again first. Optuna changes no trial that has
    ended, so that what it comes to then is told as one more, beside the `n`.
    """
    optuna = imported_extra("optuna", "optuna", WHAT)
    storages = imported_extra("optuna.storages", "optuna", WHAT)
    journal = imported_extra("optuna.storages.journal", "optuna", WHAT)
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with taking_apart(folder / JOURNAL):  # which it reads
            storage = storages.JournalStorage(journal.JournalFileBackend(str(folder / JOURNAL)))
        make = optuna.samplers.TPESampler if sampler is None else sampler
        while True:
            with claimed(folder / TRIALS / NEXT) as is_ours:
                study = optuna.create_study(
                    storage=storage, study_name="study", direction="maximize", load_if_exists=True,
                    sampler=_sampler(make, search["seed"], storage),
                )  # fmt: skip
                number = _next(optuna, study, folder, search["n"]) if is_ours else None
                if number is not None and number == len(study.trials):
                    _ask(study, folder, space, work)
            if is_ours and number is None:
                return
            if number is not None:
                _train_trial(optuna, study, folder, number, train)
            else:
                time.sleep(PAUSE)  # another process is asking
    finally:
        optuna.logging.set_verbosity(level)


def _sampler(make: Any, seed: int, storage: Any) -> Any:
    """A sampler for the next trial, with a seed of its own where it is made by one."""
    if not callable(make):
        return make
    n = sum(len(storage.get_all_trials(study._study_id)) for study in storage.get_all_studies())
    return make(seed=int(np.random.SeedSequence([seed, n]).generate_state(1)[0]))


def _next(optuna: Any, study: Any, folder: Path, n: int) -> int | None:
    """The number of the trial to train: one that was left, else a new one; None where all are done."""
    trials = study.get_trials(deepcopy=False)
    again = {trial.user_attrs[AGAIN] for trial in trials if AGAIN in trial.user_attrs}
    for trial in trials:
        if trial.state == optuna.trial.TrialState.RUNNING:
            return trial.number
        has_failed = trial.state == optuna.trial.TrialState.FAIL and trial.number not in again
        if has_failed and _is_to_be_trained_again(folder, trial.number):
            return trial.number
    return len(trials) if len(trials) - len(again) < n else None


def _is_to_be_trained_again(folder: Path, number: int) -> bool:
    """Whether none of a trial's runs is noted as failed any more, and there is something to tell of them."""
    points = _points(folder, number) if _file(folder, number).exists() else []
    states = {Entry(folder, name_of(point)).state for point in points}
    if None in states or not states or FAILED in states:
        return None in states and FAILED not in states
    return all(HELD_OUT in row_of(Entry(folder, name_of(point)), point) for point in points)


def _ask(study: Any, folder: Path, space: spaces.Space, work: Work) -> None:
    """Begin a trial, and keep the points of all its repeats."""
    trial = study.ask()
    setting: dict[str, Any] = {}
    for name, axis in space.items():
        if name in spaces.REPEATS:
            continue
        if not isinstance(axis, spaces.Range):
            setting[name] = trial.suggest_categorical(name, axis)
        elif axis.is_whole:
            setting[name] = trial.suggest_int(name, axis.low, axis.high, log=axis.log)
        else:
            setting[name] = trial.suggest_float(name, axis.low, axis.high, log=axis.log)
    points = [
        completed(setting | repeat, kind_of(setting["network"], work.networks))
        for repeat in spaces.repeats(space)
    ]
    write_text(_file(folder, trial.number), json.dumps(points))


def _train_trial(
    optuna: Any, study: Any, folder: Path, number: int, train: Callable[[list[Point]], None]
) -> None:
    """Train the runs of a trial and tell what they came to."""
    states = optuna.trial.TrialState
    if not _file(folder, number).exists():  # its process died before it was kept what it suggested
        study.tell(number, state=states.FAIL, skip_if_finished=True)
        return
    points = _points(folder, number)
    train(points)
    rows = [row_of(Entry(folder, name_of(point)), point) for point in points]
    found = [row[HELD_OUT] for row in rows if HELD_OUT in row]
    if study.get_trials(deepcopy=False)[number].state == states.FAIL:
        if len(found) == len(rows):
            _tell_again(optuna, study, folder, number, float(np.mean(found)))
    elif len(found) < len(rows):
        study.tell(number, state=states.FAIL, skip_if_finished=True)
    else:
        study.tell(number, float(np.mean(found)), skip_if_finished=True)


def _tell_again(optuna: Any, study: Any, folder: Path, number: int, value: float) -> None:
    """Tell what a failed trial came to when it was trained again, once."""
    while True:
        with claimed(folder / TRIALS / NEXT) as is_ours:  # the numbers of trials are in nobody else's hands
            if is_ours:
                trials = study.get_trials(deepcopy=False)
                if all(trial.user_attrs.get(AGAIN) != number for trial in trials):
                    old = trials[number]
                    new = optuna.trial.create_trial(
                        params=old.params, distributions=old.distributions, value=value,
                        user_attrs={AGAIN: number},
                    )  # fmt: skip
                    study.add_trial(new)
                return
        time.sleep(PAUSE)


def _points(folder: Path, number: int) -> list[Point]:
    """The points that a trial trains."""
    return read_json(_file(folder, number), ListOf(POINT), "the trial")


def _file(folder: Path, number: int) -> Path:
    return folder / TRIALS / f"{number:05d}.json"
