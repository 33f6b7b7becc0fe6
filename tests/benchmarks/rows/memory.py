"""Memory of the DisRNN's training step with batch 1024."""

from ..bench import Bench
from ..command import run_row
from ..comparison import Spread
from ..lines import Line, mebibytes, times
from ..peer_environments import DISENTANGLED_RNNS
from ..processes import Answer, WorkProcess


def measure(bench: Bench) -> list[Line]:
    """The most memory during steps, compiled before, above what the process had at its start."""
    ours, theirs = [], []
    for _ in range(max(bench.repeats // 3, 1)):
        with bench.fresh() as process:
            ours.append(_answers(process))
        with bench.fresh(DISENTANGLED_RNNS) as process:
            theirs.append(_answers(process))
    added, peer_added = ([step.peak - start.resident for start, step in side] for side in (ours, theirs))
    whole, peer_whole = (Spread.of([step.peak for _, step in side]).median for side in (ours, theirs))
    ratio = Spread.of([theirs / ours for ours, theirs in zip(added, peer_added, strict=True)])
    return [
        Line(
            "memory of the DisRNN training step, batch 1024",
            mebibytes(Spread.of(added).median),
            mebibytes(Spread.of(peer_added).median),
            times(ratio),
            "1× / 2×",
            f"whole process {mebibytes(whole)}, the peer's {mebibytes(peer_whole)}",
        )
    ]


def _answers(process: WorkProcess) -> tuple[Answer, Answer]:
    """At the start, and of steps that are compiled."""
    sizes = {"batch": 1024, "sessions": 2048, "steps": 2}
    return process.ask("disrnn_step", times=0, **sizes), process.ask("disrnn_step", times=2, **sizes)


if __name__ == "__main__":
    run_row(measure)
