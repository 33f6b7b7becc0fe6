"""GRU training step, 16 hidden, batch 128."""

from ..bench import Bench
from ..command import run_row
from ..lines import Line, compared


def measure(bench: Bench) -> list[Line]:
    comparison = bench.compare("gru_step", batch=128, sessions=256, steps=10)
    return [compared("GRU training step, 16 hidden, batch 128", comparison, target="2× / 4×")]


if __name__ == "__main__":
    run_row(measure)
