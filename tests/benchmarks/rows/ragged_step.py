"""Sessions of very different length, as of mice, against the same sessions padded to the longest."""

import math

from ..bench import Bench
from ..command import run_row
from ..comparison import in_turns
from ..lines import Line, compared

SHORTEST, LONGEST, SESSIONS, BATCH = 121, 830, 512, 128


def measure(bench: Bench) -> list[Line]:
    """Both sides are ours; padded sessions cost what whole ones do."""
    sizes = {"batch": BATCH, "sessions": SESSIONS, "steps": 3}
    ragged = bench.prepared(bench.ours, "ragged_step", shortest=SHORTEST, longest=LONGEST, **sizes)
    padded = bench.prepared(bench.ours, "disrnn_step", trials=LONGEST, **sizes)
    comparison = in_turns(ragged, padded, bench.repeats)
    # The lengths grow by a factor from session to session.
    mean = (LONGEST - SHORTEST) / math.log(LONGEST / SHORTEST)
    work = f"DisRNN training step, sessions of {SHORTEST} to {LONGEST} trials, batch {BATCH}"
    target = f"{LONGEST / mean:.2g}× were no padding"
    return [compared(work, comparison, target=target, remark="the peer: ours, every session padded")]


if __name__ == "__main__":
    run_row(measure)
