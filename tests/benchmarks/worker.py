"""A process that does pieces of work when it is told to, and says how long each took.

Standard library only: the same file serves this package's environment and those of its peers.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

# From sizes to a function that does the work once and returns when it is done.
Work = Callable[..., Callable[[], Any]]


def serve(works: Mapping[str, Work]) -> None:
    """Answer orders, one JSON line each: {"work": name, "sizes": {...}, "times": n} gives {"seconds": [...]}.

    What a work returns on its last time is "result" where it is a number or a dictionary of numbers. The
    preparation (and the first, compiling call) is timed as "preparation".
    """
    ready: dict[str, tuple[Callable[[], Any], float]] = {}
    replies, sys.stdout = sys.stdout, sys.stderr  # what a package prints is not an answer
    for line in sys.stdin:
        order = json.loads(line)
        name = json.dumps([order["work"], order["sizes"]], sort_keys=True)
        began = time.perf_counter()
        if name not in ready:
            once = works[order["work"]](**order["sizes"])
            once()
            ready[name] = once, time.perf_counter() - began
        once, preparation = ready[name]
        seconds, result = [], None
        for _ in range(order["times"]):
            began = time.perf_counter()
            result = once()
            seconds.append(time.perf_counter() - began)
        told = result if isinstance(result, int | float | dict) else None
        answer = {"seconds": seconds, "preparation": preparation, "result": told}
        print(json.dumps(answer), file=replies, flush=True)
