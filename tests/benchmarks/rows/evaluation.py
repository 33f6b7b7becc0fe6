"""Normalized likelihood of choices under a network."""

from ..bench import Bench
from ..command import run_row
from ..lines import Line, compared


def measure(bench: Bench) -> list[Line]:
    comparison = bench.compare("evaluation", sessions=400, trials=200)
    remark = "the peer compiles on every call"
    return [compared("evaluate a DisRNN on 400 sessions of 200 trials", comparison, remark=remark)]


if __name__ == "__main__":
    run_row(measure)
