"""Where the runs of a study are trained: in this process, or on the workers of a Dask client."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from cogrnn_lab.studies.points import Point, name_of
from cogrnn_lab.studies.work import CLAIMED, Entry, Work, train_point
from cogrnn_lab.workers import Workers, WorkersDied

PAUSE = 0.5  # seconds before looking again for a run that another process has
Tell = Callable[[Point, str], Any]


def train_here(work: Work, points: Sequence[Point], tell: Tell) -> None:
    """Train runs one after the other; those that other processes train are waited for."""
    waiting = list(points)
    while waiting:
        left = []
        for point in waiting:
            state = train_point(work, point)
            if state == CLAIMED:
                left.append(point)
            else:
                tell(point, state)
        if len(left) == len(waiting):
            time.sleep(PAUSE)
        waiting = left


def train_on(client: Any, work: Work, points: Sequence[Point], tell: Tell) -> None:
    """Train each run as a task of a `dask.distributed` client.

    The run of a worker that dies goes on at another from its last report, for as long as it gets further.
    Raises `WorkersDied` where workers have died of a run again and again without a report.
    """
    work = replace(work, folder=work.folder.resolve())  # workers may begin in another folder
    by_name = {name_of(point): point for point in points}
    deadly: list[str] = []
    with Workers(client, "Study.run(client=...)") as workers:
        shared = workers.keep(work)
        waiting = list(by_name)
        while waiting:
            before = {name: _got_to(work, name) for name in waiting}
            futures = {
                workers.submit(f"run-{name}", train_point, shared, by_name[name]): name for name in waiting
            }
            left = []
            for future in workers.as_ended(futures):
                name = futures[future]
                if workers.has_died(future):
                    (left if _got_to(work, name) != before[name] else deadly).append(name)
                elif (state := future.result()) == CLAIMED:
                    left.append(name)
                else:
                    tell(by_name[name], state)
            if len(left) == len(waiting):
                time.sleep(PAUSE)
            waiting = left
    if deadly:
        raise WorkersDied(
            f"workers died each time that they trained {', '.join(deadly)}, as they do without memory; "
            "the other runs are finished, and the same call goes on with these"
        )


def _got_to(work: Work, name: str) -> tuple[str | None, int]:
    """What there is of a run and when it was kept last, which shows whether it got further."""
    entry = Entry(work.folder, name)
    try:
        return entry.state, entry.checkpoint.stat().st_mtime_ns
    except FileNotFoundError:
        return entry.state, 0
