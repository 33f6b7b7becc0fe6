"""Kill a study at random moments and compare it with one that nobody disturbed.

    python tests/studies/killed_study.py --runs 48 --kills 20          # processes of this machine
    python tests/studies/killed_study.py --runs 48 --kills 3 --dask    # workers of a LocalCluster

It prints a line of JSON: how many runs and kills there were, seconds, and whether all is the same to the bit.
"""

import argparse
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# (name, time) of every finished run that was seen: none may be written a second time.
SEEN: set[tuple[str, int]] = set()


def study_in(folder: Path, n_runs: int) -> Any:
    """A study of so many small runs."""
    import cogrnn_lab as cl

    data = cl.simulate(cl.QLearning(0.4, 4.0), cl.DriftingBandit(), n_sessions=8, n_trials=12)
    space = {
        "n_latents": [1, 2], "price": [0.1, 1.0], "seed": list(range(n_runs // 4)),
        "update_width": 2, "update_depth": 1, "choice_depth": 0, "warm_up": 10, "steps": 10, "batch_size": 3,
    }  # fmt: skip
    return cl.Study(folder, data, space, report_every=2)


def train(folder: Path, n_runs: int) -> None:
    study_in(folder, n_runs).run(progress=False)


def state_of(folder: Path) -> set[tuple[str, int]]:
    """What is kept of runs, finished and not, with its times."""
    found = set()
    for file in (folder / "runs").glob("*.npz"):
        try:
            found.add((file.name, file.stat().st_mtime_ns))
        except FileNotFoundError:  # a checkpoint whose run has ended
            continue
    SEEN.update(one for one in found if "checkpoint" not in one[0])
    return found


def wait_for_report(folder: Path, is_over: Callable[[], bool]) -> None:
    """Wait until a run is kept again."""
    before = state_of(folder)
    while state_of(folder) <= before and not is_over():
        time.sleep(0.005)


def killed_in_processes(folder: Path, n_runs: int, n_kills: int) -> int:
    """Train in a process of its own that is killed so many times, then to the end; how often it was."""
    import jax  # noqa: F401  # before the processes are forked: each of them has it at once

    context = multiprocessing.get_context("fork")
    kills = 0
    while True:
        process = context.Process(target=train, args=(folder, n_runs))
        process.start()
        if kills < n_kills:
            wait_for_report(folder, lambda process=process: not process.is_alive())
            process.join(random.uniform(0.0, 0.3))
            if process.is_alive():
                os.kill(process.pid, signal.SIGKILL)
                kills += 1
        process.join()
        if process.exitcode == 0:
            return kills
        if process.exitcode != -signal.SIGKILL:
            raise RuntimeError(f"the study ended with {process.exitcode}")


def killed_on_dask(folder: Path, n_runs: int, n_kills: int) -> int:
    """Train on two workers of a cluster, of which one is killed so many times; how often one was."""
    import threading

    from distributed import Client, LocalCluster

    kills = 0
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        over = threading.Event()
        study = study_in(folder, n_runs)
        errors: list[BaseException] = []

        def run() -> None:
            from cogrnn_lab.workers import WorkersDied

            try:
                while True:
                    try:
                        study.run(client, progress=False)
                        break
                    except WorkersDied:  # of a run whose workers were killed before any report
                        continue  # the same call goes on, as its sentence says
            except BaseException as error:
                errors.append(error)
            finally:
                over.set()

        thread = threading.Thread(target=run)
        thread.start()
        while kills < n_kills and not over.is_set():
            wait_for_report(folder, over.is_set)
            # asked of those who watch over the workers: a worker that was just killed does not answer
            pids = [pid for nanny in cluster.workers.values() if (pid := nanny.pid) is not None]
            if pids and not over.is_set():
                os.kill(random.choice(pids), signal.SIGKILL)
                kills += 1
        thread.join()
        if errors:
            raise errors[0]
        client.wait_for_workers(2, timeout=60)  # a cluster that is closed while one restarts may wait forever
    return kills


def is_same(one: Path, other: Path, n_runs: int) -> bool:
    """Whether two folders hold the same runs, to the bit but for seconds."""
    import jax
    import numpy as np

    mine, theirs = study_in(one, n_runs), study_in(other, n_runs)
    tables = [study.table.drop(columns="seconds") for study in (mine, theirs)]
    if not tables[0].equals(tables[1]) or set(tables[0]["state"]) != {"finished"}:
        return False
    for name in tables[0]["run"]:
        ours, others = mine.open(name), theirs.open(name)
        leaves = [jax.tree.leaves((run.model, run.losses)) for run in (ours, others)]
        if not all(np.array_equal(a, b) for a, b in zip(*leaves, strict=True)):
            return False
    return True


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=48)
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--dask", action="store_true")
    given = options.parse_args()
    random.seed(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        killed, whole = Path(folder) / "killed", Path(folder) / "whole"
        begun = time.perf_counter()
        disturb = killed_on_dask if given.dask else killed_in_processes
        kills = disturb(killed, given.runs, given.kills)
        seconds = time.perf_counter() - begun
        begun = time.perf_counter()
        train(whole, given.runs)
        told = {
            "runs": given.runs,
            "kills": kills,
            "seconds_killed": round(seconds, 1),
            "seconds_undisturbed": round(time.perf_counter() - begun, 1),
            "seen_finished": len(SEEN),
            "written_once": state_of(killed) >= SEEN,
            "same": is_same(killed, whole, given.runs),
        }
    print(json.dumps(told))  # noqa: T201  # it prints what it found
    return 0 if told["same"] else 1


if __name__ == "__main__":
    sys.exit(main())
