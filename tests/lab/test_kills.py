"""A process that is killed while it saves: the saved run is the one before or the one after.

`COGRNN_LAB_KILLS=300 python -m pytest tests/lab/test_kills.py -s` kills 300 times.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cogrnn_lab.lab.engine.kept.storage import RunFolder, SavedRun

KILLS = int(os.environ.get("COGRNN_LAB_KILLS", "40"))
LONGEST = 0.15  # seconds until a kill, in which a child saves several times

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")


def marks(saved: SavedRun) -> set[int]:
    """What every part of a saved run says of which of the two it is; 0 where it is of neither."""
    assert saved.table is not None
    header, n_rows = saved.header, len(saved.table.frame)
    n_sessions = header["data"][0]  # that are trained on: half of 10, or of 20
    return {
        saved.settings["training"]["seed"],
        *saved.marks,
        int(saved.table.name.removesuffix(".csv")),
        n_rows // 2000 if n_rows % 2000 == 0 else 0,
        header["settings"]["seed"],
        n_sessions // 5,
        *(0 for array in saved.arrays.values() if array.dtype.kind == "f" and not np.isfinite(array).all()),
    }


def kill_at_a_random_moment(nursery: subprocess.Popen, rng: random.Random) -> None:
    assert nursery.stdin
    assert nursery.stdout
    nursery.stdin.write("one more\n")
    nursery.stdin.flush()
    child = int(nursery.stdout.readline())
    time.sleep(rng.uniform(0, LONGEST))
    os.kill(child, signal.SIGKILL)
    assert nursery.stdout.readline() == "dead\n"


def test_a_kill_while_a_run_is_saved_over_leaves_one_of_the_two(tmp_path):
    rng, folder = random.Random(0), RunFolder(tmp_path)
    found, broken, torn_off = [], [], 0
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("nursery.py")), str(tmp_path), "run"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as nursery:  # fmt: skip
        assert nursery.stdout
        assert nursery.stdin
        assert nursery.stdout.readline() == "ready\n"
        for _ in range(KILLS):
            kill_at_a_random_moment(nursery, rng)
            torn_off += any(path.name != "lab.run" for path in (tmp_path / "run").iterdir())
            try:
                said = marks(folder.open("run"))
            except Exception as error:
                broken.append(f"unreadable: {error}")
                continue
            found.append(said)
            if len(said) != 1 or 0 in said:
                broken.append(f"mixed: {said}")
            left = [path.name for path in (tmp_path / "run").iterdir() if path.name != "lab.run"]
            assert len(left) <= 1, "what the kill before left is swept by the save after it"
        nursery.stdin.close()
    summary = f"{KILLS} kills: {torn_off} in the midst of writing, {len(broken)} unreadable or mixed\n"
    sys.stdout.write(summary)
    assert broken == []
    assert {1} in found
    assert {2} in found
    assert torn_off > KILLS / 20, "most kills came between two saves: nothing was tried"
