"""How the cost of a DisRNN training step grows with the sizes of data and network."""

import math
from collections.abc import Sequence

from ..bench import Bench
from ..command import run_row
from ..lines import Line, duration, mebibytes
from ..processes import Answer

# What is varied, and its values; the rest stays as below.
CURVES = {
    "trials": (100, 200, 400, 800),
    "batch": (32, 128, 512, 2048),
    "latents": (2, 5, 10, 20),
    "width": (4, 8, 16, 32),
}
NAMES = {"batch": "sessions in a batch", "width": "units of the update networks"}
SIZES = {"batch": 128, "trials": 200, "latents": 5, "width": 8}


def measure(bench: Bench) -> list[Line]:
    lines = []
    for size, values in CURVES.items():
        answers = [_step(bench, **(SIZES | {size: value})) for value in values]
        seconds = [min(a.processor if bench.processor_time else a.seconds) for a in answers]
        lines.append(
            Line(
                f"step against {NAMES.get(size, size)} ({', '.join(map(str, values))})",
                ", ".join(map(duration, seconds)),
                "",
                " : ".join(f"{second / seconds[0]:.2g}" for second in seconds),
                "no worse than linear",
                f"exponent {exponent(values, seconds):.2f}; "
                f"memory {', '.join(mebibytes(answer.peak - answer.resident) for answer in answers)}",
            )
        )
    return lines


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Slope of the cost against the size, both logarithmic, between the last two: 1 is linear."""
    return math.log(costs[-1] / costs[-2]) / math.log(sizes[-1] / sizes[-2])


def _step(bench: Bench, batch: int, **sizes: int) -> Answer:
    """A process for each size: memory of one would be there for the next."""
    with bench.fresh() as process:
        start = process.ask("disrnn_step", times=0, batch=batch, sessions=2 * batch, steps=1, **sizes)
        answer = process.ask(
            "disrnn_step", times=3 * bench.repeats, batch=batch, sessions=2 * batch, steps=1, **sizes
        )
        return Answer(answer.seconds, answer.processor, start.preparation, None, start.resident, answer.peak)


if __name__ == "__main__":
    run_row(measure)
