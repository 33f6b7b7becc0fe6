"""Settings that a sampler of Optuna suggests, by what the runs before them came to."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cogrnn_lab.atomic_files import write_text
from cogrnn_lab.extras import imported_extra
from cogrnn_lab.studies import space as spaces
from cogrnn_lab.studies.claims import claimed
from cogrnn_lab.studies.points import Point, completed, kind_of, name_of
from cogrnn_lab.studies.table import HELD_OUT, row_of
from cogrnn_lab.studies.work import Entry, Work

JOURNAL, TRIALS, WHAT = "optuna.log", "trials", "Study(..., n_trials=...)"
POINTS = "points"  # what a trial trains, in Optuna's own attributes


def suggested(folder: Path) -> list[Point]:
    """All points that were suggested so far, those of the first trial first."""
    files = sorted((folder / TRIALS).glob("*.json"))
    points = [point for file in files for point in json.loads(file.read_text(encoding="utf-8"))]
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
    """
    optuna = imported_extra("optuna", "optuna", WHAT)
    storages = imported_extra("optuna.storages", "optuna", WHAT)
    journal = imported_extra("optuna.storages.journal", "optuna", WHAT)
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        storage = storages.JournalStorage(journal.JournalFileBackend(str(folder / JOURNAL)))
        make = optuna.samplers.TPESampler if sampler is None else sampler
        while True:
            with claimed(folder / TRIALS / "next.claim") as is_ours:
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
                time.sleep(0.1)  # another process is asking
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
    for trial in trials:
        if trial.state == optuna.trial.TrialState.RUNNING:
            return trial.number
    return len(trials) if len(trials) < n else None


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
    file = _file(folder, number)
    if not file.exists():  # its process died between asking and keeping: what it suggested is in no file
        study.tell(number, state=optuna.trial.TrialState.FAIL)
        return
    points = json.loads(file.read_text(encoding="utf-8"))
    train(points)
    rows = [row_of(Entry(folder, name_of(point)), point) for point in points]
    found = [row[HELD_OUT] for row in rows if HELD_OUT in row]
    if len(found) < len(rows):
        study.tell(number, state=optuna.trial.TrialState.FAIL, skip_if_finished=True)
    else:
        study.tell(number, float(np.mean(found)), skip_if_finished=True)


def _file(folder: Path, number: int) -> Path:
    return folder / TRIALS / f"{number:05d}.json"
