"""Equations of the network in training, searched beside it when it rests."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cogrnn_lab.analysis import Equations, equations, evaluate
from cogrnn_lab.analysis.scoring.session_sample import session_sample
from cogrnn_lab.lab.engine.beside import Beside, Check, LetGo

REST = 0.8  # seconds that the network must have rested: single steps follow each other
PATIENCE = 0.05
FEWEST_SESSIONS, MOST_TRIALS = 10, 80_000  # that a search reads, which keeps it to seconds
SHARE = 0.2  # of the time, at most, that searches take while the network trains
FIRST = 15.0  # seconds of training before a search: a network that has just begun is nothing to explain
UNREAD = "These choices cannot be put into equations: "


@dataclass(frozen=True)
class Explained:
    """What a search has come to.

    Fields:
        step: Training steps that the network had taken.
        equations: What was found; None where there are none.
        why: Why there are none.
        likelihood: Likelihood per choice of the sessions that the network is scored on, by the equations.
        network: The same by the network.
        sessions: What these sessions are, in words.
        source: What the equations were searched in, in words.
    """

    step: int
    equations: Equations | None = None
    why: str = ""
    likelihood: float | None = None
    network: float | None = None
    sessions: str = ""
    source: str = ""


@dataclass
class Explanation:
    """What is known of a run by equations: `found`, and what the search does now, "" where there is none."""

    found: Explained | None = None
    busy: str = ""


class Explaining:
    """`begin(run)` searches for equations of the network as it is now; `let_go()` ends that.

    Arguments: `changed(run)`, called whenever there is something to tell; `failed` as in `Beside`.
    """

    def __init__(self, changed: Callable[[Any], None], failed: Callable[[Exception, str], None]):
        self._changed = changed
        self._run: Any = None
        self._began = self._ended = self._resumed = -1e9
        self.beside = Beside("cogrnn-lab equations", failed)

    def begin(self, run: Any, *, rest: float = REST) -> None:
        """Search for this run's network, once `rest` seconds have passed, unless that was done already."""
        step = run.trainer.step_count
        if run.task is not None or (run.explanation.found is not None and run.explanation.found.step == step):
            return
        self.let_go()
        self._run = run
        model = run.trainer.model
        run.explanation.busy = "about to be searched"
        self.beside.begin(lambda check: self._search(run, model, step, rest, check))

    def is_due(self) -> bool:
        """Whether it is time for another search while the network trains: there is a core for it."""
        now, took = time.monotonic(), max(self._ended - self._began, 0.0)
        last = max(self._began, self._ended)  # one that was let go of may compute still
        is_time = now - last >= took / SHARE and now - self._resumed >= FIRST
        return is_time and has_cores() and not self.beside.is_busy

    def note_training(self) -> None:
        """Training begins, or goes on: leave it its first seconds."""
        self._resumed = time.monotonic()

    def let_go(self) -> None:
        """Search no more; what was found stays."""
        self.beside.let_go()
        if self._run is not None:
            self._run.explanation.busy = ""

    def _search(self, run: Any, model: Any, step: int, rest: float, check: Check) -> None:
        end = time.monotonic() + rest
        while time.monotonic() < end:
            check()
            time.sleep(PATIENCE)

        def tell(words: str) -> None:
            check()
            run.explanation.busy = words
            try:
                check()  # again, as it may have been let go of in between
            except LetGo:
                run.explanation.busy = ""
                raise
            self._changed(run)

        self._began = time.monotonic()
        try:
            found = explained(run, model, step, tell)
        except Exception:
            check()  # nobody is told of an error in what nobody waits for
            run.explanation.busy = ""
            raise
        finally:
            self._ended = time.monotonic()
        check()
        run.explanation.found, run.explanation.busy = found, ""
        self._changed(run)


def explained(run: Any, model: Any, step: int, tell: Callable[[str], None]) -> Explained:
    """Search for equations in the training sessions, and score them beside the network on the others."""
    longest = max(float(run.train.lengths.mean()), 1.0)
    data = session_sample(run.train, max(FEWEST_SESSIONS, int(MOST_TRIALS / longest)))
    tell("reading the network")
    try:
        found = equations(model, data, rivals=False, n_threads=1, report=tell)
    except ValueError as error:  # too few choices, one alternative, no rewards: said by the search itself
        return Explained(step, why=f"{UNREAD}{error}")
    tell("scoring")
    ours, theirs = (float(evaluate(one, run.scored).normalized_likelihood) for one in (found, model))
    sessions = "held-out sessions" if run.held_out is not None else "sessions trained on"
    n, of = data.n_sessions, run.train.n_sessions
    source = f"{n} of {of} training sessions" if n < of else "all training sessions"
    return Explained(step, found, "", ours, theirs, sessions, source)


def has_cores() -> bool:
    """Whether this process may use more than one core, so that a search takes none from training."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return (len(affinity(0)) if affinity else os.cpu_count() or 1) > 1
