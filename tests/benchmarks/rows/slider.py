"""A penalty is moved while the lab trains: how soon training obeys."""

from ..bench import Bench
from ..command import run_row
from ..comparison import Spread, in_turns
from ..lines import Line, compared, duration
from .first_loss import SIZES


def measure(bench: Bench) -> list[Line]:
    """From the move to the end of the first chunk of training with it."""
    with bench.fresh() as ours:
        ours.ask("slider", times=3)
        results = []

        def move() -> float:
            answer = ours.ask("slider")
            results.append(answer.result)
            return answer.seconds[0]

        theirs = bench.peer()
        theirs.ask("slider", times=0, **SIZES)
        comparison = in_turns(move, lambda: theirs.ask("slider", **SIZES).seconds[0], bench.repeats)
        many = ours.ask("slider", times=20)
    latency = Spread.of(many.seconds)
    remark = (
        f"{many.result['traced']} traces and {many.result['compiled']} compilations in all moves; "
        f"of 20 moves the slowest took {duration(max(many.seconds))}, half of them {duration(latency.median)}"
    )
    return [
        compared(
            "a penalty moved while training, to the end of the first chunk with it",
            comparison,
            target="no recompilation, ≤ 250 ms",
            remark=remark,
        )
    ]


if __name__ == "__main__":
    run_row(measure)
