"""A process that does pieces of work when it is told to, and says how long each took.

Standard library only: the same file serves this package's environment and those of its peers.
"""

import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# From sizes to a function that does the work once and returns when it is done.
Work = Callable[..., Callable[[], Any]]

READY = {"ready": True}


def serve(works: Mapping[str, Work]) -> None:
    """Answer orders, one JSON line each: {"work": name, "sizes": {...}, "times": n} gives {"seconds": [...]}.

    The first order of a work prepares it and does it once, unmeasured; that takes "preparation" seconds and
    is 0 later. "processor" are the seconds that cores worked, summed over cores. "result" is what the work
    returned on its last time, where that is a number or a dictionary. "resident" and "peak" are bytes of the
    process before the order, and the most during the measured times. A work that fails gives {"error":
    traceback}.
    """
    # What a package prints, also from C, is not an answer.
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    ready: dict[str, Callable[[], Any]] = {}
    print(json.dumps(READY), file=replies, flush=True)
    for line in sys.stdin:
        try:
            answer = _done(works, ready, json.loads(line))
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=replies, flush=True)


def _done(works: Mapping[str, Work], ready: dict[str, Callable[[], Any]], order: dict) -> dict[str, Any]:
    name = json.dumps([order["work"], order["sizes"]], sort_keys=True)
    resident, preparation, result = resident_bytes(), 0.0, None
    if name not in ready:
        began = time.perf_counter()
        ready[name] = works[order["work"]](**order["sizes"])
        result = ready[name]()
        preparation = time.perf_counter() - began
    forget_peak()
    seconds, processor = [], []
    for _ in range(order["times"]):
        began, worked = time.perf_counter(), time.process_time()
        result = ready[name]()
        seconds.append(time.perf_counter() - began)
        processor.append(time.process_time() - worked)
    told = result if isinstance(result, int | float | dict) else None
    return {
        "seconds": seconds,
        "processor": processor,
        "preparation": preparation,
        "result": told,
        "resident": resident,
        "peak": peak_bytes(),
    }


def resident_bytes() -> int:
    """Memory of this process now (Linux; 0 elsewhere)."""
    return _status("VmRSS")


def peak_bytes() -> int:
    """The most memory that this process had since `forget_peak` (Linux; 0 elsewhere)."""
    return _status("VmHWM")


def forget_peak() -> None:
    """Begin a new peak."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:  # not Linux, or not allowed: the peak is then that of the whole process
        return


def _status(field: str) -> int:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(field + ":")), 0)
