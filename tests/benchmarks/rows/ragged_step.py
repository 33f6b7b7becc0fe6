"""Sessions of very different length, against as many trials in sessions of one length."""

import math

from ..bench import Bench, measure_work
from ..command import run_row
from ..comparison import in_turns
from ..lines import Line, compared

SHORTEST, LONGEST, SESSIONS, BATCH = 121, 830, 256, 64


def measure(bench: Bench) -> list[Line]:
    """The sides are both ours: the "peer" is sessions of the mean length."""
    ragged = measure_work(
        bench.ours, "ragged_step", batch=BATCH, shortest=SHORTEST, longest=LONGEST, sessions=SESSIONS, steps=5
    )
    # The lengths grow by a factor from session to session: their mean is
    mean = round((LONGEST - SHORTEST) / math.log(LONGEST / SHORTEST))
    even = measure_work(bench.ours, "disrnn_step", batch=BATCH, sessions=SESSIONS, steps=5, trials=mean)
    comparison = in_turns(ragged, even, bench.repeats)
    work = f"DisRNN training step, sessions of {SHORTEST} to {LONGEST} trials, batch {BATCH}"
    return [compared(work, comparison, target="1×", remark=f"against sessions of {mean} trials, also ours")]


if __name__ == "__main__":
    run_row(measure)
