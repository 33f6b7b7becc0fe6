"""A study that is killed in the middle of writing and training, in processes and on a cluster."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "killed_study.py"


def told(*options: str) -> dict:
    ended = subprocess.run(
        [sys.executable, str(SCRIPT), *options], capture_output=True, text=True, check=False, timeout=500
    )
    assert ended.stdout, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


@pytest.mark.slow  # twenty processes, each of which compiles
@pytest.mark.timeout(600)
def test_killed_at_random_moments_it_ends_as_an_undisturbed_one():
    found = told("--runs", "12", "--kills", "20")
    assert (found["kills"], found["same"], found["written_once"]) == (20, True, True)


@pytest.mark.slow  # the processes of a cluster
@pytest.mark.timeout(600)
def test_a_worker_of_a_cluster_that_is_killed_loses_nothing():
    pytest.importorskip("distributed", reason="distributed is not installed")
    found = told("--runs", "8", "--kills", "1", "--dask")
    assert (found["kills"], found["same"], found["written_once"]) == (1, True, True)
