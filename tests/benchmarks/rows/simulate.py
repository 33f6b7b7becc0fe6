"""Simulating Q-learning on the drifting bandit."""

from ..bench import Bench
from ..command import run_row
from ..comparison import in_turns
from ..lines import Line, compared

TRIALS = 200
# The peer's time is the same for every session: fewer of them tell its rate.
OUR_SESSIONS, PEER_SESSIONS = 2000, 20


def measure(bench: Bench) -> list[Line]:
    ours = bench.prepared(bench.ours, "simulate", sessions=OUR_SESSIONS, trials=TRIALS)
    theirs = bench.prepared(bench.peer(), "simulate", sessions=PEER_SESSIONS, trials=TRIALS)
    comparison = in_turns(
        lambda: ours() / (OUR_SESSIONS * TRIALS), lambda: theirs() / (PEER_SESSIONS * TRIALS), bench.repeats
    )
    remark = f"ours {OUR_SESSIONS:,} sessions of {TRIALS} trials at once"
    return [
        compared("simulate Q-learning", comparison, rate="trials/s", target="500× / 2000×", remark=remark)
    ]


if __name__ == "__main__":
    run_row(measure)
