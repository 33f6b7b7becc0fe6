"""How the cost of a training step grows with the number of runs that are trained together."""

from ..bench import Bench
from ..command import run_row
from ..comparison import Spread
from ..lines import Line, duration
from .growth import exponent

NUMBERS = (1, 2, 4, 8, 16)
SIZES = {"batch": 32, "sessions": 64, "steps": 10}


def measure(bench: Bench) -> list[Line]:
    """Against the same runs one after the other, each by itself."""
    one = _median(bench, "disrnn_step", **SIZES)
    together = [_median(bench, "replicates_step", replicates=number, **SIZES) for number in NUMBERS]
    alone = [number * one for number in NUMBERS]
    return [
        Line(
            f"{', '.join(map(str, NUMBERS))} DisRNNs trained together, a step of batch {SIZES['batch']}",
            ", ".join(map(duration, together)),
            f"one after the other: {', '.join(map(duration, alone))}",
            " : ".join(f"{theirs / ours:.2g}×" for theirs, ours in zip(alone, together, strict=True)),
            "no worse than linear",
            f"exponent {exponent(NUMBERS, together):.2f}",
        )
    ]


def _median(bench: Bench, work: str, **sizes: int) -> float:
    once = bench.prepared(bench.ours, work, **sizes)
    return Spread.of([once() for _ in range(bench.repeats)]).median


if __name__ == "__main__":
    run_row(measure)
