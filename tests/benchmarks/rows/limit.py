"""The DisRNN's training step against what the machine's arithmetic alone would take."""

from ..bench import Bench
from ..command import run_row
from ..comparison import Spread
from ..lines import Line, duration
from ..step_arithmetic import disrnn_step_arithmetic

SIZE = 2048  # of the matrices whose product tells the rate of operations
DRAWS = 4_000_000


def measure(bench: Bench) -> list[Line]:
    """Rates of matrix products and of normal draws, and how far the step is from them."""
    product = _median(bench, "matrix_product", size=SIZE)
    drawing = _median(bench, "normal_draws", count=DRAWS)
    operations_rate, draw_rate = 2 * SIZE**3 / product, DRAWS / drawing
    rates = f"{operations_rate / 1e9:,.0f} GFLOP/s in matrix products, {draw_rate / 1e6:,.0f} million draws/s"
    lines = []
    for batch, steps in ((128, 10), (1024, 2)):
        step = _median(bench, "disrnn_step", batch=batch, sessions=2 * batch, steps=steps)
        operations, draws = disrnn_step_arithmetic(batch, trials=200)
        limit = operations / operations_rate + draws / draw_rate
        remark = f"{operations / 1e9:.2g} GFLOP, {draws / 1e6:.2g} million draws; measured: {rates}"
        work = f"limit of the DisRNN training step, batch {batch}"
        fraction = f"{limit / step:.0%} of the limit's speed"
        lines.append(Line(work, duration(step), duration(limit), fraction, "within 2×", remark))
    return lines


def _median(bench: Bench, work: str, **sizes: int) -> float:
    once = bench.prepared(bench.ours, work, **sizes)
    return Spread.of([once() for _ in range(bench.repeats)]).median


if __name__ == "__main__":
    run_row(measure)
