"""`python -m tests.promises files --n 2000`: tries what is promised, and says how often it held."""

import argparse
import resource
import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # helpers of the tests, as pytest has them


def main() -> int:
    """Try one promise; 1 where it did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.promises", description=__doc__)
    parts = parser.add_subparsers(dest="promise", required=True)
    files = parts.add_parser("files", help="spoiled files are refused in one sentence")
    files.add_argument("--n", type=int, default=2000, help="spoiled files of each kind")
    files.add_argument("--seed", type=int, default=0)
    files.add_argument("--only", nargs="*", default=[], help="names of kinds")
    kills = parts.add_parser("kills", help="what is saved survives a kill")
    kills.add_argument("--n", type=int, default=1000, help="kills in all")
    kills.add_argument("--seed", type=int, default=0)
    kills.add_argument("--only", nargs="*", default=[], help="names of kinds")
    arguments = parts.add_parser("arguments", help="wrong arguments are refused in one sentence")
    arguments.add_argument("--n", type=int, default=200, help="calls of each function")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--only", nargs="*", default=[], help="names of functions")
    soak = parts.add_parser("soak", help="training and acting for an hour takes no more and more memory")
    soak.add_argument("--minutes", type=float, default=60.0, dest="n", help="how long")
    soak.add_argument("--seed", type=int, default=0)
    soak.add_argument("--only", nargs="*", default=[], choices=["lab", "script"], help="what of both")
    options = parser.parse_args()
    from .words import say

    trial = import_module(f".{options.promise}", __package__)
    faults = trial.main(options.n, options.seed, options.only)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(f"{faults} faults; the process had {peak:.0f} MiB at most")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
