"""The processes that do the work, one for each side, and what they are asked."""

import json
import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
REPOSITORY = FOLDER.parent.parent


@dataclass(frozen=True)
class Answer:
    """What `worker.serve` answers; all times in seconds, memory in bytes."""

    seconds: list[float]
    processor: list[float]
    preparation: float
    result: Any
    resident: int
    peak: int


class WorkFailed(RuntimeError):
    """A process could not do what it was asked; the message is its traceback."""


class WorkProcess:
    """A process that runs `script` with this `python`, and does works of it on request.

    `variables` are added to its environment. `import_seconds` passed until it was ready for orders.
    """

    def __init__(self, python: str | Path, script: Path, **variables: str):
        path = os.pathsep.join(map(str, (FOLDER, REPOSITORY)))
        environment = os.environ | {"PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"} | variables
        began = time.perf_counter()
        self._log = subprocess.DEVNULL if not os.environ.get("BENCHMARK_LOG") else None
        self._process = subprocess.Popen(
            [str(python), str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=environment,
            text=True,
        )
        self._read()
        self.import_seconds = time.perf_counter() - began

    def ask(self, work: str, times: int = 1, **sizes: Any) -> Answer:
        """Do a work of these sizes; its first order prepares it and does it once more than `times`."""
        order = {"work": work, "sizes": sizes, "times": times}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Answer(**self._read())

    def close(self) -> None:
        """End the process."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> "WorkProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> Mapping[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.close()
            raise WorkFailed(
                f"{self._process.args[-1]} ended before it answered; "
                "with BENCHMARK_LOG=1 in the environment it shows what it prints"
            )
        answer = json.loads(line)
        if "error" in answer:
            raise WorkFailed(answer["error"])
        return answer
