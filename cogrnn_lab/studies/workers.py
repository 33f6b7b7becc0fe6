"""Where the runs of a study are trained: in this process, or on the workers of a Dask client."""

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from cogrnn_lab.extras import imported_extra
from cogrnn_lab.studies.points import Point, name_of
from cogrnn_lab.studies.work import CLAIMED, Work, train_point

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

    The run of a worker that dies goes on at another from its last report. Raises `RuntimeError` where workers
    have died of a run again and again.
    """
    distributed = imported_extra("distributed", "cluster", "Study.run(client=...)")
    study = uuid.uuid4().hex[:8]
    # a task, not scattered data: what the death of a worker takes along is made again
    shared = client.submit(_given, work, key=f"study-{study}", pure=False)
    by_name = {name_of(point): point for point in points}
    attempts, deadly = 0, []
    waiting = list(by_name)
    while waiting:
        attempts += 1
        futures = {
            client.submit(
                train_point, shared, by_name[name], key=f"run-{name}-{study}-{attempts}", pure=False
            ): name
            for name in waiting
        }
        left = []
        try:
            for future in distributed.as_completed(list(futures)):
                name = futures[future]
                error = future.exception()
                if isinstance(error, distributed.KilledWorker):
                    deadly.append(name)
                elif error is not None:
                    raise error
                elif (state := future.result()) == CLAIMED:
                    left.append(name)
                else:
                    tell(by_name[name], state)
        finally:
            client.cancel(list(futures))
        if len(left) == len(waiting):
            time.sleep(PAUSE)
        waiting = left
    if deadly:
        raise RuntimeError(
            f"workers died each time that they trained {', '.join(deadly)}, as they do without memory; "
            "the other runs are finished, and the same call goes on with these"
        )


def _given(work: Work) -> Work:
    return work
