"""A process that has two runs at hand, and forks for each line that it reads a child that saves them in turn.

The child writes over one saved run again and again, until it is killed. `python nursery.py FOLDER NAME`.
"""

import os
import sys
import warnings

import numpy as np
import pandas as pd

from cogrnn_lab.lab.data.table import guess_columns, read_upload
from cogrnn_lab.lab.engine.kept.storage import RunFolder
from cogrnn_lab.lab.engine.run import LabRun, make_run
from cogrnn_lab.lab.settings.state import TABLE, LabState


def marked_run(mark: int) -> LabRun:
    """A run of which every part tells its mark, 1 or 2.

    The seed of the network and of the trainer, the settings, the marks of the curve, the table's name and
    the number of rows in it.
    """
    rng = np.random.default_rng(mark)
    sessions, n = np.repeat(np.arange(10 * mark), 200), 2000 * mark
    columns = {"session": sessions, "choice": rng.integers(0, 2, n), "reward": rng.integers(0, 2, n)}
    table = read_upload(f"{mark}.csv", pd.DataFrame(columns).to_csv(index=False).encode())
    state = LabState()
    state.data.set_quietly(source=TABLE)
    columns_of = guess_columns(table.columns)
    state.data.table.set_quietly(**columns_of)
    state.training.set_quietly(seed=mark)
    run = make_run(mark, state, table.dataset(columns_of), table, None)
    run.curve.marks = [mark]
    return run


def tell(what: object) -> None:
    """Tell whoever reads the output."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main() -> None:
    """Fork and say who the child is, once for every line."""
    folder, name = RunFolder(sys.argv[1]), sys.argv[2]
    runs = [marked_run(1), marked_run(2)]
    for run in runs:  # what JAX has to compile for it is compiled before there is any child
        folder.save(name, run)
    tell("ready")
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            while True:
                for run in runs:
                    folder.save(name, run)
        tell(child)
        os.waitpid(child, 0)
        tell("dead")


if __name__ == "__main__":
    # The children only turn arrays that are there into bytes; they ask nothing of the threads of JAX.
    warnings.filterwarnings("ignore", message=".*fork.*")
    main()
