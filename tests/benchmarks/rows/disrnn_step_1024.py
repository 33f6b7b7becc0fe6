"""DisRNN training step, batch 1024."""

from ..bench import Bench
from ..command import run_row
from ..lines import Line, compared


def measure(bench: Bench) -> list[Line]:
    comparison = bench.compare("disrnn_step", batch=1024, sessions=2048, steps=4)
    return [compared("DisRNN training step, batch 1024", comparison, target="8× / 12×")]


if __name__ == "__main__":
    run_row(measure)
