"""The first training step of a process: how long it takes, and what is compiled for it."""

from ..bench import Bench
from ..command import run_row
from ..comparison import in_turns
from ..lines import Line, compared, duration
from ..peer_environments import DISENTANGLED_RNNS

SIZES = {"batch": 128, "sessions": 256, "trials": 200}


def measure(bench: Bench) -> list[Line]:
    results = []

    def ours() -> float:
        with bench.fresh() as process:
            results.append(process.ask("compilation", times=0, **SIZES).result)
            return results[-1]["first loss"]

    def theirs() -> float:
        with bench.fresh(DISENTANGLED_RNNS) as process:
            return process.ask("first_loss", times=0, **SIZES).result["first loss"]

    comparison = in_turns(ours, theirs, max(bench.repeats // 2, 1))
    last = results[-1]
    remark = (
        f"{last['compilations']} compilations in {duration(last['compiling'])}, "
        f"tracing {duration(last['tracing'])}"
    )
    return [compared("first training step of a process, batch 128", comparison, remark=remark)]


if __name__ == "__main__":
    run_row(measure)
