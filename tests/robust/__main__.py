"""`python -m tests.robust clicks`: treats the lab as nobody would, and says what came of it."""

import argparse
import logging
import sys
import tempfile
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # helpers of the tests, as pytest has them

TRIALS = {
    "clicks": "random actions in a browser, as fast as the page takes them",
    "threads": "random orders from many threads at once",
    "effects": "how long controls take to be seen while the network trains",
    "opening": "what a page is sent when it opens, and when panels are made",
}


def main() -> int:
    """Make one trial; 1 where something went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.robust", description=__doc__)
    parser.add_argument("trial", choices=TRIALS, help="; ".join(f"{k}: {v}" for k, v in TRIALS.items()))
    parser.add_argument("--seconds", type=float, default=60.0, help="of clicks")
    parser.add_argument("--n", type=int, default=12_000, help="orders from threads")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    with tempfile.TemporaryDirectory() as here:
        faults = import_module(f".{given.trial}", __package__).main(given, Path(here))
    for fault in faults:
        logging.error("FAULT: %s", fault)
    logging.info("%s faults", len(faults))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
